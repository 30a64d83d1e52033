// History answers what is committed: newest rows within the limit, ascending, by the parameters of the API.
#include "monitor/store/history.h"

#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>

#include "monitor/store/schema.h"
#include "monitor/store/sqlite.h"
#include "tests/support/temporary.h"

namespace monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

HistoryQuery Of(const std::string& model) {
  HistoryQuery query;
  query.model = model;
  return query;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() : db_("", Sqlite::Mode::kMemory) { db_.Run(kSchema); }

  void AddWindow(const std::string& model, std::int64_t start_s, const std::string& version = "1") {
    const nlohmann::json window{{"start", start_s},
                                {"version", version},
                                {"features", {{{"name", "a"}, {"psi", 0.1}}, {{"name", "b"}, {"psi", 0.2}}}},
                                {"prediction", {{"psi", 0.3}}}};
    Statement insert(db_,
                     "INSERT INTO \"window\"(model, end_ns, version, variant, start_ns, json) VALUES(?,?,?,?,?,?)");
    insert.Bind(model)
        .Bind((start_s + 10) * kSecond)
        .Bind(version)
        .Bind("")
        .Bind(start_s * kSecond)
        .Bind(window.dump());
    insert.Execute();
  }

  void AddAlert(const std::string& id, const std::string& feature, std::int64_t started_s) {
    Statement insert(db_,
                     "INSERT INTO alert(id, model, feature, version, variant, state, started_ns, api, stored) "
                     "VALUES(?,'m',?,'1','','firing',?,?,'{}')");
    insert.Bind(id).Bind(feature).Bind(started_s * kSecond).Bind(nlohmann::json{{"id", id}}.dump());
    insert.Execute();
  }

  void AddReject(const std::string& reason, std::int64_t time_s, std::string_view payload) {
    Statement insert(
        db_, "INSERT INTO reject(model, reason, time_ns, topic, part, \"offset\", payload) VALUES('',?,?,'t',3,42,?)");
    insert.Bind(reason).Bind(time_s * kSecond).BindBlob(payload);
    insert.Execute();
  }

  static std::vector<std::int64_t> Starts(const nlohmann::json& answer) {
    std::vector<std::int64_t> starts;
    for (const auto& window : answer.at("windows")) starts.push_back(window.at("start"));
    return starts;
  }

  Sqlite db_;
};

TEST_F(HistoryTest, KeepsTheNewestWindowsInAscendingTime) {
  for (const std::int64_t start : {30, 10, 40, 20}) AddWindow("m", start);
  AddWindow("other", 50);
  HistoryQuery query = Of("m");
  EXPECT_EQ(Starts(History(db_).Windows(query)), (std::vector<std::int64_t>{10, 20, 30, 40}));
  query.limit = 2;
  EXPECT_EQ(Starts(History(db_).Windows(query)), (std::vector<std::int64_t>{30, 40}));
}

TEST_F(HistoryTest, TakesWindowsFromInclusiveToExclusive) {
  for (const std::int64_t start : {10, 20, 30}) AddWindow("m", start);
  HistoryQuery query = Of("m");
  query.from_ns = 10 * kSecond;
  query.to_ns = 30 * kSecond;
  EXPECT_EQ(Starts(History(db_).Windows(query)), (std::vector<std::int64_t>{10, 20}));
}

TEST_F(HistoryTest, TakesWindowsOfOneVersion) {
  AddWindow("m", 10, "1");
  AddWindow("m", 20, "2");
  HistoryQuery query = Of("m");
  query.version = "2";
  EXPECT_EQ(Starts(History(db_).Windows(query)), (std::vector<std::int64_t>{20}));
  query.variant = "shadow";
  EXPECT_TRUE(Starts(History(db_).Windows(query)).empty());
}

TEST_F(HistoryTest, KeepsOneFeatureOfEveryWindow) {
  AddWindow("m", 10);
  HistoryQuery query = Of("m");
  query.feature = "b";
  const nlohmann::json window = History(db_).Windows(query).at("windows").at(0);
  ASSERT_EQ(window.at("features").size(), 1u);
  EXPECT_EQ(window.at("features").at(0).at("name"), "b");
  EXPECT_EQ(window.at("prediction").at("psi"), 0.3);
}

TEST_F(HistoryTest, FindsAlertsByTheBeginningOfTheirId) {
  AddAlert("abc1", "a", 10);
  AddAlert("abc2", "b", 20);
  AddAlert("f000", "b", 30);
  const History history(db_);
  EXPECT_EQ(history.Alert("f").value().at("id"), "f000");
  EXPECT_EQ(history.Alert("abc2").value().at("id"), "abc2");
  EXPECT_FALSE(history.Alert("9").has_value());
  EXPECT_FALSE(history.Alert("").has_value());
  EXPECT_THROW(history.Alert("abc"), std::invalid_argument);
}

TEST_F(HistoryTest, AWholeIdIsNeverAmbiguous) {
  AddAlert("ab", "a", 10);
  AddAlert("abc", "a", 20);
  EXPECT_EQ(History(db_).Alert("ab").value().at("id"), "ab");
}

TEST_F(HistoryTest, TakesAlertsOfOneFeature) {
  AddAlert("1", "a", 20);
  AddAlert("2", "b", 10);
  AddAlert("3", "a", 10);
  HistoryQuery query;
  query.feature = "a";
  const nlohmann::json alerts = History(db_).Alerts(query).at("alerts");
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(alerts.at(0).at("id"), "3");
  EXPECT_EQ(alerts.at(1).at("id"), "1");
}

TEST_F(HistoryTest, ShowsRejectsWithPayloadsThatAreNoText) {
  AddReject("encoding", 1368291600, std::string_view("\xff{\x80", 3));
  const nlohmann::json reject = History(db_).Rejects({}).at("rejects").at(0);
  EXPECT_EQ(reject.at("model"), "");
  EXPECT_EQ(reject.at("reason"), "encoding");
  EXPECT_EQ(reject.at("time"), "2013-05-11T17:00:00Z");
  EXPECT_EQ(reject.at("topic"), "t");
  EXPECT_EQ(reject.at("partition"), 3);
  EXPECT_EQ(reject.at("offset"), 42);
  EXPECT_EQ(reject.at("payload"), "\xef\xbf\xbd{\xef\xbf\xbd");
  EXPECT_NO_THROW((void)reject.dump());
}

TEST_F(HistoryTest, SaysWhatARejectIsWhereThatIsKnown) {
  AddReject("schema", 1368291600, "abc");
  db_.Run("UPDATE reject SET hint='schema id 42: no registry configured'");
  AddReject("json", 1368291601, R"({"id":)");
  const nlohmann::json rejects = History(db_).Rejects({}).at("rejects");
  EXPECT_EQ(rejects.at(0).at("hint"), "schema id 42: no registry configured");
  EXPECT_TRUE(rejects.at(1).at("hint").is_null());
}

TEST_F(HistoryTest, ListsRetrains) {
  db_.Run(R"(INSERT INTO retrain VALUES('r2','m','hook',2,'{"id":"r2"}'),('r1','m','hook',1,'{"id":"r1"}'))");
  const nlohmann::json retrains = History(db_).Retrains(Of("m")).at("retrains");
  ASSERT_EQ(retrains.size(), 2u);
  EXPECT_EQ(retrains.at(0).at("id"), "r1");
}

TEST(HistoryFile, WithoutADatabaseEverythingIsEmpty) {
  const History history(tests::Temporary("no-such-file.db"));
  EXPECT_EQ(history.Windows(Of("m")).dump(), R"({"windows":[]})");
  EXPECT_EQ(history.Alerts({}).dump(), R"({"alerts":[]})");
  EXPECT_EQ(history.Rejects({}).dump(), R"({"rejects":[]})");
  EXPECT_EQ(history.Retrains({}).dump(), R"({"retrains":[]})");
  EXPECT_FALSE(history.Alert("a").has_value());
}

TEST(HistoryFile, SeesCommittedRowsBesideAWriter) {
  const auto file = tests::Temporary("history_test.db");
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  Sqlite writer(file, Sqlite::Mode::kReadWrite);
  EXPECT_EQ(History(file).Retrains({}).at("retrains").size(), 0u) << "a file without tables";
  writer.Run("PRAGMA journal_mode=WAL");
  writer.Run(kSchema);
  writer.Run(R"(INSERT INTO retrain VALUES('r1','m','hook',1,'{"id":"r1"}'))");
  writer.Run(R"(BEGIN IMMEDIATE; INSERT INTO retrain VALUES('r2','m','hook',2,'{"id":"r2"}'))");
  EXPECT_EQ(History(file).Retrains({}).at("retrains").size(), 1u);
  writer.Run("COMMIT");
  EXPECT_EQ(History(file).Retrains({}).at("retrains").size(), 2u);
}

}  // namespace
}  // namespace monitor
