#pragma once

#include <cstdint>
#include <string_view>

namespace fuota::protocol {

/// Why a JSON document (manifest, root document, signed document, offer) was refused.
enum class DocumentError : std::uint8_t {
  none,
  too_long,        ///< longer than the document may be
  not_utf8,        ///< not UTF-8 (RFC 3629)
  not_json,        ///< not JSON (RFC 8259), or more than one JSON text
  too_many_parts,  ///< more than kJsonPartsMax parts, or nested deeper than kJsonDepthMax
  not_an_object,
  escaped_name,  ///< an object that is read has a member whose name is written with an escape
  missing,       ///< a member that must be there is not
  duplicate,     ///< a member that is read is there more than once
  wrong_type,
  escaped,             ///< a text that is read is written with an escape; none of them needs one
  empty,               ///< a text or list that must have something in it has nothing
  overlong,            ///< a text or list is longer than its limit
  malformed,           ///< not in the form that the member must have
  repeated,            ///< a list has the same element twice
  not_base64,          ///< not base64url without padding (RFC 7515 section 2)
  flattened,           ///< a JWS in flattened serialization, of which only the general one is read
  unprotected_header,  ///< a signature has a header that is not signed
};

/// What is wrong with a document and where. `member` is the name of the member, "" when the
/// document as a whole is meant; static storage. Everything else of a result counts only when
/// `error` is none.
struct DocumentProblem {
  DocumentError error = DocumentError::none;
  std::string_view member = "";

  explicit operator bool() const { return error != DocumentError::none; }
};

/// One phrase for a person, such as "is missing", to be put behind what was read ("the manifest")
/// or the name of the member. Static storage. "" for DocumentError::none.
[[nodiscard]] std::string_view describe(DocumentError error);

}  // namespace fuota::protocol
