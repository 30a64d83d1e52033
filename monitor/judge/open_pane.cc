#include "monitor/judge/open_pane.h"

#include <utility>

namespace monitor {

void OpenPane::Merge(PaneSummary pane, std::vector<RecordBlock> rows) {
  if (summary_.frame == nullptr) {
    summary_ = std::move(pane);
  } else {
    summary_.Merge(pane);
  }
  for (RecordBlock& block : rows) Add(std::move(block));
}

void OpenPane::Add(RecordBlock block) {
  const bool few = summary_.columns.empty() && !block.full();
  if (few && !rows_) {
    rows_ = std::move(block);
  } else if (few && rows_->rows() + block.rows() <= RecordBlock::kRows && &rows_->frame() == &block.frame()) {
    rows_->Append(block);
  } else {
    CountRows();
    block.CountInto(summary_);
  }
}

void OpenPane::CountRows() {
  if (rows_) rows_->CountInto(summary_);
  rows_.reset();
}

PaneSummary OpenPane::Close() && {
  CountRows();
  summary_.MakeColumns();
  return std::move(summary_);
}

std::string OpenPane::Encode() const {
  if (!rows_ && !summary_.columns.empty()) return summary_.Encode();
  OpenPane copy = *this;
  return std::move(copy).Close().Encode();
}

}  // namespace monitor
