// A configuration as it is proposed: commented YAML, and where in it each key stands. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/init/window_guess.h"

namespace monitor {

struct Draft {
  std::string brokers;
  std::map<std::string, std::string> properties;  // of librdkafka
  std::set<std::string> secrets;                  // those of them that stand in files kafka-NAME
  std::string model, baseline, version;
  std::string topic, responses, labels_topic;
  Proposal requests;
  std::optional<Proposal> labels;
  WindowGuess window;
  std::uint64_t sampled = 0;  // messages that it was drafted from
};

struct DraftText {
  std::string text;
  std::map<std::string, std::size_t>
      lines;  // of keys, from 1: brokers, model, topic, labels, window, fields' own names
  // The line of a key, else of what it would stand under.
  std::size_t LineOf(const std::string& key) const;
};

DraftText WriteDraft(const Draft& draft);

}  // namespace monitor
