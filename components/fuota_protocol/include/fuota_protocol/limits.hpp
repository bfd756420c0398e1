#pragma once

#include <cstddef>

/// The limits that a device and a server agree on, in bytes of UTF-8 after percent-decoding
/// (docs/protocol.md). Limits of one side alone live in that side's own header.
namespace fuota::protocol {

constexpr std::size_t kDeviceIdBytesMax = 128;
constexpr std::size_t kVersionBytesMax = 128;
constexpr std::size_t kFileNameBytesMax = 255;

/// A device row is one CSV line: three quoted fields, two commas, a line end, and room for a
/// client that pads or quotes in its own way.
constexpr std::size_t kDeviceRowBytesMax = 4096;

/// A firmware image: ESP32 modules have at most 16 MiB of flash behind the cache.
constexpr std::size_t kFileBytesMax = std::size_t{16} * 1024 * 1024;

/// Product and version of a release are what the image's own descriptor holds: 32 bytes each
/// (ESP-IDF's esp_app_desc_t).
constexpr std::size_t kProductBytesMax = 32;
constexpr std::size_t kReleaseVersionBytesMax = 32;

/// The name of a chip as ESP-IDF writes its targets, such as "esp32c3".
constexpr std::size_t kChipBytesMax = 16;

/// The JSON text of a release manifest, and its base64url form.
constexpr std::size_t kManifestBytesMax = 1024;
constexpr std::size_t kManifestBase64BytesMax = (kManifestBytesMax * 4 + 2) / 3;

/// The protected header of one signature, the JSON text and its base64url form.
constexpr std::size_t kProtectedHeaderBytesMax = 256;
constexpr std::size_t kProtectedHeaderBase64BytesMax = (kProtectedHeaderBytesMax * 4 + 2) / 3;

/// Signatures of one manifest, and the keys that a device trusts.
constexpr std::size_t kManifestSignaturesMax = 4;
constexpr std::size_t kTrustedKeysMax = 8;

/// A signed manifest (JWS in general JSON serialization).
constexpr std::size_t kSignedManifestBytesMax = 3072;

/// A root document: its keys, and its signatures, which are those of the old keys and those of the
/// new ones. The JSON text and the signed document are as long as a manifest's.
constexpr std::size_t kRootKeysMax = 4;
constexpr std::size_t kRootSignaturesMax = 2 * kRootKeysMax;
constexpr std::size_t kRootBytesMax = kManifestBytesMax;
constexpr std::size_t kSignedRootBytesMax = kSignedManifestBytesMax;

/// Signatures of any signed document.
constexpr std::size_t kSignaturesMax = kRootSignaturesMax;
static_assert(kSignaturesMax >= kManifestSignaturesMax);

/// An offer: a signed manifest and the ways to get the image.
constexpr std::size_t kOfferBytesMax = 4096;
constexpr std::size_t kArtifactsMax = 4;
constexpr std::size_t kDeploymentBytesMax = 64;
constexpr std::size_t kArtifactFormatBytesMax = 16;

/// "/files/" and a file name of which every byte is percent-encoded.
constexpr std::size_t kArtifactUrlBytesMax = 7 + 3 * kFileNameBytesMax;

/// A report of an update (docs/protocol.md, "Reports"), and its texts.
constexpr std::size_t kReportBytesMax = 1024;
constexpr std::size_t kReportCodeBytesMax = 48;
constexpr std::size_t kReportDetailBytesMax = 64;
constexpr std::size_t kResetReasonBytesMax = 32;

/// The parts (objects, arrays, names, values) of one JSON document, those of unknown members
/// included, and how deep they nest.
constexpr std::size_t kJsonPartsMax = 96;
constexpr std::size_t kJsonDepthMax = 8;

}  // namespace fuota::protocol
