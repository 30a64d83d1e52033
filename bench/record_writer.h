// RecordWriter: the benches' flat-JSON records, 600-680 bytes at 20 numbers and 5 categories, and the training file
// that they come from.
#pragma once

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <ostream>
#include <string>
#include <vector>

#include "record_shape.h"

namespace bench {

// The training file of the same shape.
inline void WriteTraining(std::uint64_t rows, Shape shape, std::ostream& file) {
  Random random(1);
  std::string out;
  for (std::size_t i = 0; i < shape.numbers; ++i) out += NumberName(i) + ",";
  for (std::size_t i = 0; i < shape.categories; ++i) out += CategoryName(i) + ",";
  out += "prediction,score\n";
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < shape.numbers; ++i) AppendNumber(random, shape, i, out), out += ',';
    for (std::size_t i = 0; i < shape.categories; ++i) AppendCategory(random, i, out), out += ',';
    const double score = random.Share();
    out += score > 0.7 ? "yes," : "no,";
    out += std::to_string(score) + "\n";
    if (out.size() > 1 << 20) file << out, out.clear();
  }
  file << out << std::flush;
}

class RecordWriter {
 public:
  RecordWriter(Shape shape, std::uint64_t models, std::uint64_t seed)
      : shape_(shape), models_(models), random_(seed), missing_(shape.numbers) {
    for (std::size_t i = 0; i < shape.numbers; ++i) names_.push_back((i == 0 ? "\"" : ",\"") + NumberName(i) + "\":");
    for (std::size_t i = 0; i < shape.categories; ++i) names_.push_back(",\"" + CategoryName(i) + "\":\"");
  }

  // `note`: whether missing values are counted.
  const std::string& Make(std::uint64_t number, std::uint64_t model, std::int64_t ms, bool note) {
    char id[40];
    const std::uint64_t a = random_.Next(), b = random_.Next();
    std::snprintf(id, sizeof id, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(number),
                  static_cast<unsigned>(a & 0xffff), static_cast<unsigned>(a >> 16 & 0xffff),
                  static_cast<unsigned>(a >> 32 & 0xffff), static_cast<unsigned long long>(b & 0xffffffffffff));
    text_ = "{\"id\":\"";
    text_ += id;
    text_ += "\",\"model\":\"m" + std::to_string(model) + "\",\"version\":\"1\",\"timestamp\":\"";
    AppendTime(ms);
    text_ += "\",\"features\":{";
    for (std::size_t i = 0; i < shape_.numbers; ++i) {
      text_ += names_[i];
      const std::size_t before = text_.size();
      AppendNumber(random_, shape_, i, text_);
      if (text_.size() == before) {
        text_ += "null";
        if (note) ++missing_[i];
      }
    }
    for (std::size_t i = 0; i < shape_.categories; ++i) {
      text_ += names_[shape_.numbers + i];
      AppendCategory(random_, i, text_);
      text_ += '"';
    }
    const double score = random_.Share();
    text_ += score > 0.7 ? "},\"prediction\":\"yes\",\"score\":" : "},\"prediction\":\"no\",\"score\":";
    text_ += std::to_string(score) + "}";
    return text_;
  }

  std::uint64_t models() const { return models_; }
  const std::vector<std::uint64_t>& missing() const { return missing_; }

 private:
  void AppendTime(std::int64_t ms) {
    if (ms / 1000 != second_) {
      second_ = ms / 1000;
      const std::time_t time = second_;
      std::tm parts{};
      gmtime_r(&time, &parts);
      std::strftime(time_, sizeof time_, "%Y-%m-%dT%H:%M:%S", &parts);
    }
    char milli[16];
    std::snprintf(milli, sizeof milli, ".%03dZ", static_cast<int>(ms % 1000));
    text_ += time_;
    text_ += milli;
  }

  Shape shape_;
  std::uint64_t models_;
  Random random_;
  std::vector<std::uint64_t> missing_;
  std::vector<std::string> names_;
  std::string text_;
  std::int64_t second_ = -1;
  char time_[40] = {};
};

}  // namespace bench
