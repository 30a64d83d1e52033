// RowTimes: when the rows of a training file happened, as far as their time column tells.
//
// Cells are read as the daemon reads record times (timestamp.h); what cannot be read, or lies before the year 2000, is
// no time. A few wrong clocks must not stretch the span: it reaches from the 0.1 % to the 99.9 % quantile and a tenth
// of that range beyond. Not thread-safe; one per strip, merged in their order. Memory: 2 MiB.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "baselines/build/value_spread.h"
#include "baselines/csv/cell_reader.h"

namespace baselines {

std::optional<std::int64_t> SecondsOf(const Field& field, CellReader& reader);  // since 1970

class RowTimes {
 public:
  void Add(const Field& field, CellReader& reader);
  void Merge(RowTimes&& later);

  struct Span {
    std::int64_t first_s, last_s;
  };
  std::optional<Span> Finish();  // nothing where no time could be read; call once, when everything is in
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  void Flush();

  ValueSpread spread_;
  std::vector<double> block_;
  double first_ = 1e300, last_ = -1e300;
  std::uint64_t unreadable_ = 0;
};

}  // namespace baselines
