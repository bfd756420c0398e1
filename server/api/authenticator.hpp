#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/api/clock.hpp"
#include "server/api/credentials.hpp"
#include "server/api/guess_throttle.hpp"
#include "server/api/password_verifier.hpp"
#include "server/api/principal.hpp"
#include "server/api/shared_user.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// What a request shows of who asks. The views are valid until `authenticate` completes.
struct Presented {
  std::string_view authorization;  ///< The value of the Authorization field, or empty.
  std::string_view
      client_name;  ///< The common name of the client's verified certificate, or empty.
  std::string_view peer_address;  ///< Where it comes from, without port.
};

/// What became of it.
struct Authentication {
  enum class Outcome {
    known,        ///< `principal` asks.
    missing,      ///< Nothing was shown.
    wrong,        ///< What was shown is worth nothing.
    too_many,     ///< Others of this address or about this account have guessed too much.
    unavailable,  ///< It can't be found out now; `detail` says why, for the log.
  };
  Outcome outcome = Outcome::wrong;
  Principal principal;
  std::optional<std::chrono::seconds> retry_after;  ///< With `too_many` and `unavailable`.
  std::string detail;
};

/// The hash of a new password.
struct NewHash {
  std::string hash;  ///< Empty when there is none now.
  std::chrono::seconds retry_after{0};
};

/// How often what has happened since the start.
struct AuthenticationCounts {
  std::uint64_t failures = 0;       ///< Credentials that were wrong.
  std::uint64_t delayed = 0;        ///< Of these, answered late.
  std::uint64_t sent_away = 0;      ///< Answered "too many".
  std::uint64_t verifications = 0;  ///< Passwords that were hashed.
  std::uint64_t busy = 0;           ///< Passwords for which too many others waited.
};

/// Is told, once a minute for an address, how many failures came from it. Any thread; must not
/// block.
using FailureReport = std::function<void(std::string_view address, std::uint64_t failures)>;

/// Finds out who asks: the shared user, a device by its token or its certificate, a fleet key, an
/// account by its password or an API token. What the Authorization field shows counts before a
/// certificate. docs/accounts.md has the rules. Any thread. All calls have completed before it is
/// destroyed.
///
/// The shared user costs one SHA-256; a token that and one read of the store.
class Authenticator {
 public:
  /// `store` outlives it.
  Authenticator(storage::Store& store, SharedUser shared, Clock clock,
                FailureReport report = nullptr, const ThrottleSettings& throttle = {});

  /// Who asks. A failure is answered late when there were many; at most
  /// ThrottleSettings::delay_max, and a password takes its turn to be verified, of at most
  /// PasswordVerifier::kWaitingMax.
  [[nodiscard]] boost::asio::awaitable<Authentication> authenticate(Presented shown);

  /// Whether it is the shared user: all that there is to find out for most requests.
  [[nodiscard]] bool is_shared_user(std::string_view authorization) const {
    return shared_.recognise(authorization);
  }

  /// Who `principal`, whom `authenticate` has found, is now. `wrong` when nothing of it is left:
  /// the account was removed or has another password, the token was removed or has expired, the
  /// device was blocked. Costs a read of the store, and is never slowed.
  [[nodiscard]] boost::asio::awaitable<Authentication> renew(Principal principal);

  /// Answers nobody late any more, those who wait for it included: the server stops. Any thread.
  void begin_stop();

  [[nodiscard]] const SharedUser& shared_user() const { return shared_; }

  /// The principal of every request of the shared user.
  [[nodiscard]] const Principal& shared_principal() const { return shared_principal_; }

  /// What is kept of a password that `who`, who has come from `address`, sets. To an account it
  /// counts as a try like that of a password, since it costs the same.
  [[nodiscard]] boost::asio::awaitable<NewHash> hash(Principal who, std::string address,
                                                     std::string password);

  /// Any thread, blocks for nothing.
  [[nodiscard]] AuthenticationCounts counts() const;

 private:
  using Answer = boost::asio::awaitable<Authentication>;

  using Timer = std::shared_ptr<boost::asio::steady_timer>;

  /// One of the delayed answers, as long as it lives.
  class WaitingPlace {
   public:
    WaitingPlace(Authenticator& authenticator, const Guesser& who)
        : authenticator_(authenticator), who_(who) {}
    WaitingPlace(const WaitingPlace&) = delete;
    WaitingPlace& operator=(const WaitingPlace&) = delete;
    ~WaitingPlace();

    /// What it waits for, once, so that a stop can end that.
    void wait_for(const Timer& timer);

   private:
    Authenticator& authenticator_;
    Guesser who_;
    std::optional<std::list<Timer>::iterator> timer_;  ///< Among the authenticator's.
  };

  /// Whether a password may be tried now, and whether it was found to be right before.
  struct Turn {
    Admission admission;
    bool remembered = false;
  };

  [[nodiscard]] Turn take_turn(const Guesser& who, std::string_view hash,
                               std::string_view password);
  [[nodiscard]] Answer renew_device(Principal principal);
  [[nodiscard]] Answer renew_fleet_key(Principal principal);
  [[nodiscard]] Answer renew_account(Principal principal);
  [[nodiscard]] Answer known_token(domain::SecretDigest digest);
  [[nodiscard]] Authentication by_certificate(const Presented& shown);
  [[nodiscard]] Authentication by_device_token(const Presented& shown, Credentials credentials);
  [[nodiscard]] Answer by_fleet_key(Presented shown, Credentials credentials);
  [[nodiscard]] Answer by_api_token(Presented shown, Credentials credentials);
  [[nodiscard]] Answer by_password(Presented shown, Credentials credentials);
  [[nodiscard]] Answer verify(Presented shown, Credentials credentials,
                              std::optional<domain::Account> account);
  [[nodiscard]] Answer fail_slowly(Presented shown, Guesser who);
  [[nodiscard]] Authentication fail_now(const Presented& shown);
  [[nodiscard]] Guesser guesser(std::string_view address, std::string_view account) const;
  [[nodiscard]] std::uint64_t keyed_hash(std::string_view text) const;

  storage::Store& store_;
  SharedUser shared_;
  Principal shared_principal_;
  Clock clock_;
  FailureReport report_;
  PasswordVerifier passwords_;
  std::array<unsigned char, 16> hash_key_{};
  std::mutex mutex_;
  GuessThrottle throttle_;    ///< Under the mutex, as the two that follow.
  std::list<Timer> waiting_;  ///< The timers of the delayed answers.
  bool stopping_ = false;
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> delayed_{0};
  std::atomic<std::uint64_t> sent_away_{0};
  std::atomic<std::uint64_t> verifications_{0};
  std::atomic<std::uint64_t> busy_{0};
};

}  // namespace fuota::server::api
