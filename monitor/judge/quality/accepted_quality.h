// AcceptedQuality: what an operator has accepted of one version's quality, and so what it is compared with from then on
// instead of the training data.
//
// Each figure of QualityEvidence is accepted by itself, as the counts of the window that was judged last. Its rows are
// the reference's rows, so a short window makes a wide dead-band. Part of the checkpoint. A value type.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "detectors/encoding.h"
#include "monitor/judge/quality/quality_evidence.h"
#include "monitor/labels/cohort.h"
#include "monitor/labels/quality_facts.h"
#include "monitor/labels/quality_report.h"

namespace monitor {

class AcceptedQuality {
 public:
  using Figure = QualityEvidence::Figure;

  void Accept(Figure figure, std::int64_t start_ns, CohortCounts window) { At(figure) = {start_ns, std::move(window)}; }
  bool Undo(Figure figure);  // false: it was not accepted
  bool empty() const;

  // `trained` with what is accepted of the quality and of the gap in the place of the training data's.
  QualityReference Reference(const QualityReference& trained, const QualityFacts& facts) const;
  const CohortCounts* Coverage() const { return Has(Figure::kCoverage) ? &Get(Figure::kCoverage).window : nullptr; }

  void Encode(detectors::Encoder& out) const;
  static AcceptedQuality Decode(detectors::Decoder& in);

 private:
  struct Accepted {
    std::int64_t start_ns = 0;
    CohortCounts window;
  };
  std::optional<Accepted>& At(Figure figure) { return figures_[static_cast<std::size_t>(figure)]; }
  bool Has(Figure figure) const { return figures_[static_cast<std::size_t>(figure)].has_value(); }
  const Accepted& Get(Figure figure) const { return *figures_[static_cast<std::size_t>(figure)]; }

  std::array<std::optional<Accepted>, QualityEvidence::kFigures> figures_;
};

}  // namespace monitor
