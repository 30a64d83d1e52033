// CollectEvidence: the first pass over a file: what each column holds, from which its type is decided and its bins or
// names are frozen.
//
// Runs on all cores; what it finds does not depend on their number (striped_file.h). Throws FileError.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "baselines/build/column_evidence.h"
#include "baselines/build/row_times.h"
#include "baselines/csv/striped_file.h"

namespace baselines {

struct TableEvidence {
  std::uint64_t rows = 0;
  std::vector<std::optional<ColumnEvidence>> columns;  // by field; those that were wanted
  RowTimes times;                                      // of the column that tells them, if any
};

struct WantedEvidence {
  struct Column {
    ColumnEvidence::Names names{};
    bool share = false;  // numbers have to lie in [0, 1]
  };
  std::vector<std::optional<Column>> columns;  // by field; of the others nothing is looked at
  std::optional<std::size_t> time;             // field
};

TableEvidence CollectEvidence(const StripedFile& source, const MissingTexts& missing, const WantedEvidence& wanted,
                              const std::function<void(double done)>& progress);

}  // namespace baselines
