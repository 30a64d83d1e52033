#include "monitor/training/csv_writer.h"

namespace monitor {

void CsvWriter::Add(std::string_view cell) {
  if (!first_) row_ += ',';
  first_ = false;
  // Semicolons and tabs might pass for the separator.
  if (cell.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
    row_ += cell;
    return;
  }
  row_ += '"';
  for (const char c : cell) {
    if (c == '"') row_ += '"';
    row_ += c;
  }
  row_ += '"';
}

void CsvWriter::EndRow() {
  if (row_.empty()) row_ = "\"\"";  // an empty line would be no row
  row_ += '\n';
  spool_.Write(row_);
  row_.clear();
  first_ = true;
}

}  // namespace monitor
