#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace fuota::server::api {

/// How guessing is slowed.
struct ThrottleSettings {
  /// Failures of an address, and about an account, that cost nothing: people mistype.
  double failures_free = 5;

  /// The delay of the answer to the failure after these; each further one doubles it.
  std::chrono::milliseconds delay_first{250};
  std::chrono::milliseconds delay_max{4'000};

  /// A failure is forgotten after each such time.
  std::chrono::milliseconds forgiveness{30'000};

  /// Passwords that are verified within a minute, and at once after a pause: for one address, and
  /// for one account from anywhere.
  double verifications_per_address = 10;
  double verifications_per_account = 30;

  /// Answers that are being delayed at a time: of all, and of one address.
  std::size_t delayed_max = 64;
  std::size_t delayed_per_address_max = 4;

  /// Addresses, accounts and pairs of them that are remembered; beyond it, the one that was silent
  /// for the longest time is forgotten.
  std::size_t remembered_max = 4096;

  /// The failures of an address are reported once in such a time.
  std::chrono::milliseconds report_period{60'000};
};

/// Who guesses. Keyed hashes (see `guesser`), so that nobody can choose two that collide.
struct Guesser {
  std::uint64_t address = 0;  ///< An IPv4 address, or the /64 of an IPv6 one.
  std::uint64_t account = 0;  ///< 0: about no account.
};

/// What a failure costs.
struct Slowdown {
  /// The answer waits for so long, and then `end_delay` is called. 0: it goes out now.
  std::chrono::milliseconds delay{0};

  /// The answer is 429 with this Retry-After, at once: too many are waiting already.
  std::optional<std::chrono::seconds> retry_after;

  /// Failures of this address that are to be logged now; 0: none.
  std::uint64_t to_report = 0;
};

/// Whether a password may be tried now.
struct Admission {
  /// It may not: for so long the client shall stay away.
  std::optional<std::chrono::seconds> retry_after;

  /// The password of this account has come from this address before.
  bool familiar = false;
};

/// Makes guessing slow, and nothing else: who shows the right token, or the shared user's right
/// password, is never asked about. Pure: the time is passed in. Constant memory. One thread at a
/// time.
class GuessThrottle {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit GuessThrottle(const ThrottleSettings& settings) : settings_(settings) {}

  /// Whether a password may be tried now, which is then counted. Who has logged in to the account
  /// from this address before is counted by itself, so that strangers can't keep a person out of
  /// the own account.
  [[nodiscard]] Admission admit_verification(const Guesser& who, TimePoint now);

  /// Remembers that the account's password came from this address.
  void succeeded(const Guesser& who, TimePoint now);

  /// Counts a failure that was no guess, for the report alone: how many are to be logged now.
  [[nodiscard]] std::uint64_t noted(const Guesser& who, TimePoint now);

  /// Counts a failure.
  [[nodiscard]] Slowdown failed(const Guesser& who, TimePoint now);

  /// A delayed answer has been given.
  void end_delay(const Guesser& who);

  [[nodiscard]] std::size_t delayed() const { return delayed_; }

 private:
  /// Drops of a bucket that leaks: `level` grows with each drop.
  struct Bucket {
    double level = 0;
    TimePoint since;
  };
  struct Entry {
    Bucket failures;
    Bucket verifications;
    std::size_t delayed = 0;
    std::uint64_t unreported = 0;
    std::optional<TimePoint> reported;
  };

  /// Entries by key, the one that was used last in front.
  class Table {
   public:
    /// The entry of `key`, made when it is missing, which drops the last when there are `most`.
    Entry& use(std::uint64_t key, std::size_t most);
    /// The entry of `key`; null when there is none.
    Entry* find(std::uint64_t key);

   private:
    using Item = std::pair<std::uint64_t, Entry>;
    std::list<Item> items_;
    std::unordered_map<std::uint64_t, std::list<Item>::iterator> by_key_;
  };

  void leak(Bucket& bucket, double per_second, TimePoint now) const;
  [[nodiscard]] std::optional<std::chrono::seconds> wait_for_room(Bucket& bucket, double most,
                                                                  TimePoint now) const;
  [[nodiscard]] double count_failure(Entry& entry, TimePoint now) const;
  [[nodiscard]] std::chrono::milliseconds delay_after(double failures) const;
  [[nodiscard]] std::uint64_t report(Entry& entry, TimePoint now) const;

  ThrottleSettings settings_;
  Table addresses_;
  Table accounts_;
  Table known_;  ///< Accounts with an address from which their password came.
  std::size_t delayed_ = 0;
};

/// The key of an address for a Guesser, before it is hashed: the four bytes of an IPv4 address, or
/// the first eight of an IPv6 one; 0 for what is neither.
[[nodiscard]] std::uint64_t network_of(std::string_view address);

}  // namespace fuota::server::api
