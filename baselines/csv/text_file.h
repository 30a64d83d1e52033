// TextFile: the bytes of a text file or of standard input, mapped into memory for reading as often as wanted.
//
// A plain file is mapped as it is. What cannot be mapped ("-", pipes, terminals) or is packed (gzip, zstd: told by the
// first bytes) is first written to a temporary file (spool.h), so memory stays bounded. Const methods are thread-safe.
// Pages that were read count as this process's memory until Release. A file that becomes shorter while it is read gives
// zeros from its new end on: who has read it asks CheckWhole. Throws FileError: the file cannot be read, is empty, is
// damaged, UTF-16, or of a format that is no text.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "baselines/csv/file_descriptor.h"
#include "baselines/csv/file_error.h"
#include "baselines/csv/shrink_guard.h"
#include "baselines/csv/spool.h"

namespace baselines {

class TextFile {
 public:
  // A text that was put together says where its lines come from: from `offset` on they are those of `file`, where as
  // many lines as `lines` stood before.
  struct Part {
    std::size_t offset;
    std::string file;
    std::size_t lines;
  };

  explicit TextFile(const std::filesystem::path& path);
  TextFile(Spool text, std::string name, std::vector<Part> parts = {});
  TextFile(TextFile&& other) noexcept = default;
  ~TextFile() = default;

  const std::string& name() const { return name_; }  // for messages: the path, or "standard input"
  std::string_view text() const { return text_; }    // without a byte order mark
  std::string PlaceOf(const char* at) const;         // "train.csv:17"; counts lines

  // Has the pages of [begin, end) mapped at once, which is cheaper than one after the other when they are touched.
  void Prefetch(const char* begin, const char* end) const;
  // Gives the pages that lie wholly within [begin, end) back to the system; reading them again is still possible.
  void Release(const char* begin, const char* end) const;
  // Throws FileError when the file has become shorter since it was opened.
  void CheckWhole() const;

 private:
  struct Unmap {
    std::size_t size;
    void operator()(char* data) const;
  };

  void Map();

  std::string name_;
  FileDescriptor file_;
  std::vector<Part> parts_;
  std::size_t size_ = 0;
  std::unique_ptr<char, Unmap> data_;
  std::unique_ptr<ShrinkGuard> guard_;
  std::string_view text_;
};

}  // namespace baselines
