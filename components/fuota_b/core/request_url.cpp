#include "request_url.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "fuota_protocol/names.hpp"
#include "fuota_protocol/percent.hpp"

namespace fuota::update {
namespace {

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.';
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

/// Writes the URL of something on a server to a buffer of kUrlBytesMax bytes, piece by piece, and
/// remembers whether all pieces kept their rules and fitted.
class UrlWriter {
 public:
  UrlWriter(const char* host, std::uint16_t port, char* out)
      : out_(out), is_good_(is_host_name(host) && port != 0) {
    out_[0] = '\0';
    if (!is_good_) return;
    literal("https://");
    literal(host);
    literal(":");
    number(port);
  }

  void literal(std::string_view text) {
    if (text.size() >= kUrlBytesMax - used_) {
      is_good_ = false;
      return;
    }
    std::memcpy(out_ + used_, text.data(), text.size());
    advance(text.size());
  }

  /// A name that `check` finds nothing wrong with, escaped.
  void name(std::string_view text, protocol::NameError (*check)(std::string_view)) {
    if (check(text) == protocol::NameError::none) {
      const auto written = protocol::percent_encode(text, out_ + used_, kUrlBytesMax - used_ - 1);
      if (written) return advance(*written);
    }
    is_good_ = false;
  }

  void device(const char* id) {
    literal("/devices/");
    name(id, &protocol::check_device_id);
  }

  void number(std::uint32_t value) {
    char digits[11];
    (void)std::snprintf(digits, sizeof digits, "%" PRIu32, value);
    literal(digits);
  }

  [[nodiscard]] bool is_good() const { return is_good_; }

 private:
  void advance(std::size_t bytes) {
    used_ += bytes;
    out_[used_] = '\0';
  }

  char* out_;
  std::size_t used_ = 0;
  bool is_good_;
};

void put_check(UrlWriter& url, const char* device_id, const char* app_version) {
  url.device(device_id);
  url.literal("?app_ver=");
  url.name(app_version, &protocol::check_version);
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
  UrlWriter url(host, port, out);
  put_check(url, device_id, app_version);
  return url.is_good();
}

bool write_native_check_url(const char* host, std::uint16_t port, const char* device_id,
                            const char* app_version, const CheckFacts& facts, char* out) {
  char image[2 * protocol::kSha256Bytes];
  protocol::format_sha256(facts.image, image);
  UrlWriter url(host, port, out);
  put_check(url, device_id, app_version);
  url.literal("&product=");
  url.name(facts.product, &protocol::check_version);
  url.literal("&image=");
  url.literal({image, sizeof image});
  url.literal("&counter=");
  url.number(facts.counter);
  url.literal("&root=");
  url.number(facts.root);
  return url.is_good();
}

bool write_offered_url(const char* host, std::uint16_t port, std::string_view path, char* out) {
  UrlWriter url(host, port, out);
  url.literal(path);
  return url.is_good() && is_path(path);
}

bool write_device_url(const char* host, std::uint16_t port, const char* device_id,
                      std::string_view what, char* out) {
  UrlWriter url(host, port, out);
  url.device(device_id);
  url.literal(what);
  return url.is_good();
}

bool write_root_url(const char* host, std::uint16_t port, std::uint32_t version, char* out) {
  UrlWriter url(host, port, out);
  url.literal("/roots/");
  url.number(version);
  return url.is_good();
}

bool write_file_url(const char* host, std::uint16_t port, const char* file_name, char* out) {
  UrlWriter url(host, port, out);
  url.literal("/files/");
  url.name(file_name, &protocol::check_file_name);
  return url.is_good();
}

}  // namespace fuota::update
