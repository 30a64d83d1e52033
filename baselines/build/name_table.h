// NameTable: the different texts of one column, how often each occurs, and where in the file it occurs first.
//
// Keyed by the 64-bit hash of the canonical text; the text itself stays in the mapped file. Holds at most kMaxNames;
// beyond that new names are left out, known ones go on being counted, and overflowed() says so. Merged in the order of
// the file the result depends on the file only. Not thread-safe. Memory: 32 bytes a name at a load of at most 2/3.
// Cost: about 5 ns per Add once hashed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "baselines/csv/csv_reader.h"

namespace baselines {

class NameTable {
 public:
  static constexpr std::size_t kMaxNames = std::size_t{1} << 20;

  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t count = 0;  // 0: free slot
    const char* text = nullptr;
    std::uint32_t length = 0;  // of the raw field; longer ones are cut
    bool doubled_quotes = false;
  };

  // Whether the text was not among those that are held.
  bool Add(std::uint64_t hash, const Field& field) {
    return Insert({hash, 1, field.begin, static_cast<std::uint32_t>(field.end - field.begin), field.doubled_quotes});
  }
  void Merge(const NameTable& later);
  void Clear();  // gives the memory back

  std::size_t size() const { return size_; }
  bool overflowed() const { return overflowed_; }
  std::vector<Entry> Entries() const;  // by falling count, then hash

 private:
  bool Insert(const Entry& entry);
  void Grow();

  std::vector<Entry> slots_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

std::string CanonicalName(const NameTable::Entry& entry);

}  // namespace baselines
