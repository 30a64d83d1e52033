#include "monitor/ctl/init/config_draft.h"

#include <cmath>

#include "monitor/ctl/init/yaml_text.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

class Writer {
 public:
  void Add(const std::string& key, const std::string& line, const std::string& comment = "") {
    ++count_;
    if (!key.empty()) draft_.lines.emplace(key, count_);
    std::string text = line;
    if (!comment.empty()) {
      if (text.size() < kComments) text.resize(kComments, ' ');
      text += "  # " + comment;
    }
    draft_.text += text + "\n";
  }

  void AddFields(const Proposal& proposal, const std::string& prefix, const std::string& indent) {
    if (proposal.fields.empty()) return;
    Add(prefix + "fields", indent + "fields:");
    for (const FieldLine& field : proposal.fields)
      Add(prefix + field.key, indent + "  " + field.key + ": " + field.value, field.comment);
  }

  DraftText Take() { return std::move(draft_); }

 private:
  static constexpr std::size_t kComments = 34;  // column where they begin
  DraftText draft_;
  std::size_t count_ = 0;
};

std::string RateText(const WindowGuess& window) {
  if (window.rows_a_day == 0) return "what is compared with training; how much traffic there is was not to be seen";
  return "what is compared with training: about " +
         Thousands(static_cast<std::uint64_t>(std::llround(window.rows_a_day))) + " records a day";
}

}  // namespace

std::size_t DraftText::LineOf(const std::string& key) const {
  for (const std::string& name :
       {key, key.starts_with("labels.") ? std::string("labels") : std::string("fields"), std::string("topic")}) {
    if (const auto line = lines.find(name); line != lines.end()) return line->second;
  }
  return 1;
}

DraftText WriteDraft(const Draft& draft) {
  Writer out;
  out.Add("", "# Drafted by `monitorctl init` from " + Thousands(draft.sampled) + " messages of " + draft.topic +
                  " and the training file.");
  out.Add("",
          "# Look at it with `monitorctl config check` and `monitorctl try`; config/monitord.yaml of the sources has "
          "every key.");
  out.Add("state", "state: ./state", "all that must survive a restart");
  out.Add("", "kafka:");
  out.Add("brokers", "  brokers: " + YamlText(draft.brokers));
  if (!draft.properties.empty()) out.Add("properties", "  properties:");
  for (const auto& [name, value] : draft.properties)
    out.Add("", "    " + name + ": " + (draft.secrets.contains(name) ? "${file:kafka-" + name + "}" : YamlText(value)));
  out.Add("", "models:");
  out.Add("model", "  - name: " + YamlText(draft.model));
  out.Add("baseline", "    baseline: " + YamlText(draft.baseline), "`monitorctl baseline show` has what is in it");
  out.Add("version", "    version: " + YamlText(draft.version), "of records that name none");
  out.Add("", "    requests:");
  out.Add("topic", "      topic: " + YamlText(draft.topic));
  if (draft.requests.format != "flat-json")
    out.Add("format", "      format: " + draft.requests.format, draft.requests.what);
  if (!draft.responses.empty()) out.Add("responses", "      responses: " + YamlText(draft.responses));
  out.AddFields(draft.requests, "", "      ");
  if (draft.labels || draft.requests.labels_within) {
    out.Add("labels", "    labels:", draft.labels ? "true outcomes, joined by id" : "they come with the requests");
    if (draft.labels) {
      out.Add("labels.topic", "      topic: " + YamlText(draft.labels_topic));
      if (draft.labels->format != "flat-json") out.Add("labels.format", "      format: " + draft.labels->format);
      out.AddFields(*draft.labels, "labels.", "      ");
    }
    out.Add("max_delay", "      max_delay: 14d", "what comes later changes no quality");
  } else {
    out.Add("labels", "    # labels: {topic: …}", "true outcomes, where they become known: init --labels-topic");
  }
  out.Add("window", "    window: " + draft.window.window, RateText(draft.window));
  out.Add("step", "    step: " + draft.window.step, "how often");
  out.Add("", "# Nobody is told yet:");
  out.Add("notify", "# notify:");
  out.Add("", "#   - slack: {url_file: slack-url}");
  return out.Take();
}

}  // namespace monitor
