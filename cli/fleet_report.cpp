#include "cli/fleet_report.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdarg>
#include <cstdio>

namespace fuota::cli {
namespace {

namespace json = boost::json;

struct Percentile {
  const char* name;
  double per_cent;
};
constexpr std::array<Percentile, 4> kPercentiles = {
    {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}}};

constexpr std::array<const char*, 3> kModes = {"full", "resumed", "keep-alive"};

double to_ms(LatencyHistogram::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

[[gnu::format(printf, 1, 2)]] std::string format(const char* form, ...) {
  std::array<char, 512> text{};
  va_list arguments;
  va_start(arguments, form);
  std::vsnprintf(text.data(), text.size(), form, arguments);
  va_end(arguments);
  return text.data();
}

using Count = unsigned long long;

std::string latency_line(const char* name, const LatencyHistogram& latency) {
  if (latency.count() == 0) return "";
  std::string line = format("%-18s", name);
  for (const Percentile& percentile : kPercentiles) {
    line += format("%s %.2f ms  ", percentile.name, to_ms(latency.percentile(percentile.per_cent)));
  }
  return line + format("max %.2f ms\n", to_ms(latency.max()));
}

std::string rate_line(const char* name, std::uint64_t count, double elapsed_s) {
  return format("%-18s%llu in %.2f s: %.1f a second\n", name, static_cast<Count>(count), elapsed_s,
                static_cast<double>(count) / std::max(elapsed_s, 1e-9));
}

json::object latency_json(const LatencyHistogram& latency) {
  json::object object;
  object["count"] = latency.count();
  object["min"] = to_ms(latency.min());
  object["mean"] = to_ms(latency.mean());
  for (const Percentile& percentile : kPercentiles) {
    object[percentile.name] = to_ms(latency.percentile(percentile.per_cent));
  }
  object["max"] = to_ms(latency.max());
  return object;
}

/// What to do about an answer that is no healthy one.
std::string remedy(const FleetTally& total) {
  struct Row {
    unsigned status;
    const char* remedy;
  };
  constexpr std::array<Row, 3> kRows = {{
      {403, "; the server refuses the credentials: look at --user, FUOTA_PASSWORD or --tokens"},
      {404,
       "; the server doesn't know the devices, or lacks their file: PUT rows for them, or"
       " look at --id-format and --first"},
      {503, "; the server was too busy or could not reach its storage: its log says which"},
  }};
  for (const Row& row : kRows) {
    if (total.statuses.contains(row.status)) return row.remedy;
  }
  return "";
}

}  // namespace

std::string progress_line(double elapsed_s, const FleetTally& last, double last_s,
                          std::uint64_t errors, std::uint64_t in_flight) {
  const bool checks = last.check_latency.count() > 0 || last.downloads == 0;
  const LatencyHistogram& latency = checks ? last.check_latency : last.download_latency;
  const double count = static_cast<double>(checks ? last.checks : last.downloads);
  return format("%4.0f s  %8.0f %s/s  %llu errors  %llu in flight  p50 %.2f ms  p99 %.2f ms\n",
                elapsed_s, count / std::max(last_s, 1e-3), checks ? "checks" : "downloads",
                static_cast<Count>(errors), static_cast<Count>(in_flight),
                to_ms(latency.percentile(50)), to_ms(latency.percentile(99)));
}

std::string summary(const FleetTally& total, double elapsed_s) {
  const bool downloads = total.downloads + total.deferred + total.unfinished > 0;
  std::string text = rate_line("checks", total.checks, elapsed_s);
  if (downloads) text += rate_line("downloads", total.downloads, elapsed_s);
  for (const auto& [status, count] : total.statuses) {
    text += format("  status %-9u%llu\n", status, static_cast<Count>(count));
  }
  if (downloads) {
    text += format("%-18s%llu put off by the server, %llu unfinished\n", "  others",
                   static_cast<Count>(total.deferred), static_cast<Count>(total.unfinished));
  }
  if (total.spread > 0) {
    text += format("%-18s%llu checks were told when to come back\n", "spread",
                   static_cast<Count>(total.spread));
  }
  text += format("%-18s%llu full, %llu resumed\n", "handshakes",
                 static_cast<Count>(total.handshakes_full),
                 static_cast<Count>(total.handshakes_resumed));
  if (total.reconnects > 0) {
    text += format("%-18s%llu kept connections had been closed by the server\n", "reconnects",
                   static_cast<Count>(total.reconnects));
  }
  text += format("%-18s%llu sent, %llu received\n", "bytes", static_cast<Count>(total.bytes_sent),
                 static_cast<Count>(total.bytes_received));
  text += latency_line("latency", total.check_latency);
  text += latency_line("download", total.download_latency);
  text += format("%-18s%llu\n", "errors", static_cast<Count>(total.error_count()));
  for (std::size_t kind = 0; kind < kFleetErrors; ++kind) {
    if (total.errors[kind] == 0) continue;
    const std::string_view name = name_of(static_cast<FleetError>(kind));
    text += format("  %-16s%llu: %s\n", std::string(name).c_str(),
                   static_cast<Count>(total.errors[kind]), total.examples[kind].c_str());
  }
  return text;
}

std::string summary_json(const FleetOptions& options, const FleetTally& total, double elapsed_s) {
  json::object object;
  object["mode"] = kModes[static_cast<std::size_t>(options.mode)];
  object["devices"] = options.devices;
  object["elapsed_s"] = elapsed_s;
  object["checks"] = total.checks;
  object["downloads"] = total.downloads;
  object["downloads_put_off"] = total.deferred;
  object["downloads_unfinished"] = total.unfinished;
  object["checks_spread"] = total.spread;
  object["handshakes_full"] = total.handshakes_full;
  object["handshakes_resumed"] = total.handshakes_resumed;
  object["reconnects"] = total.reconnects;
  object["bytes_sent"] = total.bytes_sent;
  object["bytes_received"] = total.bytes_received;
  json::object statuses;
  for (const auto& [status, count] : total.statuses) statuses[std::to_string(status)] = count;
  object["statuses"] = std::move(statuses);
  json::object errors;
  json::object examples;
  for (std::size_t kind = 0; kind < kFleetErrors; ++kind) {
    if (total.errors[kind] == 0) continue;
    const std::string_view name = name_of(static_cast<FleetError>(kind));
    errors[json::string_view(name.data(), name.size())] = total.errors[kind];
    examples[json::string_view(name.data(), name.size())] = total.examples[kind];
  }
  object["error_count"] = total.error_count();
  object["errors"] = std::move(errors);
  object["error_examples"] = std::move(examples);
  object["check_latency_ms"] = latency_json(total.check_latency);
  object["download_latency_ms"] = latency_json(total.download_latency);
  return json::serialize(object) + "\n";
}

std::string complaint(const FleetTally& total) {
  const std::uint64_t errors = total.error_count();
  if (errors == 0) return "";
  const auto most = std::max_element(total.errors.begin(), total.errors.end());
  const auto kind = static_cast<std::size_t>(most - total.errors.begin());
  std::string line = format("%llu errors, most of the kind ", static_cast<Count>(errors));
  line += name_of(static_cast<FleetError>(kind));
  line += " (" + total.examples[kind] + ")";
  return line + remedy(total);
}

}  // namespace fuota::cli
