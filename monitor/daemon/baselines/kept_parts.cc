#include "monitor/daemon/baselines/kept_parts.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "alerts/messages/text.h"
#include "baselines/profile_file.h"

namespace monitor {
namespace {

constexpr const char* kSuffix = ".baseline.json";

}  // namespace

std::filesystem::path KeptParts::FolderOf(const std::string& model) const {
  return folder_ / ("parts-" + alerts::PercentEncode(model));
}

std::filesystem::path KeptParts::FileOf(const std::string& model, const std::string& version) const {
  return FolderOf(model) / (alerts::PercentEncode(version) + kSuffix);
}

std::optional<baselines::Profile> KeptParts::Of(const std::string& model, const std::string& version) const {
  const auto file = FileOf(model, version);
  if (!std::filesystem::exists(file)) return std::nullopt;
  return baselines::ReadProfile(file);
}

std::vector<baselines::Profile> KeptParts::All(const std::string& model) const {
  std::vector<baselines::Profile> all;
  // `monitord --check` may be run by somebody who cannot look into the state folder.
  std::error_code unreadable;
  if (!std::filesystem::is_directory(FolderOf(model), unreadable)) return all;
  for (const auto& entry : std::filesystem::directory_iterator(FolderOf(model))) {
    if (entry.path().filename().string().ends_with(kSuffix)) all.push_back(baselines::ReadProfile(entry.path()));
  }
  std::ranges::sort(all, std::greater(), [](const baselines::Profile& p) { return std::tie(p.created, p.version); });
  return all;
}

void KeptParts::Put(const std::string& model, const baselines::Profile& completed) const {
  std::filesystem::create_directories(FolderOf(model));
  baselines::WriteProfile(completed, FileOf(model, completed.version));
}

void KeptParts::Remove(const std::string& model, const std::string& version) const {
  std::filesystem::remove(FileOf(model, version));
}

}  // namespace monitor
