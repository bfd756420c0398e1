#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace simulator::kernel {

/// Whose behaviour the simulated chip shows where versions of ESP-IDF differ: read in the sources
/// of v4.4.4, v5.5.5 and v6.0.2. The headers in simulator/include are the same for all of them.
/// Each room says what the versions mean for it: boot::OtaBehaviour, net::HttpBehaviour,
/// radio::DriverBehaviour; docs/simulator.md lists everything.
enum class IdfVersion { v4_4, v5_5, v6_0 };

/// All of them, the oldest first.
[[nodiscard]] std::span<const IdfVersion> all_idf_versions();
/// "v4.4"
[[nodiscard]] std::string_view name_of(IdfVersion version);
/// By that name.
[[nodiscard]] std::optional<IdfVersion> find_idf_version(std::string_view name);

}  // namespace simulator::kernel
