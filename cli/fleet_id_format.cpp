#include "cli/fleet_id_format.hpp"

#include <charconv>

#include "fuota_protocol/names.hpp"

namespace fuota::cli {
namespace {

constexpr std::string_view kForm =
    ": write one %0Nd where the number goes, N digits of it, such as dev-%06d";

Failure refuse(std::string_view text, std::string_view why) {
  return Failure{"--id-format " + std::string(text) + " " + std::string(why) + std::string(kForm)};
}

}  // namespace

Result<IdFormat> IdFormat::parse(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent == std::string_view::npos) return refuse(text, "has no number in it");
  if (text.find('%', percent + 1) != std::string_view::npos)
    return refuse(text, "has more than one %");
  const std::string_view rest = text.substr(percent + 1);
  unsigned digits = 0;
  if (rest.empty() || rest.front() != '0') return refuse(text, "has another % than %0Nd");
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), digits);
  const bool number = error == std::errc() && end != rest.data() + rest.size() && *end == 'd' &&
                      rest[1] != '0' && digits >= 1 && digits <= kDigitsMax;
  if (!number) return refuse(text, "has another % than %0Nd with N from 1 to 18");
  const auto used = static_cast<std::size_t>(end - rest.data()) + 1;
  IdFormat format(text.substr(0, percent), rest.substr(used), digits);
  const auto bad = protocol::check_device_id(format.id(0));
  if (bad != protocol::NameError::none) {
    return Failure{"--id-format " + std::string(text) + " gives no device ids: the id " +
                   std::string(protocol::describe(bad))};
  }
  return format;
}

std::string IdFormat::id(std::uint64_t number) const {
  const std::string plain = std::to_string(number);
  std::string id = before_;
  if (plain.size() < digits_) id.append(digits_ - plain.size(), '0');
  return id + plain + after_;
}

}  // namespace fuota::cli
