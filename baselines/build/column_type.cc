#include "baselines/build/column_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_set>

#include "baselines/wording.h"

namespace baselines {
namespace {

using detectors::FeatureKind;

constexpr double kMostly = 0.99;              // of the values decide; the rest are type faults
constexpr double kNearlyAllDiffer = 0.9;      // texts that differ like this are identifiers
constexpr std::uint64_t kEnoughToTell = 100;  // values before a column is called identifier or row number
constexpr double kFewValues = 20;             // integers with at most that many may be classes

bool Mostly(std::uint64_t part, std::uint64_t all) {
  return static_cast<double>(part) >= kMostly * static_cast<double>(all);
}

// Words in names, split at anything that is no letter and at changes of case: "zipCode", "PULocationID", "zip_code".
bool NamedLikeCode(const std::string& name) {
  constexpr std::array<std::string_view, 10> kWords{"zip", "zipcode", "postcode", "postal",   "code",
                                                    "id",  "type",    "class",    "category", "cluster"};
  std::string word;
  const auto matches = [&] { return std::ranges::find(kWords, word) != kWords.end(); };
  char before = 0;
  for (const char c : name) {
    const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
    const bool new_word =
        std::isupper(static_cast<unsigned char>(c)) != 0 && std::islower(static_cast<unsigned char>(before)) != 0;
    if (!letter || new_word) {
      if (matches()) return true;
      word.clear();
    }
    if (letter) word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    before = c;
  }
  return matches();
}

std::string Join(const std::string& a, const std::string& b) { return a.empty() ? b : b.empty() ? a : a + "; " + b; }

ColumnType Ignore(std::string why) {
  ColumnType type;
  type.ignored = true;
  type.why = std::move(why);
  return type;
}

ColumnType Numeric(const std::string& name, const ColumnEvidence& evidence, bool forced) {
  ColumnType type = DescribeAs(FeatureKind::kNumeric, name, evidence);
  if (forced || type.inferred != "integer" || evidence.spread.distinct() <= 1) return type;
  const auto distinct = static_cast<std::uint64_t>(evidence.spread.distinct());
  if (static_cast<double>(distinct) <= kFewValues) {
    type.why =
        Join("integer with " + Counted(distinct) + " values, treated as numeric; --categorical " + name, type.why);
  } else if (NamedLikeCode(name)) {
    type.why = Join("integer named like a code, treated as numeric; --categorical " + name, type.why);
  }
  return type;
}

ColumnType Category(const std::string& name, const ColumnEvidence& evidence) {
  ColumnType type = DescribeAs(FeatureKind::kCategorical, name, evidence);
  if (evidence.numbers > 0 && evidence.numbers < evidence.values()) {
    type.why = Join(Share(evidence.numbers, evidence.values()) +
                        " of the values are numbers; treated as categories; with --numeric " + name +
                        " the texts become type faults",
                    type.why);
  }
  if (2 * evidence.decimal_commas > evidence.values()) {
    type.why = Join("numbers with a decimal comma are texts; write them with a point", type.why);
  }
  return type;
}

}  // namespace

ColumnType DescribeAs(FeatureKind kind, const std::string& name, const ColumnEvidence& evidence) {
  ColumnType type;
  type.kind = kind;
  const std::uint64_t values = evidence.values();
  if (kind == FeatureKind::kNumeric) {
    type.inferred = evidence.numbers > 0 && evidence.whole == evidence.numbers ? "integer" : "decimal";
    const std::uint64_t faults = values - evidence.numbers;
    if (faults > 0)
      type.why = Counted(faults) + " values are no numbers and count as type faults; --categorical " + name;
    if (evidence.outside_share > 0)
      type.why = Join(type.why, Counted(evidence.outside_share) + " values outside [0, 1] count as type faults");
    if (evidence.numbers > evidence.outside_share && evidence.spread.distinct() == 1)
      type.why = Join(type.why, "constant in training");
  } else {
    type.inferred = values > 0 && evidence.booleans == values ? "boolean" : "category";
    const double names = evidence.distinct_names();
    if (evidence.names.overflowed()) {
      type.why = "more than " + Counted(NameTable::kMaxNames) + " different texts; those beyond count as unseen";
    } else if (names > detectors::CategoryDictionary::kMaxKnown) {
      type.why = Counted(static_cast<std::uint64_t>(names)) + " different texts: the " +
                 Counted(detectors::CategoryDictionary::kMaxKnown) +
                 " most frequent are counted one by one, the others together";
    }
    if (values > 0 && names == 1) type.why = Join(type.why, "constant in training");
  }
  if (values == 0) type.why = "no value in training, so its drift cannot be measured";
  return type;
}

ColumnType DecideFeature(const ColumnPlan& plan, const ColumnEvidence& evidence, std::uint64_t rows) {
  const std::string& name = plan.name;
  const std::uint64_t values = evidence.values();
  if (plan.forced == FeatureKind::kNumeric) return Numeric(name, evidence, true);
  if (plan.forced == FeatureKind::kCategorical) return DescribeAs(FeatureKind::kCategorical, name, evidence);
  if (values == 0) {
    return Ignore("no value in " + Counted(rows) + " rows; keep it with --numeric " + name + " or --categorical " +
                  name);
  }
  if (Mostly(evidence.timestamps, values))
    return Ignore("timestamps; make it the time of the record with --time " + name);
  if (Mostly(evidence.numbers, values)) {
    if (100 * evidence.leading_zeros >= values && evidence.leading_zeros > 0) {
      ColumnType type = DescribeAs(FeatureKind::kCategorical, name, evidence);
      type.why = Join("numbers with leading zeros, treated as categories; --numeric " + name, type.why);
      return type;
    }
    if (evidence.counts_rows && evidence.numbers == rows && rows >= kEnoughToTell) {
      return Ignore("row number: goes up by 1 from row to row; keep it with --numeric " + name);
    }
    return Numeric(name, evidence, false);
  }
  const double names = evidence.distinct_names();
  if (evidence.numbers == 0 && values >= kEnoughToTell && names > kNearlyAllDiffer * static_cast<double>(values)) {
    return Ignore("identifier: " + Counted(std::min(static_cast<std::uint64_t>(names), values)) +
                  " different texts in " + Counted(values) + " values; keep it with --categorical " + name);
  }
  return Category(name, evidence);
}

namespace {

// Text and integers with few values are classes; other numbers are amounts.
bool AreClasses(const ColumnEvidence& evidence) {
  if (!Mostly(evidence.numbers, evidence.values()) || evidence.values() == 0) return true;
  return evidence.whole == evidence.numbers && evidence.spread.distinct() <= kFewValues;
}

std::size_t ClassCount(const ColumnEvidence* label, const ColumnEvidence* prediction) {
  std::unordered_set<std::uint64_t> hashes;
  for (const ColumnEvidence* column : {label, prediction}) {
    if (column == nullptr || !AreClasses(*column)) continue;
    for (const NameTable::Entry& entry : column->names.Entries()) hashes.insert(entry.hash);
  }
  return hashes.size();
}

}  // namespace

TaskDecision DecideTask(const ColumnEvidence* label, const ColumnEvidence* prediction, const BuildOptions& options) {
  TaskDecision decision;
  const ColumnEvidence* const outcome = label != nullptr ? label : prediction;
  if (options.task) {
    decision.task = *options.task;
  } else if (outcome != nullptr) {
    const std::string which = label != nullptr ? "label" : "prediction";
    if (!AreClasses(*outcome)) {
      decision.task = Task::kRegression;
      decision.assumptions.push_back("task regression, since the " + which +
                                     " holds numbers with many values; another one with --task");
    } else {
      const std::size_t classes = ClassCount(label, prediction);
      decision.task = classes <= 2 ? Task::kBinary : Task::kMultiClass;
      decision.assumptions.push_back("task " + std::string(TaskName(decision.task)) + ", since the " + which + " has " +
                                     Counted(classes) + (classes == 1 ? " class" : " classes") +
                                     "; another one with --task");
    }
  }
  if (decision.task == Task::kRegression) {
    decision.label = decision.prediction = FeatureKind::kNumeric;
  } else if (prediction != nullptr && !AreClasses(*prediction) && prediction->whole < prediction->numbers) {
    decision.prediction = FeatureKind::kNumeric;
    decision.assumptions.push_back(
        "the prediction holds decimals and is watched as a number; name a probability with --score instead");
  }
  return decision;
}

}  // namespace baselines
