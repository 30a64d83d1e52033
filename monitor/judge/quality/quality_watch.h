// QualityWatch: when the quality of a model's cohorts is judged, and what is said about it.
//
// A cohort (one step of predictions) is judged once, together with those before it in the window (and as many before
// that, up to seven windows more, as it takes to have kLeastLabels of quality_rules.h), when it is mature:
// the labels' watermark is mature_age beyond its end and the requests' watermark has passed that, too. Before any
// cohort has reached max_delay the age is `mature_after`, else max_delay; afterwards it is the 95 % quantile of the
// delays in the cohorts that have. Rules test the confidence bound; without a quality rule evidence decides
// (quality_evidence.h), fed with the counts of every mature cohort alone, and limits say how severe it is
// (quality_rules.h). Coverage (labels ÷ predictions) is compared with that of the cohorts before the window; labels
// that stop are told while everything is read. Owned by the judge; not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "detectors/evidence/alarm_budget.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/judge/quality/accepted_quality.h"
#include "monitor/judge/quality/quality_evidence.h"
#include "monitor/labels/cohort_book.h"
#include "monitor/labels/delay_histogram.h"
#include "monitor/labels/quality_report.h"

namespace monitor {

class QualityWatch {
 public:
  // Judges what the labels' watermark has made mature. One list of observations per step, in the order of time.
  struct Judged {
    std::int64_t end_ns = 0;
    std::vector<alerts::Observation> observations;
  };
  std::vector<Judged> JudgeMature(const CohortBook& cohorts, std::int64_t requests_watermark_ns,
                                  std::int64_t labels_watermark_ns, const ModelPlan& plan, const ModelConfig& config,
                                  const detectors::AlarmBudget& budget);

  // While all logs are read to their ends: have labels stopped? Empty while nothing changes.
  std::vector<Judged> CheckSilence(std::int64_t requests_watermark_ns, std::int64_t labels_watermark_ns,
                                   const ModelPlan& plan);
  // Labels came after all had been read: how far behind the requests they were is what silence is measured by.
  void NoteLabels(std::int64_t requests_watermark_ns, std::int64_t labels_watermark_before_ns);

  // An operator accepts what a monitor found in the window of a version that was judged last, or takes that back
  // (accepted_quality.h). False: no monitor of quality under evidence, nothing judged yet; nothing was accepted.
  using Variant = std::pair<std::string, std::string>;
  bool Accept(const Variant& variant, const std::string& monitor, const CohortBook& cohorts, const ModelPlan& plan);
  bool UndoAccept(const Variant& variant, const std::string& monitor);

  // Newest judged cohort of each version and variant, for /metrics.
  struct Newest {
    std::int64_t end_ns = 0;
    double coverage = 0;
    std::map<std::string, double> metrics, estimated;
  };
  const std::map<std::pair<std::string, std::string>, Newest>& newest() const { return newest_; }
  std::int64_t mature_age_ns(const ModelConfig& config) const;
  std::int64_t judged_up_to_ns() const { return judged_up_to_ns_; }

  void Encode(detectors::Encoder& out) const;
  void Decode(detectors::Decoder& in);

 private:
  struct Step {
    std::int64_t end_ns = 0;
    std::uint64_t predictions = 0, labels = 0;
  };
  struct Coverage {
    std::uint64_t cohorts = 0, predictions = 0, labels = 0;  // before the window
    std::deque<Step> recent;                                 // within it
  };
  struct Window {
    std::int64_t start_ns = 0, step_start_ns = 0;
    CohortCounts counts;
    CohortCounts step;  // of its last step alone
  };
  void Complete(const CohortBook& cohorts, std::int64_t labels_watermark_ns, const ModelConfig& config);
  static Window Merge(const CohortBook& cohorts, const Variant& variant, const Cohort& last, std::int64_t window_ns);
  static Window Gather(const CohortBook& cohorts, const Variant& variant, const Cohort& last, std::int64_t window_ns);
  const QualityReference& ReferenceOf(const Frame& frame);

  DelayHistogram complete_delays_;
  std::int64_t complete_up_to_ns_ = INT64_MIN, judged_up_to_ns_ = INT64_MIN;
  std::map<Variant, Coverage> coverage_;
  std::map<Variant, QualityEvidence> evidence_;
  std::map<Variant, AcceptedQuality> accepted_;  // none of them empty
  std::map<Variant, Newest> newest_;
  std::int64_t longest_lag_ns_ = 0;
  bool silent_ = false;
  std::map<std::string, std::unique_ptr<QualityReference>> references_;  // by digest
};

}  // namespace monitor
