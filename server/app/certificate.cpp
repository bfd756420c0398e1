#include "server/app/certificate.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>

#include "server/storage/file_descriptor.hpp"

namespace fuota::server::app {
namespace {

constexpr long kSecondsPerDay = 24L * 60 * 60;
constexpr long kValidDays = 3650;
constexpr char kCertificateFile[] = "ca_cert.pem";
constexpr char kKeyFile[] = "ca_key.pem";
constexpr mode_t kKeyMode = 0600;
constexpr mode_t kCertificateMode = 0644;
constexpr int kSerialBits = 127;
constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280, ub-common-name

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

/// A name that stands in a certificate without changing the meaning of what stands beside it.
bool is_host(const std::string& host) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*";
  if (is_address(host)) return true;
  return !host.empty() && host.size() <= 253 &&
         host.find_first_not_of(kAllowed) == std::string::npos;
}

std::string subject_alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  const auto add = [&names](const std::string& name) {
    if (!names.empty()) names += ',';
    names += name;
  };
  for (const std::string& host : hosts) {
    if (is_address(host)) add("IP:" + host);
    add("DNS:" + host);
  }
  return names;
}

bool add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_random_serial(X509* certificate) {
  const Number number(BN_new());
  return number && BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_names(X509* certificate, const std::string& host) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  const std::string common_name = host.substr(0, kCommonNameBytesMax);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                    -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

Certificate make_certificate(EVP_PKEY* key, const std::vector<std::string>& hosts) {
  Certificate certificate(X509_new());
  X509* const x509 = certificate.get();
  // Valid from yesterday on: a device's clock may be a little behind.
  const bool made =
      x509 != nullptr && X509_set_version(x509, X509_VERSION_3) == 1 && set_random_serial(x509) &&
      X509_gmtime_adj(X509_getm_notBefore(x509), -kSecondsPerDay) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(x509), kValidDays * kSecondsPerDay) != nullptr &&
      set_names(x509, hosts.front()) && X509_set_pubkey(x509, key) == 1 &&
      add_extension(x509, NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(x509, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
      add_extension(x509, NID_ext_key_usage, "serverAuth") &&
      add_extension(x509, NID_subject_key_identifier, "hash") &&
      add_extension(x509, NID_subject_alt_name, subject_alternative_names(hosts)) &&
      X509_sign(x509, key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

template <typename Write>
std::optional<std::string> to_pem(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) return std::nullopt;
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(bytes));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Writes a file so that it is there whole or not at all, whatever happens.
bool write_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::filesystem::path temporary = path.string() + ".new";
  ::unlink(temporary.c_str());
  const storage::FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid() || !write_all(file.get(), text) || ::fsync(file.get()) != 0) return false;
  if (::rename(temporary.c_str(), path.c_str()) != 0) return false;
  const storage::FileDescriptor directory(
      ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.valid() && ::fsync(directory.get()) == 0;
}

StartFailure cannot_write(const std::filesystem::path& path) {
  return StartFailure{path.string() +
                      " can't be written: " + std::generic_category().message(errno)};
}

Result<void> make_files(const CertificateFiles& files, const std::vector<std::string>& hosts) {
  for (const std::string& host : hosts) {
    if (!is_host(host)) {
      return StartFailure{"--host " + host + " is neither a host name nor an address"};
    }
  }
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = key ? make_certificate(key.get(), hosts) : nullptr;
  if (!certificate) return StartFailure{"OpenSSL can't make a certificate"};
  const auto key_pem = to_pem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  const auto certificate_pem =
      to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
  if (!key_pem || !certificate_pem) return StartFailure{"OpenSSL can't write a certificate"};
  // The key goes first: a certificate without a key would be refused at the next start, a key
  // without a certificate has been given to nobody and is replaced.
  if (!write_file(files.key, *key_pem, kKeyMode)) return cannot_write(files.key);
  if (!write_file(files.certificate, *certificate_pem, kCertificateMode)) {
    return cannot_write(files.certificate);
  }
  return {};
}

Certificate read_certificate(const std::filesystem::path& file) {
  const Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) return nullptr;
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

}  // namespace

Result<CertificateFiles> provide_certificate(const std::filesystem::path& directory,
                                             const std::vector<std::string>& hosts) {
  CertificateFiles files{directory / kCertificateFile, directory / kKeyFile};
  std::error_code error;
  if (std::filesystem::exists(files.certificate, error)) {
    if (std::filesystem::exists(files.key, error)) return files;
    return StartFailure{"the certificate " + files.certificate.string() + " has no key " +
                        files.key.string() +
                        ": put the key there, or move the certificate away for a new one"};
  }
  if (auto made = make_files(files, hosts); !made) return made.error();
  files.made = true;
  return files;
}

std::vector<std::string> certificate_file_names() {
  return {kCertificateFile, kKeyFile};
}

std::vector<std::string> hosts_not_covered(const std::filesystem::path& file,
                                           const std::vector<std::string>& hosts) {
  const Certificate certificate = read_certificate(file);
  ERR_clear_error();
  if (!certificate) return hosts;
  std::vector<std::string> missing;
  for (const std::string& host : hosts) {
    const bool covered =
        is_address(host)
            ? X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1
            : X509_check_host(certificate.get(), host.data(), host.size(), 0, nullptr) == 1;
    if (!covered) missing.push_back(host);
  }
  return missing;
}

}  // namespace fuota::server::app
