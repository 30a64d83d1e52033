#include "baselines/build/profile_builder.h"

#include <algorithm>
#include <cmath>

#include "baselines/build/collect_evidence.h"
#include "baselines/build/column_frame.h"
#include "baselines/build/column_type.h"
#include "baselines/build/row_counter.h"
#include "baselines/build/schema.h"
#include "baselines/build/seasonality.h"
#include "baselines/build/time_table.h"
#include "baselines/csv/striped_file.h"
#include "baselines/csv/strips.h"
#include "baselines/wording.h"

namespace baselines {
namespace {

using detectors::CategoryDictionary;
using detectors::FeatureKind;
using detectors::FeatureShape;

// What a model is called that nobody named: train of train.csv, train.jsonl.gz.
std::string StemOf(const std::string& file) {
  if (file == "standard input") return "stdin";
  std::filesystem::path name = std::filesystem::path(file).filename();
  if (name.extension() == ".gz" || name.extension() == ".zst") name = name.stem();
  return name.stem().string();
}

class Builder {
 public:
  Builder(TextFile csv, const BuildOptions& options)
      : options_(options),
        missing_(options.missing ? MissingTexts(*options.missing) : MissingTexts()),
        source_(std::move(csv), options.threads, options.strip_bytes),
        schema_(MakeSchema(source_.file(), source_.header(), options)) {
    profile_.model_given = options.model.has_value();
    profile_.model = options.model.value_or(StemOf(source_.file().name()));
    profile_.version = options.version.value_or("1");
    profile_.source = options.source.value_or(std::filesystem::path(source_.file().name()).filename().string());
    profile_.created = options.created;
    profile_.missing_texts = missing_.texts();
    profile_.assumptions = schema_.assumptions;
  }

  Profile Build() {
    const WantedEvidence wanted = Wanted();
    evidence_ = CollectEvidence(source_, missing_, wanted, Progress(0, 0.55));
    if (evidence_.rows == 0) throw BuildError(source_.file().name() + " has a header but no rows");
    profile_.rows = evidence_.rows;
    Decide();
    CollectMissedNames(wanted);
    Freeze();
    Count();
    return std::move(profile_);
  }

 private:
  static std::optional<WantedEvidence::Column> WantedOf(const ColumnPlan& plan) {
    using Names = ColumnEvidence::Names;
    const bool watched = plan.role == Role::kFeature || plan.role == Role::kLabel || plan.role == Role::kPrediction ||
                         plan.role == Role::kScore;
    if (!watched) return std::nullopt;
    if (plan.role == Role::kScore) return {{Names::kNone, true}};
    if (plan.forced == FeatureKind::kNumeric) return {{Names::kNone}};
    if (plan.forced == FeatureKind::kCategorical) return {{Names::kKeep}};
    return {{plan.role == Role::kFeature ? Names::kTexts : Names::kCells}};
  }

  WantedEvidence Wanted() const {
    WantedEvidence wanted;
    for (const ColumnPlan& plan : schema_.columns) wanted.columns.push_back(WantedOf(plan));
    wanted.time = FieldOf(Role::kTime);
    return wanted;
  }

  std::function<void(double)> Progress(double from, double to) const {
    if (!options_.progress) return {};
    return [this, from, to](double done) { options_.progress(from + (to - from) * done); };
  }

  std::optional<std::size_t> FieldOf(Role role) const {
    const ColumnPlan* const plan = schema_.Find(role);
    if (plan == nullptr) return std::nullopt;
    return static_cast<std::size_t>(plan - schema_.columns.data());
  }

  const ColumnEvidence* EvidenceOf(Role role) const {
    const auto field = FieldOf(role);
    return field ? &*evidence_.columns[*field] : nullptr;
  }

  void Decide() {
    const TaskDecision task = DecideTask(EvidenceOf(Role::kLabel), EvidenceOf(Role::kPrediction), options_);
    profile_.task = task.task;
    profile_.assumptions.insert(profile_.assumptions.end(), task.assumptions.begin(), task.assumptions.end());
    for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
      const ColumnPlan& plan = schema_.columns[i];
      ColumnType& type = types_.emplace_back();
      switch (plan.role) {
        case Role::kFeature:
          type = DecideFeature(plan, *evidence_.columns[i], profile_.rows);
          break;
        case Role::kLabel:
          type = DescribeAs(plan.forced.value_or(task.label), plan.name, *evidence_.columns[i]);
          break;
        case Role::kPrediction:
          type = DescribeAs(plan.forced.value_or(task.prediction), plan.name, *evidence_.columns[i]);
          break;
        case Role::kScore:
          type = DescribeAs(FeatureKind::kNumeric, plan.name, *evidence_.columns[i]);
          break;
        case Role::kTime:
          profile_.time_column = plan.name;
          break;
        case Role::kId:
          profile_.id_column = plan.name;
          break;
        case Role::kIgnored:
          type.ignored = true;
          type.why = plan.ignored_why;
          break;
      }
      if (type.ignored) {
        profile_.ignored.push_back({plan.name, type.why});
        evidence_.columns[i].reset();
      }
    }
  }

  // The first pass does not keep the names of what looks like numbers or ids.
  void CollectMissedNames(WantedEvidence wanted) {
    using Names = ColumnEvidence::Names;
    wanted.time.reset();
    bool any = false;
    for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
      const auto& column = evidence_.columns[i];
      auto& again = wanted.columns[i];
      const bool missed = column && types_[i].kind == FeatureKind::kCategorical && !types_[i].ignored &&
                          (column->names_given_up || again->names == Names::kNone ||
                           (again->names == Names::kTexts && column->numbers > 0));
      any = any || missed;
      if (missed) {
        again->names = Names::kKeep;
      } else {
        again.reset();
      }
    }
    if (!any) return;
    TableEvidence found = CollectEvidence(source_, missing_, wanted, Progress(0.55, 0.55));
    for (std::size_t i = 0; i < found.columns.size(); ++i) {
      if (!found.columns[i]) continue;
      evidence_.columns[i] = std::move(found.columns[i]);
      const ColumnType again = DescribeAs(FeatureKind::kCategorical, schema_.columns[i].name, *evidence_.columns[i]);
      if (!again.why.empty() && types_[i].why.find(again.why) == std::string::npos) {
        types_[i].why += (types_[i].why.empty() ? "" : "; ") + again.why;
      }
    }
  }

  void Freeze() {
    const auto scored = [this](std::size_t i) {
      return schema_.columns[i].role == Role::kFeature && types_[i].kind == FeatureKind::kNumeric;
    };
    std::vector<std::optional<FrozenColumn>> frozen(types_.size());
    RunEach(frozen.size(), options_.threads, [&](std::size_t i) {
      auto& evidence = evidence_.columns[i];
      if (evidence) frozen[i] = FreezeColumn(types_[i].kind, *evidence, scored(i));
      evidence.reset();
    });
    for (std::size_t i = 0; i < frozen.size(); ++i) {
      if (!frozen[i]) continue;
      const bool numeric = types_[i].kind == FeatureKind::kNumeric;
      const Role role = schema_.columns[i].role;
      if (role == Role::kScore) frame_.score_column = columns_.size();
      if (role == Role::kPrediction && !numeric && !frame_.class_column) frame_.class_column = columns_.size();
      if (role == Role::kLabel && !numeric) frame_.class_column = columns_.size();
      if (scored(i)) {
        joint_.columns.push_back(columns_.size());
        joint_.scores.push_back(*frozen[i]->scores);
      }
      time_columns_.push_back(std::move(frozen[i]->times));
      time_columns_.back().used = role != Role::kLabel;
      ProfileColumn column{schema_.columns[i].name, types_[i].inferred, types_[i].why,
                           detectors::FeatureSummary(frozen[i]->shape)};
      column.distinct = frozen[i]->distinct;
      column.q25 = frozen[i]->q25;
      column.q50 = frozen[i]->q50;
      column.q75 = frozen[i]->q75;
      columns_.push_back(std::move(column));
      frame_.columns.push_back({i, std::move(frozen[i]->shape), role == Role::kScore});
    }
    if (profile_.task != Task::kBinary || !frame_.score_column) frame_.class_column.reset();
    PlanOutcomes();
    PlanJoint();
    PlanComposition();
    PlanTimes();
  }

  void PlanJoint() {
    if (joint_.columns.size() < 2) return;
    if (joint_.columns.size() > JointReference::kMost) {
      profile_.assumptions.push_back("correlations are not watched: there are " + Counted(joint_.columns.size()) +
                                     " numeric features, more than " + Counted(JointReference::kMost));
      return;
    }
    frame_.joint = std::move(joint_);
  }

  void PlanComposition() {
    const auto prediction = ColumnOf(Role::kPrediction), score = ColumnOf(Role::kScore);
    if (!score && !prediction) return;
    CountingFrame::Composition plan;
    plan.outcome = score ? *score : *prediction;
    const FeatureShape& shape = *frame_.columns[plan.outcome].shape;
    const auto edges = shape.binning.edges();
    // The outermost edges are the extremes, the next ones the quantiles of 0.1 % and 99.9 %.
    if (!score && edges.size() >= 4) plan.least = edges[1], plan.most = edges[edges.size() - 2];
    if (!score && edges.size() < 4 && shape.kind == FeatureKind::kNumeric) return;
    plan.errors = frame_.outcomes && frame_.outcomes->prediction;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (schema_.columns[frame_.columns[i].field].role == Role::kFeature) plan.features.push_back(i);
    }
    frame_.composition = std::move(plan);
  }

  void PlanTimes() {
    const auto field = FieldOf(Role::kTime);
    if (!field) return;
    const auto span = evidence_.times.Finish();
    if (evidence_.times.unreadable() > 0) {
      profile_.assumptions.push_back(profile_.time_column +
                                     " tells no time since 2000 (RFC 3339, or seconds or "
                                     "milliseconds since 1970) in " +
                                     Counted(evidence_.times.unreadable()) +
                                     " rows; they do not count for design effects");
    }
    if (!span) return;
    frame_.times = &times_.emplace(span->first_s, span->last_s, std::move(time_columns_));
    frame_.time_field = *field;
  }

  std::optional<std::size_t> ColumnOf(Role role) const {
    for (std::size_t i = 0; i < frame_.columns.size(); ++i) {
      if (schema_.columns[frame_.columns[i].field].role == role) return i;
    }
    return std::nullopt;
  }

  // What the model's quality on these rows is counted from: labels beside predictions or scores.
  void PlanOutcomes() {
    const auto label = ColumnOf(Role::kLabel);
    CountingFrame::Outcomes plan;
    plan.prediction = ColumnOf(Role::kPrediction);
    plan.score = ColumnOf(Role::kScore);
    if (!label || (!plan.prediction && !plan.score) || profile_.task == Task::kNone) return;
    plan.label = *label;
    const auto numeric = [this](std::size_t column) {
      return frame_.columns[column].shape->kind == FeatureKind::kNumeric;
    };
    if (profile_.task == Task::kRegression) {
      if (!plan.prediction || !numeric(*plan.prediction) || !numeric(plan.label)) return;
      plan.numbers = true;
      profile_.quality.emplace();
      frame_.outcomes = std::move(plan);
      return;
    }
    if (numeric(plan.label)) return;
    if (plan.prediction && numeric(*plan.prediction)) plan.prediction.reset();
    ReferenceQuality& quality = profile_.quality.emplace();
    const auto codes = [&](std::size_t column) {
      std::vector<std::uint16_t> by_category;
      const detectors::CategoryDictionary& dictionary = frame_.columns[column].shape->dictionary;
      for (detectors::CategoryId id = 0; id < dictionary.size(); ++id) {
        const std::string& name = dictionary.name(id);
        std::uint16_t code = quality.CodeOf(name);
        if (code == detectors::kNone) {
          code = static_cast<std::uint16_t>(quality.classes.size());
          quality.classes.push_back(name);
        }
        by_category.push_back(code);
      }
      return by_category;
    };
    plan.label_codes = codes(plan.label);
    if (plan.prediction) plan.prediction_codes = codes(*plan.prediction);
    if (profile_.task != Task::kBinary) {
      plan.positives = {detectors::kNone};
    } else {
      for (std::size_t code = 0; code < quality.classes.size(); ++code)
        plan.positives.push_back(static_cast<std::uint16_t>(code));
    }
    if (plan.score) {
      plan.bins =
          options_.score_bins.value_or(detectors::ScoreBins::Make(frame_.columns[*plan.score].shape->binning.edges()));
    }
    frame_.outcomes = std::move(plan);
  }

  void TakeOutcomes(const CountedRows& counted) {
    if (!profile_.quality) return;
    profile_.quality->numbers = counted.numbers;
    const std::uint16_t positive = profile_.quality->CodeOf(profile_.positive);
    for (const detectors::ClassificationCounts& counts : counted.outcomes) {
      if (counts.positive() == positive || profile_.task != Task::kBinary) profile_.quality->counts = counts;
    }
    if (profile_.quality->counts.labels() + profile_.quality->numbers.labels() == 0) profile_.quality.reset();
  }

  void TakeJoint(const CountedRows& counted) {
    if (!counted.joint) return;
    JointReference& joint = profile_.joint.emplace();
    joint.scores = frame_.joint->scores;
    joint.moments = *counted.joint;
    std::size_t feature = 0;
    for (std::size_t i = 0; i < frame_.columns.size(); ++i) {
      if (schema_.columns[frame_.columns[i].field].role != Role::kFeature) continue;
      if (frame_.columns[i].shape->kind == FeatureKind::kNumeric) joint.features.push_back(feature);
      ++feature;
    }
  }

  void TakeComposition(const CountedRows& counted) {
    if (!frame_.composition || counted.outcome_rows == 0) return;
    const double rows = static_cast<double>(counted.outcome_rows), mean = counted.outcome_sum / rows;
    const double variance = counted.outcome_square.Value() / rows - mean * mean;
    if (!(variance > 1e-12 * mean * mean)) return;  // it always says the same
    const auto& outcome = frame_.columns[frame_.composition->outcome];
    const bool of_class = outcome.shape->kind == FeatureKind::kCategorical;
    profile_.outcome = {.outcome = schema_.columns[outcome.field].role == Role::kScore ? "score" : "prediction",
                        .of_class = of_class ? outcome.shape->dictionary.name(0) : std::string(),
                        .deviation = std::sqrt(variance),
                        .tables = counted.composition};
    for (detectors::CompositionTable& table : profile_.outcome->tables) table.Shift(frame_.composition->least);
  }

  void Count() {
    const CountedRows counted = CountRows(source_, frame_, missing_, Progress(0.55, 1));
    ChoosePositive(counted);
    TakeOutcomes(counted);
    TakeJoint(counted);
    TakeComposition(counted);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].summary = counted.summaries[i];
      if (times_ && times_->columns()[i].used) {
        TakeTimes(*times_, i, columns_[i]);
      }
      switch (schema_.columns[frame_.columns[i].field].role) {
        case Role::kLabel:
          profile_.label = std::move(columns_[i]);
          break;
        case Role::kPrediction:
          profile_.prediction = std::move(columns_[i]);
          break;
        case Role::kScore:
          profile_.score = std::move(columns_[i]);
          break;
        default:
          profile_.features.push_back(std::move(columns_[i]));
      }
    }
    profile_.digest = Digest(profile_);
  }

  void ChoosePositive(const CountedRows& counted) {
    if (options_.positive) {
      std::string scratch;
      profile_.positive = CanonicalText(Trim(*options_.positive), scratch);
      return;
    }
    if (profile_.task != Task::kBinary) return;
    const FeatureShape* shape = nullptr;
    std::string which;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Role role = schema_.columns[frame_.columns[i].field].role;
      if (columns_[i].kind() != FeatureKind::kCategorical || (role != Role::kLabel && role != Role::kPrediction))
        continue;
      if (shape != nullptr && role == Role::kPrediction) continue;
      shape = &columns_[i].summary.shape();
      which = role == Role::kLabel ? "label" : "prediction";
    }
    if (shape == nullptr) return;
    double best = -1;
    std::size_t compared = 0;
    for (std::size_t i = 0; i < counted.score_counts.size(); ++i) {
      if (counted.score_counts[i] == 0) continue;
      ++compared;
      const double mean = counted.score_sums[i] / static_cast<double>(counted.score_counts[i]);
      if (mean <= best) continue;
      best = mean;
      profile_.positive = shape->dictionary.name(static_cast<detectors::CategoryId>(i));
    }
    if (compared >= 2) {
      profile_.assumptions.push_back("score is the probability of " + profile_.positive + ", the " + which +
                                     " whose rows have the larger mean score; another class with --positive");
      return;
    }
    profile_.positive.clear();
    for (const std::string_view name : {"1", "true", "yes", "Yes", "Y", "y", "positive", "pos"}) {
      if (shape->dictionary.Find(name) >= shape->dictionary.size()) continue;
      profile_.positive = name;
      profile_.assumptions.push_back("the positive class is " + profile_.positive + "; another one with --positive");
      return;
    }
    profile_.assumptions.push_back("the positive class is unknown; say it with --positive");
  }

  const BuildOptions& options_;
  const MissingTexts missing_;
  const StripedFile source_;
  const Schema schema_;
  Profile profile_;
  TableEvidence evidence_;
  std::vector<ColumnType> types_;
  CountingFrame frame_;
  CountingFrame::Joint joint_;  // of all numeric features, until it is known that there are not too many
  std::vector<TimeTable::Column> time_columns_;  // as in frame_
  std::optional<TimeTable> times_;
  std::vector<ProfileColumn> columns_;  // as in frame_
};

}  // namespace

Profile BuildProfile(TextFile csv, const BuildOptions& options) {
  try {
    return Builder(std::move(csv), options).Build();
  } catch (const FileError& error) {
    throw BuildError(error.what());
  }
}

Profile BuildProfile(const std::filesystem::path& csv, const BuildOptions& options) {
  try {
    return BuildProfile(TextFile(csv), options);
  } catch (const FileError& error) {
    throw BuildError(error.what());
  }
}

}  // namespace baselines
