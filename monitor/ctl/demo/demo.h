// RunDemo: the product in two minutes, on real flights, with a real daemon and librdkafka's in-process broker.
//
// Prints a story: the baseline, what drifted when, which alerts are faults of the feed, a message as Slack shows it,
// where to look next. Everything it writes is in `folder`. Throws std::runtime_error with what to do.
#pragma once

#include <filesystem>

namespace monitor {

struct DemoOptions {
  std::filesystem::path data;      // folder with train.csv.gz and requests.jsonl.gz
  std::filesystem::path monitord;  // the program
  std::filesystem::path folder;    // is emptied first
  bool keep = false;               // leave the daemon running until Ctrl-C
};

int RunDemo(const DemoOptions& options);

}  // namespace monitor
