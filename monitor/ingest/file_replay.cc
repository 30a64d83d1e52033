#include "monitor/ingest/file_replay.h"

#include <zlib.h>

#include <deque>
#include <stdexcept>

namespace monitor {
namespace {

constexpr std::size_t kBatchLines = 1000;

// Lines of a plain or gzip file; zlib reads both.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& file) : name_(file.string()), file_(gzopen(file.c_str(), "rb")) {
    if (file_ == nullptr) throw std::runtime_error(name_ + ": cannot be read");
    gzbuffer(file_, 1 << 18);
  }
  ~LineReader() { gzclose(file_); }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  bool Next(std::string& line) {
    line.clear();
    char part[1 << 16];
    while (gzgets(file_, part, sizeof part) != nullptr) {
      line += part;
      if (!line.empty() && line.back() == '\n') {
        line.pop_back();
        return true;
      }
    }
    int code = Z_OK;
    const char* why = gzerror(file_, &code);
    if (code != Z_OK && code != Z_STREAM_END) throw std::runtime_error(name_ + ": " + why);
    return !line.empty();
  }

 private:
  std::string name_;
  gzFile file_;
};

}  // namespace

std::uint64_t ReplayFiles(Judge& judge, const CountingPlan& plan, const std::vector<ReplayFile>& files,
                          const std::function<void(double done)>& progress) {
  std::uint64_t lines = 0;
  std::map<std::string, std::int32_t> partitions;
  for (std::size_t f = 0; f < files.size(); ++f) {
    const ShardId shard{files[f].topic, partitions[files[f].topic]++};
    const auto topic = plan.topics.find(shard.topic);
    if (topic == plan.topics.end()) continue;
    ShardCounter counter(shard, topic->second, judge.AddShard(shard, 0));
    LineReader reader(files[f].file);
    std::deque<std::string> batch;
    std::int64_t offset = 0;
    bool more = true;
    while (more) {
      batch.clear();
      std::string line;
      while (batch.size() < kBatchLines && (more = reader.Next(line))) batch.push_back(std::move(line));
      for (const std::string& value : batch) counter.Add({value, offset++, std::nullopt});
      counter.EndBatch();
      if (counter.dirty()) judge.Apply(counter.Take());
      judge.Checkpoint();
      lines += batch.size();
      if (progress) progress((static_cast<double>(f) + (more ? 0.5 : 1.0)) / static_cast<double>(files.size()));
    }
  }
  judge.FinishInput();
  judge.Checkpoint();
  return lines;
}

}  // namespace monitor
