#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/app/failure.hpp"

namespace fuota::server::app {

/// A certificate and its private key, both PEM files.
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
  bool made = false;  ///< Whether they were made just now.
};

/// The certificate `ca_cert.pem` and the key `ca_key.pem` in `directory`; made for `hosts`, which
/// is not empty, when they are missing: P-256, signed by itself, for ten years, a certificate
/// authority so that a device can trust it alone. A name goes in as a DNS name, an address as an IP
/// address and as a DNS name, since ESP-IDF v4.4 compares only those. Files appear whole, the key
/// readable by its owner alone. Fails when they can't be written, or when the key of a certificate
/// is missing.
[[nodiscard]] Result<CertificateFiles> provide_certificate(const std::filesystem::path& directory,
                                                           const std::vector<std::string>& hosts);

/// The names of the files that `provide_certificate` makes.
[[nodiscard]] std::vector<std::string> certificate_file_names();

/// The `hosts` that the certificate in `file` is not valid for; all of them when it can't be read.
[[nodiscard]] std::vector<std::string> hosts_not_covered(const std::filesystem::path& file,
                                                         const std::vector<std::string>& hosts);

}  // namespace fuota::server::app
