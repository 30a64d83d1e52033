// ReadTraffic: what a model's topics hold of a time range → rows, as `monitorctl baseline learn` and the daemon's
// `baseline: learn` want them.
//
// Labels are read first, as far as they have come; then requests and, where they have a topic of their own, responses.
// A record's event time is never more than `max_clock_skew` ahead of its Kafka timestamp, so reading begins there; it
// ends where the topics end now, since records may be late. Throws KafkaError, ConfigError, and what TrafficRows
// throws.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "monitor/training/traffic_rows.h"

namespace monitor {

// nullptr when `go_on` (share of the work done, now and then) says no. `score` as in TrafficRows.
std::unique_ptr<TrafficRows> ReadTraffic(const Config& config, const std::string& model, TimeRange range, double share,
                                         const std::function<bool(double done)>& go_on, bool score = true);

// The version that most of the rows are of.
std::string MostFrequentVersion(const TrafficRows::Counts& counts);

}  // namespace monitor
