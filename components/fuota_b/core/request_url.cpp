#include "request_url.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "fuota_protocol/names.hpp"
#include "fuota_protocol/percent.hpp"

namespace fuota::update {
namespace {

/// Appends to a buffer of kUrlBytesMax bytes, and remembers whether all fitted.
class UrlWriter {
 public:
  explicit UrlWriter(char* out) : out_(out) { out_[0] = '\0'; }

  void literal(std::string_view text) {
    if (text.size() >= kUrlBytesMax - used_) {
      fits_ = false;
      return;
    }
    std::memcpy(out_ + used_, text.data(), text.size());
    advance(text.size());
  }

  void escaped(std::string_view text) {
    const auto written = protocol::percent_encode(text, out_ + used_, kUrlBytesMax - used_ - 1);
    if (!written) {
      fits_ = false;
      return;
    }
    advance(*written);
  }

  void origin(const char* host, std::uint16_t port) {
    literal("https://");
    literal(host);
    literal(":");
    number(port);
  }

  void number(std::uint32_t value) {
    char digits[11];
    (void)std::snprintf(digits, sizeof digits, "%" PRIu32, value);
    literal(digits);
  }

  bool fits() const { return fits_; }

 private:
  void advance(std::size_t bytes) {
    used_ += bytes;
    out_[used_] = '\0';
  }

  char* out_;
  std::size_t used_ = 0;
  bool fits_ = true;
};

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.';
}

void put_check(UrlWriter& url, const char* host, std::uint16_t port, const char* device_id,
               const char* app_version) {
  url.origin(host, port);
  url.literal("/devices/");
  url.escaped(device_id);
  url.literal("?app_ver=");
  url.escaped(app_version);
}

bool is_path_character(char c) {
  constexpr std::string_view kOthers = "_~!$&'()*+,;=:@/?%";
  return is_host_character(c) || kOthers.find(c) != std::string_view::npos;
}

bool is_path(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.substr(0, 2) == "//") return false;
  for (const char c : path) {
    if (!is_path_character(c)) return false;
  }
  return true;
}

}  // namespace

bool is_host_name(const char* host) {
  const std::size_t length = strnlen(host, kHostBytesMax + 1);
  if (length == 0 || length > kHostBytesMax) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (!is_host_character(host[i])) return false;
  }
  return true;
}

bool write_check_url(const char* host, std::uint16_t port, const char* device_id,
                     const char* app_version, char* out) {
  if (!is_host_name(host) || port == 0 ||
      protocol::check_device_id(device_id) != protocol::NameError::none ||
      protocol::check_version(app_version) != protocol::NameError::none) {
    return false;
  }
  UrlWriter url(out);
  put_check(url, host, port, device_id, app_version);
  return url.fits();
}

bool write_native_check_url(const char* host, std::uint16_t port, const char* device_id,
                            const char* app_version, const CheckFacts& facts, char* out) {
  if (!is_host_name(host) || port == 0 ||
      protocol::check_device_id(device_id) != protocol::NameError::none ||
      protocol::check_version(app_version) != protocol::NameError::none ||
      protocol::check_version(facts.product) != protocol::NameError::none) {
    return false;
  }
  char image[2 * protocol::kSha256Bytes];
  protocol::format_sha256(facts.image, image);
  UrlWriter url(out);
  put_check(url, host, port, device_id, app_version);
  url.literal("&product=");
  url.escaped(facts.product);
  url.literal("&image=");
  url.literal({image, sizeof image});
  url.literal("&counter=");
  url.number(facts.counter);
  url.literal("&root=");
  url.number(facts.root);
  return url.fits();
}

bool write_offered_url(const char* host, std::uint16_t port, std::string_view path, char* out) {
  if (!is_host_name(host) || port == 0 || !is_path(path)) return false;
  UrlWriter url(out);
  url.origin(host, port);
  url.literal(path);
  return url.fits();
}

bool write_reports_url(const char* host, std::uint16_t port, const char* device_id, char* out) {
  if (!is_host_name(host) || port == 0 ||
      protocol::check_device_id(device_id) != protocol::NameError::none) {
    return false;
  }
  UrlWriter url(out);
  url.origin(host, port);
  url.literal("/devices/");
  url.escaped(device_id);
  url.literal("/reports");
  return url.fits();
}

bool write_root_url(const char* host, std::uint16_t port, std::uint32_t version, char* out) {
  if (!is_host_name(host) || port == 0) return false;
  UrlWriter url(out);
  url.origin(host, port);
  url.literal("/root/");
  url.number(version);
  return url.fits();
}

bool write_file_url(const char* host, std::uint16_t port, const char* file_name, char* out) {
  if (!is_host_name(host) || port == 0 ||
      protocol::check_file_name(file_name) != protocol::NameError::none) {
    return false;
  }
  UrlWriter url(out);
  url.origin(host, port);
  url.literal("/files/");
  url.escaped(file_name);
  return url.fits();
}

}  // namespace fuota::update
