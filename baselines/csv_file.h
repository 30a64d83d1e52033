// CsvFile: the bytes of a CSV file or of standard input, mapped into memory for reading.
//
// What cannot be mapped ("-", pipes, terminals) is first written to a temporary file without a name, in the system's
// folder for such files, so that two passes work; memory stays bounded. Const methods are thread-safe. Pages that were
// read count as this process's memory until Release. Throws CsvError: the file cannot be read, is empty, is compressed,
// UTF-16, or another known format that is no CSV.
#pragma once

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace baselines {

class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class CsvFile {
 public:
  explicit CsvFile(const std::filesystem::path& path);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  const std::string& name() const { return name_; }  // for messages: the path, or "standard input"
  std::string_view text() const { return text_; }    // without a byte order mark

  // Gives the pages that lie wholly within [begin, end) back to the system; reading them again is still possible.
  void Release(const char* begin, const char* end) const;

 private:
  std::string name_;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::string_view text_;
};

}  // namespace baselines
