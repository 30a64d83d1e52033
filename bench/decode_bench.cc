// What a counter spends on one record, decoding and counting, without a broker: decode_bench [RECORDS] [REPEATS] [odd]
//
// The records are those of ingest.py, in memory and cold. `odd` changes one in ten: a feature left out, two keys in
// another order, an escape, or blanks. Prints the nanoseconds of processor time per record, of every repeat and their
// median.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "baselines/profile_builder.h"
#include "monitor/ingest/shard_counter.h"
#include "record_writer.h"

namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::size_t kBatch = 1000;

std::shared_ptr<const monitor::TopicPlan> Plan() {
  const auto file = std::filesystem::temp_directory_path() / ("decode_bench-" + std::to_string(getpid()) + ".csv");
  {
    std::ofstream csv(file);
    bench::WriteTraining(100'000, {}, csv);
  }
  baselines::BuildOptions options;
  options.prediction = "prediction";
  options.score = "score";
  options.positive = "yes";
  const auto profile = std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, options));
  std::filesystem::remove(file);

  auto model = std::make_shared<monitor::ModelPlan>();
  model->name = "m0";
  model->default_version = "1";
  model->positive = "yes";
  model->lateness_ns = kHourNs;
  model->skew_ns = kHourNs;
  monitor::Epoch epoch;
  epoch.pane_ns = epoch.step_ns = epoch.window_ns = 6 * kHourNs;
  epoch.newest = std::make_shared<const monitor::Frame>(profile);
  model->epochs.push_back(std::move(epoch));
  auto plan = std::make_shared<monitor::TopicPlan>();
  plan->topic = "bench";
  plan->models.push_back(std::move(model));
  return plan;
}

// One of four ways in which producers' records differ from each other.
std::string Odd(const std::string& record, std::size_t number) {
  std::string odd = record;
  switch (number % 4) {
    case 0: {
      const std::string name = ",\"" + bench::NumberName(1 + number / 4 % 19) + "\":";
      const std::size_t at = odd.find(name);
      odd.erase(at, odd.find(',', at + 1) - at);
      return odd;
    }
    case 1: {
      const std::size_t at = odd.find(",\"model\"");
      const std::size_t end = odd.find(",\"timestamp\"");
      const std::size_t middle = odd.find(",\"version\"");
      return odd.substr(0, at) + odd.substr(middle, end - middle) + odd.substr(at, middle - at) + odd.substr(end);
    }
    case 2:
      return odd.replace(odd.find("value_"), 1, "\\u0076");
    default:
      return odd.insert(odd.find(",\"features\""), " ");
  }
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::stoul(argv[1]) : 100'000;
  const std::size_t repeats = argc > 2 ? std::stoul(argv[2]) : 7;
  const bool odd = argc > 3 && std::string(argv[3]) == "odd";
  const auto plan = Plan();
  bench::RecordWriter writer({}, 1, 2);
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < records; ++i) {
    std::string record = writer.Make(i, 0, 1'793'491'200'000 + static_cast<std::int64_t>(i), true);
    messages.push_back(odd && i % 10 == 9 ? Odd(record, i / 10) : std::move(record));
  }
  std::vector<double> taken;
  for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
    monitor::ShardCounter counter({"bench", 0}, plan, {});
    const double began = CpuSeconds();
    for (std::size_t i = 0; i < records; ++i) {
      if (counter.Add({messages[i], static_cast<std::int64_t>(i), std::nullopt})) {
        std::cerr << "decode_bench: record " << i << " was rejected: " << messages[i] << '\n';
        return 1;
      }
      if (i % kBatch == kBatch - 1) counter.EndBatch();
    }
    counter.EndBatch();
    const monitor::ShardDelta delta = counter.Take();
    taken.push_back((CpuSeconds() - began) / static_cast<double>(records) * 1e9);
    std::cout << taken.back() << " ns a record\n";
  }
  std::ranges::sort(taken);
  std::cout << "median " << taken[taken.size() / 2] << " ns a record" << std::endl;
  return 0;
}
