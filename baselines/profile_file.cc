#include "baselines/profile_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "baselines/base64.h"

namespace baselines {
namespace {

using Json = nlohmann::json;
using detectors::FeatureKind;

constexpr int kFormat = 1;
constexpr std::uint8_t kExactVersion = 1;
constexpr std::string_view kWhat = "monitord baseline";
constexpr std::size_t kTopShown = 20;

// Text of unknown encoding inside is replaced, not refused: the exact form is in base64.
std::string Dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

std::string ChecksumOf(Json json) {
  json.erase("checksum");
  return Hex128(Dump(json, -1));
}

Json NumericForPeople(const ProfileColumn& column) {
  const auto& moments = column.summary.moments();
  const auto& binning = column.summary.shape().binning;
  return {{"min", moments.min()},
          {"max", moments.max()},
          {"mean", moments.mean()},
          {"std", moments.standard_deviation()},
          {"quantiles", {{"0.25", column.q25}, {"0.5", column.q50}, {"0.75", column.q75}}},
          {"histogram",
           {{"cuts", std::vector<double>(binning.coarse_cuts().begin(), binning.coarse_cuts().end())},
            {"counts", binning.Coarse(column.summary.bins())}}}};
}

Json CategoricalForPeople(const ProfileColumn& column) {
  const auto& counts = column.summary.categories();
  Json top = Json::array();
  for (std::size_t i = 0; i < std::min(kTopShown, counts.known().size()); ++i) {
    top.push_back({{"name", column.summary.shape().dictionary.name(static_cast<detectors::CategoryId>(i))},
                   {"count", counts.known()[i]}});
  }
  return {{"top", top}, {"other", counts.other()}, {"unseen", counts.unseen()}};
}

// The largest correlations of the features' normal scores.
Json StrongestForPeople(const Profile& profile) {
  struct Pair {
    double correlation;
    std::size_t first, second;
  };
  const JointReference& joint = *profile.joint;
  std::vector<Pair> pairs;
  for (std::size_t a = 1; a < joint.features.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (const auto r = joint.moments.Correlation(a, b)) pairs.push_back({*r, joint.features[b], joint.features[a]});
    }
  }
  std::ranges::stable_sort(pairs, std::greater<>(), [](const Pair& pair) { return std::abs(pair.correlation); });
  Json strongest = Json::array();
  for (std::size_t i = 0; i < std::min(kTopShown, pairs.size()); ++i)
    strongest.push_back({{"features", {profile.features[pairs[i].first].name, profile.features[pairs[i].second].name}},
                         {"correlation", pairs[i].correlation}});
  return strongest;
}

template <class Part>
std::string Exact(const Part& part) {
  detectors::Encoder exact;
  part.Encode(exact);
  return Base64Encode(exact.bytes());
}

std::string BytesOf(const Json& base64) {
  auto bytes = Base64Decode(base64.get_ref<const std::string&>());
  if (!bytes) throw detectors::DecodeError("its base64 is damaged");
  return *std::move(bytes);
}

Json LadderToJson(const detectors::StepLadder& ladder) {
  Json rungs = Json::array();
  for (const auto& rung : ladder.rungs()) {
    rungs.push_back({{"step_seconds", rung.step_s},
                     {"blocks", rung.blocks},
                     {"rows", rung.records},
                     {"largest_design_effect", std::ranges::max(rung.effects)}});
  }
  return {{"rungs", rungs}, {"exact", Exact(ladder)}};
}

detectors::StepLadder LadderFromJson(const Json& json) {
  const std::string bytes = BytesOf(json.at("exact"));
  detectors::Decoder exact(bytes);
  return detectors::StepLadder::Decode(exact);
}

Json ColumnToJson(const ProfileColumn& column) {
  detectors::Encoder exact;
  exact.Byte(kExactVersion);
  exact.Double(column.distinct);
  exact.Double(column.q25);
  exact.Double(column.q50);
  exact.Double(column.q75);
  column.summary.shape().Encode(exact);
  column.summary.Encode(exact);
  const bool numeric = column.kind() == FeatureKind::kNumeric;
  Json json = numeric ? NumericForPeople(column) : CategoricalForPeople(column);
  json.update({{"name", column.name},
               {"type", numeric ? "numeric" : "categorical"},
               {"inferred", column.inferred},
               {"why", column.why},
               {"count", column.summary.records()},
               {"missing", column.summary.missing()},
               {"type_faults", column.summary.type_faults()},
               {"distinct", column.distinct},
               {"exact", Base64Encode(exact.bytes())}});
  if (column.value_steps.known()) json["value_steps"] = LadderToJson(column.value_steps);
  if (column.missing_steps.known()) json["missing_steps"] = LadderToJson(column.missing_steps);
  if (!column.learnt.empty()) json["learnt"] = column.learnt;
  if (column.seasons) {
    json["seasons"] = {{"number", column.seasons->cells.seasons()},
                       {"design_effect_without", column.seasons->effect_without},
                       {"design_effect_with", column.seasons->effect_with},
                       {"exact", Exact(column.seasons->cells)}};
  }
  return json;
}

ProfileColumn ColumnFromJson(const Json& json) {
  const std::string bytes = BytesOf(json.at("exact"));
  detectors::Decoder exact(bytes);
  exact.Version(kExactVersion, "baseline column");
  const double distinct = exact.Double(), q25 = exact.Double(), q50 = exact.Double(), q75 = exact.Double();
  auto shape = detectors::FeatureShape::Decode(exact);
  ProfileColumn column{json.at("name"), json.at("inferred"), json.at("why"),
                       detectors::FeatureSummary::Decode(exact, shape)};
  column.distinct = distinct;
  column.q25 = q25;
  column.q50 = q50;
  column.q75 = q75;
  if (!exact.AtEnd()) throw detectors::DecodeError("its base64 has bytes too many");
  // Files of before they were kept, and those without times, have none.
  if (json.contains("value_steps")) column.value_steps = LadderFromJson(json.at("value_steps"));
  if (json.contains("missing_steps")) column.missing_steps = LadderFromJson(json.at("missing_steps"));
  column.learnt = json.value("learnt", "");
  if (json.contains("seasons")) {
    const std::string cells = BytesOf(json.at("seasons").at("exact"));
    detectors::Decoder seasons(cells);
    column.seasons.emplace(detectors::Seasons::Decode(seasons),
                           json.at("seasons").at("design_effect_without").get<double>(),
                           json.at("seasons").at("design_effect_with").get<double>());
  }
  return column;
}

Profile FromJson(const Json& json) {
  Profile profile;
  profile.model = json.at("model");
  profile.model_given = json.at("model_given");
  profile.version = json.at("version");
  profile.source = json.at("source");
  profile.created = json.at("created");
  profile.rows = json.at("rows");
  const auto task = TaskNamed(json.at("task").get<std::string>());
  if (!task) throw detectors::DecodeError("unknown task");
  profile.task = *task;
  profile.positive = json.at("positive");
  for (const Json& feature : json.at("features")) profile.features.push_back(ColumnFromJson(feature));
  const auto optional = [&](const char* key) -> std::optional<ProfileColumn> {
    if (json.at(key).is_null()) return std::nullopt;
    return ColumnFromJson(json.at(key));
  };
  profile.prediction = optional("prediction");
  profile.score = optional("score");
  profile.label = optional("label");
  if (json.contains("quality")) {  // files of before it was kept have none
    const std::string bytes = BytesOf(json.at("quality").at("exact"));
    detectors::Decoder exact(bytes);
    profile.quality = ReferenceQuality::Decode(exact);
    profile.quality_learnt = json.at("quality").value("learnt", "");
  }
  // Files of before they were kept have none of the two.
  const auto decode = [&](const char* key, const auto& read) {
    if (!json.contains(key)) return;
    const std::string bytes = BytesOf(json.at(key).at("exact"));
    detectors::Decoder exact(bytes);
    read(exact);
  };
  decode("joint", [&](detectors::Decoder& exact) { profile.joint = JointReference::Decode(exact); });
  decode("outcome", [&](detectors::Decoder& exact) {
    std::vector<const detectors::FeatureShape*> shapes;
    for (const ProfileColumn& feature : profile.features) shapes.push_back(&feature.summary.shape());
    profile.outcome = OutcomeReference::Decode(exact, shapes);
  });
  if (profile.joint) {
    for (const std::size_t feature : profile.joint->features) {
      if (feature >= profile.features.size() || profile.features[feature].kind() != FeatureKind::kNumeric)
        throw detectors::DecodeError("its joint reference names no numeric feature");
    }
  }
  profile.time_column = json.at("columns").at("time");
  profile.id_column = json.at("columns").at("id");
  // Files of before --ignore was the way to say it.
  if (const std::string weight = json.at("columns").value("weight", ""); !weight.empty())
    profile.ignored.push_back({weight, "a weight"});
  for (const Json& ignored : json.at("ignored")) profile.ignored.push_back({ignored.at("name"), ignored.at("why")});
  profile.assumptions = json.at("assumptions").get<std::vector<std::string>>();
  profile.missing_texts = json.at("missing_texts").get<std::vector<std::string>>();
  profile.completes = json.value("completes", "");
  profile.digest = json.at("digest");
  return profile;
}

[[noreturn]] void ThrowSystem(const std::filesystem::path& file, const char* what) {
  throw ProfileError(file.string() + ": " + what + ": " + std::strerror(errno));
}

void WriteAll(int fd, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) ThrowSystem(file, "cannot write");
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string ProfileToJson(const Profile& profile) {
  Json json = {{"format", kFormat},
               {"what", kWhat},
               {"model", profile.model},
               {"model_given", profile.model_given},
               {"version", profile.version},
               {"source", profile.source},
               {"created", profile.created},
               {"rows", profile.rows},
               {"task", TaskName(profile.task)},
               {"positive", profile.positive},
               {"columns", {{"time", profile.time_column}, {"id", profile.id_column}}},
               {"features", Json::array()},
               {"prediction", nullptr},
               {"score", nullptr},
               {"label", nullptr},
               {"ignored", Json::array()},
               {"assumptions", profile.assumptions},
               {"missing_texts", profile.missing_texts},
               {"digest", profile.digest}};
  if (!profile.completes.empty()) json["completes"] = profile.completes;
  for (const ProfileColumn& feature : profile.features) json["features"].push_back(ColumnToJson(feature));
  if (profile.prediction) json["prediction"] = ColumnToJson(*profile.prediction);
  if (profile.score) json["score"] = ColumnToJson(*profile.score);
  if (profile.label) json["label"] = ColumnToJson(*profile.label);
  if (profile.quality) {
    json["quality"] = {{"classes", profile.quality->classes},
                       {"labels", profile.quality->counts.labels() + profile.quality->numbers.labels()},
                       {"exact", Exact(*profile.quality)}};
    if (!profile.quality_learnt.empty()) json["quality"]["learnt"] = profile.quality_learnt;
  }
  if (profile.joint) {
    json["joint"] = {{"strongest", StrongestForPeople(profile)}, {"exact", Exact(*profile.joint)}};
  }
  if (profile.outcome) {
    json["outcome"] = {{"of", profile.outcome->outcome},
                       {"class", profile.outcome->of_class},
                       {"std", profile.outcome->deviation},
                       {"exact", Exact(*profile.outcome)}};
  }
  for (const IgnoredColumn& ignored : profile.ignored)
    json["ignored"].push_back({{"name", ignored.name}, {"why", ignored.why}});
  // What a reader will see: numbers that JSON has no text for become null.
  json = Json::parse(Dump(json, -1));
  json["checksum"] = ChecksumOf(json);
  return Dump(json, 1) + "\n";
}

Profile ProfileFromJson(std::string_view text, std::string_view name) {
  const auto fail = [&](const std::string& what) -> ProfileError {
    return ProfileError(std::string(name) + ": " + what);
  };
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw fail("not JSON, or cut short; build the baseline again with: monitorctl baseline build");
  }
  if (!json.is_object() || json.value("what", Json()) != kWhat || !json.value("format", Json()).is_number_integer()) {
    throw fail("JSON, but no baseline; a file made by monitorctl baseline build is expected");
  }
  const auto format = json.at("format").get<std::int64_t>();
  if (format > kFormat) {
    throw fail("format " + std::to_string(format) + " is newer than this program knows (" + std::to_string(kFormat) +
               "); update the program, or build the baseline again with this one");
  }
  if (!json.value("checksum", Json()).is_string() || json.at("checksum") != ChecksumOf(json)) {
    throw fail(
        "its checksum does not fit: the file was changed or damaged after it was built; restore it or build it again");
  }
  try {
    return FromJson(json);
  } catch (const nlohmann::json::exception& error) {
    throw fail(std::string("damaged (") + error.what() + "); build the baseline again");
  } catch (const std::exception& error) {
    throw fail(std::string("damaged: ") + error.what() + "; build the baseline again");
  }
}

void WriteProfile(const Profile& profile, const std::filesystem::path& file) {
  const std::string text = ProfileToJson(profile);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::string temporary = (folder / file.filename()).string() + ".tmp-XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) ThrowSystem(file, "cannot write into its folder");
  try {
    WriteAll(fd, text, file);
    if (::fchmod(fd, 0644) != 0 || ::fsync(fd) != 0) ThrowSystem(file, "cannot write");
    if (::rename(temporary.c_str(), file.c_str()) != 0) ThrowSystem(file, "cannot replace");
  } catch (...) {
    ::close(fd);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(fd);
  const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0) return;
  ::fsync(folder_fd);
  ::close(folder_fd);
}

Profile ReadProfile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code ignored;
  if (!in || std::filesystem::is_directory(file, ignored)) {
    throw ProfileError(file.string() + ": cannot be read (" + (in ? "it is a folder" : std::strerror(errno)) +
                       "); make a baseline with: monitorctl baseline build train.csv -o " + file.string());
  }
  std::ostringstream text;
  text << in.rdbuf();
  return ProfileFromJson(text.str(), file.string());
}

}  // namespace baselines
