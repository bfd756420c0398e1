#pragma once

#include <cstdint>
#include <memory>

#include "server/api/authenticator.hpp"
#include "server/api/clock.hpp"
#include "server/app/overload.hpp"
#include "server/http/handler.hpp"
#include "server/http/observer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::app {

/// All of docs/protocol.md as a handler of requests: joins the endpoints of `api` to the routes of
/// `http`. Every request must carry credentials that `authenticator` knows, whatever its path, and
/// of somebody who may do what it asks for (permissions.hpp).
/// Under /api/v1, whatever goes wrong is told in a problem document (RFC 9457). What fails inside
/// is told to `observer`. `store`, `authenticator` and `observer` outlive the handler.
[[nodiscard]] std::unique_ptr<http::Handler> make_routes(
    storage::Store& store, api::Authenticator& authenticator, http::Observer& observer,
    std::uint64_t file_bytes_max, api::Clock clock,
    std::shared_ptr<Overload> overload = std::make_shared<Overload>(OverloadSettings()));

}  // namespace fuota::server::app
