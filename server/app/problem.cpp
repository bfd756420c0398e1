#include "server/app/problem.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>
#include <variant>

namespace fuota::server::app {
namespace {

constexpr unsigned kBadRequest = 400;

}  // namespace

http::Response as_problem(http::Response response) {
  auto* const text = std::get_if<std::string>(&response.body);
  if (response.status < kBadRequest || text == nullptr) return response;
  while (text->ends_with('\n')) text->pop_back();
  boost::json::object problem;
  // The status says what kind of problem it is (RFC 9457 section 4.2.1).
  problem["type"] = "about:blank";
  const auto status = static_cast<boost::beast::http::status>(response.status);
  problem["title"] = boost::beast::http::obsolete_reason(status);
  problem["status"] = response.status;
  if (!text->empty()) problem["detail"] = *text;
  *text = boost::json::serialize(problem) + "\n";
  response.content_type = "application/problem+json";
  return response;
}

}  // namespace fuota::server::app
