// Labels as JSON: which value is the id, which the outcome, which the time.
#include <algorithm>

#include "monitor/ctl/init/json_documents.h"
#include "monitor/ctl/init/request_bodies.h"
#include "monitor/ctl/init/yaml_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

// A row's own part of an id is added by the daemon.
std::string CallOf(const std::string& id) { return id.substr(0, id.rfind('#')); }

}  // namespace

std::optional<Proposal> RecogniseJsonLabels(const TopicMaterial& topic) {
  const JsonDocuments read = ReadDocuments(topic.messages);
  if (read.documents.all.empty()) return std::nullopt;
  Proposal proposal;
  const std::vector<Leaf> leaves = LeavesOf(read.documents, nullptr);
  const auto take = [&](const std::string& role, const Leaf& leaf) {
    if (leaf.path != role) proposal.fields.push_back({role, YamlText(leaf.path), ""});
  };
  std::set<std::string> ids;
  for (const std::string& id : topic.other_ids) ids.insert(CallOf(id));

  std::vector<Leaf> rest = leaves;
  const auto leave_out = [&rest](const Leaf* leaf) {
    std::erase_if(rest, [path = leaf->path](const Leaf& each) { return each.path == path; });
  };
  const FieldChoice id = ChooseField(leaves, "id", {topic.training.id_column}, ids);
  if (id.leaf == nullptr) {
    proposal.Miss("fields",
                  "no value of the labels looks like an id: say which joins them to predictions with "
                  "`fields: {id: …}`");
  } else {
    take("id", *id.leaf);
    std::size_t shared = 0;
    for (const auto& [value, time] : id.leaf->values) shared += ids.contains(CallOf(ScalarText(*value))) ? 1 : 0;
    if (shared == 0 && !ids.empty()) {
      proposal.Miss("fields", "none of the newest labels is of one of the newest predictions: label " +
                                  CutTo(ScalarText(*id.leaf->values.back().first), 40) + ", prediction " +
                                  CutTo(topic.other_ids.back(), 40) +
                                  "; fine where labels come late, else `fields: {id: …}` names another value");
    }
    for (const Leaf* other : id.others) {
      if (shared > 0) break;
      proposal.Assume("fields",
                      "`" + id.leaf->path + "` is taken for the labels' id; it could also be `" + other->path + "`");
    }
    leave_out(id.leaf);
  }
  const FieldChoice time = ChooseField(rest, "timestamp", {topic.training.time_column});
  if (time.leaf == nullptr) {
    proposal.fields.push_back({"timestamp", "$timestamp", "no value looks like a time"});
    proposal.Assume("fields", "the labels have no time that can be read; that of the Kafka message is taken");
  } else {
    take("timestamp", *time.leaf);
    if (const TimeGuess guess = *GuessTime(time.leaf->values); !guess.format.empty())
      proposal.fields.push_back({"time_format", YamlText(guess.format), ""});
    leave_out(time.leaf);
  }
  const auto& column = topic.training.label ? topic.training.label : topic.training.prediction;
  std::vector<std::string> known;
  if (column) known.push_back(column->name);
  const FieldChoice label = ChooseField(rest, "label", known);
  if (label.leaf == nullptr) {
    proposal.Miss("fields", "no value of the labels looks like the outcome: say which with `fields: {label: …}`");
  } else {
    take("label", *label.leaf);
    std::set<std::string> values;
    for (const auto& [value, when] : label.leaf->values) values.insert(ScalarText(*value));
    values.erase("");
    std::map<std::string, std::map<std::string, std::string>> codes;
    if (column) ProposeCodes(values, *column, "label", topic.training.positive, codes, proposal);
    AddCodes(codes, proposal);
    for (const Leaf* other : label.others)
      proposal.Assume("fields",
                      "`" + label.leaf->path + "` is taken for the outcome; it could also be `" + other->path + "`");
  }
  if (!read.decoded.empty()) {
    std::map<std::string, std::string> decode;
    for (const std::string& path : read.decoded) decode[path] = "json";
    proposal.fields.push_back({"decode", YamlMapping(decode), "JSON inside a text"});
  }
  proposal.what = proposal.fields.empty() ? "JSON as monitord expects it" : "JSON";
  return proposal;
}

}  // namespace monitor
