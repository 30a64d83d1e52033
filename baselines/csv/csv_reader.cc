#include "baselines/csv/csv_reader.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <unordered_set>

#include "baselines/csv/strips.h"
#include "baselines/values/value_text.h"

namespace baselines {
namespace {

constexpr std::size_t kReleaseBytes = std::size_t{8} << 20;

const char* Find(const char* from, const char* to, char wanted) {
  const void* const found = from < to ? std::memchr(from, wanted, static_cast<std::size_t>(to - from)) : nullptr;
  return found == nullptr ? to : static_cast<const char*>(found);
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

// The end where there is none.
const char* FirstQuote(const TextFile& file, const char* begin, unsigned threads) {
  const char* const end = file.text().data() + file.text().size();
  const auto piece_at = [&](std::size_t piece) {
    return begin + std::min(piece * kReleaseBytes, static_cast<std::size_t>(end - begin));
  };
  const char* first = end;
  std::atomic<bool> found = false;  // in all earlier pieces, as results are merged in order
  RunStrips(
      static_cast<std::size_t>(end - begin + kReleaseBytes - 1) / kReleaseBytes, threads,
      [&](std::size_t piece) {
        const char *const from = piece_at(piece), *const to = piece_at(piece + 1);
        if (found) return to;
        file.Prefetch(from, to);
        const char* const quote = Find(from, to, '"');
        file.Release(from, to);
        return quote;
      },
      [&](std::size_t piece, const char* quote) {
        if (quote == piece_at(piece + 1) || found) return;
        first = quote;
        found = true;
      });
  return first;
}

}  // namespace

const char* ClosingQuote(const char* from, const char* end, bool& doubled) {
  for (;;) {
    const char* const quote = Find(from, end, '"');
    if (quote == end || quote + 1 == end || quote[1] != '"') return quote;
    doubled = true;
    from = quote + 2;
  }
}

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

std::vector<const char*> DivideRecords(const TextFile& file, const CsvHeader& header, std::size_t strip_bytes,
                                       unsigned threads) {
  const char* const end = file.text().data() + file.text().size();
  std::vector<const char*> begins{header.records};
  const char* at = header.records;  // outside quotes
  const char* next = at + std::min(strip_bytes, static_cast<std::size_t>(end - at));
  const char* released = at;
  const char* const first_quote = FirstQuote(file, at, threads);
  while (at != end) {
    if (static_cast<std::size_t>(at - released) > kReleaseBytes) {
      file.Release(released, at);
      released = at;
    }
    const char* slice_end = static_cast<std::size_t>(end - at) > kReleaseBytes ? at + kReleaseBytes : end;
    if (at < first_quote) slice_end = first_quote;
    const char* const quote = at < first_quote ? first_quote : Find(at, slice_end, '"');
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

}  // namespace baselines
