#pragma once

#include <cstdint>

#include "fuota_b/code.hpp"

/// How a device with a fleet key comes to be known by a token of its own (docs/protocol.md,
/// "Enrolment"): rules only. Whatever is lost on the way, a power cut included, the same token is
/// given to the server again, which takes it any number of times.
namespace fuota::update {

/// What NVS says about the device's own token.
enum class TokenState : std::uint8_t {
  none,
  made,      ///< kept, but the server may not have it
  accepted,  ///< the server has taken it
};

/// What a check consists of, until it is `over`.
enum class CheckStep : std::uint8_t {
  draw,         ///< make a token and keep it
  enrol,        ///< give it to the server
  ask,          ///< ask for an update, as the device that has enrolled
  enrol_again,  ///< the server does not know the token any more
  ask_at_last,  ///< ask for an update; what is answered is the end of it
  over,
};

/// What the check of a device that has a fleet key begins with.
[[nodiscard]] CheckStep first_step(TokenState token);

/// What follows when `step` ended with `outcome`: `updated` where it did what it says. No step is
/// made twice in a check.
[[nodiscard]] CheckStep next_step(CheckStep step, Code outcome);

/// The outcome of a check whose last request ended with `asked`, and its enrolment, if there was
/// one, with `enrolled` (else `updated`): where credentials are refused because there are no
/// others, the reason for that.
[[nodiscard]] Code outcome_of_check(Code asked, Code enrolled);

}  // namespace fuota::update
