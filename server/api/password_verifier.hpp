#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/api/password_hash.hpp"

namespace fuota::server::api {

/// Who waits for a password to be verified.
enum class Waiter : std::uint8_t {
  stranger,
  familiar,  ///< The account's password has come from this network before.
};

/// Verifies passwords beside the threads that serve, and remembers for a while which were right.
/// What is remembered is that a password which came from a network belongs to a hash, and not that
/// it belongs to an account: the caller brings the hash that the account has now, so a password
/// that was changed, in whatever process, is not recognised a moment longer. Any thread. All calls
/// have completed before it is destroyed.
class PasswordVerifier {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// One thread verifies, so that guessing takes one core at most, and the memory of one hash.
  /// Those who wait for it: about a second's work. Strangers, of whom there may be any number, are
  /// sent away earlier, so that there is a place for who has logged in before.
  static constexpr std::size_t kWaitingMax = 16;
  static constexpr std::size_t kStrangersWaitUpTo = 12;

  /// How long a right password is remembered from its verification on, and how many are.
  static constexpr std::chrono::minutes kRemembered{5};
  static constexpr std::size_t kRememberedMax = 256;

  PasswordVerifier();
  PasswordVerifier(const PasswordVerifier&) = delete;
  PasswordVerifier& operator=(const PasswordVerifier&) = delete;
  ~PasswordVerifier() = default;

  /// Whether this password came from `network` and was found to be right for this hash a short
  /// while ago. That can be guessed at, as with `verify`: the caller counts both.
  [[nodiscard]] bool remembers(std::uint64_t network, std::string_view hash,
                               std::string_view password, TimePoint now);

  /// Verifies on the thread for that, and resumes on the caller's executor. Outcomes: `right`,
  /// which is remembered; `wrong`; `busy` when kWaitingMax, or to a stranger kStrangersWaitUpTo,
  /// wait already; `failed`.
  [[nodiscard]] boost::asio::awaitable<PasswordVerdict> verify(std::uint64_t network,
                                                               std::string hash,
                                                               std::string password, Waiter who);

  /// Hashes on the thread for that: for a new password. Empty when kWaitingMax wait already, or
  /// there was no memory for it.
  [[nodiscard]] boost::asio::awaitable<std::string> hash(std::string password);

 private:
  using Key = std::array<std::uint8_t, 32>;
  struct Remembered {
    Key key;
    TimePoint until;
  };

  /// A hash of all with a key that this process has drawn: whoever reads the memory of the table
  /// finds nothing to guess passwords with faster than with the hash.
  [[nodiscard]] Key key_of(std::uint64_t network, std::string_view hash,
                           std::string_view password) const;
  void remember(const Key& key, TimePoint now);

  /// The thread, which is started when the first password comes: most servers of a fleet never see
  /// one.
  [[nodiscard]] boost::asio::thread_pool& pool();

  Key secret_{};
  std::mutex mutex_;
  std::list<Remembered> remembered_;  ///< The one that ends last in front.
  std::map<Key, std::list<Remembered>::iterator> by_key_;
  std::atomic<std::size_t> waiting_{0};
  std::once_flag pool_made_;
  std::optional<boost::asio::thread_pool> pool_;  // Last: joined before what it uses goes.
};

}  // namespace fuota::server::api
