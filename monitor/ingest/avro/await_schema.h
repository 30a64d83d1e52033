// For verbs that read by themselves: waits for the schema of a message, which the daemon asks for again later.
#pragma once

#include "monitor/ingest/message.h"
#include "monitor/ingest/shard_counter.h"

namespace monitor {

// Returns when `counter` can read the message. Throws std::runtime_error when its schema is not there within 30 s.
void AwaitSchema(ShardCounter& counter, const Message& message);

}  // namespace monitor
