#include "server/http/ticket_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

namespace fuota::server::http {
namespace {

bool fill(std::span<unsigned char> bytes) {
  return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

bool makes_tickets(const TicketKey& key, TicketKeys::TimePoint now) {
  return now - key.made < kTicketKeyPeriod;
}

bool takes_tickets(const TicketKey& key, TicketKeys::TimePoint now) {
  return now - key.made < kTicketKeyPeriod + kTicketLifetime;
}

}  // namespace

TicketKey::~TicketKey() {
  OPENSSL_cleanse(cipher_key.data(), cipher_key.size());
  OPENSSL_cleanse(mac_key.data(), mac_key.size());
}

std::optional<TicketKey> TicketKeys::newest(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (keys_.empty() || !makes_tickets(keys_.back(), now)) {
    TicketKey key;
    key.made = now;
    if (!fill(key.name) || !fill(key.cipher_key) || !fill(key.mac_key)) return std::nullopt;
    drop_old(now);
    keys_.push_back(key);
  }
  return keys_.back();
}

std::optional<FoundTicketKey> TicketKeys::find(std::span<const unsigned char> name,
                                               TimePoint now) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const TicketKey& key) {
    return std::equal(name.begin(), name.end(), key.name.begin(), key.name.end());
  });
  if (found == keys_.end() || !takes_tickets(*found, now)) return std::nullopt;
  return FoundTicketKey{*found, makes_tickets(*found, now)};
}

void TicketKeys::drop_old(TimePoint now) {
  std::erase_if(keys_, [now](const TicketKey& key) { return !takes_tickets(key, now); });
}

}  // namespace fuota::server::http
