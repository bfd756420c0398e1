#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fuota::server::http {

/// What one client may cost, and for how long. Each wait for a client has an end; a deadline is
/// noticed at most one sweep late (an eighth of the shortest deadline, from 5 ms to 1 s).
struct Limits {
  /// Request line and fields together. Beyond it the answer is 414 when the request line alone is
  /// longer, else 431.
  std::size_t header_bytes_max = 8 * 1024;

  /// Connections at a time. Beyond it new ones wait in the kernel's queue until one ends, and for
  /// each that waits the one that has been idle for the longest time is closed.
  std::size_t connections_max = 8192;

  /// Of all files together that are being sent; 0: as fast as it goes.
  std::uint64_t file_bytes_per_second = 0;

  /// From the accepted connection to the end of the TLS handshake.
  std::chrono::milliseconds handshake_deadline{10'000};

  /// From the end of the handshake for the first request, from its first byte for a later one, to
  /// the end of the header.
  std::chrono::milliseconds header_deadline{10'000};

  /// From an answer to the first byte of the next request on the connection.
  std::chrono::milliseconds idle_deadline{60'000};

  /// For each kProgressBytes of a request's body to arrive.
  std::chrono::milliseconds body_deadline{30'000};

  /// For each kProgressBytes of an answer to be taken by the kernel, which takes them as the
  /// client does.
  std::chrono::milliseconds write_deadline{30'000};

  /// How long an answer given without reading the request's body is kept readable for the client
  /// while the rest of the body is thrown away.
  std::chrono::milliseconds linger_deadline{2'000};
};

/// The step in which progress is demanded: the size of one TLS record.
constexpr std::size_t kProgressBytes = 16 * 1024;

/// A body that an endpoint did not read is thrown away up to this length, so that the connection
/// can go on; a longer one ends the connection.
constexpr std::uint64_t kDiscardedBodyBytesMax = 64 * 1024;

/// The longest name that is taken from a client's certificate; a longer one counts as none.
constexpr std::size_t kClientNameBytesMax = 128;

/// Connections that the kernel completes before they are accepted.
constexpr int kListenBacklog = 4096;

}  // namespace fuota::server::http
