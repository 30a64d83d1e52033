#include "monitor/daemon/baselines/learning.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "alerts/messages/text.h"
#include "monitor/ingest/formats/format.h"

namespace monitor {
namespace {

constexpr std::int64_t kHourNs = std::int64_t{3600} * 1'000'000'000;

std::filesystem::path FileOf(const Config& config, const std::string& what, const std::string& model) {
  return config.state / "learning" / (what + alerts::PercentEncode(model));
}
constexpr const char* kFrom = "from-";             // where the first start began to read; later ones begin there too
constexpr const char* kPartsFrom = "parts-from-";  // the same of parts that the traffic began to have later

std::optional<std::int64_t> KeptTime(const std::filesystem::path& file) {
  std::int64_t ns = 0;
  if (std::ifstream in(file); in >> ns) return ns;
  return std::nullopt;
}

void KeepTime(const std::filesystem::path& file, std::int64_t ns) {
  std::filesystem::create_directories(file.parent_path());
  // A file that is half written is one that nothing was read by.
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream(fresh) << ns << '\n';
  std::filesystem::rename(fresh, file);
}

// Whether a response may be one value without a name.
bool HasUnnamedOutputs(Format format) { return format == Format::kSageMaker || ComesInHalves(format); }

// The configuration with what only the baseline tells of a model.
Config Completed(Config config, const std::string& model, const baselines::Profile& baseline) {
  ModelConfig& own = *std::ranges::find(config.models, model, &ModelConfig::name);
  if (!own.task && baseline.task != baselines::Task::kNone) own.task = baseline.task;
  if (own.positive.empty()) own.positive = baseline.positive;
  if (!own.missing_values && !baseline.missing_texts.empty()) own.missing_values = baseline.missing_texts;
  return config;
}

}  // namespace

Learning::Parts Learning::LackedBy(const baselines::Profile& baseline, const ModelConfig& model) {
  if (model.requests.format == "avro") return {};  // nothing is learnt of it (learning_plan.h)
  const Format format = FormatNamed(model.requests.format);
  const bool regression = model.task.value_or(baseline.task) == baselines::Task::kRegression;
  // An output without a name would be the score instead of the prediction from then on (call_decoder.h).
  const bool taken = baseline.prediction && HasUnnamedOutputs(format);
  // Neither a label that was pushed nor one that nobody wrote can be read again.
  const bool labels = model.labels && !model.labels->absent && (!model.labels->topic.empty() || ComesInHalves(format));
  return {!baseline.prediction, !baseline.score && !regression && !taken, labels && !baseline.quality};
}

void Learning::DropScarce(baselines::Profile& learnt) {
  for (std::optional<baselines::ProfileColumn>* column : {&learnt.prediction, &learnt.score}) {
    if (*column && (*column)->summary.values() * kFew < learnt.rows) column->reset();
  }
  if (learnt.quality && learnt.quality->counts.labels() + learnt.quality->numbers.labels() < kLeastLabels)
    learnt.quality.reset();
}

LearningColumns Learning::columns() const {
  const bool regression = model_.task == baselines::Task::kRegression;
  return {{}, baseline_ == nullptr ? !regression : parts_.score || baseline_->score.has_value()};
}

Learning::Learning(const Config& config, const ModelConfig& model, std::shared_ptr<const baselines::Profile> baseline,
                   std::int64_t wall_ns)
    : config_(baseline == nullptr ? config : Completed(config, model.name, *baseline)),
      model_(*std::ranges::find(config_.models, model.name, &ModelConfig::name)),
      baseline_(std::move(baseline)),
      wanted_(model.learn.value_or(LearnConfig{})),
      unnamed_(HasUnnamedOutputs(FormatNamed(model_.requests.format))) {
  if (baseline_ != nullptr) {
    parts_ = LackedBy(*baseline_, model_);
    if (const auto kept = KeptTime(FileOf(config_, kPartsFrom, model_.name))) {
      begin_ns_ = *kept;
      return;
    }
  }
  if (model_.requests.start.kind == StartAt::Kind::kEarliest) return;
  const auto file = FileOf(config_, kFrom, model_.name);
  const auto kept = KeptTime(file);
  begin_ns_ = kept.value_or(wall_ns - model_.requests.start.ago.count());
  if (!kept) KeepTime(file, begin_ns_);
}

void Learning::Start() {
  looked_ = rows_ = rows_in_range_ = 0;
  per_hour_.clear();
  end_ns_.reset();
  last_ns_ = INT64_MIN;
}

void Learning::StartOver(std::int64_t wall_ns) {
  begin_ns_ = wall_ns;
  begin_kept_ = false;
  prediction_seen_ = score_seen_ = false;
  Start();
  Measure();
}

TimeRange Learning::Range() const {
  return {baseline_ == nullptr ? begin_ns_ : std::max(first_ns_, begin_ns_), end_ns_.value_or(begin_ns_)};
}

void Learning::Note(const DecodedRecord& record) {
  if (record.reject || record.skipped || record.model->name != model_.name) return;
  if (baseline_ == nullptr) return Count(record.time_ns);
  ++looked_;
  const auto is = [&](int column, CellState state) {
    return column >= 0 && record.row->cells[static_cast<std::size_t>(column)].state == state;
  };
  const bool score = is(record.frame->score(), CellState::kValue);
  // An output without a name is read as a score; a class that comes so is the prediction (traffic_rows.h).
  const bool prediction =
      is(record.frame->prediction(), CellState::kValue) ||
      (unnamed_ && parts_.prediction && !baseline_->score && is(record.frame->score(), CellState::kTypeFault));
  const bool counts =
      (prediction && (parts_.prediction || parts_.quality)) || (score && (parts_.score || parts_.quality));
  if (!counts) return;
  if (prediction) prediction_seen_ = true;
  if (score) score_seen_ = true;
  Count(record.time_ns);
}

void Learning::NoteHalf(std::int64_t ns) {
  // What is in its response is known when it is read with it.
  if (baseline_ != nullptr) prediction_seen_ = score_seen_ = true;
  Count(ns);
}

void Learning::Count(std::int64_t ns) {
  if (ns < begin_ns_) return;
  ++rows_;
  ++per_hour_[FloorTo(ns, kHourNs)];
  last_ns_ = std::max(last_ns_, ns);
}

// A few records with an old time do not make the range long.
void Learning::Measure() {
  if (!begin_kept_ && rows_ > 0) {
    KeepTime(FileOf(config_, kPartsFrom, model_.name), begin_ns_);
    begin_kept_ = true;
  }
  std::uint64_t before = 0;
  first_ns_ = INT64_MAX;
  end_ns_.reset();
  for (const auto& [hour, count] : per_hour_) {
    before += count;
    if (first_ns_ == INT64_MAX && before > wanted_rows() / 1000) first_ns_ = hour;
    if (before < wanted_rows() || hour + kHourNs - first_ns_ < wanted_.length.count()) continue;
    end_ns_ = hour + kHourNs;
    rows_in_range_ = before;
    break;
  }
  shown_rows_ = rows_;
  shown_length_ns_ = first_ns_ == INT64_MAX ? 0 : last_ns_ - first_ns_;
  shown_due_ns_ = baseline_ != nullptr && end_ns_ && waits_for_labels() ? labels_due_ns() : 0;
}

std::int64_t Learning::labels_due_ns() const {
  if (!model_.labels || !end_ns_) return INT64_MIN;
  return SaturatingAdd(*end_ns_, model_.labels->mature_after.value_or(model_.labels->max_delay).count());
}

std::optional<LearningProgress> Learning::Progress() const {
  LearningProgress progress{model_.name, shown_rows_,  wanted_rows(), shown_length_ns_, wanted_.length.count(),
                            {},          shown_due_ns_};
  if (baseline_ == nullptr) return progress;
  if (parts_.prediction && prediction_seen_) progress.parts.emplace_back("prediction");
  if (parts_.score && score_seen_) progress.parts.emplace_back("score");
  if (parts_.quality && (prediction_seen_ || score_seen_)) progress.parts.emplace_back("quality");
  if (progress.parts.empty()) return std::nullopt;
  return progress;
}

}  // namespace monitor
