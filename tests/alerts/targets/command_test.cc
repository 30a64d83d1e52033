#include "alerts/targets/command.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/alerts/events.h"
#include "tests/support/temporary.h"

namespace alerts {
namespace {

using Kind = Outcome::Kind;
using namespace std::chrono_literals;

OutboxRow RowFor(const Target& target) {
  OutboxRow row =
      target.Render(EventOf(Cause::kDataDrift, {FiringAlert("missing:temp", "temp", "temp; $(touch /nowhere) `x`")}));
  row.id = "71c0be02";
  row.type = "incident.firing";
  return row;
}

TEST(Command, GetsTheMessageOnItsInputAndItsIdInTheEnvironment) {
  const auto file = tests::Temporary("command");
  const auto target =
      MakeCommand({"command",
                   {"/bin/sh", "-c", "cat > \"$1\"; echo \"$MONITORD_MESSAGE_ID $MONITORD_MESSAGE_TYPE\" >> \"$1\"",
                    "sh", file.string()},
                   {}});
  const OutboxRow row = RowFor(*target);
  EXPECT_EQ(target->Send(row).kind, Kind::kDelivered);
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), row.body + "71c0be02 incident.firing\n");
  EXPECT_EQ(nlohmann::json::parse(row.body)["data"]["alerts"][0]["summary"], "temp; $(touch /nowhere) `x`");
}

TEST(Command, ArgumentsAreNoShellText) {
  const auto target = MakeCommand({"command", {"/usr/bin/test", "$(echo a)", "=", "$(echo a)"}, {}});
  EXPECT_EQ(target->Send(RowFor(*target)).kind, Kind::kDelivered);
}

TEST(Command, FailuresAreTriedAgain) {
  const auto fails = MakeCommand({"command", {"/bin/sh", "-c", "exit 7"}, {}});
  const Outcome outcome = fails->Send(RowFor(*fails));
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.error, "exit code 7");
  const auto missing = MakeCommand({"command", {"/nowhere/program"}, {}});
  EXPECT_EQ(missing->Send(RowFor(*missing)).error, "cannot be started: No such file or directory");
}

TEST(Command, ADeafProgramThatSucceedsIsFine) {
  signal(SIGPIPE, SIG_IGN);
  const auto target = MakeCommand({"command", {"/bin/true"}, {}});
  OutboxRow row = RowFor(*target);
  row.body.append(1 << 20, ' ');
  EXPECT_EQ(target->Send(row).kind, Kind::kDelivered);
}

TEST(Command, IsKilledWithItsChildrenWhenItTakesTooLong) {
  const auto slow = MakeCommand({"command", {"/bin/sh", "-c", "sleep 60 & wait"}, {}, false, 300ms});
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(slow->Send(RowFor(*slow)).error, "timed out after 300 ms and was killed");
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  const auto endless = MakeCommand({"command", {"/bin/sleep", "60"}, {}});
  std::thread stop([&] {
    std::this_thread::sleep_for(200ms);
    endless->Interrupt();
  });
  EXPECT_EQ(endless->Send(RowFor(*endless)).error, "interrupted");
  stop.join();
}

TEST(Command, ForRetrainingTakesRequestsOnly) {
  const auto target = MakeCommand({"train", {"/bin/true"}, {}, true});
  IncidentEvent event = EventOf(Cause::kDataDrift, {});
  EXPECT_FALSE(target->Wants(event));
  event.type = IncidentEvent::Type::kRetrainRequested;
  event.severity = event.peak = Severity::kWarning;
  EXPECT_TRUE(target->Wants(event));
}

}  // namespace
}  // namespace alerts
