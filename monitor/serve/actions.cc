#include "monitor/serve/actions.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "baselines/values/timestamp.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/serve/api.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = 1'000;  // of a comment or a name

// The body as an object of texts; a key that is null counts as absent.
class Body {
 public:
  Body(const std::string& text, std::initializer_list<std::string_view> known) {
    if (text.find_first_not_of(" \t\r\n") == text.npos) return;
    object_ = json::parse(text, nullptr, false);
    if (!object_.is_object())
      throw BadRequest(R"(the body must be a JSON object, like {"by": "ann", "comment": "known"})");
    for (const auto& [key, value] : object_.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end())
        throw BadRequest("unknown key `" + key + "`; known: " + List(known));
      if (!value.is_string() && !value.is_null()) throw BadRequest("`" + key + "` must be a text");
      if (value.is_string() && value.get_ref<const std::string&>().size() > kMaxText) {
        throw BadRequest("`" + key + "` is longer than " + std::to_string(kMaxText) + " bytes");
      }
    }
  }

  std::optional<std::string> Find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? std::nullopt : std::optional(found->get<std::string>());
  }
  std::string Text(const char* key) const { return Find(key).value_or(""); }
  std::optional<std::int64_t> Time(const char* key) const {
    const auto text = Find(key);
    if (!text) return std::nullopt;
    if (const auto time = baselines::ParseTimestamp(*text)) return time;
    throw BadRequest("`" + std::string(key) + "` is `" + *text + "`; it takes a time such as 2013-05-11T17:00:00Z");
  }

 private:
  static std::string List(std::initializer_list<std::string_view> names) {
    std::string list;
    for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
    return list;
  }

  json object_ = json::object();
};

}  // namespace

OperatorAction ParseAction(OperatorAction::Kind kind, const std::string& subject, const std::string& text) {
  const Body body(text, {"by", "comment"});
  OperatorAction action;
  action.kind = kind;
  action.subject = subject;
  action.by = body.Text("by");
  action.comment = body.Text("comment");
  return action;
}

OperatorAction ParseSilence(const std::string& text, std::int64_t wall_ns) {
  const Body body(text, {"model", "variant", "feature", "cause", "from", "to", "for", "by", "comment"});
  OperatorAction action;
  action.kind = OperatorAction::Kind::kSilence;
  action.by = body.Text("by");
  action.comment = body.Text("comment");
  alerts::Silence& silence = action.silence;
  silence.model = body.Text("model");
  if (silence.model.empty()) throw BadRequest("`model` is missing: which model is to be silenced?");
  silence.variant = body.Find("variant");
  silence.feature = body.Text("feature");
  if (const auto cause = body.Find("cause")) {
    try {
      silence.cause = alerts::ParseCause(*cause);
    } catch (const std::invalid_argument& unknown) {
      throw BadRequest(unknown.what());
    }
  }
  silence.from_ns = body.Time("from").value_or(wall_ns);
  const auto to = body.Time("to");
  const auto length = body.Find("for");
  if (to.has_value() == length.has_value())
    throw BadRequest("a silence needs an end: give either `for`, like 2h, or `to`, a time");
  if (length) {
    try {
      silence.to_ns = SaturatingAdd(silence.from_ns, ParseDuration(*length, "`for`").count());
    } catch (const ConfigError& fault) {
      throw BadRequest(fault.what());
    }
  } else {
    silence.to_ns = *to;
  }
  if (silence.to_ns <= silence.from_ns) throw BadRequest("the silence ends before it begins");
  return action;
}

OutboxQuery ParseOutboxQuery(const std::multimap<std::string, std::string>& parameters) {
  OutboxQuery query;
  query.limit = ParseHistoryQuery(parameters).limit;
  for (const auto& [name, value] : parameters) {
    if (name == "id") query.id_prefix = value;
    if (name == "target") query.target = value;
    if (name == "state") query.state = value;
  }
  const auto known = {"pending", "delivered", "dead", "held"};
  if (!query.state.empty() && std::find(known.begin(), known.end(), query.state) == known.end()) {
    throw BadRequest("`state` is `" + query.state + "`; it takes pending, delivered, dead or held");
  }
  return query;
}

}  // namespace monitor
