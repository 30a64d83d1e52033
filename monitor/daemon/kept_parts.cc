#include "monitor/daemon/kept_parts.h"

#include "alerts/text.h"
#include "baselines/profile_file.h"

namespace monitor {

std::filesystem::path KeptParts::FileOf(const std::string& model) const {
  return folder_ / ("parts-" + alerts::PercentEncode(model) + ".baseline.json");
}

std::optional<baselines::Profile> KeptParts::Of(const std::string& model) const {
  // `monitord --check` may be run by somebody who cannot look into the state folder.
  std::error_code unreadable;
  if (!std::filesystem::exists(FileOf(model), unreadable)) return std::nullopt;
  return baselines::ReadProfile(FileOf(model));
}

void KeptParts::Put(const std::string& model, const baselines::Profile& completed) const {
  std::filesystem::create_directories(folder_);
  baselines::WriteProfile(completed, FileOf(model));
}

void KeptParts::Remove(const std::string& model) const { std::filesystem::remove(FileOf(model)); }

}  // namespace monitor
