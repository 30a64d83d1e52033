#include "monitor/training/learning_plan.h"

#include "monitor/judge/judge.h"

namespace monitor {
namespace {

using baselines::ProfileColumn;
using detectors::FeatureShape;

ProfileColumn Column(const std::string& name, std::shared_ptr<const FeatureShape> shape) {
  ProfileColumn column{name, {}, {}, detectors::FeatureSummary(std::move(shape))};
  return column;
}

std::shared_ptr<const baselines::Profile> ProfileOf(const ModelConfig& model, const LearningColumns& columns) {
  const auto names = FeatureShape::Categorical(detectors::CategoryDictionary({}, {}));
  auto profile = std::make_shared<baselines::Profile>();
  profile->model = model.name;
  for (const std::string& name : columns.features) profile->features.push_back(Column(name, names));
  profile->prediction = Column("prediction", names);
  if (columns.score) profile->score = Column("score", FeatureShape::Numeric(detectors::Binning::Freeze({})));
  profile->digest = baselines::Digest(*profile);
  return profile;
}

}  // namespace

std::shared_ptr<const CountingPlan> LearningPlan(const Config& config, const std::string& model,
                                                 const LearningColumns& columns) {
  const auto own = std::ranges::find(config.models, model, &ModelConfig::name);
  if (own == config.models.end()) throw ConfigError(config.file.string() + ": there is no model `" + model + "`");
  if (own->requests.format == "avro")
    throw ConfigError(config.file.string() + ": the baseline of `" + model +
                      "` cannot be learnt from Avro; build it from training data: monitorctl baseline build");
  Config sharing = config;
  std::erase_if(sharing.models, [&](const ModelConfig& other) { return other.requests.topic != own->requests.topic; });
  std::map<std::string, ModelBaselines> baselines;
  for (const ModelConfig& each : sharing.models) {
    const auto profile = ProfileOf(each, columns);
    baselines[each.name] = {{{profile->version, profile}}, profile};
  }
  const auto store = StateStore::InMemory();
  SnapshotBoard board;
  const auto still = [] { return std::int64_t{0}; };
  Judge judge(*store, {}, board, {still, still});
  return judge.Configure(sharing, baselines, {});
}

std::string_view RowText(const Row& row, std::size_t column) {
  if (row.cells[column].state != CellState::kValue) return {};
  const std::string* const text = row.UnseenName(column);
  return text == nullptr ? std::string_view() : *text;
}

}  // namespace monitor
