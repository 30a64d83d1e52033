#include "monitor/ingest/file_replay.h"

#include <zlib.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

namespace monitor {
namespace {

constexpr std::size_t kBatchLines = 1000;
constexpr std::uint64_t kCheckpointLines = 100'000;

// Lines of a plain or gzip file; zlib reads both.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& file) : name_(file.string()), file_(gzopen(file.c_str(), "rb")) {
    std::error_code fault;
    size_ = static_cast<double>(std::max<std::uintmax_t>(1, std::filesystem::file_size(file, fault)));
    if (file_ == nullptr || fault) throw std::runtime_error(name_ + ": cannot be read");
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
  double Share() const { return std::min(1.0, static_cast<double>(gzoffset(file_)) / size_); }  // of the file read so far

 private:
  std::string name_;
  gzFile file_;
  double size_ = 1;
};

}  // namespace

std::uint64_t ReplayFiles(Judge& judge, const CountingPlan& plan, const std::vector<ReplayFile>& files,
                          const std::function<void(double done)>& progress) {
  std::uint64_t lines = 0;
  std::uint64_t since_checkpoint = 0;
  struct Source {
    std::unique_ptr<ShardCounter> counter;
    std::int64_t offset = 0;
  };
  std::map<std::string, Source> sources;  // by topic: several files of one topic follow each other
  for (const ReplayFile& file : files) {
    const auto topic = plan.topics.find(file.topic);
    if (topic == plan.topics.end() || sources.contains(file.topic)) continue;
    const ShardId shard{file.topic, 0};
    sources[file.topic].counter = std::make_unique<ShardCounter>(shard, topic->second, judge.AddShard(shard, 0));
  }
  for (std::size_t f = 0; f < files.size(); ++f) {
    Source& source = sources.at(files[f].topic);
    LineReader reader(files[f].file);
    std::vector<std::string> batch(kBatchLines);
    bool more = true;
    while (more) {
      std::size_t filled = 0;
      while (filled < kBatchLines && (more = reader.Next(batch[filled]))) ++filled;
      for (std::size_t i = 0; i < filled; ++i) source.counter->Add({batch[i], source.offset++, std::nullopt});
      source.counter->EndBatch();
      if (source.counter->dirty()) judge.Apply(source.counter->Take());
      lines += filled;
      since_checkpoint += filled;
      if (since_checkpoint >= kCheckpointLines) {
        judge.Checkpoint();
        since_checkpoint = 0;
      }
      if (progress) progress((static_cast<double>(f) + (more ? reader.Share() : 1.0)) / static_cast<double>(files.size()));
    }
  }
  judge.FinishInput();
  judge.Checkpoint();
  return lines;
}

}  // namespace monitor
