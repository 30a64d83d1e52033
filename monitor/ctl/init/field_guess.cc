#include "monitor/ctl/init/field_guess.h"

#include <algorithm>
#include <tuple>

#include "monitor/ctl/init/name_match.h"
#include "monitor/ctl/init/yaml_text.h"
#include "monitor/ingest/mapping/mapping.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kLevels = 6;
constexpr std::size_t kItemsNamed = 3;   // of lists that have the same few items in every message
constexpr std::size_t kMostNames = 100;  // different models, versions, variants
constexpr double kNearlyAll = 0.95;

// Names by role, the surest first; as LooseName.
const std::map<std::string, std::vector<std::string>>& RoleNames() {
  static const std::map<std::string, std::vector<std::string>> names{
      {"id",
       {"id", "predictionid", "requestid", "inferenceid", "eventid", "correlationid", "transactionid", "callid", "uuid",
        "messageid", "recordid", "orderid", "traceid", "call", "reqid", "uid", "key"}},
      {"timestamp",
       {"timestamp", "eventtime", "eventtimestamp", "time", "ts", "datetime", "requesttime", "inferencetime",
        "predictedat", "occurredat", "createdat", "loggedat", "date", "at", "t"}},
      {"prediction",
       {"prediction", "predicted", "predictedlabel", "predictedclass", "predictedvalue", "pred", "ypred", "decision",
        "class", "output", "result", "y", "yhat"}},
      {"score",
       {"score", "probability", "proba", "prob", "ypredproba", "predictedprobability", "confidence", "likelihood",
        "risk", "p"}},
      {"probabilities", {"probabilities", "classprobabilities", "probas", "proba", "scores", "predictions"}},
      {"model", {"model", "modelname", "modelid"}},
      {"version", {"version", "modelversion", "modelver"}},
      {"variant", {"variant", "experiment", "arm", "modelvariant"}},
      {"segment", {"segment"}},
      {"label",
       {"label", "target", "outcome", "actual", "truth", "groundtruth", "ytrue", "observed", "truelabel", "actualvalue",
        "value", "result", "y"}}};
  return names;
}

class Gatherer {
 public:
  void Add(const json& node, const std::string& path, const std::string& name, const std::string& parent,
           std::optional<std::int64_t> time, std::size_t level = 0) {
    if (level == kLevels || (node.is_array() && !lists_)) return;
    if (node.is_object()) {
      if (level > 0) Keep(path, name, parent, node, time);  // probabilities by class
      for (const auto& [key, child] : node.items()) {
        const std::string longer = path == "$" ? PathStep(key) : path + "." + PathStep(key);
        Add(child, longer, key, name, time, level + 1);
      }
      return;
    }
    Keep(path, name, parent, node, time);
    if (!node.is_array() || node.size() > kItemsNamed) return;
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string index = "[" + std::to_string(i) + "]";
      Add(node[i], path == "$" ? index : path + index, name, parent, time, level + 1);
    }
  }

  // Whether lists are looked into.
  void SetLists(bool lists) { lists_ = lists; }

  std::vector<Leaf> Take() {
    std::vector<Leaf> leaves;
    for (auto& [path, leaf] : leaves_) leaves.push_back(std::move(leaf));
    return leaves;
  }

 private:
  void Keep(const std::string& path, const std::string& name, const std::string& parent, const json& node,
            std::optional<std::int64_t> time) {
    Leaf& leaf = leaves_[path];
    if (leaf.path.empty()) leaf = {path, name, parent, {}};
    leaf.values.emplace_back(&node, time);
  }

  bool lists_ = true;
  std::map<std::string, Leaf> leaves_;
};

std::size_t RowCount(const json& rows) {
  if (rows.is_array()) return rows.size();
  std::size_t most = 0;
  for (const json& column : rows) {
    if (column.is_array()) most = std::max(most, column.size());
  }
  return most;
}

void AddRows(const json& document, const FeaturePlace& features, std::optional<std::int64_t> time, Gatherer& gatherer) {
  const json* const rows = NodeAt(document, features.rows);
  if (rows == nullptr || !rows->is_structured()) return;
  const std::size_t count = RowCount(*rows);
  for (std::size_t row = 0; row < count; ++row) {
    if (!features.columns) {
      if ((*rows)[row].is_object()) gatherer.Add((*rows)[row], "$row", "", "", time);
      continue;
    }
    for (const auto& [name, column] : rows->items()) {
      if (column.is_array() && row < column.size()) gatherer.Add(column[row], "$row." + PathStep(name), name, "", time);
    }
  }
  // Lists beside the rows, with an item for each.
  if (!document.is_object()) return;
  for (const auto& [name, list] : document.items()) {
    if (!list.is_array() || list.size() != count || PathStep(name) == features.rows) continue;
    const std::string of_one = name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
    for (const json& item : list) gatherer.Add(item, PathStep(name) + "[$row]", of_one, "", time);
  }
}

struct Facts {
  std::size_t values = 0, texts = 0, numbers = 0, shares = 0, booleans = 0, structured = 0;
  std::set<std::string> distinct;
};

Facts FactsOf(const Leaf& leaf) {
  Facts facts;
  for (const auto& [value, time] : leaf.values) {
    if (value->is_null()) continue;
    ++facts.values;
    if (value->is_structured()) {
      ++facts.structured;
      continue;
    }
    facts.texts += value->is_string() ? 1 : 0;
    facts.booleans += value->is_boolean() ? 1 : 0;
    if (value->is_number()) {
      ++facts.numbers;
      const double number = value->get<double>();
      facts.shares += number >= 0 && number <= 1 ? 1 : 0;
    }
    facts.distinct.insert(ScalarText(*value));
  }
  return facts;
}

bool CanBe(const Leaf& leaf, const std::string& role) {
  const Facts facts = FactsOf(leaf);
  if (facts.values == 0) return false;
  const auto nearly_all = [&](std::size_t count) {
    return static_cast<double>(count) >= kNearlyAll * static_cast<double>(facts.values);
  };
  if (role == "probabilities") {
    return nearly_all(facts.structured) && std::ranges::all_of(leaf.values, [](const auto& value) {
             return std::ranges::all_of(*value.first, [](const json& share) { return share.is_number(); }) &&
                    value.first->size() > 1;
           });
  }
  if (facts.structured > 0) return false;
  if (role == "id") return facts.booleans == 0 && nearly_all(facts.distinct.size());
  if (role == "timestamp") return GuessTime(leaf.values).has_value();
  if (role == "score") return nearly_all(facts.shares);
  if (role == "model" || role == "variant" || role == "segment")
    return nearly_all(facts.texts) && facts.distinct.size() <= kMostNames;
  if (role == "version") return facts.distinct.size() <= kMostNames;
  return true;
}

std::size_t Shared(const Leaf& leaf, const std::set<std::string>& ids) {
  return static_cast<std::size_t>(
      std::ranges::count_if(leaf.values, [&](const auto& value) { return ids.contains(ScalarText(*value.first)); }));
}

}  // namespace

const json* NodeAt(const json& document, const std::string& text) {
  if (text == "$") return &document;
  const auto path = Path::Parse(text);
  const json* node = &document;
  for (const Path::Step& step : path->steps) {
    if (step.kind == Path::Step::Kind::kName) {
      if (!node->is_object() || !node->contains(step.name)) return nullptr;
      node = &(*node)[step.name];
    } else {
      if (!node->is_array() || step.index >= node->size()) return nullptr;
      node = &(*node)[step.index];
    }
  }
  return node;
}

bool LooksLikeShares(const Leaf& leaf) {
  const bool fractions =
      std::ranges::any_of(leaf.values, [](const auto& value) { return value.first->is_number_float(); });
  return fractions && CanBe(leaf, "score");
}

std::string ScalarText(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() || value.is_structured() ? "" : value.dump();
}

std::vector<Leaf> LeavesOf(const Documents& documents, const FeaturePlace* features) {
  Gatherer gatherer;
  for (std::size_t i = 0; i < documents.all.size(); ++i) {
    const auto time = documents.messages[i]->timestamp_ns;
    if (features == nullptr || features->rows.empty()) {
      gatherer.Add(documents.all[i], "$", "", "", time);
      continue;
    }
    // A list beside the rows has a value for each of them.
    gatherer.SetLists(false);
    gatherer.Add(documents.all[i], "$", "", "", time);
    gatherer.SetLists(true);
    AddRows(documents.all[i], *features, time, gatherer);
  }
  return gatherer.Take();
}

FieldChoice ChooseField(const std::vector<Leaf>& leaves, const std::string& role, const std::vector<std::string>& known,
                        const std::set<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& name : known) names.push_back(LooseName(name));
  const auto& usual = RoleNames().at(role);
  names.insert(names.end(), usual.begin(), usual.end());
  using Ranked = std::tuple<long, std::size_t, long, const Leaf*>;  // shared ids, place in the list, depth
  std::vector<Ranked> fitting;
  std::optional<Ranked> refused;
  for (const Leaf& leaf : leaves) {
    const std::string name = LooseName(leaf.name), with_parent = LooseName(leaf.parent + leaf.name);
    const auto found =
        std::ranges::find_if(names, [&](const std::string& each) { return each == name || each == with_parent; });
    const long shared = -static_cast<long>(Shared(leaf, ids));
    if (found == names.end() && shared == 0) continue;
    const Ranked ranked{shared, static_cast<std::size_t>(found - names.begin()), std::ranges::count(leaf.path, '.'),
                        &leaf};
    if (CanBe(leaf, role)) {
      fitting.push_back(ranked);
    } else if (!refused || ranked < *refused) {
      refused = ranked;
    }
  }
  std::ranges::sort(fitting);
  FieldChoice choice;
  for (const Ranked& ranked : fitting) {
    if (choice.leaf == nullptr) {
      choice.leaf = std::get<3>(ranked);
    } else {
      choice.others.push_back(std::get<3>(ranked));
    }
  }
  if (refused && choice.leaf == nullptr) choice.refused = std::get<3>(*refused);
  return choice;
}

}  // namespace monitor
