#include "alerts/retrain_run.h"

#include <algorithm>
#include <utility>

#include "alerts/messages/time_text.h"

namespace alerts {

const char* Text(RunStatus::Kind kind) {
  switch (kind) {
    case RunStatus::Kind::kRunning:
      return "running";
    case RunStatus::Kind::kSucceeded:
      return "succeeded";
    case RunStatus::Kind::kFailed:
      return "failed";
    case RunStatus::Kind::kUnknown:
      return "unknown";
    case RunStatus::Kind::kGivenUp:
      return "given_up";
  }
  return "";
}

void RunWatch::Add(RetrainRun run, Steady::time_point now) {
  std::string request = run.request;
  runs_.try_emplace(std::move(request), Watched{std::move(run), now + kShortestWait, std::nullopt});
}

std::optional<RunWatch::Steady::time_point> RunWatch::next() const {
  std::optional<Steady::time_point> next;
  for (const auto& [request, watched] : runs_) next = std::min(next.value_or(watched.look_at), watched.look_at);
  return next;
}

std::optional<RetrainRun> RunWatch::Due(Steady::time_point now) const {
  const Watched* due = nullptr;
  for (const auto& [request, watched] : runs_) {
    if (watched.look_at <= now && (due == nullptr || watched.look_at < due->look_at)) due = &watched;
  }
  return due == nullptr ? std::nullopt : std::optional(due->run);
}

std::optional<RunStatus> RunWatch::Take(const RetrainRun& run, RunStatus status, std::int64_t wall_ns,
                                        Steady::time_point now) {
  const auto at = runs_.find(run.request);
  if (at == runs_.end()) return std::nullopt;
  using std::chrono::nanoseconds;
  const nanoseconds age(std::max<std::int64_t>(wall_ns - run.accepted_ns, 0));
  if (!status.over() && age >= kLongestRun) {
    status = {RunStatus::Kind::kGivenUp, "no end within " + FormatDuration(nanoseconds(kLongestRun).count()) +
                                             (status.reason.empty() ? "" : "; last answer: " + status.reason)};
  }
  if (status.over()) {
    runs_.erase(at);
    return status;
  }
  nanoseconds wait = std::clamp<nanoseconds>(age / 10, kShortestWait, kLongestWait);
  if (status.retry_after) wait = std::max(wait, std::min<nanoseconds>(*status.retry_after, std::chrono::hours(24)));
  Watched& watched = at->second;
  watched.look_at = now + wait;
  if (watched.told && watched.told->kind == status.kind && watched.told->reason == status.reason) return std::nullopt;
  watched.told = status;
  return status;
}

}  // namespace alerts
