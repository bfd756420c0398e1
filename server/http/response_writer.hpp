#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "server/http/download_pace.hpp"
#include "server/http/limits.hpp"
#include "server/http/request_parser.hpp"
#include "server/http/response.hpp"
#include "server/http/response_head.hpp"
#include "server/http/tls_stream.hpp"

namespace fuota::server::http {

/// What became of an answer.
struct Sent {
  unsigned status = 0;
  std::uint64_t body_bytes = 0;
  bool complete = false;    ///< Whether the client was sent all of it.
  bool keep_alive = false;  ///< Whether the connection can go on after it.
};

/// What all answers of a thread share. All of it outlives them.
struct SendingScope {
  const Limits& limits;
  DownloadPace& pace;
  HttpDate& date;
};

/// Sends `response` over `stream`: chooses the framing and the range, leaves the body out for a
/// HEAD, and holds at most one piece of kProgressBytes of a file at a time, for each of which the
/// client has `write_deadline`, and which are sent at the pace of the scope. `head` is what asked,
/// null when that could not be read. `keep_alive` says whether the connection shall go on. All
/// references outlive the call.
[[nodiscard]] boost::asio::awaitable<Sent> send_response(TlsStream& stream, Response response,
                                                         const RequestHead* head, bool keep_alive,
                                                         SendingScope scope);

}  // namespace fuota::server::http
