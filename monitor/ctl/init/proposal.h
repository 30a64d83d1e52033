// Proposal: what a recogniser makes of a topic, as lines of a configuration, and what it has to say about them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "baselines/profile.h"
#include "monitor/ctl/traffic/sampled_message.h"

namespace monitor {

// Something that people must know; `key` is that of the configuration's line to change.
struct Remark {
  enum class Kind { kAssumed, kNotFound } kind;
  std::string key, text;
};

struct FieldLine {
  std::string key, value;  // as YAML
  std::string comment;     // why; may be empty
};

struct Proposal {
  std::string format = "flat-json";
  std::string what;               // in words: "SageMaker data capture"
  std::vector<FieldLine> fields;  // under `fields:`
  std::vector<Remark> remarks;
  std::vector<std::string> models;  // that the records name
  std::string model, version;       // that the traffic names; empty: none
  bool labels_within = false;       // labels come among the requests
  bool by_arrival = false;          // `time: arrival`
  std::string unreadable;           // why monitord cannot read this topic, and what to do; empty: it can
  std::vector<std::string> ids;     // of the records, as they are written; at most as many as there are messages

  void Assume(std::string key, std::string text) {
    remarks.push_back({Remark::Kind::kAssumed, std::move(key), std::move(text)});
  }
  void Miss(std::string key, std::string text) {
    remarks.push_back({Remark::Kind::kNotFound, std::move(key), std::move(text)});
  }
};

// What is recognised: messages in the order of time, and the training data that they are to be compared with.
struct TopicMaterial {
  const std::vector<SampledMessage>& messages;
  const baselines::Profile& training;
  const std::vector<std::string>& other_ids;  // labels: ids of requests; requests: none
};

// Each looks at a topic and says what it is, or that it is something else.
using Recogniser = std::optional<Proposal> (*)(const TopicMaterial& topic);
std::optional<Proposal> RecogniseUnreadable(const TopicMaterial& topic);  // Avro, Protobuf, CSV …
std::optional<Proposal> RecogniseSageMaker(const TopicMaterial& topic);
std::optional<Proposal> RecogniseKServe(const TopicMaterial& topic);
std::optional<Proposal> RecogniseSeldonV1(const TopicMaterial& topic);
std::optional<Proposal> RecogniseSeldonV2(const TopicMaterial& topic);
std::optional<Proposal> RecogniseJson(const TopicMaterial& topic);  // ours, or anybody's
std::optional<Proposal> RecogniseGroundTruth(const TopicMaterial& topic);
std::optional<Proposal> RecogniseJsonLabels(const TopicMaterial& topic);

// The first one that knows the topic. Never nothing: what nobody knows is `unreadable`.
Proposal RecogniseRequests(const TopicMaterial& topic);
Proposal RecogniseLabels(const TopicMaterial& topic);

}  // namespace monitor
