#include "monitor/serve/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include <prometheus/text_serializer.h>

#ifndef MONITORD_VERSION
#define MONITORD_VERSION "0.1.0"
#endif

namespace monitor {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<std::pair<std::string, std::string>>;

// One family under construction.
class Family {
 public:
  Family(const std::string& name, const std::string& help, MetricType type) {
    family_.name = "model_monitor_" + name;
    family_.help = help;
    family_.type = type;
  }

  void Add(const Labels& labels, double value) {
    ClientMetric metric = Labelled(labels);
    if (family_.type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family_.metric.push_back(std::move(metric));
  }
  void Add(const Labels& labels, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) Add(labels, *value);
  }
  void Add(ClientMetric metric) { family_.metric.push_back(std::move(metric)); }

  // A family without series is left out of the answer.
  void MoveTo(std::vector<MetricFamily>& families) {
    if (!family_.metric.empty()) families.push_back(std::move(family_));
  }

 private:
  static ClientMetric Labelled(const Labels& labels) {
    ClientMetric metric;
    for (const auto& [name, value] : labels) metric.label.push_back({name, value});
    return metric;
  }

  MetricFamily family_;
};

double Number(std::uint64_t value) { return static_cast<double>(value); }
double Seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

Labels VersionLabels(const std::string& model, const std::string& version, const std::string& variant) {
  Labels labels{{"model", model}, {"version", version}};
  if (!variant.empty()) labels.emplace_back("variant", variant);
  return labels;
}

void CollectRecords(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  Family records("records_total", "Records read from the topics of a model, by what became of them.",
                 MetricType::Counter);
  Family rejects("rejects_total", "Records that could not be counted, by reason.", MetricType::Counter);
  Family duplicates("duplicates_total", "Counted records whose identity had been seen before.", MetricType::Counter);
  Family watermark("watermark_timestamp_seconds", "Event time up to which a model's records are complete.",
                   MetricType::Gauge);
  Family window_end("window_end_timestamp_seconds", "End of the newest closed window of a model.", MetricType::Gauge);
  for (const ModelSnapshot& model : snapshot.models) {
    const ModelCounters& counters = model.counters;
    records.Add({{"model", model.name}, {"result", "counted"}}, Number(counters.counted));
    records.Add({{"model", model.name}, {"result", "late"}}, Number(counters.late));
    records.Add({{"model", model.name}, {"result", "rejected"}}, Number(counters.rejected()));
    records.Add({{"model", model.name}, {"result", "skipped"}}, Number(counters.skipped));
    for (std::size_t i = 0; i < kRejects; ++i) {
      rejects.Add({{"model", model.name}, {"reason", std::string(kRejectTexts[i])}}, Number(counters.rejects[i]));
    }
    duplicates.Add({{"model", model.name}}, Number(counters.duplicates));
    if (model.watermark_ns != 0) watermark.Add({{"model", model.name}}, Seconds(model.watermark_ns));
    if (model.window_end_ns != 0) window_end.Add({{"model", model.name}}, Seconds(model.window_end_ns));
  }
  for (Family* family : {&records, &rejects, &duplicates, &watermark, &window_end}) family->MoveTo(out);
}

void CollectLabels(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  Family labels("labels_total", "Labels of a model, by what became of them.", MetricType::Counter);
  Family rejects("label_rejects_total", "Labels that could not be read, by reason.", MetricType::Counter);
  Family waiting("labels_waiting", "Labels that wait for their prediction.", MetricType::Gauge);
  Family coverage("label_coverage_ratio", "Share of the newest judged cohort's predictions that have a label.",
                  MetricType::Gauge);
  Family sampling("label_sampling_ratio", "Share of ids that the prediction index has room for.", MetricType::Gauge);
  Family quality("quality", "Quality of the newest judged cohort.", MetricType::Gauge);
  Family estimated("quality_estimated", "The same as the scores alone let expect, without labels.", MetricType::Gauge);
  for (const ModelSnapshot& model : snapshot.models) {
    if (!model.labels) continue;
    const LabelCounters& counters = *model.labels;
    const auto add = [&](const char* result, std::uint64_t count) {
      labels.Add({{"model", model.name}, {"result", result}}, Number(count));
    };
    add("joined", counters.joined);
    add("corrected", counters.corrected);
    add("duplicate", counters.duplicate);
    add("unmatched", counters.unmatched);
    add("late", counters.late);
    add("unsampled", counters.unsampled);
    add("skipped", counters.skipped);
    add("rejected", counters.rejected());
    for (std::size_t i = 0; i < kRejects; ++i) {
      if (!IsOfLabels(static_cast<Reject>(i))) continue;
      rejects.Add({{"model", model.name}, {"reason", std::string(kRejectTexts[i])}}, Number(counters.rejects[i]));
    }
    waiting.Add({{"model", model.name}}, Number(counters.waiting));
    sampling.Add({{"model", model.name}}, model.sampling_rate);
    for (const QualitySnapshot& newest : model.quality) {
      const Labels labelled = VersionLabels(model.name, newest.version, newest.variant);
      coverage.Add(labelled, newest.coverage);
      const auto each = [&](Family& family, const std::map<std::string, double>& figures) {
        for (const auto& [name, value] : figures) {
          Labels with = labelled;
          with.emplace_back("metric", name);
          if (std::isfinite(value)) family.Add(with, value);
        }
      };
      each(quality, newest.metrics);
      each(estimated, newest.estimated);
    }
  }
  for (Family* family : {&labels, &rejects, &waiting, &coverage, &sampling, &quality, &estimated}) family->MoveTo(out);
}

void CollectShards(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  Family lag("consumer_lag_records", "Records between the read position of a partition and its end.",
             MetricType::Gauge);
  Family lost("records_lost_total", "Records that the broker deleted before they were read.", MetricType::Counter);
  for (const ShardSnapshot& shard : snapshot.shards) {
    const Labels labels{{"topic", shard.topic}, {"partition", std::to_string(shard.partition)}};
    if (shard.end_offset) {
      lag.Add(labels, static_cast<double>(std::max<std::int64_t>(0, *shard.end_offset - shard.next_offset)));
    }
    lost.Add(labels, Number(shard.lost));
  }
  lag.MoveTo(out);
  lost.MoveTo(out);
}

ClientMetric Histogram(std::span<const double> bounds, std::span<const std::uint64_t> at_most, std::uint64_t count,
                       double sum) {
  ClientMetric metric;
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = sum;
  for (std::size_t i = 0; i < bounds.size(); ++i) metric.histogram.bucket.push_back({at_most[i], bounds[i]});
  metric.histogram.bucket.push_back({count, std::numeric_limits<double>::infinity()});
  return metric;
}

void CollectCheckpoints(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  Family seconds("checkpoint_seconds", "Duration of the transactions that make counts durable.", MetricType::Histogram);
  seconds.Add(
      Histogram(kCheckpointBounds, snapshot.checkpoint_buckets, snapshot.checkpoints, snapshot.checkpoint_seconds_sum));
  seconds.MoveTo(out);
}

void CollectGaps(const PollGaps::Seen& gaps, std::vector<MetricFamily>& out) {
  Family seconds("poll_gap_seconds", "How long a counter of records was away from its queue between two polls.",
                 MetricType::Histogram);
  seconds.Add(Histogram(PollGaps::kBounds, gaps.at_most, gaps.count, gaps.sum_seconds));
  Family longest("poll_gap_longest_seconds", "The longest of these since the start.", MetricType::Gauge);
  longest.Add({}, gaps.longest_seconds);
  seconds.MoveTo(out);
  longest.MoveTo(out);
}

// The features of one model that get series of their own, largest effect first.
std::vector<const FeatureSnapshot*> Chosen(const ModelSnapshot& model, const FeatureSeriesPolicy& policy) {
  if (policy.which == Config::FeatureSeries::kNone) return {};
  std::vector<const FeatureSnapshot*> features;
  for (const FeatureSnapshot& feature : model.features) features.push_back(&feature);
  if (policy.which == Config::FeatureSeries::kAll) return features;
  std::stable_sort(features.begin(), features.end(), [](const FeatureSnapshot* a, const FeatureSnapshot* b) {
    return a->effect.value_or(-1) > b->effect.value_or(-1);
  });
  const std::size_t top = std::min(features.size(), static_cast<std::size_t>(std::max(0, policy.top)));
  const auto rest = std::remove_if(features.begin() + static_cast<std::ptrdiff_t>(top), features.end(),
                                   [](const FeatureSnapshot* feature) { return !feature->firing; });
  features.erase(rest, features.end());
  return features;
}

void CollectFeatures(const Snapshot& snapshot, const FeatureSeriesPolicy& policy, std::vector<MetricFamily>& out) {
  Family in_drift("features_in_drift", "Features whose newest closed window is judged drifted or broken.",
                  MetricType::Gauge);
  Family effect_max("effect_max", "Largest effect among the features, in standard-deviation equivalents.",
                    MetricType::Gauge);
  Family psi("feature_psi", "Population stability index of the newest closed window against the baseline.",
             MetricType::Gauge);
  Family ks("feature_ks_distance", "Kolmogorov-Smirnov distance to the baseline.", MetricType::Gauge);
  Family js("feature_js_distance", "Jensen-Shannon distance to the baseline, base 2.", MetricType::Gauge);
  Family wasserstein("feature_wasserstein_sigma", "Wasserstein distance to the baseline in its standard deviations.",
                     MetricType::Gauge);
  Family missing("feature_missing_ratio", "Share of records without a value.", MetricType::Gauge);
  Family unseen("feature_unseen_ratio", "Share of records with a value that the baseline never saw.",
                MetricType::Gauge);
  Family evidence(
      "evidence_ratio",
      "Evidence that a distribution has left the baseline; 1 is an alarm within the budget of false alarms.",
      MetricType::Gauge);
  Family effect("feature_effect", "Size of the change in standard-deviation equivalents.", MetricType::Gauge);
  for (const ModelSnapshot& model : snapshot.models) {
    std::map<std::pair<std::string, std::string>, std::pair<double, std::optional<double>>> by_version;
    for (const FeatureSnapshot& feature : model.features) {
      auto& [drifted, largest] = by_version[{feature.version, feature.variant}];
      if (feature.drift) ++drifted;
      if (feature.effect && (!largest || *feature.effect > *largest)) largest = feature.effect;
    }
    for (const auto& [key, value] : by_version) {
      const Labels labels = VersionLabels(model.name, key.first, key.second);
      in_drift.Add(labels, value.first);
      effect_max.Add(labels, value.second);
    }
    for (const FeatureSnapshot* feature : Chosen(model, policy)) {
      Labels labels = VersionLabels(model.name, feature->version, feature->variant);
      labels.emplace_back("feature", feature->feature);
      psi.Add(labels, feature->psi);
      ks.Add(labels, feature->ks);
      js.Add(labels, feature->js);
      wasserstein.Add(labels, feature->wasserstein);
      missing.Add(labels, feature->missing_ratio);
      unseen.Add(labels, feature->unseen_ratio);
      effect.Add(labels, feature->effect);
      evidence.Add(labels, feature->evidence);
    }
  }
  for (Family* family : {&in_drift, &effect_max, &psi, &ks, &js, &wasserstein, &missing, &unseen, &effect, &evidence}) {
    family->MoveTo(out);
  }
}

void CollectAlerts(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  Family alerts("alerts", "Alerts by state and cause.", MetricType::Gauge);
  for (const AlertCount& count : snapshot.alerts) {
    alerts.Add({{"model", count.model}, {"state", count.state}, {"cause", count.cause}}, Number(count.count));
  }
  Family notifications("notifications_total", "Tries to deliver a message, by target and result.", MetricType::Counter);
  for (const auto& [key, count] : snapshot.notifications) {
    notifications.Add({{"target", key.first}, {"result", key.second}}, Number(count));
  }
  Family pending("outbox_pending", "Messages that wait for their delivery.", MetricType::Gauge);
  for (const auto& [target, count] : snapshot.outbox_pending) pending.Add({{"target", target}}, Number(count));
  Family retrains("retrains_total", "Requests for retraining, by target and result.", MetricType::Counter);
  for (const auto& [key, count] : snapshot.retrains) {
    retrains.Add({{"target", key.first}, {"result", key.second}}, Number(count));
  }
  for (Family* family : {&alerts, &notifications, &pending, &retrains}) family->MoveTo(out);
}

void CollectProcess(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
  Family reload("config_reload_success", "1 when the newest configuration is in force, 0 when its reload failed.",
                MetricType::Gauge);
  reload.Add({}, snapshot.config_reload_ok ? 1.0 : 0.0);
  Family build("build_info", "1, labelled with the version of the program.", MetricType::Gauge);
  build.Add({{"version", MONITORD_VERSION}}, 1.0);
  reload.MoveTo(out);
  build.MoveTo(out);
}

}  // namespace

std::vector<MetricFamily> SnapshotMetrics::Collect() const {
  const auto snapshot = board_.Read();
  std::vector<MetricFamily> families;
  CollectRecords(*snapshot, families);
  CollectLabels(*snapshot, families);
  CollectShards(*snapshot, families);
  CollectCheckpoints(*snapshot, families);
  if (gaps_ != nullptr) CollectGaps(gaps_->Read(), families);
  CollectFeatures(*snapshot, policy_, families);
  CollectAlerts(*snapshot, families);
  CollectProcess(*snapshot, families);
  return families;
}

std::string MetricsText(const prometheus::Collectable& metrics) {
  return prometheus::TextSerializer().Serialize(metrics.Collect());
}

}  // namespace monitor
