// AvroLayout: the bytes between the scalars of one producer's Avro records, and what each scalar is for; learned from a
// record that was read as text (avro_text.h).
//
// As LearnedLayout does for JSON: what is no scalar (branches of unions with more than scalars in them, numbers of
// items, keys of maps) has to be the same again byte for byte, which proves that the message has the same shape.
// Scalars are read as strictly as by AvroText, texts nobody wants too; whatever differs ends the match, and the record
// is read the general way, with the same result (tests/monitor/ingest/avro_test.cc). Immutable once learned. Cost:
// about 5 ns a number.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/avro/avro_scalar.h"
#include "monitor/ingest/avro/avro_text.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json/learned_layout.h"

namespace monitor {

class AvroLayout {
 public:
  using ScalarUse = LearnedLayout::ScalarUse;

  // `uses`: what the record took, by places in the text. nullopt: it took an object or a list, or one scalar twice, or
  // the record is large.
  static std::optional<AvroLayout> Learn(const AvroText& text, std::string_view message,
                                         std::span<const ScalarUse> uses, std::uint64_t extra,
                                         std::shared_ptr<const Frame> frame);

  const std::shared_ptr<const Frame>& frame() const { return frame_; }
  std::uint64_t extra() const { return extra_; }  // features that the frame lacks
  static bool refits() { return false; }          // the room of a value is that of the next one

  // What values point to that do not stand in the message; lives as long as they do.
  struct Room {
    std::vector<std::string> texts, digits;  // by field
    std::string text, digit;                 // of the value that is being read
  };

  // Gives each scalar to the sink, as LearnedLayout::Match does. False: the message has another shape.
  template <class Sink>
  bool Match(const AvroSchema& schema, std::string_view message, Room& room, Sink& sink) const {
    AvroBytes bytes(message);
    AvroScalar scalar;
    for (const Step& step : steps_) {
      std::string_view literal;
      if (step.length > 0 && (!bytes.TakeFixed(step.length, literal) ||
                              std::memcmp(literal.data(), literals_.data() + step.literal, step.length) != 0))
        return false;
      switch (step.use) {
        case Use::kEnd:
          return bytes.AtEnd();
        case Use::kNothing:
          if (!scalar.Take(schema, step.type, bytes, room.text) || !IsUtf8(scalar)) return false;
          break;
        case Use::kField: {
          std::string &text = room.texts[step.index], &digits = room.digits[step.index];
          if (!scalar.Take(schema, step.type, bytes, text) || !IsUtf8(scalar)) return false;
          sink.Field(step.index, scalar.AsJson(digits));
          break;
        }
        default:
          if (!scalar.Take(schema, step.type, bytes, room.text) || !IsUtf8(scalar)) return false;
          if (step.use == Use::kNumber && scalar.number() && std::isfinite(scalar.AsDouble())) {
            sink.Number(step.index, scalar.AsDouble());
          } else {
            sink.Feature(step.index, scalar.AsJson(room.digit));
          }
          break;
      }
    }
    return false;
  }

 private:
  enum class Use : std::uint8_t { kNothing, kField, kNumber, kCategory, kEnd };
  struct Step {
    std::uint32_t literal = 0, length = 0;  // in literals_, before the scalar
    AvroSchema::Index type = 0;
    std::uint32_t index = 0;  // field or column
    Use use = Use::kNothing;
  };

  static bool IsUtf8(const AvroScalar& scalar);

  std::shared_ptr<const Frame> frame_;
  std::vector<Step> steps_;
  std::string literals_;
  std::uint64_t extra_ = 0;
};

// The layouts of the records of one schema that one decoder has met, at most kMost. Not thread-safe.
class AvroLayouts {
 public:
  static constexpr std::size_t kMost = 16;

  template <class Sink>
  bool Match(const AvroSchema& schema, std::string_view message, AvroLayout::Room& room, Sink& sink) {
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
      sink.Begin(layouts_[i]);
      if (!layouts_[i].Match(schema, message, room, sink)) continue;
      sink.End(layouts_[i]);
      if (i > 0) std::swap(layouts_[i], layouts_[i - 1]);
      return true;
    }
    return false;
  }
  // Whether to learn from a message that did not match: at first always, then now and then, in place of the layout that
  // matched longest ago.
  bool Wants() { return layouts_.size() + failed_ < kMost || ++unlearned_ % kLearnEvery == 0; }
  void Learn(std::optional<AvroLayout> layout) {
    failed_ = layout ? 0 : failed_ + 1;
    if (!layout) return;
    if (layouts_.size() == kMost) layouts_.pop_back();
    layouts_.push_back(std::move(*layout));
  }

 private:
  static constexpr std::uint64_t kLearnEvery = 256;

  std::vector<AvroLayout> layouts_;
  std::size_t failed_ = 0;  // to learn a layout, since one was learned
  std::uint64_t unlearned_ = 0;
};

}  // namespace monitor
