#include "monitor/judge/operator/operator_desk.h"

#include <algorithm>

namespace monitor {

void OperatorDesk::Put(const alerts::Silence& silence) {
  std::erase_if(silences_, [&silence](const alerts::Silence& known) { return known.id == silence.id; });
  silences_.push_back(silence);
  changed_silences_.push_back(silence);
}

void OperatorDesk::Save(std::int64_t wall_ns) {
  for (const alerts::Silence& silence : std::exchange(changed_silences_, {})) store_.PutSilence(silence);
  for (const AuditEntry& entry : std::exchange(audit_, {})) store_.PutAudit(entry);
  for (const auto& [target, key, value] : std::exchange(memory_, {})) store_.PutMemory(target, key, value);
  std::erase_if(silences_, [wall_ns](const alerts::Silence& silence) { return silence.to_ns <= wall_ns; });
}

void OperatorDesk::AnswerAll() {
  for (auto& [answer, what] : std::exchange(answers_, {})) answer(std::move(what));
}

}  // namespace monitor
