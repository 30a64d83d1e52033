// A file with given text that is removed at the end of the test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace baselines {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text, std::string_view suffix = ".csv") {
    std::string pattern = (std::filesystem::temp_directory_path() / "baselines-XXXXXX").string() + std::string(suffix);
    ::close(::mkstemps(pattern.data(), static_cast<int>(suffix.size())));
    path_ = pattern;
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace baselines
