#include "baselines/csv_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "baselines/value_text.h"

namespace baselines {
namespace {

constexpr std::size_t kReleaseBytes = 8u << 20;

const char* Find(const char* from, const char* to, char wanted) {
  const void* const found = from < to ? std::memchr(from, wanted, static_cast<std::size_t>(to - from)) : nullptr;
  return found == nullptr ? to : static_cast<const char*>(found);
}

// The quote that ends a quoted field whose text begins at `from`; `end` when there is none.
const char* ClosingQuote(const char* from, const char* end, bool& doubled) {
  for (;;) {
    const char* const quote = Find(from, end, '"');
    if (quote == end || quote + 1 == end || quote[1] != '"') return quote;
    doubled = true;
    from = quote + 2;
  }
}

std::uint64_t DelimiterMask(const char* text, char separator) {
#ifdef __SSE2__
  const __m128i separators = _mm_set1_epi8(separator);
  const __m128i line_feeds = _mm_set1_epi8('\n');
  std::uint64_t mask = 0;
  for (int i = 0; i < 4; ++i) {
    __m128i bytes;
    std::memcpy(&bytes, text + 16 * i, 16);
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, separators), _mm_cmpeq_epi8(bytes, line_feeds));
    mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(hits))) << (16 * i);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) mask |= static_cast<std::uint64_t>(text[i] == separator || text[i] == '\n') << i;
  return mask;
#endif
}

FileError ErrorAt(const TextFile& file, const char* at, const std::string& what) {
  return FileError(file.PlaceOf(at) + ": " + what);
}

// The header's line outside quotes decides; the first of the most frequent wins.
char SeparatorOf(const char* begin, const char* end) {
  constexpr std::string_view kCandidates = ",;\t";
  std::size_t counts[3] = {};
  bool quoted = false;
  for (const char* at = begin; at != end && (quoted || *at != '\n'); ++at) {
    if (*at == '"') quoted = !quoted;
    if (quoted) continue;
    for (std::size_t i = 0; i < kCandidates.size(); ++i) counts[i] += *at == kCandidates[i];
  }
  return kCandidates[static_cast<std::size_t>(std::max_element(counts, counts + 3) - counts)];
}

}  // namespace

std::string FieldText(const Field& field) {
  std::string text(field.begin, field.end);
  if (field.doubled_quotes) {
    std::string halved;
    for (std::size_t i = 0; i < text.size(); ++i) {
      halved += text[i];
      if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') ++i;
    }
    return halved;
  }
  return text;
}

CsvHeader ReadHeader(const TextFile& file) {
  CsvHeader header;
  const char* at = file.text().data();
  const char* const end = at + file.text().size();
  while (at != end && (*at == '\n' || *at == '\r')) ++at;
  if (at == end) throw FileError(file.name() + " holds no text; a CSV file with a header line is expected");
  if (*at == '{') throw FileError(file.name() + " is JSON, not CSV");
  header.separator = SeparatorOf(at, end);
  for (;;) {
    bool doubled = false;
    const char* delimiter = at;
    if (at != end && *at == '"') {
      const char* const close = ClosingQuote(at + 1, end, doubled);
      if (close == end) throw ErrorAt(file, at, "the header opens a quote that never closes");
      header.names.push_back(std::string(Trim(FieldText({at + 1, close, doubled}))));
      delimiter = std::find_if(close, end, [&](char c) { return c == header.separator || c == '\n'; });
    } else {
      delimiter = std::find_if(at, end, [&](char c) { return c == header.separator || c == '\n'; });
      header.names.push_back(std::string(Trim(std::string_view(at, static_cast<std::size_t>(delimiter - at)))));
    }
    if (delimiter == end || *delimiter == '\n') {
      header.records = delimiter == end ? end : delimiter + 1;
      break;
    }
    at = delimiter + 1;
  }
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : header.names) {
    if (name.find('\r') != std::string::npos && header.records == end) {
      throw FileError(file.name() + ": its lines end with CR alone; convert it with: tr '\\r' '\\n'");
    }
    if (!name.empty() && !seen.insert(name).second) throw FileError(file.name() + ": two columns are called " + name);
  }
  return header;
}

std::vector<const char*> DivideRecords(const TextFile& file, const CsvHeader& header, std::size_t strip_bytes) {
  const char* const end = file.text().data() + file.text().size();
  std::vector<const char*> begins{header.records};
  const char* at = header.records;  // outside quotes
  const char* next = at + std::min(strip_bytes, static_cast<std::size_t>(end - at));
  const char* released = at;
  while (at != end) {
    if (static_cast<std::size_t>(at - released) > kReleaseBytes) {
      file.Release(released, at);
      released = at;
    }
    const char* const slice_end = static_cast<std::size_t>(end - at) > kReleaseBytes ? at + kReleaseBytes : end;
    const char* const quote = Find(at, slice_end, '"');
    while (next < quote) {
      const char* const line_end = Find(std::max(next, at), quote, '\n');
      if (line_end == quote) break;
      begins.push_back(line_end + 1);
      next = line_end + 1 + std::min(strip_bytes - 1, static_cast<std::size_t>(end - line_end - 1));
    }
    at = quote;
    if (quote == slice_end) continue;
    const char before = quote == header.records ? '\n' : quote[-1];
    ++at;
    if (before != '\n' && before != header.separator) continue;
    bool doubled = false;
    const char* const close = ClosingQuote(at, end, doubled);
    if (close == end) throw ErrorAt(file, quote, "this record opens a quote that never closes");
    at = close + 1;
    next = std::max(next, at);
  }
  if (begins.back() != end) begins.push_back(end);
  file.Release(header.records, end);
  return begins;
}

RecordScanner::RecordScanner(const TextFile& file, const CsvHeader& header, const char* begin, const char* end)
    : file_(file), separator_(header.separator), at_(begin), end_(end), base_(begin), fields_(header.names.size()) {
  if (begin != end) Load(begin);
}

void RecordScanner::Load(const char* base) {
  base_ = base;
  if (end_ - base >= 64) {
    mask_ = DelimiterMask(base, separator_);
    return;
  }
  char padded[64] = {};
  std::memcpy(padded, base, static_cast<std::size_t>(end_ - base));
  mask_ = DelimiterMask(padded, separator_);
}

const char* RecordScanner::NextDelimiter(const char* from) {
  if (from >= end_) return end_;
  if (from - base_ >= 64) Load(base_ + (from - base_) / 64 * 64);
  std::uint64_t mask = mask_ & (~std::uint64_t{0} << (from - base_));
  while (mask == 0) {
    if (end_ - base_ <= 64) return end_;
    Load(base_ + 64);
    mask = mask_;
  }
  return base_ + std::countr_zero(mask);
}

bool RecordScanner::Next() {
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

void RecordScanner::Fail(const char* at, const std::string& what) const { throw ErrorAt(file_, at, what); }

}  // namespace baselines
