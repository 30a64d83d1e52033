// Replay: the daemon's own pipeline over files of JSON lines, at full speed and without network: decode, count, judge,
// close.
//
// A message waits for its schema (await_schema.h). The files of one topic follow
// each other as one partition. At the end of input everything is closed. The caller reads the results from the judge's
// store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "monitor/judge/judge.h"

namespace monitor {

struct ReplayFile {
  std::string topic;
  std::filesystem::path file;  // `.gz` is unpacked
};

// Records are decoded and counted once, by `plan`; each of the judges (of the same models and baselines, one at least)
// gets what was counted. Returns the number of lines read. `progress` is called between two batches, outside of any
// transaction. Throws std::runtime_error when a file cannot be read.
std::uint64_t ReplayFiles(const std::vector<Judge*>& judges, const CountingPlan& plan,
                          const std::vector<ReplayFile>& files, const std::function<void(double done)>& progress);

}  // namespace monitor
