// ShardCounter: decodes and counts the records (or reads the labels) of one source partition and hands over what it
// found as deltas.
//
// Holds nothing durable: what it has not handed over is read again after a crash. Owned by the thread of its counter.
// Cost per record: decoding (about 1 ns per byte) and about 10 ns per feature.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "monitor/ingest/json/flat_json.h"
#include "monitor/ingest/label_decoder.h"
#include "monitor/ingest/mapping/mapped_json.h"
#include "monitor/ingest/message.h"
#include "monitor/ingest/shard_delta.h"

namespace monitor {

class CaptureDecoder;
class HalfReader;

// Where a shard goes on, from the judge.
struct ShardStart {
  std::int64_t next_offset = 0;
  std::int64_t last_offset = -1;
  std::uint64_t last_hash = 0;
  std::map<std::string, std::int64_t> largest_event_ns;  // by model
};

class ShardCounter {
 public:
  ShardCounter(ShardId id, std::shared_ptr<const TopicPlan> plan, const ShardStart& start);

  // Whether the message can be read now. False: its schema is not known yet; ask again later, with the same message.
  bool Ready(const Message& message);
  // Whether the schema of the message that was not ready is known now.
  bool schema_arrived() const;
  // Messages in offset order; their bytes need to live until EndBatch.
  // Returns why a message was rejected, if it was.
  std::optional<Reject> Add(const Message& message);
  // The two halves of a call, from whatever shards they came. `seen_ns`: the largest event time of the shard of the
  // second one when it was read.
  void AddPair(const CallHalf& request, const CallHalf& response, std::int64_t seen_ns);
  void EndBatch();                    // before the bytes of the batch go away
  void SetNext(std::int64_t offset);  // the position moved without a record (end of log after control records)
  void NoteGap(std::uint64_t lost, std::int64_t next_offset);
  void SetPlan(std::shared_ptr<const TopicPlan> plan);  // between batches
  // Is shown every record of requests as it was decoded, also rejected and skipped ones; of a pair, the request.
  using Observer = std::function<void(const DecodedRecord&, const Message&)>;
  void SetObserver(Observer observer) { observer_ = std::move(observer); }
  bool needs_headers() const { return needs_headers_; }

  const ShardId& id() const { return id_; }
  std::int64_t next_offset() const { return delta_.next_offset; }
  // Largest event time read so far, of any model; INT64_MIN before the first.
  std::int64_t largest_event_ns() const;
  // Whether the delta has grown so large that it should be handed over before its second is over.
  bool large() const;
  // Whether it already has so many full blocks that they are better handed over, if the next stage has room.
  bool worth_counting() const;
  std::size_t bytes() const;  // that it holds, about
  bool dirty() const { return !delta_.empty() || moved_; }
  ShardDelta Take();

 private:
  struct Counting;  // the block that is being filled, and the pane it belongs to

  void MakeDecoder();
  std::optional<Reject> TakeRecord(const DecodedRecord& record, const Message& message);
  void CountReject(const ModelPlan* plan, Reject reject, const Message& message);
  void Count(const DecodedRecord& record);
  template <class Decoder>
  std::optional<Reject> TakeAll(Decoder& decoder, const Message& message);
  std::optional<Reject> AddHalf(const Message& message);
  std::optional<Reject> TakeLabels(const std::vector<DecodedLabel>& labels, const Message& message);
  void Keep(const DecodedLabel& label);
  void Open(Counting& counting, const std::shared_ptr<const Frame>& frame);
  void Flush(Counting& counting);
  PaneSummary* NewestPane(const ModelPlan& model, std::string_view version, std::string_view variant);
  void Sample(const std::string& model, Reject reject, const Message& message);
  std::string HintOf(Reject reject, std::string_view message);  // of schemas; else empty

  ShardId id_;
  std::shared_ptr<const TopicPlan> plan_;
  std::unique_ptr<FlatJsonDecoder> flat_decoder_;  // one of these, as the topic is
  std::unique_ptr<MappedJsonDecoder> mapped_decoder_;
  std::unique_ptr<CaptureDecoder> capture_decoder_;
  std::unique_ptr<HalfReader> half_reader_;
  std::unique_ptr<LabelDecoder> label_decoder_;
  bool needs_headers_ = false;
  Observer observer_;
  ShardDelta delta_;
  std::optional<std::uint32_t> awaited_;  // schema id
  bool moved_ = false;
  std::string_view last_value_;
  bool has_last_value_ = false;
  std::map<std::pair<std::string, int>, std::size_t> next_sample_;
  // By model, version, variant: traffic is mostly in one pane, so one open block each is enough.
  std::map<std::tuple<const ModelPlan*, std::string, std::string>, std::unique_ptr<Counting>> counting_;
  Counting* last_ = nullptr;
  std::size_t row_bytes_ = 0, full_bytes_ = 0, half_bytes_ = 0;

 public:
  ~ShardCounter();
};

}  // namespace monitor
