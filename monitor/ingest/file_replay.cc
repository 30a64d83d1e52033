#include "monitor/ingest/file_replay.h"

#include <zlib.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include "monitor/ingest/avro/await_schema.h"
#include "monitor/ingest/record_line.h"

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
  double Share() const {
    return std::min(1.0, static_cast<double>(gzoffset(file_)) / size_);
  }  // of the file read so far

 private:
  std::string name_;
  gzFile file_;
  double size_ = 1;
};

// One topic: its files follow each other.
struct Source {
  std::unique_ptr<ShardCounter> counter;
  std::vector<std::filesystem::path> files;
  std::size_t next_file = 0;
  std::unique_ptr<LineReader> reader;
  std::int64_t offset = 0;

  // Reads a batch of lines; false at the end of the last file.
  bool Read(std::vector<std::string>& batch, std::size_t& filled) {
    filled = 0;
    while (filled < batch.size()) {
      if (reader == nullptr) {
        if (next_file == files.size()) break;
        reader = std::make_unique<LineReader>(files[next_file++]);
      }
      if (reader->Next(batch[filled])) {
        ++filled;
      } else {
        reader.reset();
      }
    }
    return filled > 0;
  }
  double Share() const {
    const double done = static_cast<double>(next_file) - (reader == nullptr ? 0 : 1 - reader->Share());
    return done / static_cast<double>(files.size());
  }
};

}  // namespace

std::uint64_t ReplayFiles(const std::vector<Judge*>& judges, const CountingPlan& plan,
                          const std::vector<ReplayFile>& files, const std::function<void(double done)>& progress) {
  std::map<std::string, Source> sources;  // by topic
  for (const ReplayFile& file : files) {
    const auto topic = plan.topics.find(file.topic);
    if (topic == plan.topics.end()) continue;
    Source& source = sources[file.topic];
    source.files.push_back(file.file);
    const ShardId shard{file.topic, 0};
    if (source.counter != nullptr) continue;
    ShardStart start;
    for (Judge* judge : judges) start = judge->AddShard(shard, 0);
    source.counter = std::make_unique<ShardCounter>(shard, topic->second, std::move(start));
  }
  std::uint64_t lines = 0, since_checkpoint = 0;
  std::vector<std::string> batch(kBatchLines);
  RecordLine record_line;
  std::set<std::string> open;
  for (const auto& [topic, source] : sources) open.insert(topic);
  while (!open.empty()) {
    // The topic that is behind in event time goes on, as if all were read live.
    const std::string topic =
        *std::min_element(open.begin(), open.end(), [&](const std::string& a, const std::string& b) {
          return sources.at(a).counter->largest_event_ns() < sources.at(b).counter->largest_event_ns();
        });
    Source& source = sources.at(topic);
    std::size_t filled = 0;
    if (!source.Read(batch, filled)) {
      open.erase(topic);
      continue;
    }
    const bool whole = RecordLine::Needed(*plan.topics.at(topic));
    for (std::size_t i = 0; i < filled; ++i) {
      const Message message = whole ? record_line.Read(batch[i], source.offset) : Message{batch[i], source.offset};
      AwaitSchema(*source.counter, message);
      source.counter->Add(message);
      ++source.offset;
      if (whole) source.counter->EndBatch();
    }
    source.counter->EndBatch();
    if (source.counter->dirty()) {
      const ShardDelta delta = source.counter->Take();
      for (Judge* judge : judges) judge->Apply(delta);
    }
    lines += filled;
    since_checkpoint += filled;
    if (since_checkpoint >= kCheckpointLines) {
      for (Judge* judge : judges) judge->Checkpoint();
      since_checkpoint = 0;
    }
    if (progress) {
      double done = 0;
      for (const auto& [name, each] : sources) done += each.Share();
      progress(done / static_cast<double>(sources.size()));
    }
  }
  for (Judge* judge : judges) {
    judge->FinishInput();
    judge->Checkpoint();
  }
  return lines;
}

}  // namespace monitor
