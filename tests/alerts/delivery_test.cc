#include "alerts/delivery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "alerts/targets/slack.h"
#include "tests/alerts/server.h"

namespace alerts {
namespace {

using Kind = Outcome::Kind;
using RowState = OutboxRow::State;
using namespace std::chrono_literals;

constexpr std::int64_t kNow = 1'700'000'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

// Answers in the given order, then always "delivered"; can be blocked until released or interrupted.
class FakeTarget : public Target {
 public:
  explicit FakeTarget(std::string name, std::deque<Outcome> outcomes = {})
      : name_(std::move(name)), outcomes_(std::move(outcomes)) {}

  const std::string& name() const override { return name_; }
  bool Wants(const IncidentEvent&) const override { return true; }
  OutboxRow Render(const IncidentEvent&) const override { return {}; }
  Outcome Send(const OutboxRow& row) override {
    std::unique_lock lock(mutex_);
    sent_.push_back(row.id);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !blocked_ || interrupted_; });
    if (interrupted_) return {Kind::kRetry, "interrupted", {}};
    if (outcomes_.empty()) return {};
    const Outcome outcome = outcomes_.front();
    outcomes_.pop_front();
    return outcome;
  }
  void Interrupt() override {
    Change([this] { interrupted_ = true; });
  }

  void Block() {
    Change([this] { blocked_ = true; });
  }
  void Release() {
    Change([this] { blocked_ = false; });
  }
  void WaitForSend() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !sent_.empty(); });
  }
  std::vector<std::string> sent() {
    const std::lock_guard lock(mutex_);
    return sent_;
  }

 private:
  template <typename Function>
  void Change(Function function) {
    const std::lock_guard lock(mutex_);
    function();
    changed_.notify_all();
  }

  const std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outcome> outcomes_;
  std::vector<std::string> sent_;
  bool blocked_ = false, interrupted_ = false;
};

template <typename Item>
class Mailbox {
 public:
  void Put(const Item& row) {
    const std::lock_guard lock(mutex_);
    rows_.push_back(row);
    changed_.notify_all();
  }
  // The first `count` reports; fewer when they do not come in time.
  std::vector<Item> Take(std::size_t count, std::chrono::seconds patience = 5s) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return rows_.size() >= count; });
    return rows_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> rows_;
};

class DeliveryTest : public testing::Test {
 protected:
  std::unique_ptr<Delivery> Make(std::vector<std::shared_ptr<Target>> targets) {
    return std::make_unique<Delivery>(
        std::move(targets), [this] { return now.load(); }, [] { return 0.5; },
        [this](const OutboxRow& row) { mailbox.Put(row); },
        [this](const RetrainRun& run, const RunStatus& status) { looks.Put(run.request + " " + Text(status.kind)); });
  }
  static OutboxRow Row(const std::string& target, const std::string& id) {
    OutboxRow row;
    row.id = id;
    row.target = target;
    row.next_attempt_ns = kNow;
    return row;
  }

  std::atomic<std::int64_t> now{kNow};
  Mailbox<OutboxRow> mailbox;
  Mailbox<std::string> looks;
};

using Names = std::vector<std::string>;
const Outcome kBusy{Kind::kRetry, "HTTP 503", {}};
const Outcome kRefused{Kind::kGiveUp, "HTTP 400", {}};
const Outcome kGone{Kind::kGone, "HTTP 410: the endpoint is gone", {}};

TEST_F(DeliveryTest, SendsInOrderAndReportsEveryTry) {
  const auto target = std::make_shared<FakeTarget>("a");
  const auto delivery = Make({target});
  delivery->Enqueue({Row("a", "1"), Row("a", "2")});
  delivery->Enqueue({Row("a", "3")});
  const auto reports = mailbox.Take(3);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(target->sent(), (Names{"1", "2", "3"}));
  for (const auto& row : reports) EXPECT_EQ(row.state, RowState::kDelivered);
  EXPECT_EQ(delivery->pending(), (std::map<std::string, std::uint64_t>{{"a", 0}}));
}

TEST_F(DeliveryTest, ARowThatWaitsHoldsBackThoseBehindIt) {
  const auto target = std::make_shared<FakeTarget>("a", std::deque{kBusy, kBusy});
  const auto delivery = Make({target});
  delivery->Enqueue({Row("a", "1"), Row("a", "2")});
  auto reports = mailbox.Take(1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].state, RowState::kPending);
  EXPECT_EQ(reports[0].last_error, "HTTP 503");
  EXPECT_EQ(reports[0].next_attempt_ns, kNow + 5 * kSecond);
  EXPECT_EQ(delivery->pending().at("a"), 2u);

  now = kNow + 5 * kSecond - 1;
  delivery->Enqueue({});
  EXPECT_EQ(target->sent(), Names{"1"});

  now = kNow + 5 * kSecond;
  delivery->Enqueue({});
  reports = mailbox.Take(2);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[1].attempts, 2);
  EXPECT_EQ(reports[1].next_attempt_ns, now + 300 * kSecond);

  now = kNow + 400 * kSecond;
  delivery->Enqueue({});
  reports = mailbox.Take(4);
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(target->sent(), (Names{"1", "1", "1", "2"}));
  EXPECT_EQ(reports[2].attempts, 3);
}

TEST_F(DeliveryTest, ADeadRowLetsTheNextGoOn) {
  const auto target = std::make_shared<FakeTarget>("a", std::deque{kRefused});
  const auto delivery = Make({target});
  delivery->Enqueue({Row("a", "1"), Row("a", "2")});
  const auto reports = mailbox.Take(2);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].state, RowState::kDead);
  EXPECT_EQ(reports[0].last_error, "HTTP 400");
  EXPECT_EQ(reports[1].state, RowState::kDelivered);
}

TEST_F(DeliveryTest, ASlowTargetDelaysNobodyElse) {
  const auto slow = std::make_shared<FakeTarget>("slow"), quick = std::make_shared<FakeTarget>("quick");
  slow->Block();
  const auto delivery = Make({slow, quick});
  delivery->Enqueue({Row("slow", "1"), Row("quick", "2")});
  const auto reports = mailbox.Take(1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].id, "2");
  slow->Release();
  EXPECT_EQ(mailbox.Take(2).size(), 2u);
}

TEST_F(DeliveryTest, AClockThatJumpsBackStallsNothing) {
  const auto target = std::make_shared<FakeTarget>("a");
  const auto delivery = Make({target});
  OutboxRow row = Row("a", "1");
  row.next_attempt_ns = kNow + kSecond / 5;
  delivery->Enqueue({row});
  now = kNow - 3'600 * kSecond;
  const auto reports = mailbox.Take(1);
  ASSERT_EQ(reports.size(), 1u) << "due by steady time";
  EXPECT_EQ(reports[0].state, RowState::kDelivered);
}

TEST_F(DeliveryTest, RowsWithoutTargetAreDeadAtOnce) {
  const auto delivery = Make({});
  delivery->Enqueue({Row("gone", "1")});
  const auto reports = mailbox.Take(1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].state, RowState::kDead);
  EXPECT_EQ(reports[0].attempts, 0);
  EXPECT_EQ(reports[0].last_error, "the target is not configured any more");
}

TEST_F(DeliveryTest, AReloadKeepsTheRowsOfTargetsThatStay) {
  const auto first = std::make_shared<FakeTarget>("a", std::deque{kBusy}), second = std::make_shared<FakeTarget>("a");
  const auto leaving = std::make_shared<FakeTarget>("b", std::deque{kBusy});
  const auto delivery = Make({first, leaving});
  delivery->Enqueue({Row("a", "1"), Row("b", "2"), Row("b", "3")});
  ASSERT_EQ(mailbox.Take(2).size(), 2u);
  delivery->SetTargets({second, std::make_shared<FakeTarget>("c")});
  const auto reports = mailbox.Take(4);
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(reports[2].id, "2");
  EXPECT_EQ(reports[3].id, "3");
  EXPECT_EQ(reports[3].state, RowState::kDead);
  EXPECT_EQ(delivery->pending(), (std::map<std::string, std::uint64_t>{{"a", 1}, {"c", 0}}));
  now = kNow + 6 * kSecond;
  delivery->Enqueue({});
  EXPECT_EQ(mailbox.Take(5).back().state, RowState::kDelivered);
  EXPECT_EQ(second->sent(), Names{"1"});
}

TEST_F(DeliveryTest, AStopInterruptsAndReportsNothing) {
  const auto target = std::make_shared<FakeTarget>("a");
  target->Block();
  const auto delivery = Make({target});
  delivery->Enqueue({Row("a", "1"), Row("a", "2")});
  target->WaitForSend();
  delivery->Stop();
  delivery->Stop();
  delivery->Enqueue({Row("a", "3"), Row("b", "4")});
  EXPECT_EQ(target->sent(), Names{"1"});
  EXPECT_TRUE(mailbox.Take(0).empty()) << "the store keeps it pending";
}

class ThrowingTarget : public FakeTarget {
 public:
  using FakeTarget::FakeTarget;
  Outcome Send(const OutboxRow&) override { throw std::runtime_error("secret"); }
};

TEST_F(DeliveryTest, AFaultOfATargetIsARetryAndQuotesNothing) {
  const auto delivery = Make({std::make_shared<ThrowingTarget>("a")});
  delivery->Enqueue({Row("a", "1")});
  const auto reports = mailbox.Take(1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].state, RowState::kPending);
  EXPECT_EQ(reports[0].last_error, "internal error");
}

TEST_F(DeliveryTest, AStopCutsARealTransferShort) {
  Server server;
  const auto delivery = Make({MakeSlack({"slack", server.Url("/slow"), {}}, MakeCurlClient())});
  delivery->Enqueue({Row("slack", "1")});
  server.WaitForRequest();
  const auto before = std::chrono::steady_clock::now();
  delivery->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1'500ms);
  EXPECT_TRUE(mailbox.Take(0).empty());
}

TEST_F(DeliveryTest, ATargetThatIsGoneTakesNothingUntilAReload) {
  const auto target = std::make_shared<FakeTarget>("a", std::deque{kGone});
  const auto delivery = Make({target});
  delivery->Enqueue({Row("a", "1"), Row("a", "2")});
  auto reports = mailbox.Take(2);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].last_error, "HTTP 410: the endpoint is gone");
  EXPECT_EQ(reports[1].state, RowState::kDead);
  EXPECT_EQ(reports[1].last_error.substr(0, 22), "the target is disabled");
  EXPECT_EQ(target->sent(), Names{"1"});
  const auto fresh = std::make_shared<FakeTarget>("a");
  delivery->SetTargets({fresh});
  delivery->Enqueue({Row("a", "2")});
  reports = mailbox.Take(3);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[2].state, RowState::kDelivered);
}

TEST_F(DeliveryTest, FiveFailuresInARowOpenTheCircuit) {
  const auto target = std::make_shared<FakeTarget>("a", std::deque(5, kRefused));
  const auto delivery = Make({target});
  for (int i = 1; i <= 6; ++i) delivery->Enqueue({Row("a", std::to_string(i))});
  EXPECT_EQ(mailbox.Take(5).size(), 5u);
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(target->sent().size(), 5u) << "the sixth waits a minute";
  delivery->Enqueue({Row("a", "6")});
  EXPECT_EQ(mailbox.Take(6).size(), 6u) << "unless an operator sends it now";
}

TEST_F(DeliveryTest, AnOperatorSendsAWaitingRowNowOrTakesItOut) {
  const auto target = std::make_shared<FakeTarget>("a", std::deque{kBusy, kBusy});
  const auto delivery = Make({target});
  delivery->Enqueue({Row("a", "1"), Row("a", "2")});
  ASSERT_EQ(mailbox.Take(1).size(), 1u);
  delivery->Enqueue({Row("a", "1")});
  ASSERT_EQ(mailbox.Take(2).size(), 2u) << "tried again at once";
  OutboxRow dropped = Row("a", "1");
  dropped.state = RowState::kDead;
  delivery->Enqueue({dropped});
  const auto reports = mailbox.Take(3);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[2].id, "2");
  EXPECT_EQ(target->sent(), (Names{"1", "1", "2"}));
}

// Does its work in two parts, asks for something to be remembered, and wants to be refreshed.
class MindfulTarget : public FakeTarget {
 public:
  using FakeTarget::FakeTarget;
  Outcome Send(const OutboxRow& row) override {
    FakeTarget::Send(row);
    if (++parts % 2 == 1) return {Kind::kContinue, "", {}};
    return {Kind::kDelivered, "", {}, {{"key", row.id}}};
  }
  std::chrono::milliseconds spacing() const override { return 300ms; }
  std::chrono::seconds refresh_interval() const override { return 1s; }
  void Refresh() override { ++refreshes; }
  void Recall(const std::string& key, const std::string& value) override { recalled[key] = value; }
  std::atomic<int> parts = 0, refreshes = 0;
  std::map<std::string, std::string> recalled;
};

TEST_F(DeliveryTest, PartsKeepTheirSpacingAndCountAsOneTry) {
  const auto target = std::make_shared<MindfulTarget>("a");
  const auto delivery = Make({target});
  const auto before = std::chrono::steady_clock::now();
  delivery->Enqueue({Row("a", "1")});
  const auto reports = mailbox.Take(1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 300ms);
  EXPECT_EQ(reports[0].attempts, 1);
  EXPECT_EQ(reports[0].remember, (std::pair<std::string, std::string>("key", "1")));
  std::this_thread::sleep_for(1'200ms);
  EXPECT_GE(target->refreshes, 2);
  const auto after = std::make_shared<MindfulTarget>("a");
  delivery->SetTargets({after});
  EXPECT_EQ(after->recalled["key"], "1") << "a reload forgets nothing";
}

// Starts a run for every message, and says of each look what the test wants.
class FakeTrainer : public FakeTarget {
 public:
  using FakeTarget::FakeTarget;
  Outcome Send(const OutboxRow& row) override {
    Outcome outcome = FakeTarget::Send(row);
    outcome.remember = {{row.id, "run-" + row.id}};
    return outcome;
  }
  bool follows_runs() const override { return true; }
  RunStatus Look(const RetrainRun& run) override {
    if (run.reference != "run-" + run.request) return {RunStatus::Kind::kUnknown, run.reference};
    return {run.request == "1" ? RunStatus::Kind::kSucceeded : RunStatus::Kind::kFailed, "why"};
  }
};

TEST_F(DeliveryTest, FollowsWhatATargetStartedAndWhatARestartGivesBack) {
  const auto trainer = std::make_shared<FakeTrainer>("a");
  const auto delivery = Make({trainer, std::make_shared<FakeTarget>("plain")});
  delivery->Follow({{"2", "a", "run-2", kNow}, {"3", "nobody", "run-3", kNow}, {"4", "plain", "run-4", kNow}});
  delivery->Enqueue({Row("a", "1")});
  ASSERT_EQ(mailbox.Take(1).size(), 1u);
  auto told = looks.Take(2, 15s);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (Names{"1 succeeded", "2 failed"})) << "those of other targets are left alone";
  delivery->Stop();
}

}  // namespace
}  // namespace alerts
