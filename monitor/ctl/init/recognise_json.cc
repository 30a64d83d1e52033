// JSON of anybody, our own among it: where the features stand, and which values are what else a record has.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "monitor/ctl/init/field_guess.h"
#include "monitor/ctl/init/json_documents.h"
#include "monitor/ctl/init/request_bodies.h"
#include "monitor/ctl/init/yaml_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using nlohmann::json;
using Shape = FeaturePlace::Shape;

std::string FeaturesValue(const FeaturePlace& place) {
  std::string path = YamlText(place.path);
  switch (place.shape) {
    case Shape::kObject: {
      if (place.more.empty()) return path;
      std::vector<std::string> paths{place.path};
      paths.insert(paths.end(), place.more.begin(), place.more.end());
      return YamlList(paths);
    }
    case Shape::kOrder:
      return "{path: " + path + ", order: " + (place.order.empty() ? "baseline" : YamlList(place.order)) + "}";
    case Shape::kPairs:
      return "{path: " + path + ", name: " + YamlText(place.name) + ", value: " + YamlText(place.value) + "}";
    case Shape::kFlatten:
      break;
  }
  return "{path: " + path + ", flatten: true}";
}

std::string PlaceText(const FeaturePlace& place) {
  const std::string rows = place.rows.empty() ? "" : ", once for each row of `" + place.rows + "`";
  std::string path = "`" + place.path + "`";
  for (const std::string& more : place.more) path += " and `" + more + "`";
  switch (place.shape) {
    case Shape::kObject:
      return "by name in " + path + rows;
    case Shape::kOrder:
      return "as a list in " + path + rows;
    case Shape::kPairs:
      return "as name/value pairs in " + path + rows;
    case Shape::kFlatten:
      break;
  }
  return "nested in " + path + rows;
}

class JsonProposal {
 public:
  JsonProposal(const TopicMaterial& topic, JsonDocuments documents)
      : topic_(topic), read_(std::move(documents)), documents_(read_.documents) {}

  Proposal Make() {
    const FeatureSearch found = FindFeatures(documents_.all, topic_.training);
    if (found.places.empty()) {
      proposal_.unreadable = "nothing in the messages is called like a column of the training file";
      if (!found.lists.empty())
        proposal_.unreadable += "; there are lists: " + found.lists.front() + ", while the training file has " +
                                Thousands(topic_.training.features.size()) +
                                " features; say which they are with `features: {path: …, order: [a, b, …]}`";
      proposal_.unreadable += "; one message is: " + CutTo(topic_.messages.back().value, 160);
      return std::move(proposal_);
    }
    place_ = found.places.front();
    TellOfOtherPlaces(found);
    ProposeWhere();
    leaves_ = LeavesOf(documents_, &place_);
    DropFeatures();
    ProposeTime();
    ProposeId();
    for (const char* role : {"prediction", "score", "probabilities", "model", "version", "variant", "segment"})
      Propose(role);
    ProposeFeatures();
    proposal_.what = proposal_.fields.empty() ? "JSON as monitord expects it" : "JSON, features " + PlaceText(place_);
    return std::move(proposal_);
  }

 private:
  void TellOfOtherPlaces(const FeatureSearch& found) {
    for (std::size_t i = 1; i < found.places.size(); ++i) {
      const FeaturePlace& other = found.places[i];
      const bool part = other.path == place_.path && other.rows == place_.rows;
      if (part || other.shape == Shape::kFlatten || other.matched() < place_.matched() ||
          place_.path.starts_with(other.path) || std::ranges::find(place_.more, other.path) != place_.more.end())
        continue;
      proposal_.Assume("features",
                       "features stand " + PlaceText(place_) + "; they could also be read " + PlaceText(other));
    }
  }

  bool HasFeatures(const json& document) const {
    if (!place_.rows.empty()) return NodeAt(document, place_.rows) != nullptr;
    std::vector<std::string> paths{place_.path};
    paths.insert(paths.end(), place_.more.begin(), place_.more.end());
    return std::ranges::any_of(paths, [&](const std::string& path) {
      const json* const node = NodeAt(document, path);
      if (node == nullptr || !node->is_structured()) return false;
      if (place_.shape != Shape::kObject) return path != "$" || node->size() > 1;
      return std::ranges::any_of(place_.match.same, [&](const std::string& name) { return node->contains(name); }) ||
             std::ranges::any_of(place_.match.rename, [&](const auto& name) { return node->contains(name.first); });
    });
  }

  // Other messages on the topic are told by a value that all of one kind have.
  void ProposeWhere() {
    std::vector<std::size_t> with, without;
    for (std::size_t i = 0; i < documents_.all.size(); ++i)
      (HasFeatures(documents_.all[i]) ? with : without).push_back(i);
    if (without.empty() || with.empty()) return;
    Documents kept;
    std::map<std::string, std::set<std::string>> of_kept, of_others;
    const auto texts = [&](std::size_t i, std::map<std::string, std::set<std::string>>& into) {
      if (!documents_.all[i].is_object()) return;
      for (const auto& [name, value] : documents_.all[i].items()) {
        if (value.is_string()) into[name].insert(value.get<std::string>());
      }
    };
    for (const std::size_t i : with) texts(i, of_kept);
    for (const std::size_t i : without) texts(i, of_others);
    for (const auto& [name, values] : of_kept) {
      const auto others = of_others.find(name);
      if (values.size() != 1 || others == of_others.end() || others->second.contains(*values.begin())) continue;
      proposal_.fields.push_back(
          {"where", YamlMapping({{PathStep(name), *values.begin()}}), "other messages of the topic are skipped"});
      proposal_.Assume("where", Thousands(without.size()) + " of " + Thousands(documents_.all.size()) +
                                    " messages have no features and another `" + name + "`: they are left out");
      break;
    }
    if (proposal_.fields.empty())
      RemarkOthers(without.size(), documents_.all.size(), "record with features", proposal_);
    for (const std::size_t i : with) {
      kept.all.push_back(std::move(documents_.all[i]));
      kept.messages.push_back(documents_.messages[i]);
    }
    documents_ = std::move(kept);
  }

  // What is a feature is nothing else.
  void DropFeatures() {
    std::set<std::string> features;
    for (const std::string& name : place_.match.same) features.insert(name);
    for (const auto& [name, column] : place_.match.rename) features.insert(name);
    std::vector<std::string> places{place_.path};
    places.insert(places.end(), place_.more.begin(), place_.more.end());
    std::erase_if(leaves_, [&](const Leaf& leaf) {
      return std::ranges::any_of(places, [&](const std::string& path) {
        if (path == "$") return features.contains(leaf.path) && leaf.path == PathStep(leaf.name);
        const bool within = leaf.path.starts_with(path + ".") || leaf.path.starts_with(path + "[");
        if (place_.shape != Shape::kObject) return (within || leaf.path == path) && path != "$row";
        return leaf.path == path || (within && features.contains(leaf.name));
      });
    });
  }

  // A field stands under its own name by default: in the row, where there are rows, else in the message.
  void Take(const std::string& role, const Leaf& leaf, const std::string& comment = "") {
    const bool by_default = leaf.path == (place_.rows.empty() || place_.columns ? role : "$row." + role);
    if (!by_default) proposal_.fields.push_back({role, YamlText(leaf.path), comment});
    taken_.insert(leaf.path);
  }

  std::vector<std::string> Known(const std::string& role) const {
    const baselines::Profile& training = topic_.training;
    std::vector<std::string> names;
    if (role == "id") names.push_back(training.id_column);
    if (role == "timestamp") names.push_back(training.time_column);
    if (role == "prediction" && training.prediction) names.push_back(training.prediction->name);
    if (role == "score" && training.score) names.push_back(training.score->name);
    std::erase(names, "");
    return names;
  }

  FieldChoice Choose(const std::string& role) const {
    std::vector<Leaf> free = leaves_;
    std::erase_if(free, [&](const Leaf& leaf) { return taken_.contains(leaf.path); });
    FieldChoice choice = ChooseField(free, role, Known(role));
    // The leaves that the choice points to go away with the copy.
    const auto own = [&](const Leaf*& leaf) {
      if (leaf != nullptr) leaf = &*std::ranges::find(leaves_, leaf->path, &Leaf::path);
    };
    own(choice.leaf);
    own(choice.refused);
    for (const Leaf*& other : choice.others) own(other);
    return choice;
  }

  void ProposeTime() {
    const FieldChoice choice = Choose("timestamp");
    if (choice.leaf == nullptr) {
      proposal_.fields.push_back({"timestamp", "$timestamp", "no value looks like a time"});
      proposal_.Assume("timestamp",
                       choice.refused == nullptr
                           ? "no value of the records looks like their time; that of the Kafka message is taken"
                           : "`" + choice.refused->path + "` is called like a time, but its values (" +
                                 Example(*choice.refused) +
                                 ") are none that can be read; the time of the Kafka message is taken");
      return;
    }
    const TimeGuess guess = *GuessTime(choice.leaf->values);
    Take("timestamp", *choice.leaf);
    if (!guess.format.empty()) {
      proposal_.fields.push_back({"time_format", YamlText(guess.format), "like " + Example(*choice.leaf)});
      for (const std::string& other : guess.others)
        proposal_.Assume("time_format", "`" + guess.format + "` is nearest to the messages' own times; `" + other +
                                            "` reads them as well");
    }
    TellOfOthers("timestamp", choice);
  }

  void ProposeId() {
    const FieldChoice choice = Choose("id");
    if (choice.leaf != nullptr) {
      Take("id", *choice.leaf);
      for (const auto& [value, time] : choice.leaf->values) proposal_.ids.push_back(ScalarText(*value));
      return TellOfOthers("id", choice);
    }
    std::set<std::string> keys;
    for (const SampledMessage* message : documents_.messages) keys.insert(message->key);
    keys.erase("");
    if (keys.size() == documents_.messages.size()) {
      proposal_.fields.push_back({"id", "$key", "all keys are different"});
      proposal_.Assume("id", "no value of the records looks like an id; the key of the Kafka message is taken");
      for (const SampledMessage* message : documents_.messages) proposal_.ids.push_back(message->key);
      return;
    }
    proposal_.Miss("id", choice.refused == nullptr
                             ? "no id was found: labels cannot be joined, and records that come twice count twice"
                             : "`" + choice.refused->path + "` is called like an id, but its values repeat (" +
                                   Example(*choice.refused) + "): it is not taken for one");
  }

  void Propose(const std::string& role) {
    const FieldChoice choice = Choose(role);
    if (choice.leaf == nullptr) {
      const bool taken =
          std::ranges::any_of(proposal_.fields, [&](const FieldLine& field) { return field.key == role; });
      if (taken) return;
      if (role == "score" && choice.refused != nullptr)
        proposal_.Miss("score", "`" + choice.refused->path + "` is called like a score, but is not between 0 and 1 (" +
                                    Example(*choice.refused) + ")");
      if ((role == "prediction" && topic_.training.prediction) || (role == "score" && topic_.training.score))
        proposal_.Miss(role, "no " + role + " was found, while the training file has one: say where it stands");
      return;
    }
    if (role == "prediction" && topic_.training.score && LooksLikeShares(*choice.leaf) &&
        Choose("score").leaf == nullptr &&
        (!topic_.training.prediction || topic_.training.prediction->kind() == detectors::FeatureKind::kCategorical)) {
      Take("score", *choice.leaf, "shares, so no classes");
      proposal_.Assume("score",
                       "`" + choice.leaf->path + "` has numbers between 0 and 1: it is the score, not the class");
      return;
    }
    Take(role, *choice.leaf);
    std::set<std::string> values;
    std::map<std::string, std::size_t> counts;
    for (const auto& [value, time] : choice.leaf->values) {
      values.insert(ScalarText(*value));
      ++counts[ScalarText(*value)];
    }
    const std::string most =
        std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; })->first;
    if (role == "version") proposal_.version = most;
    if (role == "model") {
      proposal_.model = most;
      for (const auto& [name, count] : counts) proposal_.models.push_back(name);
      if (counts.size() > 1)
        proposal_.Assume("model", "the topic has records of " + Thousands(counts.size()) + " models; only those of " +
                                      most +
                                      " are looked at, others are rejected as `model` until they are configured");
    }
    if (role == "prediction" && topic_.training.prediction) {
      std::map<std::string, std::map<std::string, std::string>> codes;
      values.erase("");
      ProposeCodes(values, *topic_.training.prediction, role, topic_.training.positive, codes, proposal_);
      AddCodes(codes, proposal_);
    }
  }

  void ProposeFeatures() {
    if (!read_.decoded.empty()) {
      std::map<std::string, std::string> decode;
      for (const std::string& path : read_.decoded) decode[path] = "json";
      proposal_.fields.push_back({"decode", YamlMapping(decode), "JSON inside a text"});
    }
    if (!place_.rows.empty())
      proposal_.fields.push_back({"rows",
                                  place_.columns ? "{columns: " + YamlText(place_.rows) + "}" : YamlText(place_.rows),
                                  "one record each; ids become id#0, id#1 …"});
    const std::string value = FeaturesValue(place_);
    if (value != (place_.rows.empty() ? "features" : "$row")) proposal_.fields.push_back({"features", value, ""});
    if (!place_.match.rename.empty())
      proposal_.fields.push_back({"rename", YamlMapping(place_.match.rename), "in the traffic: in the training file"});
    if (place_.shape == Shape::kOrder && place_.order.empty())
      proposal_.Assume("features", "features stand " + PlaceText(place_) + ": taken in the order of the training file" +
                                       (place_.doubtful.empty() ? ""
                                                                : "; those of " + place_.doubtful.front() +
                                                                      " do not look so: check the order"));
    // Beside features that stand in the message itself there is what else a message has.
    NameMatch told = place_.match;
    if (place_.path == "$" || place_.path == "$row" || place_.shape == Shape::kFlatten) {
      std::erase_if(told.names_left, [&](const std::string& name) { return taken_.contains(name); });
    }
    RemarkNames(told, proposal_);
  }

  void TellOfOthers(const std::string& role, const FieldChoice& choice) {
    for (const Leaf* other : choice.others)
      proposal_.Assume(
          role, "`" + choice.leaf->path + "` is taken for the " + role + "; it could also be `" + other->path + "`");
  }

  static std::string Example(const Leaf& leaf) { return CutTo(leaf.values.back().first->dump(), 40); }

  const TopicMaterial& topic_;
  JsonDocuments read_;
  Documents& documents_;
  FeaturePlace place_;
  std::vector<Leaf> leaves_;
  std::set<std::string> taken_;
  Proposal proposal_;
};

}  // namespace

std::optional<Proposal> RecogniseJson(const TopicMaterial& topic) {
  JsonDocuments documents = ReadDocuments(topic.messages);
  if (documents.documents.all.empty()) return std::nullopt;
  return JsonProposal(topic, std::move(documents)).Make();
}

}  // namespace monitor
