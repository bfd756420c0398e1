#pragma once

#include <cstdint>

/// What the header of an answer says: rules only. ESP-IDF's client hands it out line by line, and
/// its own reading of it is ambiguous (a missing Content-Length and one of 0 look alike).
namespace fuota::update {

/// The longest time that a server may ask a device to stay away; a longer one is cut to this, so
/// that a server that went wrong does not lose its fleet.
constexpr std::uint32_t kRetryAfterSMax = 86'400;

struct AnswerHeaders {
  bool has_content_length = false;
  std::int64_t content_length = 0;

  bool is_offer = false;   ///< Content-Type is protocol::kOfferMediaType
  bool closes = false;     ///< Connection: close
  bool has_range = false;  ///< there is a Content-Range in bytes with a total (RFC 9110 14.4)
  std::int64_t range_begin = 0;
  std::int64_t range_end = 0;  ///< of the last byte, as HTTP counts
  std::int64_t range_total = 0;

  /// Seconds, 0 to kRetryAfterSMax; 0 without one. A date (RFC 9110 section 10.2.3) tells nothing
  /// to a device without a clock, and is ignored.
  std::uint32_t retry_after_s = 0;

  /// `Fuota-Root`: the newest root document that the server has; 0 without one.
  std::uint32_t root_version = 0;

  /// Takes note of one header line. Names are compared without regard to case. A value that breaks
  /// its rule counts as absent.
  void note(const char* name, const char* value);
};

}  // namespace fuota::update
