#include "baselines/build/schema.h"

#include <algorithm>
#include <cctype>

namespace baselines {
namespace {

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

struct RoleRule {
  Role role;
  std::string_view word, option;
  std::vector<std::string_view> names;  // lower case, the best first
  const std::optional<std::string> BuildOptions::*given;
};

const std::vector<RoleRule>& Rules() {
  static const std::vector<RoleRule> rules{
      {Role::kLabel, "label", "--label", {"label", "target", "y_true"}, &BuildOptions::label},
      {Role::kPrediction, "prediction", "--prediction", {"prediction", "y_pred"}, &BuildOptions::prediction},
      {Role::kScore, "score", "--score", {"score", "y_pred_proba"}, &BuildOptions::score},
      {Role::kTime, "time of the record", "--time", {"timestamp"}, &BuildOptions::time},
      {Role::kId, "id of the record", "--id", {"id"}, &BuildOptions::id},
  };
  return rules;
}

class Maker {
 public:
  Maker(const TextFile& file, const CsvHeader& header, const BuildOptions& options) : file_(file), options_(options) {
    for (const std::string& name : header.names) {
      ColumnPlan plan;
      plan.name = name;
      if (name.empty()) {
        plan.role = Role::kIgnored;
        plan.ignored_why = "it has no name";
      }
      schema_.columns.push_back(plan);
    }
  }

  Schema Make() {
    for (const RoleRule& rule : Rules()) {
      if (const auto& given = options_.*rule.given) Assign(*given, rule.role, rule.option);
    }
    for (const std::string& name : options_.ignore) {
      Assign(name, Role::kIgnored, "--ignore").ignored_why = "left out by --ignore";
    }
    for (const std::string& name : options_.categorical)
      Column(name, "--categorical").forced = detectors::FeatureKind::kCategorical;
    for (const std::string& name : options_.numeric) {
      ColumnPlan& plan = Column(name, "--numeric");
      if (plan.forced) throw BuildError("column " + name + " cannot be both --categorical and --numeric");
      plan.forced = detectors::FeatureKind::kNumeric;
    }
    for (const RoleRule& rule : Rules()) {
      if (!(options_.*rule.given)) GuessByName(rule);
    }
    if (schema_.Find(Role::kLabel) == nullptr) GuessLabelBySuffix();
    if (!by_name_.empty()) schema_.assumptions.push_back("by their names: " + by_name_);
    return std::move(schema_);
  }

 private:
  ColumnPlan& Column(const std::string& name, std::string_view option) {
    const auto found = std::ranges::find(schema_.columns, name, &ColumnPlan::name);
    if (found != schema_.columns.end()) return *found;
    std::string names;
    for (const ColumnPlan& plan : schema_.columns) names += (names.empty() ? "" : ", ") + plan.name;
    throw BuildError(std::string(option) + ": " + file_.name() + " has no column " + name + "; it has: " + names);
  }

  ColumnPlan& Assign(const std::string& name, Role role, std::string_view option) {
    ColumnPlan& plan = Column(name, option);
    if (plan.role != Role::kFeature)
      throw BuildError(std::string(option) + ": column " + name + " has another role already");
    plan.role = role;
    return plan;
  }

  void Assume(ColumnPlan& plan, const RoleRule& rule) {
    plan.role = rule.role;
    if (!by_name_.empty()) by_name_ += ", ";
    by_name_.append(plan.name).append(" is the ").append(rule.word).append(" (").append(rule.option).append(")");
  }

  // Columns that an option gives a role keep it.
  void GuessByName(const RoleRule& rule) {
    for (const std::string_view name : rule.names) {
      for (ColumnPlan& plan : schema_.columns) {
        if (plan.role != Role::kFeature || Lower(plan.name) != name) continue;
        if (const ColumnPlan* other = schema_.Find(rule.role)) {
          schema_.assumptions.push_back("column " + plan.name + " is watched as a feature, since " + other->name +
                                        " is the " + std::string(rule.word) + "; leave it out with --ignore " +
                                        plan.name);
        } else {
          Assume(plan, rule);
        }
      }
    }
  }

  void GuessLabelBySuffix() {
    ColumnPlan* only = nullptr;
    for (ColumnPlan& plan : schema_.columns) {
      const std::string name = Lower(plan.name);
      if (plan.role != Role::kFeature || !(name.ends_with("_target") || name.ends_with("_label"))) continue;
      if (only != nullptr) return;
      only = &plan;
    }
    if (only != nullptr && !options_.label) Assume(*only, Rules().front());
  }

  const TextFile& file_;
  const BuildOptions& options_;
  Schema schema_;
  std::string by_name_;  // the columns whose role was guessed, in words
};

}  // namespace

const ColumnPlan* Schema::Find(Role role) const {
  const auto found = std::ranges::find(columns, role, &ColumnPlan::role);
  return found == columns.end() ? nullptr : &*found;
}

Schema MakeSchema(const TextFile& file, const CsvHeader& header, const BuildOptions& options) {
  return Maker(file, header, options).Make();
}

}  // namespace baselines
