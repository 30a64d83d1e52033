#include "monitor/judge/quality/quality_watch.h"

#include <algorithm>

#include "alerts/messages/time_text.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/quality/confined_loss.h"
#include "monitor/judge/quality/quality_rules.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 3;  // 2 accepted nothing, 1 had no evidence
constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr double kMatureShare = 0.95;
constexpr std::int64_t kMostWindows = 8;  // that are judged together
constexpr std::size_t kMostVariants = 1 << 20;

QualityFacts FactsOf(const CohortBook& cohorts, const ModelPlan& plan) {
  QualityFacts facts;
  facts.task = plan.task;
  facts.classes = cohorts.classes().names();
  facts.positive = plan.positive;
  return facts;
}

std::optional<QualityEvidence::Figure> FigureOf(const std::string& monitor) {
  if (monitor.starts_with("quality:")) return QualityEvidence::Figure::kQuality;
  if (monitor.starts_with("quality_gap:")) return QualityEvidence::Figure::kGap;
  if (monitor == "label_coverage") return QualityEvidence::Figure::kCoverage;
  return std::nullopt;
}

// Of one version and variant from `start_ns` to the end of `last`, on the same bins.
std::map<std::string, CohortCounts> BySegment(const CohortBook& cohorts,
                                              const std::pair<std::string, std::string>& variant, const Cohort& last,
                                              std::int64_t start_ns) {
  std::map<std::string, CohortCounts> by_segment;
  for (auto at = cohorts.cohorts().lower_bound({start_ns, 0}); at != cohorts.cohorts().end(); ++at) {
    const auto& [key, cohort] = *at;
    const Stream& stream = cohorts.stream(key.second);
    if (cohort.end_ns() > last.end_ns() || cohort.digest() != last.digest() ||
        std::pair(stream.version, stream.variant) != variant)
      continue;
    const CohortCounts counts = cohort.Sum();
    if (const auto [slot, fresh] = by_segment.try_emplace(stream.segment, counts); !fresh) slot->second.Merge(counts);
  }
  return by_segment;
}

bool IsLoss(const alerts::Observation& observation) {
  return observation.cause == alerts::Cause::kQualityLoss &&
         observation.verdict == alerts::Observation::Verdict::kViolated;
}

}  // namespace

std::int64_t QualityWatch::mature_age_ns(const ModelConfig& config) const {
  if (const auto delay = complete_delays_.QuantileNs(kMatureShare))
    return std::min(*delay, config.labels->max_delay.count());
  return config.labels->mature_after.value_or(config.labels->max_delay).count();
}

const QualityReference& QualityWatch::ReferenceOf(const Frame& frame) {
  auto& slot = references_[frame.profile().digest];
  if (slot == nullptr) slot = std::make_unique<QualityReference>(frame.profile());
  return *slot;
}

void QualityWatch::Complete(const CohortBook& cohorts, std::int64_t labels_watermark_ns, const ModelConfig& config) {
  const std::int64_t complete = SaturatingAdd(labels_watermark_ns, -config.labels->max_delay.count());
  std::int64_t newest = complete_up_to_ns_;
  for (const auto& [key, cohort] : cohorts.cohorts()) {
    if (cohort.end_ns() > complete || cohort.end_ns() <= complete_up_to_ns_) continue;
    complete_delays_.Merge(cohort.delays());
    newest = std::max(newest, cohort.end_ns());
  }
  complete_up_to_ns_ = newest;
}

std::vector<QualityWatch::Judged> QualityWatch::JudgeMature(const CohortBook& cohorts,
                                                            std::int64_t requests_watermark_ns,
                                                            std::int64_t labels_watermark_ns, const ModelPlan& plan,
                                                            const ModelConfig& config,
                                                            const detectors::AlarmBudget& budget) {
  std::vector<Judged> judged;
  if (labels_watermark_ns == INT64_MIN || !config.labels || plan.task == baselines::Task::kNone) return judged;
  Complete(cohorts, labels_watermark_ns, config);
  // Labels can be read ahead of the predictions that they belong to.
  const std::int64_t mature =
      std::min(requests_watermark_ns, SaturatingAdd(labels_watermark_ns, -mature_age_ns(config)));
  const bool provisional =
      std::any_of(config.rules.begin(), config.rules.end(), [](const RuleConfig& rule) { return rule.provisional; });

  // Steps in the order of their ends, each with the versions that predicted in it.
  std::map<std::int64_t, std::map<Variant, const Cohort*>> steps;
  for (const auto& [key, cohort] : cohorts.cohorts()) {
    const bool due = cohort.end_ns() <= mature && cohort.end_ns() > judged_up_to_ns_;
    const bool early =
        provisional && cohort.end_ns() > std::max(mature, judged_up_to_ns_) && cohort.end_ns() <= labels_watermark_ns;
    if (!due && !early) continue;
    const Stream& stream = cohorts.stream(key.second);
    steps[cohort.end_ns()].try_emplace({stream.version, stream.variant}, &cohort);
  }
  if (steps.empty()) return judged;

  QualityFacts facts = FactsOf(cohorts, plan);
  if (config.labels->absent) facts.absent_value = config.labels->absent->value;
  for (const auto& [end, variants] : steps) {
    const bool due = end <= mature;
    Judged step{end, {}};
    for (const auto& [variant, cohort] : variants) {
      const Window window = Gather(cohorts, variant, *cohort, plan.EpochAt(end - 1).window_ns);
      const bool absent =
          config.labels->absent && labels_watermark_ns >= SaturatingAdd(end, config.labels->absent->after.count());
      const QualityReference& trained = ReferenceOf(*plan.EpochAt(end - 1).FrameOf(variant.first));
      const auto accepted = accepted_.find(variant);
      const QualityReference reference =
          accepted == accepted_.end() ? trained : accepted->second.Reference(trained, facts);
      const QualityReport report = MakeQualityReport(window.counts, facts, reference, absent);
      Coverage& coverage = coverage_[variant];
      while (!coverage.recent.empty() && coverage.recent.front().end_ns <= window.start_ns) {
        ++coverage.cohorts;
        coverage.predictions += coverage.recent.front().predictions;
        coverage.labels += coverage.recent.front().labels;
        coverage.recent.pop_front();
      }
      const CohortCounts* const usual = accepted == accepted_.end() ? nullptr : accepted->second.Coverage();
      const std::uint64_t predictions_before = usual == nullptr ? coverage.predictions : usual->predictions();
      const std::uint64_t labels_before = usual == nullptr ? coverage.labels : usual->labels();
      QualityEvidence& evidence = evidence_[variant];
      if (due) {
        evidence.AddCohort({window.step_start_ns, window.step, facts, reference, absent, predictions_before,
                            labels_before, config.min_effect, budget, plan.EpochAt(end - 1).step_ns, variants.size()});
      }
      QualityVerdicts found =
          QualityFindings({config, variant.first, variant.second, window.start_ns, end, window.step_start_ns, due,
                           coverage.cohorts == 0, facts, report, reference, evidence, coverage.cohorts,
                           predictions_before, labels_before});
      if (std::ranges::any_of(found.observations, IsLoss)) {
        const std::string confined =
            ConfinedLoss(BySegment(cohorts, variant, *cohort, window.start_ns), facts, reference, absent);
        for (alerts::Observation& observation : found.observations) {
          if (!IsLoss(observation)) continue;
          observation.summary.insert(std::min(observation.summary.find("; "), observation.summary.size()), confined);
          observation.change.confined = confined;
        }
      }
      std::move(found.observations.begin(), found.observations.end(), std::back_inserter(step.observations));
      if (!due) continue;
      for (std::size_t figure = 0; figure < QualityEvidence::kFigures; ++figure)
        evidence.Settle(static_cast<QualityEvidence::Figure>(figure), found.quiet[figure]);
      coverage.recent.push_back({end, window.step.predictions(), window.step.labels()});
      Newest& newest = newest_[variant];
      newest = {end, report.coverage(), {}, {}};
      for (const auto& [name, estimate] : report.metrics) {
        if (estimate.ok()) newest.metrics[name] = estimate.value;
      }
      for (const auto& [name, estimate] : report.estimated) {
        if (estimate.ok()) newest.estimated[name] = estimate.value;
      }
    }
    if (due) judged_up_to_ns_ = end;
    judged.push_back(std::move(step));
  }
  return judged;
}

// All cohorts of one version and variant within the window that ends with `last`, on the same bins.
QualityWatch::Window QualityWatch::Merge(const CohortBook& cohorts, const Variant& variant, const Cohort& last,
                                         std::int64_t window_ns) {
  Window window;
  window.start_ns = SaturatingAdd(last.end_ns(), -window_ns);
  window.step_start_ns = last.end_ns();
  bool first = true, first_of_step = true;
  const auto add = [](CohortCounts& sum, const CohortCounts& counts, bool& is_first) {
    if (is_first) {
      sum = counts;
    } else {
      sum.Merge(counts);
    }
    is_first = false;
  };
  for (auto at = cohorts.cohorts().lower_bound({window.start_ns, 0}); at != cohorts.cohorts().end(); ++at) {
    const auto& [key, cohort] = *at;
    const Stream& stream = cohorts.stream(key.second);
    if (cohort.end_ns() > last.end_ns() || cohort.digest() != last.digest() ||
        Variant{stream.version, stream.variant} != variant)
      continue;
    const CohortCounts counts = cohort.Sum();
    if (cohort.end_ns() == last.end_ns()) {
      add(window.step, counts, first_of_step);
      window.step_start_ns = std::min(window.step_start_ns, key.first);
    }
    add(window.counts, counts, first);
  }
  return window;
}

QualityWatch::Window QualityWatch::Gather(const CohortBook& cohorts, const Variant& variant, const Cohort& last,
                                          std::int64_t window_ns) {
  Window window = Merge(cohorts, variant, last, window_ns);
  for (std::int64_t windows = 2; windows <= kMostWindows && window.counts.labels() < kLeastLabels; ++windows) {
    if (window_ns > INT64_MAX / windows) break;
    window = Merge(cohorts, variant, last, windows * window_ns);
  }
  return window;
}

bool QualityWatch::Accept(const Variant& variant, const std::string& monitor, const CohortBook& cohorts,
                          const ModelPlan& plan) {
  const auto figure = FigureOf(monitor);
  const auto judged = newest_.find(variant);
  if (!figure || judged == newest_.end()) return false;
  const Cohort* last = nullptr;
  for (const auto& [key, cohort] : cohorts.cohorts()) {
    const Stream& stream = cohorts.stream(key.second);
    if (cohort.end_ns() == judged->second.end_ns && Variant{stream.version, stream.variant} == variant) last = &cohort;
  }
  if (last == nullptr) return false;
  Window window = Gather(cohorts, variant, *last, plan.EpochAt(last->end_ns() - 1).window_ns);
  if (window.counts.labels() == 0 && *figure != QualityEvidence::Figure::kCoverage) return false;
  accepted_[variant].Accept(*figure, window.start_ns, std::move(window.counts));
  evidence_[variant].StartAnew(*figure);
  return true;
}

bool QualityWatch::UndoAccept(const Variant& variant, const std::string& monitor) {
  const auto figure = FigureOf(monitor);
  const auto accepted = accepted_.find(variant);
  if (!figure || accepted == accepted_.end() || !accepted->second.Undo(*figure)) return false;
  if (accepted->second.empty()) accepted_.erase(accepted);
  evidence_[variant].StartAnew(*figure);
  return true;
}

void QualityWatch::NoteLabels(std::int64_t requests_watermark_ns, std::int64_t labels_watermark_before_ns) {
  if (requests_watermark_ns == INT64_MIN || labels_watermark_before_ns == INT64_MIN) return;
  longest_lag_ns_ = std::max(longest_lag_ns_, SaturatingAdd(requests_watermark_ns, -labels_watermark_before_ns));
}

std::vector<QualityWatch::Judged> QualityWatch::CheckSilence(std::int64_t requests_watermark_ns,
                                                             std::int64_t labels_watermark_ns, const ModelPlan& plan) {
  if (requests_watermark_ns == INT64_MIN || labels_watermark_ns == INT64_MIN) return {};
  const std::int64_t lag = SaturatingAdd(requests_watermark_ns, -labels_watermark_ns);
  const std::int64_t patience = std::max(2 * longest_lag_ns_, std::max(kDayNs, plan.max_delay_ns));
  const bool silent = lag > patience;
  if (silent == silent_) return {};
  silent_ = silent;
  alerts::Observation observation;
  observation.model = plan.name;
  observation.monitor = "no_labels";
  observation.cause = alerts::Cause::kNoData;
  observation.severity = alerts::Severity::kCritical;
  observation.verdict = silent ? alerts::Observation::Verdict::kViolated : alerts::Observation::Verdict::kClear;
  observation.step_start_ns = observation.began_at_ns = labels_watermark_ns;
  observation.step_end_ns = requests_watermark_ns;
  observation.summary = silent ? "no labels since " + alerts::FormatTimeForPeople(labels_watermark_ns) +
                                     ", while predictions go on: " + alerts::FormatDuration(lag) +
                                     " without any; the longest pause before was " +
                                     alerts::FormatDuration(longest_lag_ns_)
                               : "labels come again";
  return {{requests_watermark_ns, {std::move(observation)}}};
}

void QualityWatch::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  complete_delays_.Encode(out);
  out.Signed(complete_up_to_ns_);
  out.Signed(judged_up_to_ns_);
  out.Signed(longest_lag_ns_);
  out.Byte(silent_ ? 1 : 0);
  out.Varint(coverage_.size());
  for (const auto& [variant, coverage] : coverage_) {
    out.Text(variant.first);
    out.Text(variant.second);
    out.Varint(coverage.cohorts);
    out.Varint(coverage.predictions);
    out.Varint(coverage.labels);
    out.Varint(coverage.recent.size());
    for (const Step& step : coverage.recent) {
      out.Signed(step.end_ns);
      out.Varint(step.predictions);
      out.Varint(step.labels);
    }
  }
  out.Varint(newest_.size());
  for (const auto& [variant, newest] : newest_) {
    out.Text(variant.first);
    out.Text(variant.second);
    out.Signed(newest.end_ns);
    out.Double(newest.coverage);
    for (const auto* figures : {&newest.metrics, &newest.estimated}) {
      out.Varint(figures->size());
      for (const auto& [name, value] : *figures) {
        out.Text(name);
        out.Double(value);
      }
    }
  }
  out.Varint(evidence_.size());
  for (const auto& [variant, evidence] : evidence_) {
    out.Text(variant.first);
    out.Text(variant.second);
    evidence.Encode(out);
  }
  out.Varint(accepted_.size());
  for (const auto& [variant, accepted] : accepted_) {
    out.Text(variant.first);
    out.Text(variant.second);
    accepted.Encode(out);
  }
}

void QualityWatch::Decode(detectors::Decoder& in) {
  const std::uint8_t stored = in.Byte();
  if (stored == 0 || stored > kVersion)
    throw detectors::DecodeError("quality watch: version " + std::to_string(stored));
  complete_delays_ = DelayHistogram::Decode(in);
  complete_up_to_ns_ = in.Signed();
  judged_up_to_ns_ = in.Signed();
  longest_lag_ns_ = in.Signed();
  silent_ = in.Byte() != 0;
  const auto variant = [&in] {
    std::string version(in.Text());
    return Variant{std::move(version), std::string(in.Text())};
  };
  for (std::size_t left = in.Count(kMostVariants); left > 0; --left) {
    Coverage& coverage = coverage_[variant()];
    coverage.cohorts = in.Varint();
    coverage.predictions = in.Varint();
    coverage.labels = in.Varint();
    for (std::size_t steps = in.Count(1 << 20); steps > 0; --steps) {
      Step step;
      step.end_ns = in.Signed();
      step.predictions = in.Varint();
      step.labels = in.Varint();
      coverage.recent.push_back(step);
    }
  }
  for (std::size_t left = in.Count(kMostVariants); left > 0; --left) {
    Newest& newest = newest_[variant()];
    newest.end_ns = in.Signed();
    newest.coverage = in.Double();
    for (auto* figures : {&newest.metrics, &newest.estimated}) {
      for (std::size_t names = in.Count(1000); names > 0; --names) {
        const std::string name(in.Text());
        (*figures)[name] = in.Double();
      }
    }
  }
  for (std::size_t left = stored > 1 ? in.Count(kMostVariants) : 0; left > 0; --left) {
    const Variant of = variant();
    evidence_.emplace(of, QualityEvidence::Decode(in));
  }
  for (std::size_t left = stored > 2 ? in.Count(kMostVariants) : 0; left > 0; --left) {
    const Variant of = variant();
    accepted_.emplace(of, AcceptedQuality::Decode(in));
  }
}

}  // namespace monitor
