#include "server/app/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

namespace fuota::server::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

double to_seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

ClientMetric labelled(const Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

}  // namespace

struct Exposition::Families {
  std::vector<MetricFamily> list;

  void begin(std::string name, std::string help, MetricType type) {
    list.push_back({std::move(name), std::move(help), type, {}});
  }
};

Exposition::Exposition() : families_(std::make_unique<Families>()) {}
Exposition::~Exposition() = default;

void Exposition::counter(std::string name, std::string help) {
  families_->begin(std::move(name), std::move(help), MetricType::Counter);
}
void Exposition::gauge(std::string name, std::string help) {
  families_->begin(std::move(name), std::move(help), MetricType::Gauge);
}
void Exposition::histogram(std::string name, std::string help) {
  families_->begin(std::move(name), std::move(help), MetricType::Histogram);
}

void Exposition::sample(const Labels& labels, double value) {
  ClientMetric metric = labelled(labels);
  MetricFamily& family = families_->list.back();
  if (family.type == MetricType::Counter) metric.counter.value = value;
  if (family.type == MetricType::Gauge) metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

void Exposition::sample(const Labels& labels, BucketBounds bounds, const LatencyCell& cell) {
  ClientMetric metric = labelled(labels);
  std::uint64_t count = 0;
  for (std::size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
    count += cell.count(bucket);
    const double bound = bucket < bounds.size() ? to_seconds(bounds[bucket])
                                                : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({count, bound});
  }
  // The count is that of the buckets, so that they agree whatever happens meanwhile.
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = static_cast<double>(cell.sum_ns()) * 1e-9;
  families_->list.back().metric.push_back(std::move(metric));
}

std::string Exposition::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families_->list);
  return std::move(out).str();
}

}  // namespace fuota::server::app
