#include "fuota_protocol/document_error.hpp"

namespace fuota::protocol {

std::string_view describe(DocumentError error) {
  switch (error) {
    case DocumentError::none:
      return "";
    case DocumentError::too_long:
      return "is too long";
    case DocumentError::not_utf8:
      return "is not valid UTF-8";
    case DocumentError::not_json:
      return "is not JSON";
    case DocumentError::too_many_parts:
      return "has too many parts, or they nest too deep";
    case DocumentError::not_an_object:
      return "is not a JSON object where it must be one";
    case DocumentError::escaped_name:
      return "has a member whose name is written with an escape";
    case DocumentError::missing:
      return "is missing";
    case DocumentError::duplicate:
      return "is there more than once";
    case DocumentError::wrong_type:
      return "has the wrong type";
    case DocumentError::escaped:
      return "is written with an escape";
    case DocumentError::empty:
      return "is empty";
    case DocumentError::overlong:
      return "is longer than allowed";
    case DocumentError::malformed:
      return "does not have the required form";
    case DocumentError::repeated:
      return "has the same element twice";
    case DocumentError::not_base64:
      return "is not base64url without padding";
    case DocumentError::flattened:
      return "is a JWS in flattened serialization: write it in the general one";
    case DocumentError::unprotected_header:
      return "is not protected by the signature: leave it out";
  }
  return "is not valid";
}

}  // namespace fuota::protocol
