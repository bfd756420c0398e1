#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace fuota::server::http {

/// What one generation of session tickets is encrypted and authenticated with.
struct TicketKey {
  std::array<unsigned char, 16> name{};  ///< Stands in the ticket.
  std::array<unsigned char, 32> cipher_key{};
  std::array<unsigned char, 32> mac_key{};
  std::chrono::steady_clock::time_point made;

  ~TicketKey();
};

/// A key of a ticket that came back, and whether it is still the one for new tickets.
struct FoundTicketKey {
  TicketKey key;
  bool newest = false;
};

/// The keys of session tickets (RFC 5077): one for new tickets, changed every kTicketKeyPeriod, and
/// those before it, until the last ticket of theirs has run out. They are in memory alone, so
/// whoever records traffic and steals a key can read at most what is that old. Any thread.
class TicketKeys {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The key for a ticket that is made `now`; nothing when the system has no random bytes.
  [[nodiscard]] std::optional<TicketKey> newest(TimePoint now);

  /// The key of that name; nothing when there is none, or none any more.
  [[nodiscard]] std::optional<FoundTicketKey> find(std::span<const unsigned char> name,
                                                   TimePoint now) const;

 private:
  void drop_old(TimePoint now);

  mutable std::mutex mutex_;
  std::vector<TicketKey> keys_;  ///< The newest one last.
};

/// For how long one key makes new tickets.
constexpr std::chrono::hours kTicketKeyPeriod{12};

/// For how long a ticket can be used.
constexpr std::chrono::hours kTicketLifetime{24};

}  // namespace fuota::server::http
