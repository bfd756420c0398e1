#pragma once

#include <cstddef>
#include <cstdint>

#include <string_view>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/manifest.hpp"

/// The URLs of the compatible API and of the native check, with everything escaped that needs it.
namespace fuota::update {

constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 section 2.3.4, without the root's dot

/// Room for the longest URL and its terminator: every byte of id and version may need three
/// (RFC 3986 section 2.1).
constexpr std::size_t kUrlBytesMax =
    sizeof "https://:65535/devices/?app_ver=&product=&image=&counter=4294967295&root=4294967295" +
    kHostBytesMax +
    3 * (protocol::kDeviceIdBytesMax + protocol::kVersionBytesMax + protocol::kProductBytesMax) +
    2 * protocol::kSha256Bytes;
static_assert(kUrlBytesMax >=
                  sizeof "https://:65535/files/" + kHostBytesMax + 3 * protocol::kFileNameBytesMax,
              "file URLs fit too");

static_assert(kUrlBytesMax >=
                  sizeof "https://:65535" + kHostBytesMax + protocol::kArtifactUrlBytesMax,
              "the URLs of offers fit too");

/// True for what may stand between "https://" and the port: letters, digits, '-' and '.'.
[[nodiscard]] bool is_host_name(const char* host);

/// Writes the URL of a check to `out` (kUrlBytesMax bytes) with a terminator. False when a
/// parameter breaks its rule: host name, port, device id or version.
[[nodiscard]] bool write_check_url(const char* host, std::uint16_t port, const char* device_id,
                                   const char* app_version, char* out);

/// What a device tells in the native check, beside its id and version.
struct CheckFacts {
  std::string_view product;
  protocol::Sha256 image{};
  std::uint32_t counter = 0;
  std::uint32_t root = 0;  ///< version of the root document whose keys are trusted; 0: none
};

/// The same for the native check. False also when the product is not a name.
[[nodiscard]] bool write_native_check_url(const char* host, std::uint16_t port,
                                          const char* device_id, const char* app_version,
                                          const CheckFacts& facts, char* out);

/// The URL of `path`, which an offer of the server at `host` and `port` names, as it is: whoever
/// wrote the offer escaped it. False unless it begins with one '/' and has only characters that may
/// stand in a path and a query (RFC 3986 sections 3.3 and 3.4), so that it names a place on that
/// server and no other: the credentials go where the URL points.
[[nodiscard]] bool write_offered_url(const char* host, std::uint16_t port, std::string_view path,
                                     char* out);

/// The same for an update file.
[[nodiscard]] bool write_file_url(const char* host, std::uint16_t port, const char* file_name,
                                  char* out);

/// The same for what a device tells: `what` is "/reports" or "/enrolment".
[[nodiscard]] bool write_device_url(const char* host, std::uint16_t port, const char* device_id,
                                    std::string_view what, char* out);

/// The same for a root document.
[[nodiscard]] bool write_root_url(const char* host, std::uint16_t port, std::uint32_t version,
                                  char* out);

}  // namespace fuota::update
