#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The bytes of one client for a fuzz target that is linked with memory_stream.cpp in the place of
/// server/http/tls_stream.cpp: a TlsStream then reads `input`, at most `step_bytes` at a time, and
/// appends to `output` what the server writes. No socket, no TLS, no waiting.
struct MemoryClient {
  std::string_view input;
  std::size_t step_bytes = 1;
  std::string output;
  bool closed = false;
};

/// The client of every TlsStream that is made from now on. One thread.
void set_memory_client(MemoryClient& client);
