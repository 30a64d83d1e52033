// Profile: the baseline of one model version, i.e. the summary of its training data over frozen bins and dictionaries.
//
// A value type: read it from a file with profile_file.h, make it with profile_builder.h. Features keep the order of the
// training file. Immutable once built; share it by std::shared_ptr<const Profile>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "baselines/joint_reference.h"
#include "baselines/outcome_reference.h"
#include "baselines/reference_quality.h"
#include "detectors/evidence/seasons.h"
#include "detectors/evidence/step_ladder.h"
#include "detectors/feature_summary.h"
#include "detectors/quality/score_bins.h"

namespace baselines {

enum class Task { kNone, kBinary, kMultiClass, kRegression };
std::string_view TaskName(Task task);  // none, binary, multi-class, regression
std::optional<Task> TaskNamed(std::string_view name);

// One column of the training data that is watched.
struct ProfileColumn {
  std::string name;
  std::string
      inferred;  // integer, decimal, boolean, category: what the values look like (a boolean is a categorical column)
  std::string why;  // empty, or how the type was decided and how to override it: "integer with 7 values, treated as
                    // numeric; --categorical hour"
  detectors::FeatureSummary summary;
  double distinct = 0;  // estimate, 1.6 % standard error; exact below a few thousand
  // Numeric only; NaN without values. Type R-7 where the column was small enough to sort, else within the sketch's rank
  // error.
  double q25 = 0, q50 = 0, q75 = 0;
  // Where the rows have times: design effects of the values and of the missing rate, for any step. Directions of names:
  // TimeTable::kNames categories in the dictionary's order, then all others together.
  // With seasons, value_steps is that of what they leave unexplained.
  detectors::StepLadder value_steps = {}, missing_steps = {};
  struct Seasonal {
    detectors::Seasons cells;
    double effect_without, effect_with;  // design effect of hours, in the direction that gains most
  };
  std::optional<Seasonal> seasons = {};  // where the hour of the week tells enough (seasonality.h)
  // Empty for a column of the training data; else the live traffic that it was learnt from, for people (complete.h).
  std::string learnt = {};

  detectors::FeatureKind kind() const { return summary.kind(); }
};

struct IgnoredColumn {
  std::string name;
  std::string why;  // "identifier: 9,722 distinct texts in 9,722 rows; keep it with --categorical tail"
};

struct Profile {
  std::string model;
  bool model_given = false;  // by --model: only then a configuration's model name is compared with it
  std::string version = "1";
  std::string source;   // name of the training file
  std::string created;  // RFC 3339 UTC
  std::uint64_t rows = 0;
  Task task = Task::kNone;
  std::string positive;  // class that `score` is the probability of; empty when unknown
  std::vector<ProfileColumn> features;
  std::optional<ProfileColumn> prediction;
  std::optional<ProfileColumn> score;
  std::optional<ProfileColumn> label;
  std::optional<ReferenceQuality> quality;  // where the training data has labels beside predictions or scores
  std::string quality_learnt;               // as ProfileColumn::learnt
  std::string time_column, id_column;       // empty when there is none
  std::optional<JointReference> joint;      // of 2 to JointReference::kMost numeric features
  std::optional<OutcomeReference> outcome;  // where the training data has scores or predictions
  std::vector<IgnoredColumn> ignored;
  std::vector<std::string> assumptions;    // sentences for people: what was assumed and how to override it
  std::vector<std::string> missing_texts;  // lower case
  std::string completes;  // digest of the baseline that live traffic has completed (complete.h); else empty
  std::string digest;     // 32 hex digits over everything but `created` and `source`; identifies bins and counts

  const ProfileColumn* Find(std::string_view feature) const;  // among features; nullptr when unknown
};

// The bins that live scores of this model are counted on: with the quantiles of the training scores among their edges.
detectors::ScoreBins ScoreBinsOf(const Profile& profile);

std::string Digest(const Profile& profile);  // what Profile::digest should be
std::string Hex128(
    std::string_view bytes);  // two 64-bit hashes as 32 hex digits; guards against accidents, not against people

}  // namespace baselines
