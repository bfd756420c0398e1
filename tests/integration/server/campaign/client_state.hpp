#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace fuota::server::campaign {

/// What a device has said that it runs: version and image, both as they are written.
using SaidToRun = std::pair<std::string, std::string>;

struct DeviceState {
  std::string row;  ///< As it stands in the list of devices.
  std::string file;
  std::optional<SaidToRun> running;
  std::optional<std::string> contact;  ///< The version that it asked with last.
  std::vector<std::string> events;     ///< Newest first: "report 3", "running 0.1.0 <image>".

  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

/// What the server is to hold for one client. No client touches what another one has, so each knows
/// at every instant what must be there; contents of files are shared by chance.
struct ClientState {
  std::map<std::string, std::string> files;      ///< Contents by name.
  std::map<std::string, std::string> manifests;  ///< By the name of the file.
  std::map<std::string, DeviceState> devices;    ///< By id.
  std::uint32_t highest_root = 0;

  friend bool operator==(const ClientState&, const ClientState&) = default;
};

enum class OperationKind {
  put_file,
  put_file_in_chunks,
  remove_file,
  download,
  put_manifest,
  put_device,
  remove_device,
  report,
  check,
  compatible_check,
  put_root,
};

/// One request, and what it is about.
struct Operation {
  OperationKind kind = OperationKind::check;
  std::string name;  ///< Of the file, or the device's id.
  std::string text;  ///< File: the content. Row: version. Check: the image that is said to run.
  std::string file;  ///< Row: the file that it points at.
  std::uint32_t number = 0;  ///< Report: its sequence. Root document: its version. Check: drawn.
};

/// What the server must answer to `operation`, and makes of `state` what must hold afterwards.
[[nodiscard]] int apply(const Operation& operation, ClientState& state);

/// An operation that makes sense in `state` of client `client`, or almost. Only client 0 puts root
/// documents, which all share.
[[nodiscard]] Operation random_operation(int client, const ClientState& state,
                                         std::mt19937& random);

/// The request for `operation`, with the credentials of a server that a test started; the
/// connection goes on after it.
[[nodiscard]] std::string to_request(const Operation& operation);

/// The names of files and devices that client `client` ever uses.
[[nodiscard]] std::vector<std::string> names_of(int client);

/// Takes the contacts of `found` for those of `state`: a server that is killed may lose the last
/// ones.
void forget_contacts(const ClientState& found, ClientState& state);

/// Where two states differ first, for a person; empty when they don't.
[[nodiscard]] std::string difference(const ClientState& expected, const ClientState& found);

}  // namespace fuota::server::campaign
