// KeptParts: what baselines lack and live traffic showed (baselines/complete.h), kept per model in
// state/learning/parts-<model>.baseline.json: the newest baseline of the day, completed.
//
// The files that the configuration names, and pushed ones, stay as they are; every version that lacks a part gets it
// from there. Files are replaced atomically and synced. No state in memory. Throws
// std::filesystem::filesystem_error and baselines::ProfileError.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "baselines/profile.h"

namespace monitor {

class KeptParts {
 public:
  explicit KeptParts(const std::filesystem::path& state) : folder_(state / "learning") {}

  std::filesystem::path FileOf(const std::string& model) const;
  std::optional<baselines::Profile> Of(const std::string& model) const;
  void Put(const std::string& model, const baselines::Profile& completed) const;
  void Remove(const std::string& model) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace monitor
