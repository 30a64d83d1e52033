// What the daemon does about baselines that come over the API. One change at a time: it is written, taken into force by
// a reload, and undone where that is refused.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "baselines/compare.h"
#include "baselines/complete.h"
#include "baselines/profile_file.h"
#include "monitor/daemon/baselines/kept_parts.h"
#include "monitor/daemon/baselines/load_baselines.h"
#include "monitor/daemon/baselines/pushed_baselines.h"
#include "monitor/daemon/daemon.h"
#include "monitor/daemon/log.h"

namespace monitor {
namespace {

using nlohmann::json;

json BaselineJson(const baselines::Profile& profile, const ModelBaselines& all) {
  return {{"version", profile.version},
          {"digest", profile.digest},
          {"rows", profile.rows},
          {"features", profile.features.size()},
          {"created", profile.created},
          {"learnt", baselines::LearntParts(profile)},
          {"source", all.pushed.contains(profile.version) ? "pushed" : "file"},
          {"newest", all.newest != nullptr && all.newest->version == profile.version}};
}

const ActionAnswer kNotRunning{503, {{"error", "monitord is starting or stopping; try again"}}};

ActionAnswer Refuse(int status, const std::string& why) { return {status, {{"error", why}}}; }

AuditEntry Audited(const char* action, const std::string& version, const std::string& model,
                   const OperatorAction& who) {
  return {.action = action, .subject = version, .model = model, .by = who.by, .comment = who.comment};
}

}  // namespace

Config Daemon::CurrentConfig() {
  const std::lock_guard lock(reload_mutex_);
  return config_;
}

ActionAnswer Daemon::ListBaselines(const std::string& model) {
  if (!running_) return kNotRunning;
  const Config config = CurrentConfig();
  const auto all = LoadBaselines(config);
  const auto own = all.find(model);
  if (own == all.end()) return Refuse(404, "model `" + model + "` is not configured, or still learns its baseline");
  json list = json::array();
  for (const auto& [version, profile] : own->second.by_version) list.push_back(BaselineJson(*profile, own->second));
  return {200, {{"baselines", list}}};
}

ActionAnswer Daemon::PutBaseline(const std::string& model, const std::string& version, const std::string& text,
                                 const OperatorAction& who) {
  if (!running_) return kNotRunning;
  const std::lock_guard one(baselines_mutex_);
  const Config config = CurrentConfig();
  std::optional<baselines::Profile> profile;
  try {
    profile = baselines::ProfileFromJson(text, "the baseline");
  } catch (const baselines::ProfileError& fault) {
    return Refuse(400, fault.what());
  }
  if (profile->version != version || (profile->model_given && profile->model != model)) {
    return Refuse(400, "the baseline was built for model " + profile->model + " version " + profile->version +
                           ", not for " + model + " version " + version + "; build it with --model and --version");
  }
  if (profile->features.empty()) return Refuse(400, "the baseline has no features");
  const auto before = LoadBaselines(config);
  const auto own = before.find(model);
  if (std::ranges::find(config.models, model, &ModelConfig::name) == config.models.end())
    return Refuse(404, "model `" + model + "` is not configured");
  const PushedBaselines pushed(config.state);
  const auto file = pushed.FileOf(model, version);
  std::optional<baselines::Profile> old;
  if (std::filesystem::exists(file)) old = baselines::ReadProfile(file);
  const bool fresh = pushed.Put(model, *profile);
  if (fresh) {
    if (const std::string why = Reload(Audited("baseline_push", version, model, who)); !why.empty()) {
      old ? baselines::WriteProfile(*old, file) : static_cast<void>(std::filesystem::remove(file));
      return Refuse(409, "the baseline is not taken over: " + why);
    }
    Log(LogLevel::kInfo, "baseline of " + model + " version " + version + " was pushed, digest " + profile->digest);
  }
  const auto now = LoadBaselines(config);
  const baselines::Profile& taken = *now.at(model).by_version.at(version);  // with what is learnt, where it lacks it
  json answer = BaselineJson(taken, now.at(model));
  answer["changed"] = fresh;
  answer["against"] = own == before.end() ? nullptr : json(own->second.newest->version);
  answer["moved"] = own == before.end() ? "there was none before" : baselines::MovedText(*own->second.newest, taken);
  return {200, answer};
}

void Daemon::TakeLearnt(const std::string& model, const baselines::Profile& profile) {
  const std::lock_guard one(baselines_mutex_);
  const Config config = CurrentConfig();
  if (LoadBaselines(config).contains(model)) return;  // somebody was quicker and pushed one
  const PushedBaselines pushed(config.state);
  pushed.Put(model, profile);
  if (const std::string why = Reload(
          {.action = "baseline_learn", .subject = profile.version, .model = model, .by = "monitord", .comment = ""});
      !why.empty()) {
    if (!running_) return;  // the next start finds it
    std::filesystem::remove(pushed.FileOf(model, profile.version));
    throw std::runtime_error("the baseline that was learnt is not taken over: " + why);
  }
  Log(LogLevel::kInfo, "baseline of " + model + " version " + profile.version + " was learnt from " +
                           std::to_string(profile.rows) + " rows, digest " + profile.digest);
}

bool Daemon::TakeLearntParts(const std::string& model, const baselines::Profile& learnt) {
  const std::lock_guard one(baselines_mutex_);
  const Config config = CurrentConfig();
  const auto all = LoadBaselines(config);
  const auto own = all.find(model);
  if (own == all.end()) return true;  // it is gone
  const baselines::Profile completed = baselines::Complete(*own->second.newest, learnt);
  if (completed.digest == own->second.newest->digest) return false;
  const KeptParts parts(config.state);
  const auto before = parts.Of(model, completed.version);
  parts.Put(model, completed);
  if (const std::string why = Reload(
          {.action = "baseline_learn", .subject = completed.version, .model = model, .by = "monitord", .comment = ""});
      !why.empty()) {
    if (!running_) return true;  // the next start finds it
    before ? parts.Put(model, *before) : parts.Remove(model, completed.version);
    throw std::runtime_error("what was learnt of the baseline is not taken over: " + why);
  }
  std::string names;
  for (const auto& [name, traffic] : baselines::LearntParts(completed)) names += (names.empty() ? "" : ", ") + name;
  Log(LogLevel::kInfo,
      "baseline of " + model + " lacked parts that are learnt now: " + names + "; digest " + completed.digest);
  return true;
}

ActionAnswer Daemon::RollBackBaseline(const std::string& model, const OperatorAction& who) {
  if (!running_) return kNotRunning;
  const std::lock_guard one(baselines_mutex_);
  const Config config = CurrentConfig();
  if (!LoadBaselines(config).contains(model)) return Refuse(404, "model `" + model + "` is not configured");
  const auto file = PushedBaselines(config.state).Newest(model);
  if (!file) return Refuse(409, "no baseline of model `" + model + "` was pushed; take files away by hand and reload");
  const std::string version = baselines::ReadProfile(*file).version;
  const auto aside = PushedBaselines::SetAside(*file);
  if (const std::string why = Reload(Audited("baseline_rollback", version, model, who)); !why.empty()) {
    std::filesystem::rename(aside, *file);
    return Refuse(409, "the baseline stays: " + why);
  }
  Log(LogLevel::kInfo, "baseline of " + model + " version " + version + " was rolled back");
  const auto now = LoadBaselines(config);
  json answer = now.contains(model) ? BaselineJson(*now.at(model).newest, now.at(model)) : json{{"version", nullptr}};
  answer["rolled_back"] = version;
  return {200, answer};
}

}  // namespace monitor
