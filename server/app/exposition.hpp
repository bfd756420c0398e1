#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/app/metric_cells.hpp"

namespace fuota::server::app {

/// Names and values of a sample's labels.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// Metrics as they are at one moment, written as Prometheus reads them (text format 0.0.4). Each
/// metric is begun once, and its samples follow.
class Exposition {
 public:
  Exposition();
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;
  ~Exposition();

  /// Begins a metric of that kind. Names are by Prometheus' conventions, the unit last.
  void counter(std::string name, std::string help);
  void gauge(std::string name, std::string help);
  void histogram(std::string name, std::string help);

  /// A sample of the counter or gauge that was begun last.
  void sample(const Labels& labels, double value);

  /// A sample of the histogram that was begun last; in seconds.
  void sample(const Labels& labels, BucketBounds bounds, const LatencyCell& cell);

  [[nodiscard]] std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace fuota::server::app
