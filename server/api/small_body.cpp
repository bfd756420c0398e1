#include "server/api/small_body.hpp"

namespace fuota::server::api {

boost::asio::awaitable<std::optional<std::string>> read_small_body(BodySource* body,
                                                                   std::size_t bytes_max) {
  std::string text(bytes_max + 1, '\0');
  std::size_t used = 0;
  while (used < text.size()) {
    const auto bytes = co_await body->read({text.data() + used, text.size() - used});
    if (!bytes) co_return std::nullopt;
    if (*bytes == 0) break;
    used += *bytes;
  }
  text.resize(used);
  co_return text;
}

boost::asio::awaitable<bool> still_counts(BodySource* body) {
  char nothing = '\0';
  const auto bytes = co_await body->read({&nothing, 1});
  co_return bytes&&* bytes == 0;
}

}  // namespace fuota::server::api
