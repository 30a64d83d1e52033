// The JSON documents of a topic, with texts that hold JSON themselves in place of these texts.
#pragma once

#include <string>
#include <vector>

#include "monitor/ctl/init/field_guess.h"

namespace monitor {

struct JsonDocuments {
  Documents documents;               // of the messages that are JSON objects or lists
  std::vector<std::string> decoded;  // paths for `decode:`, outer ones first
};

JsonDocuments ReadDocuments(const std::vector<SampledMessage>& messages);

}  // namespace monitor
