#include "baselines/csv/record_scanner.h"

#include <algorithm>

#include "baselines/values/value_text.h"

namespace baselines {

RecordScanner::RecordScanner(const TextFile& file, const CsvHeader& header, const char* begin, const char* end)
    : file_(file),
      separator_(header.separator),
      at_(begin),
      end_(end),
      fields_(header.names.size()),
      index_(std::make_unique_for_overwrite<DelimiterIndex>()) {}

bool RecordScanner::Next() {
  if (NextIndexed()) return true;
  indexed_ = nullptr;
  return NextCarefully();
}

bool RecordScanner::NextIndexed() {
  if (indexed_ == nullptr || line_ == index_->lines()) {
    index_->Fill(at_, end_, separator_);
    if (index_->lines() == 0) return false;
    indexed_ = at_;
    line_ = delimiter_ = 0;
  }
  const std::size_t line_feed = index_->line_feed(line_);
  if (line_feed + 1 - delimiter_ != fields_.size() || *at_ == '\n' || *at_ == '\r') return false;
  const std::uint32_t* const offsets = index_->offsets() + delimiter_;
  const char* begin = at_;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const char* const end = indexed_ + offsets[i];
    fields_[i] = {begin, end, false};
    begin = end + 1;
  }
  Field& last = fields_.back();
  if (last.begin != last.end && last.end[-1] == '\r') --last.end;
  at_ = begin;
  delimiter_ = line_feed + 1;
  ++line_;
  return true;
}

const char* RecordScanner::NextDelimiter(const char* from) const {
  return std::find_if(from, end_, [this](char c) { return c == separator_ || c == '\n'; });
}

bool RecordScanner::NextCarefully() {
  while (at_ != end_ && (*at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] == '\n')))) ++at_;
  if (at_ == end_) return false;
  const char* const record = at_;
  std::size_t count = 0;
  for (;;) {
    Field field{at_, at_, false};
    const char* delimiter;
    if (at_ != end_ && *at_ == '"') {
      field.begin = at_ + 1;
      field.end = ClosingQuote(field.begin, end_, field.doubled_quotes);
      if (field.end == end_) Fail(record, "this record opens a quote that never closes");
      delimiter = NextDelimiter(field.end + 1);
      if (!Trim({field.end + 1, static_cast<std::size_t>(delimiter - field.end - 1)}).empty()) {
        Fail(record, "text after a closing quote; a quote inside a quoted field is written twice");
      }
    } else {
      delimiter = NextDelimiter(at_);
      field.end = delimiter;
      if (field.end != field.begin && (delimiter == end_ || *delimiter == '\n') && field.end[-1] == '\r') --field.end;
    }
    if (count < fields_.size()) fields_[count] = field;
    ++count;
    at_ = delimiter;
    if (delimiter == end_) break;
    ++at_;
    if (*delimiter == '\n') break;
  }
  if (count != fields_.size()) {
    Fail(record, "this record has " + std::to_string(count) + (count == 1 ? " field" : " fields") +
                     ", the header has " + std::to_string(fields_.size()));
  }
  return true;
}

void RecordScanner::Fail(const char* at, const std::string& what) const {
  throw FileError(file_.PlaceOf(at) + ": " + what);
}

}  // namespace baselines
