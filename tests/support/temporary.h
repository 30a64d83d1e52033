// Temporary(name): a path in a folder of this process alone, which is removed with all that is in it when the process
// ends.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace tests {

inline std::filesystem::path Temporary(const std::string& name) {
  static const struct Folder {
    Folder() {
      std::string pattern = (std::filesystem::temp_directory_path() / "monitord-test-XXXXXX").string();
      if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
      path = pattern;
    }
    ~Folder() {
      std::error_code ignored;  // nobody is left to hear of it
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  } folder;
  return folder.path / name;
}

}  // namespace tests
