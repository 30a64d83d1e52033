#include "monitor/labels/quality_facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace monitor {

std::uint16_t QualityFacts::CodeOf(const std::string& name) const {
  const auto found = std::find(classes.begin(), classes.end(), name);
  return found == classes.end() ? detectors::kNone : static_cast<std::uint16_t>(found - classes.begin());
}

std::string QualityFacts::ToJson() const {
  return nlohmann::json{{"task", baselines::TaskName(task)},
                        {"classes", classes},
                        {"positive", positive},
                        {"window_ns", window_ns},
                        {"labels_watermark_ns", labels_watermark_ns},
                        {"mature_age_ns", mature_age_ns},
                        {"judged_up_to_ns", judged_up_to_ns},
                        {"absent_value", absent_value ? nlohmann::json(*absent_value) : nlohmann::json()},
                        {"absent_after_ns", absent_after_ns},
                        {"counters",
                         {{"joined", counters.joined},
                          {"corrected", counters.corrected},
                          {"duplicate", counters.duplicate},
                          {"unmatched", counters.unmatched},
                          {"late", counters.late},
                          {"unsampled", counters.unsampled},
                          {"skipped", counters.skipped},
                          {"rejected", counters.rejects},
                          {"waiting", counters.waiting}}}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

QualityFacts QualityFacts::FromJson(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  QualityFacts facts;
  facts.task = baselines::TaskNamed(json.at("task").get<std::string>()).value_or(baselines::Task::kNone);
  facts.classes = json.at("classes");
  facts.positive = json.at("positive");
  facts.window_ns = json.at("window_ns");
  facts.labels_watermark_ns = json.at("labels_watermark_ns");
  facts.mature_age_ns = json.at("mature_age_ns");
  facts.judged_up_to_ns = json.at("judged_up_to_ns");
  if (!json.at("absent_value").is_null()) facts.absent_value = json.at("absent_value").get<std::string>();
  facts.absent_after_ns = json.at("absent_after_ns");
  const auto& counters = json.at("counters");
  facts.counters.joined = counters.at("joined");
  facts.counters.corrected = counters.at("corrected");
  facts.counters.duplicate = counters.at("duplicate");
  facts.counters.unmatched = counters.at("unmatched");
  facts.counters.late = counters.at("late");
  facts.counters.unsampled = counters.at("unsampled");
  facts.counters.skipped = counters.value("skipped", std::uint64_t{0});  // an earlier program did not count them
  // An older program knew fewer reasons; new ones are added at the end.
  const std::vector<std::uint64_t> rejects = counters.at("rejected");
  std::copy_n(rejects.begin(), std::min(rejects.size(), kRejects), facts.counters.rejects.begin());
  facts.counters.waiting = counters.at("waiting");
  return facts;
}

}  // namespace monitor
