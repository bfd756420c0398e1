#include "simulator/kernel/idf_version.hpp"

#include <array>

namespace simulator::kernel {
namespace {

constexpr std::array kAll = {IdfVersion::v4_4, IdfVersion::v5_5, IdfVersion::v6_0};

}  // namespace

std::span<const IdfVersion> all_idf_versions() {
  return kAll;
}

std::string_view name_of(IdfVersion version) {
  switch (version) {
    case IdfVersion::v4_4:
      return "v4.4";
    case IdfVersion::v5_5:
      return "v5.5";
    case IdfVersion::v6_0:
      return "v6.0";
  }
  return {};
}

std::optional<IdfVersion> find_idf_version(std::string_view name) {
  for (const IdfVersion version : kAll) {
    if (name_of(version) == name) return version;
  }
  return std::nullopt;
}

}  // namespace simulator::kernel
