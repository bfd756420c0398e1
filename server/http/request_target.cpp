#include "server/http/request_target.hpp"

namespace fuota::server::http {
namespace {

constexpr std::string_view kSchemeEnd = "://";

/// The part behind the authority of a target in absolute form, "/" if there is none.
std::optional<std::string_view> behind_authority(std::string_view target) {
  if (!target.starts_with("https://") && !target.starts_with("http://")) return std::nullopt;
  target.remove_prefix(target.find(kSchemeEnd) + kSchemeEnd.size());
  const std::size_t slash = target.find('/');
  if (slash == std::string_view::npos) return "/";
  return target.substr(slash);
}

}  // namespace

std::optional<RequestTarget> split_target(std::string_view target) {
  if (!target.starts_with('/')) {
    const auto rest = behind_authority(target);
    if (!rest) return std::nullopt;
    target = *rest;
  }
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return RequestTarget{target, std::nullopt};
  return RequestTarget{target.substr(0, mark), target.substr(mark + 1)};
}

}  // namespace fuota::server::http
