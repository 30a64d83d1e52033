// CSV (RFC 4180): header and division into strips; record_scanner.h reads the records of a strip.
//
// A field that begins with a quote ends with the next single quote and may hold separators, line ends and doubled
// quotes; a quote anywhere else is an ordinary character. Lines end with LF or CR LF, the last one may lack it, empty
// lines are skipped. The separator is the one of comma, semicolon and tab that the header line has most of; comma when
// in doubt. A strip is a run of whole records that can be read independently of the others. Where strips begin depends
// on the text and their length only, so results merged in their order do not depend on the number of threads. Errors:
// FileError with file and line. Cost: a file without any quote is divided at memory speed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "baselines/csv/text_file.h"

namespace baselines {

struct Field {
  const char* begin;
  const char* end;      // the text between the quotes where there are some
  bool doubled_quotes;  // `""` in it stands for `"`
};

// The quote that ends a quoted field whose text begins at `from`; `end` when there is none. Sets `doubled` when `""`
// comes before it.
const char* ClosingQuote(const char* from, const char* end, bool& doubled);

std::string FieldText(const Field& field);  // as meant: doubled quotes halved

struct CsvHeader {
  char separator = ',';
  std::vector<std::string> names;  // blanks around them cut; distinct, but for empty ones
  const char* records = nullptr;   // where the first record begins
};
CsvHeader ReadHeader(const TextFile& file);

// Begins of strips, and the end of the text as last element. `threads` look for the first quote, 0: one per core.
std::vector<const char*> DivideRecords(const TextFile& file, const CsvHeader& header, std::size_t strip_bytes,
                                       unsigned threads = 0);

}  // namespace baselines
