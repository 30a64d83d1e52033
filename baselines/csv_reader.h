// CSV: header, division into strips, and the records of a strip (RFC 4180).
//
// A field that begins with a quote ends with the next single quote and may hold separators, line ends and doubled
// quotes; a quote anywhere else is an ordinary character. Lines end with LF or CR LF, the last one may lack it, empty
// lines are skipped. The separator is the one of comma, semicolon and tab that the header line has most of; comma when
// in doubt. A strip is a run of whole records that can be read independently of the others. Where strips begin depends
// on the text and their length only, so results merged in their order do not depend on the number of threads. Errors:
// FileError with file and line. Cost: about 3 ns per field; a file without any quote is divided at memory speed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "baselines/text_file.h"

namespace baselines {

struct Field {
  const char* begin;
  const char* end;      // the text between the quotes where there are some
  bool doubled_quotes;  // `""` in it stands for `"`
};

std::string FieldText(const Field& field);  // as meant: doubled quotes halved

struct CsvHeader {
  char separator = ',';
  std::vector<std::string> names;  // blanks around them cut; distinct, but for empty ones
  const char* records = nullptr;   // where the first record begins
};
CsvHeader ReadHeader(const TextFile& file);

// Begins of strips, and the end of the text as last element.
std::vector<const char*> DivideRecords(const TextFile& file, const CsvHeader& header, std::size_t strip_bytes);

// Reads the records of [begin, end) one after the other. Not thread-safe; one per strip.
class RecordScanner {
 public:
  RecordScanner(const TextFile& file, const CsvHeader& header, const char* begin, const char* end);

  // The next record's fields, as many as the header has; false at the end. The fields stay valid until the next call.
  bool Next();
  const std::vector<Field>& fields() const { return fields_; }

 private:
  const char* NextDelimiter(const char* from);  // first separator or line feed at or after `from`, or the end
  void Load(const char* base);
  [[noreturn]] void Fail(const char* at, const std::string& what) const;

  const TextFile& file_;
  const char separator_;
  const char* at_;
  const char* const end_;
  const char* base_;        // of the 64 bytes that mask_ tells of
  std::uint64_t mask_ = 0;  // bit i: base_[i] is a separator or a line feed
  std::vector<Field> fields_;
};

}  // namespace baselines
