#include "monitor/daemon/baselines/load_baselines.h"

#include <algorithm>
#include <tuple>

#include "baselines/complete.h"
#include "baselines/profile_file.h"
#include "monitor/daemon/baselines/kept_parts.h"
#include "monitor/daemon/baselines/pushed_baselines.h"
#include "monitor/daemon/config/nearest.h"

namespace monitor {
namespace {

constexpr std::string_view kSuffix = ".baseline.json";

std::vector<std::filesystem::path> Files(const ModelConfig& model) {
  if (model.learn) return {};
  if (!std::filesystem::is_directory(model.baseline)) return {model.baseline};
  std::vector<std::filesystem::path> files;
  const std::string prefix = model.name + "-";
  for (const auto& entry : std::filesystem::directory_iterator(model.baseline)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(kSuffix)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// By what was learnt for its own version, then by the newest that has what it still lacks.
std::shared_ptr<const baselines::Profile> Completed(baselines::Profile profile,
                                                    const std::vector<baselines::Profile>& kept) {
  const auto own = std::ranges::find(kept, profile.version, &baselines::Profile::version);
  if (own != kept.end()) profile = baselines::Complete(std::move(profile), *own);
  for (const baselines::Profile& learnt : kept) profile = baselines::Complete(std::move(profile), learnt);
  return std::make_shared<const baselines::Profile>(std::move(profile));
}

ModelBaselines LoadModel(const Config& config, const ModelConfig& model) {
  const std::string where = config.file.string() + ": models." + model.name + ".baseline: ";
  const std::vector<std::filesystem::path> files = Files(model);
  if (files.empty() && !model.learn) {
    throw ConfigError(where + "no file called " + model.name + "-<version>" + std::string(kSuffix) + " in " +
                      model.baseline.string() + "; make one with `monitorctl baseline build train.csv --model " +
                      model.name + "`");
  }
  ModelBaselines baselines;
  for (const auto& file : files) {
    std::shared_ptr<const baselines::Profile> profile;
    try {
      profile = std::make_shared<const baselines::Profile>(baselines::ReadProfile(file));
    } catch (const baselines::ProfileError& fault) {
      throw ConfigError(where + fault.what());
    }
    if (profile->model_given && profile->model != model.name) {
      throw ConfigError(where + file.string() + " was built for the model " + profile->model + ", not " + model.name +
                        "; build it again with --model " + model.name + " or correct the path");
    }
    if (profile->features.empty())
      throw ConfigError(where + file.string() + " has no features; look at it with `monitorctl baseline show`");
    auto& slot = baselines.by_version[profile->version];
    if (slot != nullptr)
      throw ConfigError(where + "two files hold a baseline of version " + profile->version + ", one is " +
                        file.string());
    slot = profile;
  }
  for (const auto& file : PushedBaselines(config.state).Files(model.name)) {
    auto profile = std::make_shared<const baselines::Profile>(baselines::ReadProfile(file));
    baselines.pushed.insert(profile->version);
    baselines.by_version[profile->version] = std::move(profile);
  }
  if (const auto kept = KeptParts(config.state).All(model.name); !kept.empty()) {
    for (auto& [version, profile] : baselines.by_version) profile = Completed(*profile, kept);
  }
  for (const auto& [version, profile] : baselines.by_version) {
    const auto age = [](const baselines::Profile& p) { return std::tie(p.created, p.version); };
    if (baselines.newest == nullptr || age(*baselines.newest) < age(*profile)) baselines.newest = profile;
  }
  return baselines;
}

// A mistyped feature would silently weigh nothing.
void CheckImportances(const Config& config, const ModelConfig& model, const ModelBaselines& baselines) {
  for (const auto& [name, importance] : model.importances) {
    const auto has = [&](const auto& version) { return version.second->Find(name) != nullptr; };
    if (std::ranges::any_of(baselines.by_version, has)) continue;
    std::vector<std::string_view> known;
    for (const auto& feature : baselines.newest->features) known.push_back(feature.name);
    throw ConfigError(config.file.string() + ": models." + model.name + ".importances: there is no feature `" + name +
                      "` in its baselines; " + Suggestion(name, known));
  }
}

}  // namespace

std::map<std::string, ModelBaselines> LoadBaselines(const Config& config) {
  std::map<std::string, ModelBaselines> all;
  for (const ModelConfig& model : config.models) {
    ModelBaselines own = LoadModel(config, model);
    if (own.newest == nullptr) continue;
    CheckImportances(config, model, own);
    all[model.name] = std::move(own);
  }
  return all;
}

Config WatchedOf(const Config& config, const std::map<std::string, ModelBaselines>& baselines) {
  Config watched = config;
  std::erase_if(watched.models, [&](const ModelConfig& model) { return !baselines.contains(model.name); });
  return watched;
}

}  // namespace monitor
