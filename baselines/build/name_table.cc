#include "baselines/build/name_table.h"

#include <algorithm>

#include "baselines/values/value_text.h"

namespace baselines {

bool NameTable::Insert(const Entry& entry) {
  if (3 * (size_ + 1) > 2 * slots_.size()) Grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = entry.hash & mask;
  while (slots_[slot].count != 0) {
    if (slots_[slot].hash == entry.hash) {
      slots_[slot].count += entry.count;
      return false;
    }
    slot = (slot + 1) & mask;
  }
  if (size_ == kMaxNames) {
    overflowed_ = true;
    return true;
  }
  slots_[slot] = entry;
  ++size_;
  return true;
}

void NameTable::Grow() {
  std::vector<Entry> old(std::max<std::size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.count == 0) continue;
    std::size_t slot = entry.hash & mask;
    while (slots_[slot].count != 0) slot = (slot + 1) & mask;
    slots_[slot] = entry;
  }
}

// A full table must take names in an order that does not depend on its layout: by place in the file.
void NameTable::Merge(const NameTable& later) {
  overflowed_ = overflowed_ || later.overflowed_;
  std::vector<Entry> entries = later.Entries();
  if (size_ + later.size_ > kMaxNames) {
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return a.text < b.text; });
  }
  for (const Entry& entry : entries) Insert(entry);
}

void NameTable::Clear() { *this = NameTable(); }

std::vector<NameTable::Entry> NameTable::Entries() const {
  std::vector<Entry> entries;
  entries.reserve(size_);
  for (const Entry& entry : slots_) {
    if (entry.count != 0) entries.push_back(entry);
  }
  std::ranges::sort(
      entries, [](const Entry& a, const Entry& b) { return a.count != b.count ? a.count > b.count : a.hash < b.hash; });
  return entries;
}

std::string CanonicalName(const NameTable::Entry& entry) {
  const std::string text = FieldText({entry.text, entry.text + entry.length, entry.doubled_quotes});
  std::string scratch;
  return std::string(CanonicalText(Trim(text), scratch));
}

}  // namespace baselines
