#include "server/api/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace fuota::server::api {

std::string to_text(domain::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> written{};
  const int length = std::snprintf(
      written.data(), written.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int{date.year()},
      unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {written.data(), static_cast<std::size_t>(length)};
}

}  // namespace fuota::server::api
