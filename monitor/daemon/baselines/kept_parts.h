// KeptParts: what baselines lack and live traffic showed (baselines/complete.h), kept per model and version in
// state/learning/parts-<model>/<version>.baseline.json: the baseline that was the newest then, completed.
//
// The files that the configuration names, and pushed ones, stay as they are; every version that lacks a part gets it
// from there: from its own file first, then from the newest that has it. Files are replaced atomically and synced. No
// state in memory. Throws std::filesystem::filesystem_error and baselines::ProfileError.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "baselines/profile.h"

namespace monitor {

class KeptParts {
 public:
  explicit KeptParts(const std::filesystem::path& state) : folder_(state / "learning") {}

  std::optional<baselines::Profile> Of(const std::string& model, const std::string& version) const;
  void Put(const std::string& model, const baselines::Profile& completed) const;
  void Remove(const std::string& model, const std::string& version) const;

  // Of all versions, the newest first.
  std::vector<baselines::Profile> All(const std::string& model) const;

 private:
  std::filesystem::path FolderOf(const std::string& model) const;
  std::filesystem::path FileOf(const std::string& model, const std::string& version) const;

  std::filesystem::path folder_;
};

}  // namespace monitor
