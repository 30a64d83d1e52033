#include "detectors/counts/category_counts.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "detectors/counts/sparse_counts.h"
#include "detectors/hash.h"

namespace detectors {
namespace {

constexpr std::uint8_t kDictionaryVersion = 1;
constexpr std::uint8_t kCountsVersion = 1;

// At most kMaxNameBytes, without half a UTF-8 character at the end.
std::string_view Cut(std::string_view name) {
  if (name.size() <= CategoryCounts::kMaxNameBytes) return name;
  std::size_t size = CategoryCounts::kMaxNameBytes;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(name[at]) & 0xC0) == 0x80; };
  while (size > CategoryCounts::kMaxNameBytes - 4 && continues(size)) --size;
  return name.substr(0, size);
}

// Rising numbers as differences.
class Rising {
 public:
  void Encode(std::uint64_t value, Encoder& out) {
    out.Varint(value - last_);
    last_ = value;
  }
  std::uint64_t Decode(Decoder& in) {
    const std::uint64_t step = in.Varint();
    if (!first_ && step == 0) throw DecodeError("malformed: a hash comes twice");
    first_ = false;
    return last_ = AddStored(last_, step);
  }

 private:
  std::uint64_t last_ = 0;
  bool first_ = true;
};

}  // namespace

CategoryDictionary::CategoryDictionary(std::vector<std::string> known, std::vector<std::uint64_t> other_hashes)
    : known_(std::move(known)), other_hashes_(std::move(other_hashes)) {
  if (known_.size() > kMaxKnown) throw std::invalid_argument("dictionary: too many names");
  std::ranges::sort(other_hashes_);
  other_hashes_.erase(std::unique(other_hashes_.begin(), other_hashes_.end()), other_hashes_.end());
  slots_.resize(std::bit_ceil(2 * known_.size() + 1));
  for (std::uint32_t id = 0; id < known_.size(); ++id) {
    std::size_t slot = Hash64(known_[id]) & (slots_.size() - 1);
    for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
      if (known_[slots_[slot] - 1] == known_[id]) throw std::invalid_argument("dictionary: a name comes twice");
    }
    slots_[slot] = id + 1;
  }
}

CategoryId CategoryDictionary::Find(std::string_view name) const {
  const std::uint64_t hash = Hash64(name);
  for (std::size_t slot = hash & (slots_.size() - 1); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (known_[slots_[slot] - 1] == name) return slots_[slot] - 1;
  }
  return std::ranges::binary_search(other_hashes_, hash) ? kOther : kUnseen;
}

void CategoryDictionary::Encode(Encoder& out) const {
  out.Byte(kDictionaryVersion);
  out.Varint(known_.size());
  for (const std::string& name : known_) out.Text(name);
  out.Varint(other_hashes_.size());
  Rising rising;
  for (const std::uint64_t hash : other_hashes_) rising.Encode(hash, out);
}

CategoryDictionary CategoryDictionary::Decode(Decoder& in) {
  in.Version(kDictionaryVersion, "dictionary");
  std::vector<std::string> known(in.Count(kMaxKnown));
  for (std::string& name : known) name = in.Text();
  std::vector<std::uint64_t> other(in.Count(SIZE_MAX));
  Rising rising;
  for (std::uint64_t& hash : other) hash = rising.Decode(in);
  try {
    return CategoryDictionary(std::move(known), std::move(other));
  } catch (const std::invalid_argument& fault) {
    throw DecodeError(fault.what());
  }
}

bool CategoryDictionary::operator==(const CategoryDictionary& other) const {
  return known_ == other.known_ && other_hashes_ == other.other_hashes_;
}

void CategoryCounts::Add(std::span<const CategoryId> ids, std::span<const std::string_view> unseen_names) {
  auto name = unseen_names.begin();
  for (const CategoryId id : ids) {
    if (id < known_.size()) {
      ++known_[id];
    } else if (id == CategoryDictionary::kOther) {
      ++other_;
    } else if (id == CategoryDictionary::kUnseen) {
      ++unseen_;
      if (name != unseen_names.end()) {
        AddUnseen(*name, Hash64(*name), 1);
        ++name;
      }
    }
  }
}

// Whoever is among the smallest hashes in the end was so from its first record on, because the bar only falls: kept
// counts are complete.
void CategoryCounts::AddUnseen(std::string_view name, std::uint64_t hash, std::uint64_t count) {
  const bool full = unseen_names_.size() == kMaxUnseenNames;
  if (full && hash > unseen_names_.rbegin()->first) return;
  const auto [at, is_new] = unseen_names_.try_emplace(hash);
  at->second.count += count;
  if (!is_new) return;
  at->second.name = Cut(name);
  if (full) unseen_names_.erase(std::prev(unseen_names_.end()));
}

void CategoryCounts::Merge(const CategoryCounts& other) {
  if (other.known_.size() != known_.size()) throw std::logic_error("category counts over different dictionaries");
  for (std::size_t id = 0; id < known_.size(); ++id) known_[id] += other.known_[id];
  other_ += other.other_;
  unseen_ += other.unseen_;
  for (const auto& [hash, entry] : other.unseen_names_) AddUnseen(entry.name, hash, entry.count);
}

std::uint64_t CategoryCounts::total() const {
  std::uint64_t total = other_ + unseen_;
  for (const std::uint64_t count : known_) total += count;
  return total;
}

std::vector<NamedCount> CategoryCounts::TopUnseen(std::size_t limit) const {
  std::vector<NamedCount> names;
  names.reserve(unseen_names_.size());
  for (const auto& [hash, entry] : unseen_names_) names.push_back(entry);
  std::ranges::sort(names, [](const NamedCount& a, const NamedCount& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
  if (names.size() > limit) names.resize(limit);
  return names;
}

void CategoryCounts::Encode(Encoder& out) const {
  out.Byte(kCountsVersion);
  EncodeSparse(known_, out);
  out.Varint(other_);
  out.Varint(unseen_);
  out.Varint(unseen_names_.size());
  Rising rising;
  for (const auto& [hash, entry] : unseen_names_) {
    rising.Encode(hash, out);
    out.Varint(entry.count);
    out.Text(entry.name);
  }
}

CategoryCounts CategoryCounts::Decode(Decoder& in, std::size_t known) {
  in.Version(kCountsVersion, "category counts");
  CategoryCounts counts(known);
  const std::uint64_t sum = DecodeSparse(in, counts.known_);
  counts.other_ = in.Varint();
  counts.unseen_ = in.Varint();
  AddStored(AddStored(sum, counts.other_), counts.unseen_);
  std::uint64_t named = 0;
  Rising rising;
  for (std::size_t left = in.Count(kMaxUnseenNames); left > 0; --left) {
    const std::uint64_t hash = rising.Decode(in);
    const std::uint64_t count = in.Varint();
    const std::string_view name = in.Text();
    named = AddStored(named, count);
    if (name.size() > kMaxNameBytes) throw DecodeError("category counts: a name is too long");
    counts.unseen_names_.emplace_hint(counts.unseen_names_.end(), hash, NamedCount{std::string(name), count});
  }
  if (named > counts.unseen_) throw DecodeError("category counts: more names than records");
  return counts;
}

}  // namespace detectors
