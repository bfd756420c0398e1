#include "server/app/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace fuota::server::app {

Log::Log(bool verbose)
    : logger_(std::make_shared<spdlog::logger>("fuota-server",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger_->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
}

Log::~Log() = default;

void Log::info(std::string_view line) {
  logger_->info("{}", line);
}

void Log::on_request(const http::AccessRecord& record) {
  logger_->info("request method={} path={} status={} bytes={} duration_ms={:.2f} peer={} user={}{}",
                escape_for_log(record.method), escape_for_log(record.target), record.status,
                record.body_bytes, static_cast<double>(record.duration.count()) / 1000, record.peer,
                escape_for_log(record.user), record.complete ? "" : " incomplete");
}

void Log::on_event(http::Severity severity, std::string_view what) {
  switch (severity) {
    case http::Severity::debug:
      logger_->debug("{}", what);
      return;
    case http::Severity::warning:
      logger_->warn("{}", what);
      return;
    case http::Severity::error:
      logger_->error("{}", what);
      return;
  }
}

std::string escape_for_log(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  if (text.empty()) return "-";
  std::string escaped;
  for (const char c : text.substr(0, kLoggedBytesMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      escaped += c;
    } else {
      escaped += "\\x";
      escaped += kHexDigits[byte >> 4];
      escaped += kHexDigits[byte & 0xf];
    }
  }
  if (text.size() > kLoggedBytesMax) escaped += "...";
  return escaped;
}

}  // namespace fuota::server::app
