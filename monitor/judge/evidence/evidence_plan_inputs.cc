// What the log e of one component of an EvidencePlan is computed from.
#include <algorithm>
#include <cmath>
#include <vector>

#include "monitor/judge/evidence/evidence_plan.h"

namespace monitor {
namespace {

using detectors::FeatureSummary;
using detectors::NumericPlan;
using detectors::RatePlan;
using nlohmann::json;

json TallyJson(const detectors::Tally& tally) { return {{"events", tally.events}, {"records", tally.records}}; }

json CellsJson(const NumericPlan::Inputs& inputs, const FeatureSummary& reference) {
  const auto edges = reference.shape().binning.edges();
  json cells = json::array();
  for (const NumericPlan::Cell& cell : inputs.cells) {
    const json upto = cell.last_bin < edges.size() ? json(edges[cell.last_bin]) : json();
    cells.push_back({{"upto", upto},
                     {"reference", cell.reference},
                     {"step", cell.step},
                     {"score", cell.score},
                     {"log_e", cell.log_e}});
  }
  return cells;
}

}  // namespace

EvidencePlan::Inputs EvidencePlan::InputsOf(std::size_t component, const FeatureSummary& reference,
                                            const FeatureSummary& step, std::span<const double> design_effects) const {
  Inputs inputs;
  std::vector<double> log_e(weights().size());
  inputs.records = Accumulate(step, design_effects, log_e);
  inputs.log_e = log_e[component];
  json& out = inputs.json;
  out["records"] = inputs.records;
  out["log_e"] = inputs.log_e;
  if (const auto* numeric = std::get_if<NumericPlan>(&plan_)) {
    const NumericPlan::Inputs of_component = numeric->InputsOf(component, reference.bins(), step.bins());
    const int degree = of_component.meaning.degree;
    // As NumericPlan::Accumulate divides: by the largest of the directions so far.
    const std::size_t directions = degree == 0 ? NumericPlan::kScores : static_cast<std::size_t>(degree);
    inputs.design_effect =
        std::max(1.0, *std::max_element(design_effects.begin(), design_effects.begin() + directions));
    out["form"] = degree == 0 ? "edge" : "bet";
    out["up"] = of_component.meaning.up;
    if (degree == 0) {
      out["null_share"] = of_component.null_share;
      out["alternative_share"] = of_component.alternative_share;
    } else {
      out["degree"] = degree;
      out["size"] = of_component.size;
      out["tolerance"] = of_component.tolerance;
    }
    out["cells"] = CellsJson(of_component, reference);
    return inputs;
  }
  const std::size_t rate = component / RatePlan::kPerRate;
  inputs.design_effect = std::max(1.0, design_effects[rate]);
  const RatePlan::Inputs of_component = rates()->InputsOf(component, inputs.design_effect);
  out["form"] = of_component.burst ? "burst" : "rate";
  out["non_events"] = of_component.non_events;
  out["null_share"] = of_component.null_share;
  out["factor"] = of_component.factor;
  out["dispersion"] = of_component.burst ? json() : json(of_component.dispersion);
  out["reference"] = TallyJson(Tallies(reference)[rate]);
  out["step"] = TallyJson(Tallies(step)[rate]);
  return inputs;
}

}  // namespace monitor
