#include "monitor/store/history.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "alerts/messages/time_text.h"
#include "monitor/store/operator_store.h"
#include "monitor/store/sqlite.h"

namespace monitor {

namespace {

using nlohmann::json;

// SELECT … WHERE with conditions that are added together with their values, newest first and limited.
class Selection {
 public:
  explicit Selection(std::string select) : sql_(std::move(select)) {}

  void Equal(const std::string& column, const std::optional<std::string>& value) {
    if (value) Add(column + " = ?", {std::nullopt, *value});
  }
  void EqualUnlessEmpty(const std::string& column, const std::string& value) {
    if (!value.empty()) Equal(column, value);
  }
  void Range(const std::string& column, const HistoryQuery& query) {
    if (query.from_ns) Add(column + " >= ?", {query.from_ns, {}});
    if (query.to_ns) Add(column + " < ?", {query.to_ns, {}});
  }

  // One item per row, oldest first. `read` makes an item from the statement's current row.
  template <typename Read>
  json Newest(Sqlite& db, const std::string& order, std::size_t limit, Read read) const {
    Statement statement(db, sql_ + where_ + " ORDER BY " + order + " LIMIT ?");
    for (const auto& value : values_) {
      if (value.number) {
        statement.Bind(*value.number);
      } else {
        statement.Bind(value.text);
      }
    }
    statement.Bind(static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
    std::vector<json> rows;
    while (statement.Step()) rows.push_back(read(statement));
    std::reverse(rows.begin(), rows.end());
    return json(std::move(rows));
  }

 private:
  struct Value {
    std::optional<std::int64_t> number;
    std::string text;
  };
  void Add(const std::string& condition, Value value) {
    where_ += (where_.empty() ? " WHERE " : " AND ") + condition;
    values_.push_back(std::move(value));
  }

  std::string sql_, where_;
  std::vector<Value> values_;
};

json StoredJson(const Statement& row) { return json::parse(row.Text(0)); }

// Payloads are whatever a producer sent, cut at a byte; JSON can only hold UTF-8.
json TextOfBytes(std::string_view bytes) {
  return json::parse(json(bytes).dump(-1, ' ', false, json::error_handler_t::replace));
}

json List(const char* name, json rows) { return json{{name, std::move(rows)}}; }

}  // namespace

History::History(const std::filesystem::path& database) : db_(nullptr) {
  // A daemon that has not finished its first start has no history yet: no file, or a file without tables.
  std::error_code unreadable;
  if (!std::filesystem::exists(database, unreadable)) return;
  auto connection = std::make_unique<Sqlite>(database, Sqlite::Mode::kReadOnly);
  if (connection->Number("SELECT count(*) FROM sqlite_master WHERE name = 'meta'") == 0) return;
  owned_ = std::move(connection);
  db_ = owned_.get();
}

History::History(Sqlite& shared) : db_(&shared) {}

History::~History() = default;

json History::Windows(const HistoryQuery& query) const {
  if (db_ == nullptr) return List("windows", json::array());
  Selection rows("SELECT json FROM \"window\"");
  rows.EqualUnlessEmpty("model", query.model);
  rows.Equal("version", query.version);
  rows.Equal("variant", query.variant);
  rows.Range("start_ns", query);
  return List("windows", rows.Newest(*db_, "end_ns DESC, model DESC, version DESC, variant DESC", query.limit,
                                     [&query](const Statement& row) {
                                       json window = StoredJson(row);
                                       if (query.feature.empty() || !window.contains("features")) return window;
                                       json kept = json::array();
                                       for (json& feature : window["features"]) {
                                         if (feature.at("name") == query.feature) kept.push_back(std::move(feature));
                                       }
                                       window["features"] = std::move(kept);
                                       return window;
                                     }));
}

json History::Alerts(const HistoryQuery& query) const {
  if (db_ == nullptr) return List("alerts", json::array());
  Selection rows("SELECT api FROM alert");
  rows.EqualUnlessEmpty("model", query.model);
  rows.EqualUnlessEmpty("feature", query.feature);
  rows.Equal("version", query.version);
  rows.Equal("variant", query.variant);
  rows.Range("started_ns", query);
  return List("alerts", rows.Newest(*db_, "started_ns DESC, id DESC", query.limit, StoredJson));
}

std::optional<json> History::Alert(const std::string& id_prefix) const {
  if (db_ == nullptr || id_prefix.empty()) return std::nullopt;
  // Ids are hexadecimal digits, so every id that begins with the prefix sorts before the prefix and a `g`.
  Statement statement(*db_, "SELECT api, id, stored FROM alert WHERE id >= ? AND id < ? ORDER BY id LIMIT 2");
  statement.Bind(id_prefix).Bind(id_prefix + 'g');
  if (!statement.Step()) return std::nullopt;
  json found = StoredJson(statement);
  found["actions"] = AuditJson(*db_, found.at("id").get<std::string>());
  // Alerts of older versions have none, and those of other monitors than evidence.
  const std::string account = json::parse(statement.Text(2)).value("account", "");
  found["account"] = account.empty() ? json() : json::parse(account);
  const bool whole = statement.Text(1) == id_prefix;
  if (!whole && statement.Step()) {
    throw std::invalid_argument("`" + id_prefix + "` is the beginning of more than one alert id; give more digits");
  }
  return found;
}

std::vector<StoredCohort> History::Cohorts(const HistoryQuery& query) const {
  std::vector<StoredCohort> cohorts;
  if (db_ == nullptr) return cohorts;
  Statement statement(*db_,
                      "SELECT version, variant, segment, start_ns, end_ns, counts FROM cohort WHERE model = ? AND "
                      "start_ns >= ? AND start_ns < ? AND start_ns IN "
                      "(SELECT DISTINCT start_ns FROM cohort WHERE model = ? AND start_ns >= ? AND start_ns < ? ORDER "
                      "BY start_ns DESC LIMIT ?) "
                      "ORDER BY start_ns, version, variant, segment");
  const std::int64_t from = query.from_ns.value_or(INT64_MIN), to = query.to_ns.value_or(INT64_MAX);
  statement.Bind(query.model).Bind(from).Bind(to).Bind(query.model).Bind(from).Bind(to);
  statement.Bind(static_cast<std::int64_t>(std::min<std::size_t>(query.limit, INT64_MAX)));
  while (statement.Step()) {
    StoredCohort cohort{query.model,
                        std::string(statement.Text(0)),
                        std::string(statement.Text(1)),
                        std::string(statement.Text(2)),
                        statement.Int(3),
                        statement.Int(4),
                        std::string(statement.Blob(5))};
    if ((!query.version || *query.version == cohort.version) && (!query.variant || *query.variant == cohort.variant))
      cohorts.push_back(std::move(cohort));
  }
  return cohorts;
}

std::optional<std::string> History::LabelFacts(const std::string& model) const {
  if (db_ == nullptr) return std::nullopt;
  Statement statement(*db_, "SELECT facts FROM labels WHERE model = ?");
  statement.Bind(model);
  return statement.Step() ? std::optional(std::string(statement.Text(0))) : std::nullopt;
}

std::optional<std::string> History::ProfileJson(const std::string& digest) const {
  if (db_ == nullptr) return std::nullopt;
  Statement statement(*db_, "SELECT json FROM profile WHERE digest = ?");
  statement.Bind(digest);
  return statement.Step() ? std::optional(std::string(statement.Text(0))) : std::nullopt;
}
json History::Audit(std::size_t limit) const {
  return List("audit", db_ == nullptr ? json::array() : NewestAuditJson(*db_, limit));
}

json History::Silences() const { return List("silences", db_ == nullptr ? json::array() : SilencesJson(*db_)); }

json History::Outbox(const OutboxQuery& query) const {
  return List("outbox", db_ == nullptr ? json::array() : OutboxJson(*db_, query));
}

json History::Rejects(const HistoryQuery& query) const {
  if (db_ == nullptr) return List("rejects", json::array());
  Selection rows("SELECT model, reason, time_ns, topic, part, \"offset\", payload, hint FROM reject");
  rows.EqualUnlessEmpty("model", query.model);
  rows.Range("time_ns", query);
  return List("rejects", rows.Newest(*db_, "time_ns DESC, seq DESC", query.limit, [](const Statement& row) {
    json reject{{"model", row.Text(0)},    {"reason", row.Text(1)}, {"time", nullptr},    {"topic", row.Text(3)},
                {"partition", row.Int(4)}, {"offset", row.Int(5)},  {"payload", nullptr}, {"hint", nullptr}};
    if (const std::int64_t time = row.Int(2); time != 0) reject["time"] = alerts::FormatTime(time);
    if (!row.IsNull(6)) reject["payload"] = TextOfBytes(row.Blob(6));
    if (!row.IsNull(7) && !row.Text(7).empty()) reject["hint"] = row.Text(7);
    return reject;
  }));
}

json History::Retrains(const HistoryQuery& query) const {
  if (db_ == nullptr) return List("retrains", json::array());
  Selection rows("SELECT api FROM retrain");
  rows.EqualUnlessEmpty("model", query.model);
  rows.Range("requested_ns", query);
  return List("retrains", rows.Newest(*db_, "requested_ns DESC, id DESC", query.limit, StoredJson));
}

}  // namespace monitor
