#include "server/http/tls_context.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string_view>
#include <utility>

#include "server/http/openssl_reason.hpp"
#include "server/http/ticket_keys.hpp"

namespace fuota::server::http {
namespace {

using SharedContext = std::shared_ptr<SSL_CTX>;

/// Forward secrecy and authenticated encryption, and nothing else. ESP-IDF v4.4 has the AES ones.
constexpr char kCiphersOfTls12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kGroups[] = "X25519:P-256:P-384:P-521";

/// What tells one state of a file from another one without reading it.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::array<std::time_t, 2> seconds{};
  std::array<long, 2> nanoseconds{};

  bool operator==(const FileStamp&) const = default;

  static FileStamp of(const std::string& file) {
    struct stat found {};
    // A file that is missing has a stamp, too.
    if (::stat(file.c_str(), &found) != 0) return {};
    return {found.st_dev,
            found.st_ino,
            found.st_size,
            {found.st_mtim.tv_sec, found.st_ctim.tv_sec},
            {found.st_mtim.tv_nsec, found.st_ctim.tv_nsec}};
  }
};

std::vector<FileStamp> stamps_of(const TlsFiles& files) {
  std::vector<FileStamp> stamps;
  for (const CertificateFiles& pair : files.certificates) {
    stamps.push_back(FileStamp::of(pair.certificate));
    stamps.push_back(FileStamp::of(pair.key));
  }
  if (!files.client_ca.empty()) stamps.push_back(FileStamp::of(files.client_ca));
  return stamps;
}

using Certificates = std::vector<TlsCertificate>;

/// The first certificate for what `covers` says, and the first ones with keys of other kinds.
template <typename Covers>
std::vector<const TlsCertificate*> choose(const Certificates& certificates, Covers covers) {
  std::vector<const TlsCertificate*> chosen;
  for (const TlsCertificate& certificate : certificates) {
    const bool known_kind =
        std::any_of(chosen.begin(), chosen.end(),
                    [&](const TlsCertificate* other) { return other->has_key_like(certificate); });
    if (!known_kind && covers(certificate)) chosen.push_back(&certificate);
  }
  return chosen;
}

/// SHA-256 of the certificates that clients are verified with.
using Authorities = std::array<unsigned char, 32>;

/// What an SSL_CTX of this room carries, for the functions that OpenSSL calls.
struct Attachment {
  Authorities authorities{};
  std::shared_ptr<TicketKeys> tickets;
  std::shared_ptr<EVP_CIPHER> ticket_cipher;
  Certificates certificates;
  std::vector<CertificateExpiry> expiries;
};

int attachment_index() {
  const auto free = [](void*, void* attachment, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<Attachment*>(attachment);
  };
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free);
  return index;
}

const Attachment& attachment_of(const SSL_CTX* context) {
  return *static_cast<const Attachment*>(SSL_CTX_get_ex_data(context, attachment_index()));
}

/// Called by OpenSSL before it chooses among the certificates of a connection: 1 to go on.
int choose_by_name(SSL* ssl, void*) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return 1;
  const auto chosen =
      choose(attachment_of(SSL_get_SSL_CTX(ssl)).certificates,
             [name](const TlsCertificate& certificate) { return certificate.covers(name); });
  if (chosen.empty()) return 1;
  SSL_certs_clear(ssl);
  const bool used =
      std::all_of(chosen.begin(), chosen.end(),
                  [ssl](const TlsCertificate* certificate) { return certificate->use(ssl); });
  return used ? 1 : 0;
}

/// Gives OpenSSL's contexts the key of a ticket.
bool apply(const TicketKey& key, EVP_MAC_CTX* mac) {
  std::string digest = "SHA256";
  std::array<unsigned char, 32> mac_key = key.mac_key;
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const bool applied = EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
  OPENSSL_cleanse(mac_key.data(), mac_key.size());
  return applied;
}

/// Called by OpenSSL for each ticket that is made or has come back, as
/// SSL_CTX_set_tlsext_ticket_key_evp_cb says.
int handle_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, int making) {
  constexpr int kFailed = -1;
  constexpr int kNoTicket = 0;
  constexpr int kTaken = 1;
  constexpr int kTakenAndRenewed = 2;
  const Attachment& attachment = attachment_of(SSL_get_SSL_CTX(ssl));
  const EVP_CIPHER* const kind = attachment.ticket_cipher.get();
  const auto now = std::chrono::steady_clock::now();
  if (making == 1) {
    const auto key = attachment.tickets->newest(now);
    if (!key) return kNoTicket;
    std::copy(key->name.begin(), key->name.end(), name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(kind)) != 1) return kFailed;
    const bool ready =
        EVP_EncryptInit_ex2(cipher, kind, key->cipher_key.data(), iv, nullptr) == 1 &&
        apply(*key, mac);
    return ready ? kTaken : kFailed;
  }
  const auto found = attachment.tickets->find({name, TicketKey{}.name.size()}, now);
  if (!found) return kNoTicket;
  const bool ready =
      EVP_DecryptInit_ex2(cipher, kind, found->key.cipher_key.data(), iv, nullptr) == 1 &&
      apply(found->key, mac);
  if (!ready) return kFailed;
  // With TLS 1.3 a client uses a ticket once (RFC 8446, C.4): it needs one for the next time.
  const bool renewed = !found->newest || SSL_version(ssl) == TLS1_3_VERSION;
  return renewed ? kTakenAndRenewed : kTaken;
}

bool configure(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_PRIORITIZE_CHACHA);
  // Released buffers are what makes an idle connection small. The write buffer may move between
  // two attempts of one write, since coroutines hold it in vectors.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One read of the socket for a record, instead of one for its header and one for the rest.
  SSL_CTX_set_read_ahead(context, 1);
  // Sessions are resumed by tickets, which cost the server no memory.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context,
                      std::chrono::duration_cast<std::chrono::seconds>(kTicketLifetime).count());
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphersOfTls12) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(context, handle_ticket) == 1;
}

/// Says in which context sessions are made, and puts it into `authorities`. One that was made under
/// other authorities isn't resumed, so that no name outlives the trust in who signed it.
bool set_session_context(SSL_CTX* context, std::string_view trusted, Authorities& authorities) {
  return EVP_Digest(trusted.data(), trusted.size(), authorities.data(), nullptr, EVP_sha256(),
                    nullptr) == 1 &&
         SSL_CTX_set_session_id_context(context, authorities.data(), authorities.size()) == 1;
}

/// The certificates that clients are verified with, in one text.
std::string encoded_store(SSL_CTX* context) {
  std::string text;
  const STACK_OF(X509_OBJECT)* const objects =
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509* const certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    unsigned char* der = nullptr;
    const int bytes = certificate == nullptr ? 0 : i2d_X509(certificate, &der);
    if (bytes > 0) text.append(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes));
    OPENSSL_free(der);
  }
  return text;
}

/// Asks clients for certificates of the authorities in `file`.
bool trust_clients_of(SSL_CTX* context, const std::string& file) {
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return false;
  }
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // An authority that was named is trusted as it is, also when another one signed it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return true;
}

std::string setup_failure() {
  return "TLS can't be set up: " + take_openssl_reason();
}

using Read = boost::system::result<SharedContext, std::string>;

/// Reads all of `files` into a new context.
Read read_context(const TlsFiles& files, const std::shared_ptr<TicketKeys>& tickets) {
  auto attached = std::make_unique<Attachment>();
  attached->tickets = tickets;
  for (const CertificateFiles& pair : files.certificates) {
    auto certificate = TlsCertificate::read(pair);
    if (!certificate) return certificate.error();
    attached->expiries.push_back(certificate->expiry());
    attached->certificates.push_back(std::move(*certificate));
  }

  ERR_clear_error();
  attached->ticket_cipher.reset(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr), EVP_CIPHER_free);
  const SharedContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!attached->ticket_cipher || !context || !configure(context.get())) return setup_failure();
  const Certificates& certificates = attached->certificates;
  const TlsCertificate& first = certificates.front();
  for (const TlsCertificate* certificate : choose(
           certificates, [&](const TlsCertificate& other) { return other.covers_all_of(first); })) {
    if (!certificate->use(context.get())) return setup_failure();
  }
  if (certificates.size() > 1) SSL_CTX_set_cert_cb(context.get(), choose_by_name, nullptr);
  if (!files.client_ca.empty()) {
    if (!trust_clients_of(context.get(), files.client_ca)) {
      return "the authorities of clients in " + files.client_ca +
             " can't be used: " + take_openssl_reason();
    }
    const auto more = expiries_in(files.client_ca);
    attached->expiries.insert(attached->expiries.end(), more.begin(), more.end());
  }
  if (!set_session_context(context.get(), encoded_store(context.get()), attached->authorities) ||
      SSL_CTX_set_ex_data(context.get(), attachment_index(), attached.get()) != 1) {
    return setup_failure();
  }
  static_cast<void>(attached.release());
  return context;
}

}  // namespace

struct TlsContext::State {
  TlsFiles files;
  std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>();
  std::atomic<SharedContext> context;

  mutable std::mutex reading;     ///< Guards what follows.
  std::vector<FileStamp> stamps;  ///< Of the files when they were read last.
};

boost::system::result<TlsContext, std::string> TlsContext::create(TlsFiles files) {
  const auto state = std::make_shared<State>();
  state->files = std::move(files);
  TlsContext context(state);
  if (auto read = context.reload(); !read) return read.error();
  return context;
}

boost::system::result<void, std::string> TlsContext::reload() {
  const std::lock_guard lock(state_->reading);
  // Stamps come first: a file that changes while it is read is read again.
  auto stamps = stamps_of(state_->files);
  auto context = read_context(state_->files, state_->tickets);
  if (!context) return context.error();
  state_->stamps = std::move(stamps);
  state_->context.store(std::move(*context));
  return {};
}

bool TlsContext::outdated() const {
  const std::lock_guard lock(state_->reading);
  return stamps_of(state_->files) != state_->stamps;
}

bool trusts_the_same(const ssl_ctx_st& one, const ssl_ctx_st& other) {
  return attachment_of(&one).authorities == attachment_of(&other).authorities;
}

std::vector<CertificateExpiry> TlsContext::expiries() const {
  return attachment_of(native().get()).expiries;
}

std::shared_ptr<ssl_ctx_st> TlsContext::native() const {
  return state_->context.load();
}

}  // namespace fuota::server::http
