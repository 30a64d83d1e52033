// PredictionIndex: which predictions wait for a label, and which labels wait for their prediction, of all models
// together.
//
// Entries of 32 bytes lie in blocks by segment (a stretch of event time of one model); an open-addressing table of one
// tag byte and a 32-bit reference per slot finds them by 96 bits of the hash of their id. While it grows, its load is
// 62 to 87 %, which is at most 40 bytes an entry, 56 with the two numbers that regression needs. Every segment has an
// append-only file: Flush writes what is new or changed and syncs it, the checkpoint transaction holds the committed
// lengths, and after a crash the files are cut to them. A segment is forgotten whole: memory is freed, the file
// unlinked. Sampling: only ids with at least level() leading zero bits in the upper part of their hash are kept;
// RaiseLevel halves what is kept. Owned by the judge; not thread-safe. Cost: about 100 ns per insertion or look-up
// beyond the caches, less with Prefetch a few keys ahead. Throws StoreError on file faults.
#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ingest/shard_delta.h"
#include "monitor/labels/entry_arena.h"
#include "monitor/labels/index_entry.h"
#include "monitor/labels/slot_table.h"

namespace monitor {

// The numbers of a regression model.
struct IndexValues {
  double predicted = 0, label = 0;
};

class PredictionIndex {
 public:
  using Ref = SlotTable::Ref;
  enum class Kind : char {
    kPredictions = 'p',
    kNumbers = 'n',
    kWaiting = 'w',
    kWaitingNumbers = 'x'
  };  // numbers: with IndexValues
  struct SegmentId {
    std::uint64_t owner = 0;  // hash of the model's name
    Kind kind = Kind::kPredictions;
    std::int64_t start_ns = 0, span_ns = 0;  // span: at most a day
    auto operator<=>(const SegmentId&) const = default;
  };

  // An empty folder keeps everything in memory only (replay).
  explicit PredictionIndex(std::filesystem::path folder);
  ~PredictionIndex();

  // Calls visit(Ref) for each entry of this id, in no order. The visitor must not insert or remove.
  template <class Visit>
  void ForEach(const Identity& id, const Visit& visit) const {
    table_.ForEach(id.low, Upper(id), [&](Ref ref) {
      const IndexEntry& entry = entries_[ref];
      if (entry.id_low == id.low && entry.id_high == Upper(id) && entry.stream != IndexEntry::kGone) visit(ref);
    });
  }
  // Two steps of a look-up that is some keys ahead: the slots, then the entries whose tag is the same, one in twelve by
  // chance.
  void Prefetch(const Identity& id) const { table_.Prefetch(id.low); }
  void PrefetchEntries(const Identity& id) const {
    table_.ForFirst(id.low, Upper(id), [&](Ref ref) { __builtin_prefetch(&entries_[ref]); });
  }

  // `time_ns` lies in the segment. The id, time and sampling of `entry` are filled in here. Not to be called for an
  // unsampled id.
  Ref Insert(const SegmentId& segment, const Identity& id, std::int64_t time_ns, IndexEntry entry,
             IndexValues values = {});
  void Remove(Ref ref);
  IndexEntry& at(Ref ref) { return entries_[ref]; }
  IndexValues& values(Ref ref);
  std::int64_t time_ns(Ref ref) const;
  void Changed(Ref ref);  // after at() or values() was written to

  // Forgets every segment of `owner` and `kind` that ends at or before `before_ns`.
  void Forget(std::uint64_t owner, Kind kind, std::int64_t before_ns);
  // Forgets the oldest segment of a model; false when there is none.
  bool ForgetOldest(std::uint64_t owner);
  // Forgets what belongs to no model of the list.
  void ForgetOthers(const std::set<std::uint64_t>& owners);

  bool Sampled(const Identity& id) const { return LeadingZeros(id) >= level_; }
  static unsigned LeadingZeros(const Identity& id) { return static_cast<unsigned>(std::countl_zero(Upper(id))); }
  unsigned level() const { return level_; }
  // Keeps half as many ids. `removed` is told of every label that no longer waits, before it goes.
  void RaiseLevel(const std::function<void(const SegmentId&, std::int64_t time_ns)>& removed);
  void LowerLevel() { level_ -= level_ > 0 ? 1 : 0; }

  std::size_t size() const { return live_; }
  std::uint64_t bytes() const;

  // Writes and syncs what changed. Returns lengths (bytes) of the files that changed and the names of those that went,
  // for the checkpoint.
  struct Changes {
    std::map<std::string, std::uint64_t> lengths;
    std::vector<std::string> dropped;
  };
  Changes Flush();
  void RemoveDropped();  // after the commit: unlinks the files that it no longer names
  // Reads the committed part of the files back; what is behind it is cut off, files without a committed length are
  // removed.
  void Load(const std::map<std::string, std::uint64_t>& committed, unsigned level);

 private:
  static constexpr std::size_t kBlockEntries = EntryArena::kBlockEntries;
  struct Segment {
    SegmentId id;
    std::vector<std::uint32_t> blocks;
    std::size_t entries = 0;   // in the blocks, gone ones included
    std::vector<Ref> dirty;    // to be written by the next Flush
    std::uint64_t length = 0;  // bytes in the file
    unsigned generation = 0;   // a new file after each RaiseLevel
  };
  struct Block {
    std::unique_ptr<IndexValues[]> values;
    Segment* segment = nullptr;  // null: not in use
  };

  using Segments = std::map<SegmentId, std::unique_ptr<Segment>>;

  static std::uint32_t Upper(const Identity& id) { return static_cast<std::uint32_t>(id.high >> 32); }
  static bool HasValues(Kind kind) { return kind == Kind::kNumbers || kind == Kind::kWaitingNumbers; }
  static Ref RefOf(const Segment& segment, std::size_t entry) {
    return EntryArena::RefOf(segment.blocks[entry / kBlockEntries], entry % kBlockEntries);
  }
  Segment& SegmentOf(const SegmentId& id);
  Ref Append(Segment& segment, const IndexEntry& entry, const IndexValues& values);  // to the arena alone
  void Enter(const IndexEntry& entry, Ref ref);                                      // into the table
  void Unlink(const Segment& segment);                                               // from the table
  void Free(Segment& segment);  // what the table no longer refers to
  Segments::iterator Erase(Segments::iterator segment);
  void Rebuild(std::size_t expected);
  void LoadSegment(const std::string& name, std::uint64_t length);
  static std::string FileName(const Segment& segment);

  std::filesystem::path folder_;
  SlotTable table_;
  EntryArena entries_;
  std::vector<Block> blocks_;  // by their numbers in the arena
  Segments segments_;
  Segment* last_segment_ = nullptr;  // that SegmentOf returned; null after segments were erased
  std::size_t live_ = 0;
  std::size_t value_blocks_ = 0;
  unsigned level_ = 0;
  std::vector<std::string> dropped_, removable_;
};

}  // namespace monitor
