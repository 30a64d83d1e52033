// Trial: sampled messages through the daemon's own pipeline — decoding, mapping, pairing, counting, joining, judging —
// over a state in memory, and what there is to be said of them.
//
// Nothing is sent, stored or committed. Messages are given in the order in which they were written. What needs every
// record looked at one by one (names, times, ids) is taken from the newest kProbed messages. Pure but for the baselines
// that the configuration names. Cost: about 20 µs a message and 100 µs a probed one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baselines/build/profile_builder.h"
#include "detectors/counts/category_counts.h"
#include "monitor/ctl/traffic/sampled_message.h"
#include "monitor/daemon/config/config.h"
#include "monitor/judge/judge.h"

namespace monitor {

struct Trial {
  struct Reject {
    std::string reason;
    std::uint64_t count = 0;
    std::string topic, sample, hint;  // of the newest one
    std::int64_t partition = 0, offset = 0;
  };
  struct Feature {
    std::string name;
    std::uint64_t records = 0, missing = 0, type_faults = 0, unseen = 0;
    std::vector<detectors::NamedCount> unseen_names;  // the commonest
    // Some probed record has its name; where features come by place, training mostly lacks it, too.
    bool named = false;
    std::string fault = {};  // a value of the wrong type, as it is written
    std::uint64_t values() const { return records - missing - type_faults; }
    bool matched() const { return values() > 0 || (records > 0 && type_faults == 0 && named); }
  };
  struct Extra {  // a name that the baseline does not have
    std::string name, example;
    std::uint64_t records = 0;
  };
  struct Shown {
    std::string raw, id, version, variant, prediction, score;
    std::int64_t time_ns = 0;
    std::vector<std::pair<std::string, std::string>> features;  // as they are counted
  };
  // Event time minus the time of the Kafka message, seconds.
  struct Skew {
    std::uint64_t records = 0;
    double least = 0, median = 0, most = 0;
    std::uint64_t disordered = 0;  // records with an event time before that of an earlier record of their partition
    double worst_disorder = 0;     // by how many seconds at most
    bool own_times = true;         // false: event times are those of the messages
  };

  std::uint64_t messages = 0, label_messages = 0;
  ModelCounters counters;
  std::uint64_t elsewhere = 0;  // records of other models that share the topic, or of none
  std::vector<Reject> rejects, label_rejects;
  std::vector<Feature> features;  // in the order of the baseline
  std::vector<Extra> extras;      // the commonest first
  std::uint64_t extra_values = 0;
  std::vector<Shown> shown;
  std::uint64_t probed = 0, with_id = 0;               // probed records that can be counted
  std::string request_id, label_id;                    // examples, where labels were read
  std::optional<Skew> skew;                            // of probed records whose messages have a time
  std::optional<LabelCounters> labels;                 // where the model has labels
  std::int64_t first_ns = 0, last_ns = 0;              // event times of the probed records
  std::map<std::string, std::uint64_t> versions;       // of what was counted
  std::shared_ptr<const baselines::Profile> baseline;  // that most records were counted over
  baselines::CountedFile counted;                      // of those
  std::uint64_t over_others = 0;                       // records that were counted over another version's baseline
};

inline constexpr std::size_t kProbed = 2000;
// Throws ConfigError when the model is not configured or its baseline cannot be used.
Trial RunTrial(const Config& config, const std::string& model, const std::vector<SampledMessage>& messages);

}  // namespace monitor
