// Schema: what each column of the training file is for, by its name and the options.
//
// Throws BuildError when an option names a column that the file does not have, or gives one column two roles.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "baselines/build/profile_builder.h"
#include "baselines/csv/csv_reader.h"

namespace baselines {

enum class Role { kFeature, kLabel, kPrediction, kScore, kTime, kId, kIgnored };

struct ColumnPlan {
  std::string name;
  Role role = Role::kFeature;
  std::optional<detectors::FeatureKind> forced;  // by --numeric or --categorical
  std::string ignored_why;                       // kIgnored only
};

struct Schema {
  std::vector<ColumnPlan> columns;  // one for each of the file
  std::vector<std::string> assumptions;

  const ColumnPlan* Find(Role role) const;  // nullptr when no column has it
};

Schema MakeSchema(const TextFile& file, const CsvHeader& header, const BuildOptions& options);

}  // namespace baselines
