// ShardDelta: what a counter found in a contiguous range of one source partition; the only thing that crosses from
// counting to judging.
//
// Self-contained: it holds every count, key and sample of its offsets and refers to nothing of the counter. A value
// type, moved through a queue.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "monitor/ingest/record_block.h"
#include "monitor/ingest/reject.h"
#include "monitor/judge/counters.h"
#include "monitor/labels/code_book.h"

namespace monitor {

struct ShardId {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const ShardId&) const = default;
};

// A 128-bit hash of (model, id).
struct Identity {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const Identity&) const = default;
};
std::uint64_t IdentityScope(std::string_view model);
Identity IdentityOf(std::uint64_t scope, std::string_view id);

// One counted record that has an id, as duplicates are told and labels are joined by it.
struct PredictionSeen {
  Identity id;
  std::int64_t time_ns = 0;
  double value = 0;                                                      // Outcome::value
  std::uint16_t predicted = CodeBook::kNone, segment = CodeBook::kNone;  // numbers in the batch's books
};
struct PredictionBatch {
  std::vector<PredictionSeen> seen;
  CodeBook classes, segments;
};

// One label that is neither malformed nor of an unknown model.
struct LabelSeen {
  Identity id;
  std::int64_t time_ns = 0;
  std::int64_t watermark_ns = 0;          // of the labels' shard when it was read; INT64_MIN before the first label
  double number = 0;                      // regression
  std::uint16_t label = CodeBook::kNone;  // class, a number in the batch's book
};
struct LabelBatch {
  std::vector<LabelSeen> seen;
  CodeBook classes;
  std::uint64_t skipped = 0;  // left out by a `where:`
  std::array<std::uint64_t, kRejects> rejects{};
};

// Half of a call whose request and response are logged as messages of their own; the judge pairs them by id.
struct CallHalf {
  bool response = false;
  std::string id;
  std::int64_t time_ns = 0;  // of the event
  std::string version, variant;
  std::string payload;  // of the request or the response, without what stood around it
};

struct RejectSample {
  std::string model;  // "" where none is known
  Reject reason = Reject::kEmpty;
  std::int64_t time_ns = 0;  // of the Kafka message, 0 where it has none
  std::int64_t offset = 0;
  std::string payload;  // at most 4 KiB
  std::string hint;     // what it is, where its bytes do not say; may be empty
};

struct ShardDelta {
  static constexpr std::size_t kSamplesPerReason = 100;
  static constexpr std::size_t kSampleBytes = 4096;

  ShardId shard;
  std::int64_t next_offset = 0;   // reading goes on here
  std::int64_t last_offset = -1;  // offset and payload hash of the last record in the range; −1: none yet
  std::uint64_t last_hash = 0;
  std::uint64_t messages = 0;
  std::uint64_t lost = 0;  // records that the log no longer had before this range
  bool gap = false;        // the log was cut or recreated before this range

  std::map<std::string, ModelCounters> counters;         // by model; `counted` is left to the panes
  std::map<std::string, std::int64_t> largest_event_ns;  // by model, over the whole life of the shard
  std::map<PaneKey, PaneSummary> panes;
  // The records of the panes: not in their columns yet, as what few records have takes less than a summary of them. All
  // blocks but the last of a pane are full. CountRows or CountManyRows counts them, or the judge.
  std::map<PaneKey, std::vector<RecordBlock>> rows;
  std::map<PaneKey, PredictionBatch> predictions;       // of the counted records that have an id
  std::map<std::string, LabelBatch> labels;             // by model, from a topic of labels
  std::map<std::string, std::vector<CallHalf>> halves;  // by model, in the order of offsets
  std::vector<RejectSample> samples;

  bool empty() const { return messages == 0 && !gap; }
  bool many_rows() const;  // some pane has a full block
  // Into the panes' columns: of all panes, or of those alone that have a full block.
  void CountRows();
  void CountManyRows();
};

}  // namespace monitor
