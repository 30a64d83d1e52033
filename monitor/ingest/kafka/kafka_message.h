// A message of librdkafka as decoders see it. Views live as long as the message.
#pragma once

#include <vector>

#include "monitor/ingest/kafka/kafka_client.h"
#include "monitor/ingest/message.h"

namespace monitor {

// `headers` is filled, and viewed by the result, only where the reader wants them: they cost an allocation.
Message MessageOf(const rd_kafka_message_t& message, bool with_headers, std::vector<Header>& headers);

}  // namespace monitor
