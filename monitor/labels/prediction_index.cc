#include "monitor/labels/prediction_index.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>
#include <utility>

#include "monitor/store/segment_file.h"
#include "monitor/store/sqlite.h"

namespace monitor {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kAhead = 8;  // entries whose slots are fetched while the table is rebuilt
constexpr std::size_t kReadEntries = 1 << 15;
constexpr std::size_t kWriteEntries = 1 << 12;  // whose bytes stay in the processor's cache

std::size_t RecordBytes(bool values) { return sizeof(IndexEntry) + (values ? sizeof(IndexValues) : 0); }

}  // namespace

PredictionIndex::PredictionIndex(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (!folder_.empty()) std::filesystem::create_directories(folder_);
}

PredictionIndex::~PredictionIndex() = default;

// <owner>-<kind>-<start in s>-<span in s>-<generation>.idx
std::string PredictionIndex::FileName(const Segment& segment) {
  char text[96];
  std::snprintf(text, sizeof text, "%016llx-%c-%lld-%lld-%u.idx", static_cast<unsigned long long>(segment.id.owner),
                static_cast<char>(segment.id.kind), static_cast<long long>(segment.id.start_ns / kSecondNs),
                static_cast<long long>(segment.id.span_ns / kSecondNs), segment.generation);
  return text;
}

IndexValues& PredictionIndex::values(Ref ref) { return blocks_[ref / kBlockEntries].values[ref % kBlockEntries]; }

std::int64_t PredictionIndex::time_ns(Ref ref) const {
  return blocks_[ref / kBlockEntries].segment->id.start_ns + static_cast<std::int64_t>(entries_[ref].time);
}

std::uint64_t PredictionIndex::bytes() const {
  return table_.bytes() + entries_.used_blocks() * kBlockEntries * sizeof(IndexEntry) +
         value_blocks_ * kBlockEntries * sizeof(IndexValues);
}

PredictionIndex::Segment& PredictionIndex::SegmentOf(const SegmentId& id) {
  if (last_segment_ != nullptr && last_segment_->id == id) return *last_segment_;
  auto& slot = segments_[id];
  if (slot == nullptr) {
    slot = std::make_unique<Segment>();
    slot->id = id;
  }
  last_segment_ = slot.get();
  return *slot;
}

PredictionIndex::Ref PredictionIndex::Append(Segment& segment, const IndexEntry& entry, const IndexValues& values) {
  if (segment.entries % kBlockEntries == 0) {
    const std::uint32_t number = entries_.Take();
    if (number >= blocks_.size()) blocks_.resize(number + 1);
    Block& block = blocks_[number];
    block.segment = &segment;
    if (HasValues(segment.id.kind)) {
      block.values = std::make_unique_for_overwrite<IndexValues[]>(kBlockEntries);
      ++value_blocks_;
    }
    segment.blocks.push_back(number);
  }
  const Ref ref = RefOf(segment, segment.entries);
  entries_[ref] = entry;
  if (HasValues(segment.id.kind)) this->values(ref) = values;
  ++segment.entries;
  ++live_;
  return ref;
}

void PredictionIndex::Enter(const IndexEntry& entry, Ref ref) {
  if (table_.full()) {
    Rebuild(live_);  // finds the new entry in its arena
  } else {
    table_.Insert(entry.id_low, entry.id_high, ref);
  }
}

PredictionIndex::Ref PredictionIndex::Insert(const SegmentId& id, const Identity& identity, std::int64_t time_ns,
                                             IndexEntry entry, IndexValues values) {
  entry.id_low = identity.low;
  entry.id_high = Upper(identity);
  entry.time = static_cast<std::uint64_t>(time_ns - id.start_ns) & ((std::uint64_t{1} << 48) - 1);
  const Ref ref = Append(SegmentOf(id), entry, values);
  Enter(entry, ref);
  Changed(ref);
  return ref;
}

void PredictionIndex::Remove(Ref ref) {
  IndexEntry& entry = at(ref);
  table_.Remove(entry.id_low, entry.id_high, ref);
  entry.stream = IndexEntry::kGone;
  --live_;
  Changed(ref);
}

void PredictionIndex::Changed(Ref ref) {
  if (folder_.empty()) return;
  std::vector<Ref>& dirty = blocks_[ref / kBlockEntries].segment->dirty;
  if (dirty.empty() || dirty.back() != ref) dirty.push_back(ref);
}

void PredictionIndex::Unlink(const Segment& segment) {
  for (std::size_t e = 0; e < segment.entries; ++e) {
    table_.Prefetch(entries_[RefOf(segment, std::min(e + kAhead, segment.entries - 1))].id_low);
    const Ref ref = RefOf(segment, e);
    const IndexEntry& entry = entries_[ref];
    if (entry.stream != IndexEntry::kGone) table_.Remove(entry.id_low, entry.id_high, ref);
  }
}

void PredictionIndex::Free(Segment& segment) {
  for (std::size_t e = 0; e < segment.entries; ++e)
    live_ -= entries_[RefOf(segment, e)].stream != IndexEntry::kGone ? 1 : 0;
  // The last one first, so that they are taken again in their order: Flush need not sort then.
  for (auto number = segment.blocks.rbegin(); number != segment.blocks.rend(); ++number) {
    value_blocks_ -= blocks_[*number].values != nullptr ? 1 : 0;
    blocks_[*number] = {};
    entries_.GiveBack(*number);
  }
  last_segment_ = nullptr;
  segment.blocks.clear();
  segment.entries = 0;
  segment.dirty.clear();
  if (segment.length > 0) dropped_.push_back(FileName(segment));
  segment.length = 0;
}

PredictionIndex::Segments::iterator PredictionIndex::Erase(Segments::iterator segment) {
  Unlink(*segment->second);
  Free(*segment->second);
  segment = segments_.erase(segment);
  if (table_.wide(live_)) Rebuild(live_);
  return segment;
}

void PredictionIndex::Forget(std::uint64_t owner, Kind kind, std::int64_t before_ns) {
  for (auto at = segments_.lower_bound({owner, kind, INT64_MIN, 0});
       at != segments_.end() && at->first.owner == owner && at->first.kind == kind;) {
    if (at->first.start_ns + at->first.span_ns > before_ns) {
      ++at;
      continue;
    }
    at = Erase(at);
  }
}

bool PredictionIndex::ForgetOldest(std::uint64_t owner) {
  auto oldest = segments_.end();
  for (auto at = segments_.lower_bound({owner, Kind{}, INT64_MIN, 0});
       at != segments_.end() && at->first.owner == owner; ++at) {
    if (oldest == segments_.end() || at->first.start_ns < oldest->first.start_ns) oldest = at;
  }
  if (oldest == segments_.end()) return false;
  Erase(oldest);
  return true;
}

void PredictionIndex::ForgetOthers(const std::set<std::uint64_t>& owners) {
  for (auto at = segments_.begin(); at != segments_.end();) {
    if (owners.contains(at->first.owner)) {
      ++at;
      continue;
    }
    at = Erase(at);
  }
}

void PredictionIndex::Rebuild(std::size_t expected) {
  table_.Reset(expected);
  for (const auto& [id, segment] : segments_) {
    for (std::size_t e = 0; e < segment->entries; ++e) {
      table_.Prefetch(entries_[RefOf(*segment, std::min(e + kAhead, segment->entries - 1))].id_low);
      const Ref ref = RefOf(*segment, e);
      const IndexEntry& entry = entries_[ref];
      if (entry.stream != IndexEntry::kGone) table_.Insert(entry.id_low, entry.id_high, ref);
    }
  }
}

void PredictionIndex::RaiseLevel(const std::function<void(const SegmentId&, std::int64_t time_ns)>& removed) {
  ++level_;
  table_.Reset(0);  // its memory first; it is made anew from the arenas at the end
  for (auto& [id, segment] : segments_) {
    Segment kept;
    kept.id = id;
    kept.generation = segment->generation + 1;
    std::swap(kept, *segment);  // appending goes to *segment now, `kept` is the old one
    for (std::size_t e = 0; e < kept.entries; ++e) {
      const Ref ref = RefOf(kept, e);
      const IndexEntry& entry = entries_[ref];
      if (entry.stream == IndexEntry::kGone) continue;
      if (static_cast<unsigned>(std::countl_zero(entry.id_high)) < level_) {
        if (entry.stream == IndexEntry::kWaiting) removed(id, id.start_ns + static_cast<std::int64_t>(entry.time));
        continue;
      }
      const IndexEntry copy = entry;
      Changed(Append(*segment, copy, HasValues(id.kind) ? values(ref) : IndexValues{}));
    }
    Free(kept);
  }
  Rebuild(live_);
}

PredictionIndex::Changes PredictionIndex::Flush() {
  Changes changes;
  std::string bytes;
  for (auto& [id, segment] : segments_) {
    if (segment->dirty.empty()) continue;
    if (!std::is_sorted(segment->dirty.begin(), segment->dirty.end()))
      std::sort(segment->dirty.begin(), segment->dirty.end());
    segment->dirty.erase(std::unique(segment->dirty.begin(), segment->dirty.end()), segment->dirty.end());
    const std::size_t record = RecordBytes(HasValues(id.kind));
    const std::string name = FileName(*segment);
    const SegmentFile file(folder_ / name);
    for (std::size_t first = 0; first < segment->dirty.size(); first += kWriteEntries) {
      const auto part =
          std::span(segment->dirty).subspan(first).first(std::min(kWriteEntries, segment->dirty.size() - first));
      bytes.resize(part.size() * record);
      char* out = bytes.data();
      for (const Ref ref : part) {
        std::memcpy(out, &entries_[ref], sizeof(IndexEntry));
        if (HasValues(id.kind)) std::memcpy(out + sizeof(IndexEntry), &values(ref), sizeof(IndexValues));
        out += record;
      }
      file.Write(bytes.data(), bytes.size(), segment->length + first * record);
    }
    file.Sync();
    segment->length += segment->dirty.size() * record;
    segment->dirty.clear();
    changes.lengths[name] = segment->length;
  }
  changes.dropped = dropped_;
  removable_.insert(removable_.end(), dropped_.begin(), dropped_.end());
  dropped_.clear();
  return changes;
}

void PredictionIndex::RemoveDropped() {
  for (const std::string& name : std::exchange(removable_, {})) {
    if (!folder_.empty()) std::filesystem::remove(folder_ / name);
  }
}

void PredictionIndex::Load(const std::map<std::string, std::uint64_t>& committed, unsigned level) {
  level_ = level;
  if (folder_.empty()) return;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    if (!committed.contains(file.path().filename().string())) std::filesystem::remove(file.path());
  }
  std::uint64_t records = 0;
  for (const auto& [name, length] : committed) records += length / sizeof(IndexEntry);
  table_.Reset(records);
  for (const auto& [name, length] : committed) LoadSegment(name, length);
}

// A record that stands again replaces the earlier one: the file is a log of states.
void PredictionIndex::LoadSegment(const std::string& name, std::uint64_t length) {
  unsigned long long owner = 0;
  char kind = 0;
  long long start = 0, span = 0;
  unsigned generation = 0;
  if (std::sscanf(name.c_str(), "%16llx-%c-%lld-%lld-%u.idx", &owner, &kind, &start, &span, &generation) != 5) {
    throw StoreError((folder_ / name).string() +
                     ": is no file of the prediction index, though the state names it as one");
  }
  Segment& segment = SegmentOf({owner, static_cast<Kind>(kind), start * kSecondNs, span * kSecondNs});
  segment.generation = generation;
  const SegmentFile file(folder_ / name);
  file.Cut(length);
  const bool numbers = HasValues(segment.id.kind);
  const std::size_t record = RecordBytes(numbers);
  std::string bytes;
  for (std::uint64_t from = 0; from < length; from += bytes.size()) {
    bytes.resize(std::min<std::uint64_t>(length - from, kReadEntries * record));
    file.Read(bytes.data(), bytes.size(), from);
    const auto entry_at = [&](std::size_t i) {
      IndexEntry entry;
      std::memcpy(&entry, bytes.data() + i * record, sizeof entry);
      return entry;
    };
    const std::size_t count = bytes.size() / record;
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) table_.Prefetch(entry_at(i + kAhead).id_low);
      const IndexEntry entry = entry_at(i);
      IndexValues values;
      if (numbers) std::memcpy(&values, bytes.data() + i * record + sizeof entry, sizeof values);
      const bool waiting = segment.id.kind == Kind::kWaiting || segment.id.kind == Kind::kWaitingNumbers;
      Ref known = 0;
      bool found = false;
      table_.ForEach(entry.id_low, entry.id_high, [&](Ref ref) {
        const IndexEntry& old = at(ref);
        if (blocks_[ref / kBlockEntries].segment != &segment || old.id_low != entry.id_low ||
            old.id_high != entry.id_high)
          return;
        if (waiting ? old.predicted != entry.predicted : old.stream != entry.stream) return;
        known = ref;
        found = true;
      });
      if (!found) {
        if (entry.stream != IndexEntry::kGone) Enter(entry, Append(segment, entry, values));
      } else if (entry.stream == IndexEntry::kGone) {
        table_.Remove(entry.id_low, entry.id_high, known);
        at(known).stream = IndexEntry::kGone;
        --live_;
      } else {
        at(known) = entry;
        if (numbers) this->values(known) = values;
      }
    }
  }
  segment.length = length;
}

}  // namespace monitor
