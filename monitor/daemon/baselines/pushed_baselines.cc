#include "monitor/daemon/baselines/pushed_baselines.h"

#include <algorithm>
#include <tuple>

#include "alerts/messages/text.h"
#include "baselines/profile_file.h"

namespace monitor {
namespace {

constexpr std::string_view kSuffix = ".baseline.json";

// No name is `..` or hidden, whatever a model is called.
std::string FileName(const std::string& text) {
  const std::string name = alerts::PercentEncode(text);
  return name.starts_with('.') ? "%2E" + name.substr(1) : name;
}

}  // namespace

std::vector<std::filesystem::path> PushedBaselines::Files(const std::string& model) const {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = folder_ / FileName(model);
  // `monitord --check` may be run by somebody who cannot look into the state folder.
  std::error_code unreadable;
  if (!std::filesystem::is_directory(folder, unreadable)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with(kSuffix)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::filesystem::path PushedBaselines::FileOf(const std::string& model, const std::string& version) const {
  return folder_ / FileName(model) / (FileName(version) + std::string(kSuffix));
}

bool PushedBaselines::Put(const std::string& model, const baselines::Profile& profile) const {
  const std::filesystem::path file = FileOf(model, profile.version);
  if (std::filesystem::exists(file) && baselines::ReadProfile(file).digest == profile.digest) return false;
  std::filesystem::create_directories(file.parent_path());
  baselines::WriteProfile(profile, file);
  return true;
}

std::optional<std::filesystem::path> PushedBaselines::Newest(const std::string& model) const {
  std::optional<std::filesystem::path> newest;
  std::tuple<std::string, std::string> age;
  for (const std::filesystem::path& file : Files(model)) {
    const baselines::Profile profile = baselines::ReadProfile(file);
    const std::tuple own(std::string(profile.created), profile.version);
    if (newest && own <= age) continue;
    newest = file;
    age = own;
  }
  return newest;
}

std::filesystem::path PushedBaselines::SetAside(const std::filesystem::path& file) {
  std::filesystem::path aside = file;
  aside.replace_extension().replace_extension(".rolled-back.json");
  std::filesystem::rename(file, aside);
  return aside;
}

}  // namespace monitor
