#include "server/api/authenticator.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>
#include <utility>

namespace fuota::server::api {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// When to come back where too many wait for their passwords to be verified: by then most are done.
constexpr seconds kBusyRetry{2};

Authentication known(Principal principal) {
  Authentication authentication;
  authentication.outcome = Authentication::Outcome::known;
  authentication.principal = std::move(principal);
  return authentication;
}

Authentication unavailable(std::string detail) {
  Authentication authentication;
  authentication.outcome = Authentication::Outcome::unavailable;
  authentication.detail = std::move(detail);
  return authentication;
}

Authentication too_many(seconds retry_after) {
  Authentication authentication;
  authentication.outcome = Authentication::Outcome::too_many;
  authentication.retry_after = retry_after;
  return authentication;
}

Authentication outcome(Authentication::Outcome outcome) {
  Authentication authentication;
  authentication.outcome = outcome;
  return authentication;
}

Principal principal_of(const SharedUser& shared) {
  Principal principal;
  principal.kind = PrincipalKind::shared;
  principal.name = shared.name();
  if (shared.scope() == SharedUserScope::full) principal.role = domain::Role::admin;
  return principal;
}

Principal device_principal(std::string id) {
  Principal principal;
  principal.kind = PrincipalKind::device;
  principal.name = std::move(id);
  return principal;
}

Principal account_principal(const domain::Account& account) {
  Principal principal;
  principal.kind = PrincipalKind::account;
  principal.name = account.name;
  principal.role = account.role;
  principal.owner = account.name;
  principal.secret = digest_of(account.password_hash);
  return principal;
}

Principal token_principal(const domain::ApiTokenUse& use) {
  Principal principal;
  principal.kind = PrincipalKind::api_token;
  principal.name = use.token.id;
  principal.role = std::min(use.token.role, use.owner_role);
  principal.owner = use.token.owner;
  principal.secret = use.token.digest;
  return principal;
}

}  // namespace

Authenticator::Authenticator(storage::Store& store, SharedUser shared, Clock clock,
                             FailureReport report, const ThrottleSettings& throttle)
    : store_(store),
      shared_(std::move(shared)),
      shared_principal_(principal_of(shared_)),
      clock_(std::move(clock)),
      report_(std::move(report)),
      throttle_(throttle) {
  static_assert(crypto_shorthash_KEYBYTES == sizeof(hash_key_));
  if (::sodium_init() < 0) throw std::bad_alloc();
  ::randombytes_buf(hash_key_.data(), hash_key_.size());
}

awaitable<Authentication> Authenticator::authenticate(Presented shown) {
  if (is_shared_user(shown.authorization)) co_return known(shared_principal_);
  Credentials credentials = parse_credentials(shown.authorization);
  switch (credentials.kind) {
    case Credentials::Kind::none:
      if (shown.client_name.empty()) co_return outcome(Authentication::Outcome::missing);
      co_return by_certificate(shown);
    case Credentials::Kind::malformed:
      co_return fail_now(shown);
    case Credentials::Kind::password:
      co_return co_await by_password(shown, std::move(credentials));
    case Credentials::Kind::token:
      break;
  }
  switch (credentials.token) {
    case TokenKind::device:
      co_return by_device_token(shown, std::move(credentials));
    case TokenKind::fleet:
      co_return co_await by_fleet_key(shown, std::move(credentials));
    case TokenKind::api:
      break;
  }
  co_return co_await by_api_token(shown, std::move(credentials));
}

awaitable<Authentication> Authenticator::renew(Principal principal) {
  switch (principal.kind) {
    case PrincipalKind::shared:
      co_return known(shared_principal_);
    case PrincipalKind::device:
      co_return co_await renew_device(std::move(principal));
    case PrincipalKind::fleet_key:
      co_return co_await renew_fleet_key(std::move(principal));
    case PrincipalKind::account:
      co_return co_await renew_account(std::move(principal));
    case PrincipalKind::api_token:
      break;
  }
  co_return co_await known_token(principal.secret);
}

awaitable<Authentication> Authenticator::renew_device(Principal principal) {
  const auto credential = store_.device_credential(principal.name);
  if (!credential) co_return unavailable(credential.error().detail);
  const bool blocked = *credential && (*credential)->blocked;
  const bool proved =
      principal.by_certificate || (*credential && (*credential)->digest == principal.secret);
  if (blocked || !proved) co_return outcome(Authentication::Outcome::wrong);
  co_return known(std::move(principal));
}

awaitable<Authentication> Authenticator::renew_fleet_key(Principal principal) {
  const auto keys = co_await store_.fleet_keys();
  if (!keys) co_return unavailable(keys.error().detail);
  const bool found = std::any_of(keys->begin(), keys->end(), [&principal](const auto& key) {
    return key.digest == principal.secret;
  });
  if (!found) co_return outcome(Authentication::Outcome::wrong);
  co_return known(std::move(principal));
}

awaitable<Authentication> Authenticator::renew_account(Principal principal) {
  const auto account = co_await store_.account(principal.name);
  if (!account && account.error().code != storage::StoreError::not_found) {
    co_return unavailable(account.error().detail);
  }
  if (!account) co_return outcome(Authentication::Outcome::wrong);
  Principal renewed = account_principal(*account);
  if (renewed.secret != principal.secret) co_return outcome(Authentication::Outcome::wrong);
  co_return known(std::move(renewed));
}

Authentication Authenticator::by_certificate(const Presented& shown) {
  std::string id(shown.client_name);
  const auto credential = store_.device_credential(id);
  if (!credential) return unavailable(credential.error().detail);
  if (*credential && (*credential)->blocked) return fail_now(shown);
  Principal principal = device_principal(std::move(id));
  principal.by_certificate = true;
  return known(std::move(principal));
}

Authentication Authenticator::by_device_token(const Presented& shown, Credentials credentials) {
  const domain::SecretDigest digest = digest_of(credentials.secret);
  const auto credential = store_.device_credential(credentials.name);
  if (!credential) return unavailable(credential.error().detail);
  if (!*credential || (*credential)->blocked || !(*credential)->digest ||
      !equal_digests(*(*credential)->digest, digest)) {
    return fail_now(shown);
  }
  Principal principal = device_principal(std::move(credentials.name));
  principal.secret = digest;
  return known(std::move(principal));
}

/// Whether the key may be used is for the enrolment to find out, which counts it.
awaitable<Authentication> Authenticator::by_fleet_key(Presented shown, Credentials credentials) {
  const domain::SecretDigest digest = digest_of(credentials.secret);
  const auto keys = co_await store_.fleet_keys();
  if (!keys) co_return unavailable(keys.error().detail);
  const auto found = std::find_if(keys->begin(), keys->end(), [&digest](const auto& key) {
    return equal_digests(key.digest, digest);
  });
  if (found == keys->end()) co_return fail_now(shown);
  Principal principal;
  principal.kind = PrincipalKind::fleet_key;
  principal.name = found->id;
  principal.secret = digest;
  co_return known(std::move(principal));
}

awaitable<Authentication> Authenticator::by_api_token(Presented shown, Credentials credentials) {
  Authentication found = co_await known_token(digest_of(credentials.secret));
  if (found.outcome == Authentication::Outcome::wrong) co_return fail_now(shown);
  co_return found;
}

awaitable<Authentication> Authenticator::known_token(domain::SecretDigest digest) {
  const auto use = co_await store_.api_token(digest);
  if (!use && use.error().code != storage::StoreError::not_found) {
    co_return unavailable(use.error().detail);
  }
  if (!use || (use->token.expires && clock_() >= *use->token.expires)) {
    co_return outcome(Authentication::Outcome::wrong);
  }
  co_return known(token_principal(*use));
}

awaitable<Authentication> Authenticator::by_password(Presented shown, Credentials credentials) {
  const bool shared = shared_.scope() != SharedUserScope::off && credentials.name == shared_.name();
  if (shared) {
    co_return co_await fail_slowly(shown, guesser(shown.peer_address, credentials.name));
  }
  auto account = co_await store_.account(credentials.name);
  if (!account && account.error().code != storage::StoreError::not_found) {
    co_return unavailable(account.error().detail);
  }
  std::optional<domain::Account> found;
  if (account) found = std::move(*account);
  co_return co_await verify(shown, std::move(credentials), std::move(found));
}

/// Costs the same whether there is such an account or not, so that names can't be found out by
/// time; unless there is none at all, which is no secret.
awaitable<Authentication> Authenticator::verify(Presented shown, Credentials credentials,
                                                std::optional<domain::Account> account) {
  const Guesser who = guesser(shown.peer_address, credentials.name);
  const auto all = co_await store_.accounts();
  if (!all) co_return unavailable(all.error().detail);
  if (all->empty()) co_return co_await fail_slowly(shown, who);
  const std::string hash = account ? account->password_hash : std::string(nobodys_hash());
  const Turn turn = take_turn(who, hash, credentials.secret);
  if (turn.admission.retry_after) {
    sent_away_.fetch_add(1, std::memory_order_relaxed);
    co_return too_many(*turn.admission.retry_after);
  }
  if (turn.remembered && account) co_return known(account_principal(*account));
  verifications_.fetch_add(1, std::memory_order_relaxed);
  const Waiter waiter = turn.admission.familiar ? Waiter::familiar : Waiter::stranger;
  const PasswordVerdict verdict =
      co_await passwords_.verify(who.address, hash, credentials.secret, waiter);
  if (verdict == PasswordVerdict::busy || verdict == PasswordVerdict::failed) {
    if (verdict == PasswordVerdict::busy) busy_.fetch_add(1, std::memory_order_relaxed);
    Authentication authentication = unavailable(
        verdict == PasswordVerdict::failed ? "there was no memory to verify a password" : "");
    authentication.retry_after = kBusyRetry;
    co_return authentication;
  }
  if (verdict == PasswordVerdict::wrong || !account) co_return co_await fail_slowly(shown, who);
  // To verify took its time: the account is as it is now.
  Authentication found = co_await renew_account(account_principal(*account));
  if (found.outcome == Authentication::Outcome::wrong) co_return co_await fail_slowly(shown, who);
  if (found.outcome != Authentication::Outcome::known) co_return found;
  const std::lock_guard lock(mutex_);
  throttle_.succeeded(who, steady_clock::now());
  co_return found;
}

/// What is remembered is a try, too, that is counted: it tells as much as a verification. One that
/// was right is taken back under the same lock, so that others which come at once find what is
/// left.
Authenticator::Turn Authenticator::take_turn(const Guesser& who, std::string_view hash,
                                             std::string_view password) {
  const auto now = steady_clock::now();
  const std::lock_guard lock(mutex_);
  Turn turn;
  turn.admission = throttle_.admit_verification(who, now);
  if (turn.admission.retry_after) return turn;
  turn.remembered = passwords_.remembers(who.address, hash, password, now);
  if (turn.remembered) throttle_.succeeded(who, now);
  return turn;
}

awaitable<NewHash> Authenticator::hash(Principal who, std::string address, std::string password) {
  if (who.kind == PrincipalKind::account) {
    const std::lock_guard lock(mutex_);
    const Admission admission =
        throttle_.admit_verification(guesser(address, who.name), steady_clock::now());
    if (admission.retry_after) co_return NewHash{"", *admission.retry_after};
  }
  std::string hash = co_await passwords_.hash(std::move(password));
  co_return NewHash{std::move(hash), kBusyRetry};
}

/// The answer to what can't be guessed: nothing is gained by slowing it, and a fleet behind one
/// address would be that is to enrol again.
Authentication Authenticator::fail_now(const Presented& shown) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  std::uint64_t to_report = 0;
  {
    const std::lock_guard lock(mutex_);
    to_report = throttle_.noted(guesser(shown.peer_address, ""), steady_clock::now());
  }
  if (to_report > 0 && report_) report_(shown.peer_address, to_report);
  return outcome(Authentication::Outcome::wrong);
}

awaitable<Authentication> Authenticator::fail_slowly(Presented shown, Guesser who) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  Slowdown slowdown;
  {
    const std::lock_guard lock(mutex_);
    slowdown = throttle_.failed(who, steady_clock::now());
  }
  if (slowdown.to_report > 0 && report_) report_(shown.peer_address, slowdown.to_report);
  if (slowdown.retry_after) {
    sent_away_.fetch_add(1, std::memory_order_relaxed);
    co_return too_many(*slowdown.retry_after);
  }
  if (slowdown.delay == std::chrono::milliseconds(0)) {
    co_return outcome(Authentication::Outcome::wrong);
  }
  delayed_.fetch_add(1, std::memory_order_relaxed);
  WaitingPlace place(*this, who);
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor, slowdown.delay);
  place.wait_for(timer);
  static_cast<void>(co_await timer->async_wait(asio::as_tuple(asio::use_awaitable)));
  co_return outcome(Authentication::Outcome::wrong);
}

void Authenticator::WaitingPlace::wait_for(const Timer& timer) {
  const std::lock_guard lock(authenticator_.mutex_);
  timer_ = authenticator_.waiting_.insert(authenticator_.waiting_.end(), timer);
  if (authenticator_.stopping_) timer->expires_after(std::chrono::milliseconds(0));
}

Authenticator::WaitingPlace::~WaitingPlace() {
  const std::lock_guard lock(authenticator_.mutex_);
  if (timer_) authenticator_.waiting_.erase(*timer_);
  authenticator_.throttle_.end_delay(who_);
}

void Authenticator::begin_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  // A timer is its thread's alone, on which the wait has begun when this comes to its turn.
  for (const Timer& timer : waiting_) {
    asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  }
}

Guesser Authenticator::guesser(std::string_view address, std::string_view account) const {
  const std::uint64_t network = network_of(address);
  Guesser who;
  who.address =
      keyed_hash(std::string_view(reinterpret_cast<const char*>(&network), sizeof(network)));
  // 0 would be no account.
  who.account = account.empty() ? 0 : std::max<std::uint64_t>(1, keyed_hash(account));
  return who;
}

std::uint64_t Authenticator::keyed_hash(std::string_view text) const {
  std::uint64_t hash = 0;
  static_assert(crypto_shorthash_BYTES == sizeof(hash));
  ::crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     hash_key_.data());
  return hash;
}

AuthenticationCounts Authenticator::counts() const {
  AuthenticationCounts counts;
  counts.failures = failures_.load(std::memory_order_relaxed);
  counts.delayed = delayed_.load(std::memory_order_relaxed);
  counts.sent_away = sent_away_.load(std::memory_order_relaxed);
  counts.verifications = verifications_.load(std::memory_order_relaxed);
  counts.busy = busy_.load(std::memory_order_relaxed);
  return counts;
}

}  // namespace fuota::server::api
