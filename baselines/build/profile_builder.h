// BuildProfile: training data → profile, in two passes over the file and bounded memory (ARCHITECTURE section 6 of the
// design).
//
// Pass 1 infers types, collects quantiles (exact while a column has at most kExactRows values, a KLL sketch beyond),
// point masses and category names; then bins and dictionaries are frozen; pass 2 counts every row exactly on them. A
// pass in between collects the names of columns that turned out to be categories only after most of their cells were
// taken for numbers or ids. Runs on all cores. Memory: at most 2 MiB per numeric column, 32 to 96 MiB per column of a
// million different texts, a few MiB per core. With a time column 2 MiB per strip at
// work and 128 MiB for counts by time more (time_table.h). Throws BuildError for input that cannot become a baseline
// (no header, no rows, a named column that does not exist, ragged rows: with line).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "baselines/csv/text_file.h"
#include "baselines/profile.h"
#include "baselines/values/value_text.h"

namespace baselines {

class BuildError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct BuildOptions {
  std::optional<std::string> label, prediction, score, time, id;  // column names
  std::vector<std::string> categorical, numeric, ignore;
  std::optional<Task> task;
  std::optional<std::string> positive;
  std::optional<std::string> model, version;
  std::optional<std::vector<std::string>> missing;
  std::optional<std::string> source;  // what the rows are of; default: the file's name
  // That quality is counted on; default: with the quantiles of the scores of these rows.
  std::optional<detectors::ScoreBins> score_bins;
  std::string created;                        // RFC 3339; the caller's clock
  std::function<void(double done)> progress;  // share of the work 0..1, called from one thread at a time; may be empty
  // The result does not depend on `threads`; of `strip_bytes` only moments (1e-12) and sketched quantiles (within their
  // error) do.
  unsigned threads = 0;         // 0: all cores
  std::size_t strip_bytes = 0;  // of the file, that one thread reads at a time; 0: by the size of the file
};

Profile BuildProfile(TextFile csv, const BuildOptions& options);
Profile BuildProfile(const std::filesystem::path& csv, const BuildOptions& options);  // "-" reads standard input

// Counts the rows of another file on the frozen bins of `baseline` (columns by name; absent columns are all missing).
// For `monitorctl drift`.
struct CountedFile {
  std::uint64_t rows = 0;
  std::vector<detectors::FeatureSummary> features;  // order of baseline.features
  std::optional<detectors::FeatureSummary> prediction, score;
  std::vector<std::string> absent;   // features of the baseline that the file does not have
  std::vector<std::string> unknown;  // columns of the file that have no part in the baseline
};
CountedFile CountCsv(TextFile csv, const Profile& baseline, const std::function<void(double done)>& progress = {});

}  // namespace baselines
