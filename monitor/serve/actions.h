// What a request that changes something asks for: its body as an OperatorAction. Pure functions, thread-safe.
//
// Bodies are JSON objects, or empty where nothing is required: {"by","comment"} everywhere; a silence takes
// {"model","variant","feature","cause", "from","to","for"}. Unknown keys are refused, so that a misspelt one does not
// silence everything.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "monitor/judge/operator/operator_action.h"
#include "monitor/store/outbox_list.h"

namespace monitor {

// Acknowledge, accept, approve and the rest, about `subject`. Throws BadRequest (serve/api.h).
OperatorAction ParseAction(OperatorAction::Kind kind, const std::string& subject, const std::string& body);

// POST /api/v1/silences: `from` is now unless given, the end is `to` or `from` + `for`. Throws BadRequest.
OperatorAction ParseSilence(const std::string& body, std::int64_t wall_ns);

// GET /api/v1/outbox: `id` (its beginning), `state` (pending, delivered, dead, held), `target`, `limit`. Throws
// BadRequest.
OutboxQuery ParseOutboxQuery(const std::multimap<std::string, std::string>& parameters);

}  // namespace monitor
