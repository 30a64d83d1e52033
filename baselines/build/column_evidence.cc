#include "baselines/build/column_evidence.h"

#include <algorithm>
#include <cmath>

#include "detectors/hash.h"

namespace baselines {
namespace {

constexpr std::size_t kManyNames = 65'536;   // from here on a table of ids is not worth its memory
constexpr std::size_t kManyNumbers = 4'096;  // different numbers that a column of classes may have
constexpr double kNearlyAll = 0.9;
constexpr double kIntegral = 9007199254740992;  // 2^53

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool DecimalComma(std::string_view text) {
  return std::ranges::count(text, ',') == 1 && text.size() >= 2 &&
         std::ranges::all_of(text, [](char c) { return IsDigit(c) || c == ',' || c == '-'; });
}

}  // namespace

bool LooksLikeTime(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  const std::size_t length = std::min(text.size(), kForm.size());
  if (length != 10 && length < 16) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const char c = text[i];
    const bool fits = kForm[i] == 'd' ? IsDigit(c) : kForm[i] == 'T' ? c == 'T' || c == 't' || c == ' ' : c == kForm[i];
    if (fits) continue;
    return i == 16 && (c == 'Z' || c == 'z' || c == '+' || c == '-');  // no seconds
  }
  return std::ranges::all_of(text.substr(length), [](char c) {
    return IsDigit(c) || c == '.' || c == ':' || c == '+' || c == '-' || c == 'Z' || c == 'z';
  });
}

void ColumnEvidence::AddNumber(double number, const Field& field, CellReader& reader) {
  ++numbers;
  const char* const first = field.begin + (*field.begin == '-');
  const bool longer = field.end - first > 1;
  // Not by &&: half of all fractions begin with 0, at random.
  if ((longer & (*first == '0') & IsDigit(first[longer])) != 0) leading_zeros += std::all_of(first, field.end, IsDigit);
  if (share_ && (number < 0 || number > 1)) {
    ++outside_share;
    return;
  }
  if (block_.size() == kBlock) Flush();
  block_.push_back(number);
  if (names_wanted_ < Names::kCells || names_given_up) return;
  reader.ReadText(field);
  AddName(detectors::Hash64(reader.canonical()), field);
}

void ColumnEvidence::AddText(const Field& field, CellReader& reader) {
  const std::string_view canonical = reader.canonical();
  KnownText text;
  if (canonical == "true" || canonical == "false") {
    text.counter = &ColumnEvidence::booleans;
  } else if (LooksLikeTime(canonical)) {
    text.counter = &ColumnEvidence::timestamps;
  } else {
    text.counter = &ColumnEvidence::texts;
  }
  const bool decimal_comma = text.counter == &ColumnEvidence::texts && DecimalComma(canonical);
  decimal_commas += decimal_comma;
  text.hash = detectors::Hash64(canonical);
  ++(this->*text.counter);
  if (names_wanted_ != Names::kNone) AddName(text.hash, field);
  if (decimal_comma) return;  // the one kind that two counters count
  known_.Keep(reader.Short(field), text);
  seen_texts_ = true;
}

bool ColumnEvidence::AddKnownText(const Field& field, const CellReader& reader) {
  const KnownText* const text = known_.Find(reader.Short(field));
  if (text == nullptr) return false;
  ++(this->*text->counter);
  if (names_wanted_ != Names::kNone) AddName(text->hash, field);
  return true;
}

void ColumnEvidence::AddName(std::uint64_t hash, const Field& field) {
  if (names_given_up) {
    name_keys.AddHash(hash);
    return;
  }
  if (!names.Add(hash, field)) return;  // known already
  name_keys.AddHash(hash);
  if (names.size() >= kManyNumbers) GiveUpIds();
}

// Looked at whenever the number of names may have crossed a limit; a pure function of the cells so far.
void ColumnEvidence::GiveUpIds() {
  if (names_wanted_ == Names::kKeep || names_given_up) return;
  const bool all_numbers = values() == numbers && names.size() >= kManyNumbers;
  const bool ids =
      names.size() >= kManyNames && static_cast<double>(names.size()) > kNearlyAll * static_cast<double>(values());
  if (!all_numbers && !ids) return;
  names_given_up = true;
  names.Clear();
}

void ColumnEvidence::Flush() {
  if (block_.empty()) return;
  if (!started_) first_ = block_.front();
  double before = started_ ? last_ : first_ - 1;
  started_ = true;
  for (const double value : block_) {
    // All numbers of 2^53 and more are integral; the others fit 64 bits.
    whole += std::abs(value) >= kIntegral || static_cast<double>(static_cast<std::int64_t>(value)) == value;
    counts_rows = counts_rows && value == before + 1;
    before = value;
  }
  last_ = before;
  spread.Add(block_);
  block_.clear();
}

void ColumnEvidence::EndStrip(std::size_t parts) {
  Flush();
  known_.Clear();
  seen_texts_ = false;
  if (spread.count() > ValueSpread::kExactValues / parts) spread.Prepare();
}

void ColumnEvidence::Merge(ColumnEvidence&& later) {
  counts_rows = counts_rows && later.counts_rows && (!started_ || !later.started_ || later.first_ == last_ + 1);
  if (!started_) first_ = later.first_;
  if (later.started_) last_ = later.last_;
  started_ = started_ || later.started_;
  missing += later.missing;
  numbers += later.numbers;
  whole += later.whole;
  leading_zeros += later.leading_zeros;
  outside_share += later.outside_share;
  booleans += later.booleans;
  timestamps += later.timestamps;
  decimal_commas += later.decimal_commas;
  texts += later.texts;
  spread.Merge(std::move(later.spread));
  name_keys.Merge(later.name_keys);
  names_given_up = names_given_up || later.names_given_up;
  if (names_given_up) {
    names.Clear();
  } else {
    names.Merge(later.names);
    GiveUpIds();
  }
}

}  // namespace baselines
