#pragma once

#include "fuota_protocol/document_error.hpp"

namespace fuota::update {

/// Says in the log what is wrong with `document`, "offer".
void log_problem(const char* document, const protocol::DocumentProblem& problem);

}  // namespace fuota::update
