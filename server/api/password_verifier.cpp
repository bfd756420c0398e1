#include "server/api/password_verifier.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

#include <new>
#include <utility>

#include "server/offload/run_on.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

/// One of those who wait, as long as it lives.
class Place {
 public:
  Place(std::atomic<std::size_t>& waiting, Waiter who)
      : waiting_(waiting), taken_(take(waiting, who)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (taken_) waiting_.fetch_sub(1);
  }

  [[nodiscard]] bool taken() const { return taken_; }

 private:
  /// Counts nobody who is sent away, not even for a moment: many of them would fill it.
  static bool take(std::atomic<std::size_t>& waiting, Waiter who) {
    const std::size_t most = who == Waiter::familiar ? PasswordVerifier::kWaitingMax
                                                     : PasswordVerifier::kStrangersWaitUpTo;
    std::size_t now = waiting.load();
    while (now < most) {
      if (waiting.compare_exchange_weak(now, now + 1)) return true;
    }
    return false;
  }

  std::atomic<std::size_t>& waiting_;
  bool taken_;
};

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
}

}  // namespace

PasswordVerifier::PasswordVerifier() {
  if (::sodium_init() < 0) throw std::bad_alloc();
  ::randombytes_buf(secret_.data(), secret_.size());
}

PasswordVerifier::Key PasswordVerifier::key_of(std::uint64_t network, std::string_view hash,
                                               std::string_view password) const {
  Key key{};
  crypto_generichash_state state;
  const auto update = [&state](std::string_view text) {
    ::crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  };
  ::crypto_generichash_init(&state, secret_.data(), secret_.size(), key.size());
  // The network has its length, and a hash no NUL: they can't be divided in another way.
  update(std::string_view(reinterpret_cast<const char*>(&network), sizeof(network)));
  update(hash);
  update(std::string_view("\0", 1));
  update(password);
  ::crypto_generichash_final(&state, key.data(), key.size());
  return key;
}

bool PasswordVerifier::remembers(std::uint64_t network, std::string_view hash,
                                 std::string_view password, TimePoint now) {
  const Key key = key_of(network, hash, password);
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  return found != by_key_.end() && now < found->second->until;
}

boost::asio::thread_pool& PasswordVerifier::pool() {
  std::call_once(pool_made_, [this] { pool_.emplace(1); });
  return *pool_;
}

void PasswordVerifier::remember(const Key& key, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    remembered_.erase(found->second);
    by_key_.erase(found);
  } else if (remembered_.size() >= kRememberedMax) {
    by_key_.erase(remembered_.back().key);
    remembered_.pop_back();
  }
  remembered_.push_front({key, now + kRemembered});
  by_key_.emplace(key, remembered_.begin());
}

awaitable<PasswordVerdict> PasswordVerifier::verify(std::uint64_t network, std::string hash,
                                                    std::string password, Waiter who) {
  const Place place(waiting_, who);
  PasswordVerdict verdict = PasswordVerdict::busy;
  if (place.taken()) {
    // Both stay in this frame: what runs on the pool only looks at them.
    verdict = co_await offload::run_on(
        pool(), [&hash, &password] { return verify_password(hash, password); },
        PasswordVerdict::failed);
  }
  if (verdict == PasswordVerdict::right) {
    remember(key_of(network, hash, password), std::chrono::steady_clock::now());
  }
  wipe(password);
  co_return verdict;
}

awaitable<std::string> PasswordVerifier::hash(std::string password) {
  // Who sets a password has proved who that is.
  const Place place(waiting_, Waiter::familiar);
  std::string hash;
  if (place.taken()) {
    hash = co_await offload::run_on(
        pool(), [&password] { return hash_password(password); }, std::string());
  }
  wipe(password);
  co_return hash;
}

}  // namespace fuota::server::api
