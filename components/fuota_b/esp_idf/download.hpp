#pragma once

#include "http_connection.hpp"
#include "installation.hpp"

namespace fuota::update {

/// The file of an update, from the server to the slot: asked for again where a connection broke,
/// and taken up where it stopped, also after a restart, as long as it is the same file
/// (resume_record.hpp). Only a signed file is taken up: nothing else says what the whole has to be.
class Download {
 public:
  /// Everything outlives the download. `url` is that of the file.
  Download(const Installation::Target& target, const char* url, SlotWriter& writer,
           HttpConnection& connection, const Observer& observer)
      : target_(target), url_(url), writer_(writer), connection_(connection), observer_(observer) {}

  /// Fetches, checks and installs the file; `updated`, or why not. What broke for a while is tried
  /// again after 1 to 2 s, 2 to 4 s and so on, up to kRetriesMax times without a byte in between,
  /// not beyond the connection's deadline, and not when the server said when to come back
  /// (`Report::retry_after_s`). Once per object.
  [[nodiscard]] Report run();

  static constexpr unsigned kRetriesMax = 5;

 private:
  [[nodiscard]] Report install(bool takes_up);
  [[nodiscard]] Code take_up(Installation& installation, bool takes_up);
  [[nodiscard]] Report fetch(Installation& installation);
  [[nodiscard]] Report fetch_piece(Installation& installation);
  void wait(unsigned losses) const;

  Installation::Target target_;
  const char* url_;
  SlotWriter& writer_;
  HttpConnection& connection_;
  const Observer& observer_;
  bool is_patched_ = false;  ///< what is in the slot came in several pieces
};

}  // namespace fuota::update
