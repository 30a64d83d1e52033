// PushedBaselines: baselines that came over the API, kept in state/baselines/<model>/<version>.baseline.json beside
// those that the configuration names.
//
// Files are replaced atomically and synced; names are percent-encoded. What is taken back is kept as
// <version>.rolled-back.json. No state in memory; calls that change something must not overlap. Throws
// std::filesystem::filesystem_error and baselines::ProfileError.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "baselines/profile.h"

namespace monitor {

class PushedBaselines {
 public:
  explicit PushedBaselines(const std::filesystem::path& state) : folder_(state / "baselines") {}

  std::vector<std::filesystem::path> Files(const std::string& model) const;
  std::filesystem::path FileOf(const std::string& model, const std::string& version) const;
  // False: this very baseline is there already.
  bool Put(const std::string& model, const baselines::Profile& profile) const;
  // The file of the newest one, by creation time, then version; nullopt where there is none.
  std::optional<std::filesystem::path> Newest(const std::string& model) const;
  // Takes a file out of use and returns its new name.
  static std::filesystem::path SetAside(const std::filesystem::path& file);

 private:
  std::filesystem::path folder_;
};

}  // namespace monitor
