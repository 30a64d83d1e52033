#include "monitor/judge/quality/accepted_quality.h"

#include <algorithm>
#include <utility>

#include "alerts/messages/time_text.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

bool AcceptedQuality::Undo(Figure figure) { return std::exchange(At(figure), std::nullopt).has_value(); }

bool AcceptedQuality::empty() const {
  return std::ranges::none_of(figures_, [](const auto& figure) { return figure.has_value(); });
}

QualityReference AcceptedQuality::Reference(const QualityReference& trained, const QualityFacts& facts) const {
  QualityReference reference = trained;
  if (Has(Figure::kQuality)) {
    const Accepted& accepted = Get(Figure::kQuality);
    reference.errors = ErrorsOf(accepted.window.classes);
    reference.numbers = accepted.window.numbers;
    reference.metrics = MakeQualityReport(accepted.window, facts, trained, false).metrics;
    reference.source = "in the traffic from " + alerts::FormatTimeForPeople(accepted.start_ns) + " that was accepted";
  }
  if (Has(Figure::kGap) && trained.calibration) {
    const QualityGap gap = GapOf(Get(Figure::kGap).window.classes, *trained.calibration);
    reference.gap = gap.records == 0 ? 0 : gap.difference / static_cast<double>(gap.records);
  }
  return reference;
}

void AcceptedQuality::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  for (const auto& figure : figures_) {
    out.Byte(figure ? 1 : 0);
    if (!figure) continue;
    out.Signed(figure->start_ns);
    figure->window.classes.Encode(out);
    figure->window.numbers.Encode(out);
  }
}

AcceptedQuality AcceptedQuality::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "accepted quality");
  AcceptedQuality accepted;
  for (auto& figure : accepted.figures_) {
    if (in.Byte() == 0) continue;
    figure.emplace();
    figure->start_ns = in.Signed();
    figure->window.classes = detectors::ClassificationCounts::Decode(in);
    figure->window.numbers = detectors::RegressionCounts::Decode(in);
  }
  return accepted;
}

}  // namespace monitor
