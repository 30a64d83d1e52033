#include "monitor/training/training_files.h"

#include <glob.h>

#include <filesystem>

#include "baselines/csv/csv_join.h"
#include "monitor/training/json_table.h"

namespace monitor {
namespace {

using baselines::FileError;
using baselines::TextFile;

// The files that a name stands for; a name without a pattern, or of a file that is there, stands for itself.
std::vector<std::string> Expand(const std::string& name) {
  std::error_code fault;
  if (name.find_first_of("*?[") == std::string::npos || std::filesystem::exists(name, fault)) return {name};
  glob_t found{};
  const int status = ::glob(name.c_str(), 0, nullptr, &found);
  std::vector<std::string> files;
  if (status == 0) files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (files.empty()) throw FileError("no file matches " + name);
  return files;
}

}  // namespace

TrainingFiles OpenTrainingFiles(const std::vector<std::string>& names, const std::vector<std::string>& ignore) {
  std::vector<TextFile> files;
  for (const std::string& name : names) {
    for (const std::string& file : Expand(name)) files.emplace_back(file);
  }
  const bool json = LooksLikeJson(files.front());
  for (const TextFile& file : files) {
    if (LooksLikeJson(file) != json) {
      throw FileError(file.name() + (json ? " is no JSON, " : " is JSON, ") + files.front().name() +
                      (json ? " is" : " is not") + "; make them one format");
    }
  }
  const std::string first = files.front().name();
  std::string source = std::filesystem::path(first).filename().string();
  if (files.size() > 1)
    source += " and " + std::to_string(files.size() - 1) + (files.size() == 2 ? " more file" : " more files");
  if (json) return {CsvOfJson(files, first, ignore), source};
  if (files.size() == 1) return {std::move(files.front()), source};
  return {baselines::JoinCsv(files, first), source};
}

}  // namespace monitor
