#include "monitor/ctl/init/feature_place.h"

#include <algorithm>
#include <map>
#include <set>

#include "baselines/values/value_text.h"
#include "monitor/ctl/init/request_bodies.h"
#include "monitor/ctl/init/yaml_text.h"

namespace monitor {
namespace {

using nlohmann::json;
using Shape = FeaturePlace::Shape;
using Nodes = std::vector<const json*>;
using NodesByPath = std::map<std::string, Nodes>;

constexpr std::size_t kLevels = 5;
constexpr std::size_t kRowsLooked = 20;  // of one message
constexpr std::size_t kListsTold = 3;
constexpr double kLooksRight = 0.7;  // share of values that must look like their column's

std::string Joined(const std::string& path, const std::string& name) {
  return path == "$" ? PathStep(name) : path + "." + PathStep(name);
}

// Objects and lists below (not within lists), by path.
void Collect(const json& node, const std::string& path, std::size_t level, NodesByPath& nodes) {
  if (!node.is_structured()) return;
  nodes[path].push_back(&node);
  if (!node.is_object() || level == kLevels) return;
  for (const auto& [name, child] : node.items()) Collect(child, Joined(path, name), level + 1, nodes);
}

void Flatten(const json& node, const std::string& name, std::size_t level, std::set<std::string>& names) {
  if (!node.is_structured() || level == kLevels) {
    names.insert(name);
    return;
  }
  std::size_t i = 0;
  for (const auto& [key, child] : node.items()) {
    const std::string part = node.is_array() ? std::to_string(i++) : key;
    Flatten(child, name.empty() ? part : name + "." + part, level + 1, names);
  }
}

bool LooksLike(const json& value, const baselines::ProfileColumn& column) {
  if (value.is_null()) return true;
  if (value.is_structured()) return false;
  std::string scratch;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (column.kind() == detectors::FeatureKind::kNumeric) {
    const auto number = baselines::ParseNumber(baselines::Trim(text));
    const auto& moments = column.summary.moments();
    const double width = moments.max() - moments.min();
    return number && *number >= moments.min() - width && *number <= moments.max() + width;
  }
  const auto id = column.summary.shape().dictionary.Find(baselines::CanonicalText(baselines::Trim(text), scratch));
  return id != detectors::CategoryDictionary::kUnseen;
}

class Search {
 public:
  explicit Search(const baselines::Profile& training) : training_(training), columns_(FeatureColumns(training)) {}

  FeatureSearch Run(const std::vector<json>& documents) {
    NodesByPath nodes;
    for (const json& document : documents) Collect(document, "$", 0, nodes);
    FindNameLists(nodes);
    for (const auto& [path, found] : nodes) LookAt(path, found, "");
    for (const auto& [path, found] : nodes) LookAtRows(path, found);
    Merge();
    std::ranges::stable_sort(result_.places, [](const FeaturePlace& a, const FeaturePlace& b) {
      const auto rank = [](const FeaturePlace& place) {
        const auto depth = std::ranges::count(place.path, '.') + std::ranges::count(place.rows, '.');
        return std::tuple(-static_cast<long>(place.matched()), place.shape == Shape::kFlatten, place.doubtful.size(),
                          place.match.rename.size(), place.shape, place.more.size(), depth);
      };
      return rank(a) < rank(b);
    });
    return std::move(result_);
  }

 private:
  // Lists of texts that are the same in every message and name columns, by length.
  void FindNameLists(const NodesByPath& nodes) {
    for (const auto& [path, found] : nodes) {
      const json& first = *found.front();
      if (!first.is_array() || first.empty() ||
          !std::ranges::all_of(first, [](const json& item) { return item.is_string(); }) ||
          !std::ranges::all_of(found, [&](const json* node) { return *node == first; }))
        continue;
      const auto names = first.get<std::vector<std::string>>();
      if (MatchNames(names, columns_).matched() * 2 >= names.size()) name_lists_[names.size()] = names;
    }
  }

  static FeaturePlace PlaceAt(const std::string& path, const std::string& rows, Shape shape) {
    FeaturePlace place;
    place.shape = shape;
    place.path = path;
    place.rows = rows;
    return place;
  }

  void Keep(FeaturePlace place) {
    if (place.matched() > 0) result_.places.push_back(std::move(place));
  }

  void LookAt(const std::string& path, const Nodes& nodes, const std::string& rows) {
    Nodes objects, lists;
    for (const json* node : nodes) (node->is_object() ? objects : lists).push_back(node);
    if (!objects.empty()) LookAtObjects(path, objects, rows);
    if (lists.empty()) return;
    LookAtPairs(path, lists, rows);
    LookAtOrder(path, lists, rows);
  }

  void LookAtObjects(const std::string& path, const Nodes& nodes, const std::string& rows) {
    std::set<std::string> scalars, lists, flat;
    for (const json* node : nodes) {
      for (const auto& [name, value] : node->items()) {
        if (!value.is_structured()) scalars.insert(name);
        if (value.is_array()) lists.insert(name);
      }
      Flatten(*node, "", 0, flat);
    }
    FeaturePlace place = PlaceAt(path, rows, Shape::kObject);
    place.match = MatchNames({scalars.begin(), scalars.end()}, columns_);
    const std::size_t by_name = place.matched();
    Keep(std::move(place));
    if (rows.empty() && lists.size() > 1) {
      FeaturePlace columns = PlaceAt("$row", path, Shape::kObject);
      columns.columns = true;
      columns.match = MatchNames({lists.begin(), lists.end()}, columns_);
      Keep(std::move(columns));
    }
    if (flat == scalars) return;
    FeaturePlace nested = PlaceAt(path, rows, Shape::kFlatten);
    nested.match = MatchNames({flat.begin(), flat.end()}, columns_);
    if (nested.matched() > by_name) Keep(std::move(nested));
  }

  void LookAtPairs(const std::string& path, const Nodes& nodes, const std::string& rows) {
    std::map<std::string, std::set<std::string>> texts;  // by name within an item
    std::set<std::string> members;
    for (const json* node : nodes) {
      for (const json& item : *node) {
        if (!item.is_structured()) return;
        std::size_t i = 0;
        for (const auto& [key, value] : item.items()) {
          const std::string step = item.is_array() ? "[" + std::to_string(i++) + "]" : PathStep(key);
          members.insert(step);
          if (value.is_string()) texts[step].insert(value.get<std::string>());
        }
      }
    }
    for (const auto& [name, values] : texts) {
      FeaturePlace place = PlaceAt(path, rows, Shape::kPairs);
      place.match = MatchNames({values.begin(), values.end()}, columns_);
      place.name = name;
      // The value is called so, or is the only other member.
      for (const std::string& member : members) {
        const bool called_so = LooseName(member).starts_with("val") || member == "v";
        if (member != name && (place.value.empty() || called_so)) place.value = member;
      }
      if (!place.value.empty() && place.matched() * 2 >= std::min(values.size(), columns_.size()))
        Keep(std::move(place));
    }
  }

  void LookAtOrder(const std::string& path, const Nodes& nodes, const std::string& rows) {
    std::map<std::size_t, std::size_t> lengths;
    for (const json* node : nodes) {
      if (std::ranges::any_of(*node, [](const json& item) { return item.is_structured(); })) return;
      ++lengths[node->size()];
    }
    const std::size_t length =
        std::ranges::max_element(lengths, {}, [](const auto& each) { return each.second; })->first;
    const auto names = name_lists_.find(length);
    FeaturePlace place = PlaceAt(path, rows, Shape::kOrder);
    if (names != name_lists_.end()) {
      if (*nodes.front() == json(names->second)) return;  // it is the list of names itself
      place.order = names->second;
      place.match = MatchNames(place.order, columns_);
    } else if (length == columns_.size()) {
      place.match.same = columns_;
      for (std::size_t i = 0; i < length; ++i) {
        std::size_t right = 0, all = 0;
        for (const json* node : nodes) {
          if (node->size() != length) continue;
          ++all;
          if (LooksLike((*node)[i], training_.features[i])) ++right;
        }
        if (static_cast<double>(right) < kLooksRight * static_cast<double>(all)) place.doubtful.push_back(columns_[i]);
      }
      if (place.doubtful.size() * 2 > length) return;
    } else {
      if (length > 1 && result_.lists.size() < kListsTold)
        result_.lists.push_back(path + " (" + std::to_string(length) + " values)");
      return;
    }
    Keep(std::move(place));
  }

  void LookAtRows(const std::string& path, const Nodes& lists) {
    NodesByPath within;
    for (const json* list : lists) {
      if (!list->is_array()) continue;
      for (std::size_t i = 0; i < list->size() && i < kRowsLooked; ++i) Collect((*list)[i], "$row", 0, within);
    }
    for (const auto& [row_path, nodes] : within) LookAt(row_path, nodes, path);
  }

  // Adds to each object the others that have further columns.
  void Merge() {
    std::vector<FeaturePlace> merged;
    for (const FeaturePlace& first : result_.places) {
      if (first.shape != Shape::kObject || first.columns || first.match.columns_left.empty()) continue;
      FeaturePlace all = first;
      for (const FeaturePlace& other : result_.places) {
        if (other.shape != Shape::kObject || other.columns || other.rows != all.rows || other.path == first.path)
          continue;
        std::vector<std::string> names = other.match.same;
        for (const auto& [name, column] : other.match.rename) names.push_back(name);
        const NameMatch added = MatchNames(names, all.match.columns_left);
        if (added.matched() == 0) continue;
        all.more.push_back(other.path);
        all.match.same.insert(all.match.same.end(), added.same.begin(), added.same.end());
        all.match.rename.insert(added.rename.begin(), added.rename.end());
        all.match.columns_left = added.columns_left;
      }
      if (!all.more.empty()) merged.push_back(std::move(all));
    }
    std::ranges::move(merged, std::back_inserter(result_.places));
  }

  const baselines::Profile& training_;
  std::vector<std::string> columns_;
  std::map<std::size_t, std::vector<std::string>> name_lists_;
  FeatureSearch result_;
};

}  // namespace

FeatureSearch FindFeatures(const std::vector<json>& documents, const baselines::Profile& training) {
  return Search(training).Run(documents);
}

}  // namespace monitor
