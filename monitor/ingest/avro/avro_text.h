// AvroText: an Avro message written as the JSON text that it is read as, with the place of every scalar in both.
//
// The general way of reading Avro: everything that reads JSON reads it then, with the same mappings. Malformed bytes,
// data that nest deeper than kMostLevels and texts beyond kMostText end it. One per decoder; nothing is allocated in
// steady state. Cost: about 50 ns a number, 1 ns per byte of text (avro_layout.h is the fast way).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/avro/avro_scalar.h"

namespace monitor {

class AvroText {
 public:
  static constexpr int kMostLevels = 64;
  static constexpr std::size_t kMostText = 16u << 20;
  static constexpr std::size_t kMostScalars = 4096;  // whose places are kept

  // Where a scalar stands: from `begin` to `end` in the message, and in the text at the offset that
  // LearnedLayout::ScalarUse::at would have.
  struct Scalar {
    AvroSchema::Index type = 0;
    const char* begin = nullptr;
    const char* end = nullptr;
    std::size_t text = 0;
  };

  // False: the bytes are not one value of the schema, and nothing behind it.
  bool Write(const AvroSchema& schema, std::string_view bytes);
  const std::string& text() const { return text_; }
  std::span<const Scalar> scalars() const { return scalars_; }

 private:
  bool WriteValue(AvroBytes& bytes, AvroSchema::Index type, int level);
  bool WriteScalar(AvroBytes& bytes, AvroSchema::Index type);
  bool WriteBlocks(AvroBytes& bytes, const AvroSchema::Type& type, int level);
  void WriteText(std::string_view text);

  const AvroSchema* schema_ = nullptr;
  std::string text_, scratch_, digits_;
  std::vector<Scalar> scalars_;
};

}  // namespace monitor
