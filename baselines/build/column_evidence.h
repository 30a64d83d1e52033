// ColumnEvidence: what the first pass learns of one column, from which its type is decided and its bins are frozen.
//
// Filled cell by cell within a strip, merged strip by strip in the order of the file. Not thread-safe.
// Cost: about 9 ns for a number and what ValueSpread takes, 15 ns for a text met before, 60 ns for another.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "baselines/build/name_table.h"
#include "baselines/build/value_spread.h"
#include "baselines/csv/cell_reader.h"

namespace baselines {

class ColumnEvidence {
 public:
  enum class Names {
    kNone,   // collect no names
    kTexts,  // of cells that are no numbers; given up when nearly all differ, as ids do
    kCells,  // of all cells; given up when nearly all differ
    kKeep,   // of all cells, whatever it takes
  };

  explicit ColumnEvidence(Names wanted, bool share = false) : names_wanted_(wanted), share_(share) {}

  // `number`: what CellReader::ReadNumbers says of the field.
  void Add(const Field& field, double number, CellReader& reader) {
    if (!std::isnan(number)) return AddNumber(number, field, reader);
    if (seen_texts_ && AddKnownText(field, reader)) return;
    const auto found = reader.Read(field, number);
    if (found == CellReader::Found::kNumber) {
      AddNumber(number, field, reader);
    } else if (found == CellReader::Found::kMissing) {
      ++missing;
    } else {
      AddText(field, reader);
    }
  }
  // Before a merge. `parts`: into how many such strips the file is divided; where all of them are likely to need a
  // sketch, it is made here, outside the lock that merges take.
  void EndStrip(std::size_t parts);
  void Merge(ColumnEvidence&& later);

  std::uint64_t values() const { return numbers + booleans + timestamps + texts; }
  double distinct_names() const { return names_complete() ? static_cast<double>(names.size()) : name_keys.Estimate(); }
  bool names_complete() const { return !names_given_up && !names.overflowed(); }

  std::uint64_t missing = 0;
  std::uint64_t numbers = 0;
  std::uint64_t whole = 0;          // of the numbers: integral
  std::uint64_t leading_zeros = 0;  // of the numbers: integers like 02134
  std::uint64_t outside_share = 0;  // of the numbers: outside [0, 1], where asked for; not in `spread`
  std::uint64_t booleans = 0;       // true, false
  std::uint64_t timestamps = 0;
  std::uint64_t decimal_commas = 0;  // of the texts: 1,5
  std::uint64_t texts = 0;           // all others
  bool counts_rows = true;           // the numbers go up by 1 from row to row
  ValueSpread spread;
  NameTable names;
  DistinctKeys name_keys;
  bool names_given_up = false;

 private:
  void AddNumber(double number, const Field& field, CellReader& reader);
  void AddText(const Field& field, CellReader& reader);
  bool AddKnownText(const Field& field, const CellReader& reader);  // false: it is none
  void AddName(std::uint64_t hash, const Field& field);
  void Flush();
  void GiveUpIds();

  static constexpr std::size_t kBlock = 512;
  Names names_wanted_;
  bool share_;
  std::vector<double> block_;
  struct KnownText {
    std::uint64_t ColumnEvidence::*counter = nullptr;
    std::uint64_t hash = 0;  // of its canonical text
  };
  ShortTextMemo<KnownText> known_;  // of this strip
  bool seen_texts_ = false;
  bool started_ = false;  // first_ and last_ are set
  double first_ = 0, last_ = 0;
};

bool LooksLikeTime(std::string_view text);  // 2013-05-11, 2013-05-11T17:00:00Z, …: the form only

}  // namespace baselines
