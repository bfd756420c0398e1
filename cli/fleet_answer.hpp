#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fuota::cli {

/// An HTTP answer as far as a fleet looks at it.
struct FleetAnswer {
  unsigned status = 0;
  bool offer = false;  ///< the content type is that of an offer
  bool keep_alive = false;
  std::optional<std::uint32_t> retry_after_s;
  std::uint64_t body_bytes = 0;
  std::string body;  ///< its first bytes, at most AnswerReader::kBodyKeptMax
};

/// Takes an answer as it comes.
class AnswerReader {
 public:
  enum class State { need_more, complete, malformed };

  static constexpr std::size_t kBodyKeptMax = 4096;
  static constexpr std::size_t kHeadMax = 16384;  ///< a longer header is malformed

  AnswerReader();
  ~AnswerReader();

  /// Takes what it can of `input`; `used` says how much: the rest comes again, with more behind it.
  State take(std::string_view input, std::size_t& used);

  /// Nothing more will come: an answer without a length is complete then.
  State end();

  [[nodiscard]] FleetAnswer& answer();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The path of the file that the answer to a check offers, percent-encoded; nothing when it can't
/// be understood.
[[nodiscard]] std::optional<std::string> offered_path(const FleetAnswer& answer);

}  // namespace fuota::cli
