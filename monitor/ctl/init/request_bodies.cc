#include "monitor/ctl/init/request_bodies.h"

#include <algorithm>

#include "baselines/values/value_text.h"
#include "monitor/ctl/init/yaml_text.h"
#include "monitor/ctl/traffic/feature_values.h"
#include "monitor/ingest/formats/payload.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::size_t kNamesShown = 12;

std::string List(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kNamesShown ? text + " and " + Thousands(names.size() - kNamesShown) + " more" : text;
}

// How many values the rows have that name none.
void AddWidths(const std::string& body, std::map<std::size_t, std::size_t>& widths) {
  JsonTree tree;
  const auto rows = PayloadRows(tree, body, PayloadSide::kRequest);
  if (!rows) return;
  for (JsonTree::Index row : *rows) {
    if (const auto inner = tree.Member(row, "features"); inner != JsonTree::kNone) row = inner;
    if (tree.IsArray(row)) ++widths[tree[row].size];
  }
}

}  // namespace

std::vector<std::string> FeatureColumns(const baselines::Profile& training) {
  std::vector<std::string> names;
  for (const auto& feature : training.features) names.push_back(feature.name);
  return names;
}

void RemarkNames(const NameMatch& match, Proposal& proposal) {
  std::vector<std::string> renamed;
  for (const auto& [name, column] : match.rename) renamed.push_back(name + " is " + column);
  if (!renamed.empty())
    proposal.Assume("rename", "names of the traffic that are written otherwise in the training file: " + List(renamed));
  for (const std::string& pair : match.ambiguous)
    proposal.Miss("rename", pair + ": say which under `rename`, or leave it");
  if (match.columns_left.empty()) return;
  proposal.Miss(
      "rename",
      "columns of the training file that nothing in the traffic matches: " + List(match.columns_left) +
          (match.names_left.empty() ? "" : "; names in the traffic that match no column: " + List(match.names_left)));
}

void RemarkOthers(std::size_t others, std::size_t all, const std::string& what, Proposal& proposal) {
  if (others == 0) return;
  proposal.Miss("format", Thousands(others) + " of " + Thousands(all) + " messages are no " + what +
                              ": they will be rejected as `shape` or `json` (`monitorctl rejects`)");
}

void ProposeForBodies(const std::vector<std::string>& bodies, const baselines::Profile& training, Proposal& proposal) {
  TopicPlan plan;
  plan.format = FormatNamed(proposal.format);
  std::set<std::string> names;
  std::map<std::size_t, std::size_t> widths;
  for (const std::string& body : bodies) {
    for (FeatureValue& value : FeatureValues(plan, {body})) names.insert(std::move(value.name));
    AddWidths(body, widths);
  }
  const std::vector<std::string> columns = FeatureColumns(training);
  const auto width = std::ranges::max_element(widths, {}, [](const auto& each) { return each.second; });
  if (width != widths.end()) {
    if (width->first == columns.size()) {
      proposal.Assume("format", "features come as lists of " + std::to_string(width->first) +
                                    " values: taken in the order of the training file; another order is "
                                    "`fields: {order: [a, b, …]}`");
    } else {
      proposal.Miss("format", "features come as lists of " + std::to_string(width->first) +
                                  " values, the training file has " + std::to_string(columns.size()) +
                                  " features: say which they are with `fields: {order: [a, b, …]}`");
    }
  }
  if (names.empty()) return;
  const NameMatch match = MatchNames({names.begin(), names.end()}, columns);
  if (!match.rename.empty())
    proposal.fields.push_back(
        {"rename", YamlMapping(match.rename), "feature in the traffic: column of the training file"});
  // Where some rows come by place, no column is missing for lack of a name.
  if (width == widths.end()) RemarkNames(match, proposal);
}

void ProposeCodes(const std::set<std::string>& values, const baselines::ProfileColumn& column, const std::string& role,
                  const std::string& positive, std::map<std::string, std::map<std::string, std::string>>& codes,
                  Proposal& proposal) {
  if (column.kind() != detectors::FeatureKind::kCategorical || values.empty()) return;
  const auto& dictionary = column.summary.shape().dictionary;
  std::set<std::string> unknown;
  std::string scratch;
  for (const std::string& value : values) {
    const auto text = baselines::CanonicalText(baselines::Trim(value), scratch);
    if (dictionary.Find(text) == detectors::CategoryDictionary::kUnseen) unknown.insert(std::string(text));
  }
  if (unknown.empty()) return;
  const bool bits = std::ranges::all_of(unknown, [](const std::string& text) { return text == "0" || text == "1"; });
  const bool known_positive = dictionary.Find(positive) < dictionary.size();
  if (bits && dictionary.size() == 2 && known_positive) {
    const std::string& other = dictionary.name(dictionary.name(0) == positive ? 1 : 0);
    codes[role] = {{"1", positive}, {"0", other}};
    proposal.Assume("values", "the " + role + "s 0 and 1 of the traffic mean " + other + " and " + positive +
                                  " of the training file");
    return;
  }
  std::string classes;
  for (std::size_t i = 0; i < dictionary.size() && i < kNamesShown; ++i)
    classes += (i == 0 ? "" : ", ") + dictionary.name(static_cast<detectors::CategoryId>(i));
  proposal.Miss("values", "the " + role + "s " + List({unknown.begin(), unknown.end()}) +
                              " of the traffic are unknown to the training file, which has " + classes +
                              "; say what they mean with `fields: {values: {" + role + ": {\"1\": …}}}`");
}

void AddCodes(const std::map<std::string, std::map<std::string, std::string>>& codes, Proposal& proposal) {
  if (codes.empty()) return;
  std::string text = "{";
  for (const auto& [role, meant] : codes) text += (text.size() == 1 ? "" : ", ") + role + ": " + YamlMapping(meant);
  proposal.fields.push_back({"values", text + "}", "codes of classes"});
}

}  // namespace monitor
