#pragma once

#include <string_view>

namespace fuota::server::api {

/// Whether a client whose Accept field (RFC 9110 section 12.5.1) is `accept` wants an offer rather
/// than CSV: it names protocol::kOfferMediaType itself, with a quality above 0 and not below that
/// of text/csv. A range such as "*/*" names nothing: those who send it know nothing of offers. A
/// field that is not well-formed wants no offer.
[[nodiscard]] bool wants_offer(std::string_view accept);

}  // namespace fuota::server::api
