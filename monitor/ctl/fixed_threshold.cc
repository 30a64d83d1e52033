#include "monitor/ctl/fixed_threshold.h"

#include <cmath>
#include <map>

#include "alerts/alert_book.h"
#include "monitor/ctl/api_text.h"

namespace monitor {
namespace {

using nlohmann::json;

// Q(λ) = 2 Σ (−1)^(k−1) exp(−2k²λ²), the tail of Kolmogorov's distribution.
double KolmogorovTail(double lambda) {
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2 * static_cast<double>(k * k) * lambda * lambda);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return 2 * sum;
}

struct Column {
  const json* figures;
  bool feature;
};

std::vector<Column> ColumnsOf(const json& row) {
  std::vector<Column> columns;
  for (const json& feature : row.at("features")) columns.push_back({&feature, true});
  for (const char* part : {"prediction", "score"}) {
    if (row.at(part).is_object()) columns.push_back({&row.at(part), false});
  }
  return columns;
}

bool Above(const FixedThreshold& threshold, const json& column, double baseline_values) {
  if (threshold.kind == FixedThreshold::Kind::kPsi) return DoubleOf(column, "psi").value_or(0) > threshold.limit;
  const auto ks = DoubleOf(column, "ks");
  const double values = DoubleOf(column, "count").value_or(0) - DoubleOf(column, "missing").value_or(0) -
                        DoubleOf(column, "type_faults").value_or(0);
  return ks && values > 0 && baseline_values > 0 && *ks > KsCriticalDistance(threshold.limit, values, baseline_values);
}

}  // namespace

double KsCriticalDistance(double p, double n, double m) {
  double low = 0.2, high = 5;  // Q(0.2) is 1 to twelve digits
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (KolmogorovTail(middle) > p ? low : high) = middle;
  }
  return high / std::sqrt(n * m / (n + m));
}

std::vector<alerts::Alert> AlertsOf(const FixedThreshold& threshold, const std::string& model, const json& windows,
                                    std::int64_t step_ns, const BaselineValues& baseline_values) {
  std::map<std::int64_t, std::vector<alerts::Observation>> closings;  // by end of the window
  for (const json& row : windows) {
    const auto end = NsOf(row, "end");
    if (!end || row.at("partial").get<bool>()) continue;
    for (const auto& [column, feature] : ColumnsOf(row)) {
      alerts::Observation seen;
      seen.model = model;
      seen.version = row.at("version").get<std::string>();
      seen.variant = row.at("variant").get<std::string>();
      seen.feature = column->at("name").get<std::string>();
      seen.monitor = "threshold:" + seen.feature;
      seen.cause = feature ? alerts::Cause::kDataDrift : alerts::Cause::kPredictionDrift;
      seen.step_start_ns = *end - step_ns;
      seen.step_end_ns = *end;
      seen.verdict = Above(threshold, *column, baseline_values(row, seen.feature))
                         ? alerts::Observation::Verdict::kViolated
                         : alerts::Observation::Verdict::kClear;
      closings[*end].push_back(std::move(seen));
    }
  }
  alerts::AlertBook book;
  for (const auto& [end, observations] : closings) book.Observe(observations);
  return book.TakeChanges().alerts;
}

}  // namespace monitor
