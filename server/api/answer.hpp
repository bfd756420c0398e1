#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "server/storage/failure.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// How a request ended, in words that no transport owns.
enum class Outcome {
  ok,
  created,      ///< `text` says what was made.
  nothing,      ///< Understood, and there is nothing to give.
  bad_request,  ///< The request breaks a rule; `text` says which, and what to do.
  forbidden,    ///< Not allowed without the right credentials.
  not_found,
  conflict,     ///< The state of the server forbids it; `text` says what to do first.
  no_room,      ///< The disk is full.
  unavailable,  ///< The server failed; `detail` says how.
  busy,         ///< Others come first; `retry_after_s` says when to come back.
};

/// What `Answer::text` is.
enum class TextKind {
  none,
  plain,
  csv,
  offer,  ///< An offer; another Accept field would have had another answer.
  jose,   ///< A JWS in JSON serialization.
  json,
};

/// A file to be downloaded, under the name that it has here.
struct Download {
  storage::FileContent content;
  std::string name;
  std::shared_ptr<const void> admission;  ///< Kept until it has been sent.
};

/// CSV that is too much for one piece.
class CsvPieces {
 public:
  virtual ~CsvPieces() = default;

  /// The next piece, empty at the end, nothing when it can't be had.
  [[nodiscard]] virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
};

/// The answer of an endpoint: at most one of `text`, `download` and `pieces` is there.
struct Answer {
  Outcome outcome = Outcome::ok;
  TextKind text_kind = TextKind::none;
  std::string text;
  std::optional<Download> download;
  std::unique_ptr<CsvPieces> pieces;
  std::string detail;  ///< For the log alone: what failed inside.

  /// The highest version of a root document, for a device that trusts a lower one.
  std::optional<std::uint32_t> newer_root;

  /// When to come back, if the client shall not decide that by itself.
  std::optional<std::uint32_t> retry_after_s;
};

/// An answer of one line for a person.
[[nodiscard]] Answer plain_answer(Outcome outcome, std::string text);

/// The answer to a JSON document that breaks a rule: what is wrong with `subject`, "the payload",
/// and what to do instead, if there is more to say than that: "send what …". `problem` is one.
[[nodiscard]] Answer refused_document(std::string_view subject,
                                      const protocol::DocumentProblem& problem,
                                      std::string_view remedy = {});

/// The answer to a failure of the store; of `full` and `unavailable` only, the others are the
/// endpoint's to explain. One that is `unavailable` may be tried again after 30 to 45 s, by chance.
[[nodiscard]] Answer failure_answer(const storage::Failure& failure);

/// From 0 to less than 1, drawn anew; what is random in a time to come back. Any thread.
[[nodiscard]] double draw_chance();

/// The octets that come with a request that changes something. When they have come, it is found out
/// once more whether who has sent them may do that: an endpoint reads to the end before it changes
/// anything, and sees then who asks as is known by then.
class BodySource {
 public:
  virtual ~BodySource() = default;

  /// Reads some of it into `destination`, which is not empty and stays valid until the call
  /// completes: the number of bytes, 0 at the end, nothing when the rest won't come or when the
  /// sender may not do it any more, which each read of the end finds out anew. The client is told
  /// why, so the endpoint's answer then doesn't matter.
  [[nodiscard]] virtual boost::asio::awaitable<std::optional<std::size_t>> read(
      std::span<char> destination) = 0;
};

}  // namespace fuota::server::api
