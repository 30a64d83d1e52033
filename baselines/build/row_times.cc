#include "baselines/build/row_times.h"

#include <algorithm>

#include "baselines/values/timestamp.h"

namespace baselines {
namespace {

constexpr std::int64_t kYear2000 = 946'684'800;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kBlock = 512;
constexpr double kTail = 0.001;

}  // namespace

std::optional<std::int64_t> SecondsOf(const Field& field, CellReader& reader) {
  if (!reader.ReadText(field)) return std::nullopt;
  const auto ns = ParseTimestamp(reader.text());
  if (!ns || *ns < kYear2000 * kSecondNs) return std::nullopt;
  return *ns / kSecondNs;
}

void RowTimes::Add(const Field& field, CellReader& reader) {
  const auto seconds = SecondsOf(field, reader);
  if (!seconds) {
    ++unreadable_;
    return;
  }
  block_.push_back(static_cast<double>(*seconds));
  if (block_.size() == kBlock) Flush();
}

void RowTimes::Flush() {
  for (const double time : block_) {
    first_ = std::min(first_, time);
    last_ = std::max(last_, time);
  }
  spread_.Add(block_);
  block_.clear();
}

void RowTimes::Merge(RowTimes&& later) {
  later.Flush();
  first_ = std::min(first_, later.first_);
  last_ = std::max(last_, later.last_);
  unreadable_ += later.unreadable_;
  spread_.Merge(std::move(later.spread_));
}

std::optional<RowTimes::Span> RowTimes::Finish() {
  if (spread_.count() == 0) return std::nullopt;
  spread_.Finish();
  const double low = spread_.Quantile(kTail), high = spread_.Quantile(1 - kTail);
  const double margin = (high - low) / 10;
  return Span{static_cast<std::int64_t>(std::max(first_, low - margin)),
              static_cast<std::int64_t>(std::min(last_, high + margin))};
}

}  // namespace baselines
