// Everything that a decoded record says, as text; numbers bit for bit. For tests that compare two decoders.
#pragma once

#include <bit>
#include <string>

#include "monitor/ingest/record_filler.h"

namespace monitor::testing {

inline std::string Words(const DecodedRecord& record) {
  std::string words = record.model == nullptr ? "no model" : record.model->name;
  if (record.reject) return words + " rejected: " + std::string(Text(*record.reject));
  if (record.skipped) return words + " skipped";
  const auto bits = [](double number) { return std::to_string(std::bit_cast<std::uint64_t>(number)); };
  words += " id " + std::string(record.id) + " version " + std::string(record.version) + " variant " +
           std::string(record.variant) + " time " + std::to_string(record.time_ns) + " predicted " +
           std::string(record.outcome.predicted) + " segment " + std::string(record.outcome.segment) + " value " +
           bits(record.outcome.value) + " extra " + std::to_string(record.row->extra);
  for (std::size_t i = 0; i < record.row->cells.size(); ++i) {
    const Cell& cell = record.row->cells[i];
    words += " | " + std::to_string(static_cast<int>(cell.state)) + " " + std::to_string(cell.category) + " " +
             bits(cell.number);
    if (cell.category == detectors::CategoryDictionary::kUnseen) words += " " + *record.row->UnseenName(i);
  }
  return words;
}

}  // namespace monitor::testing
