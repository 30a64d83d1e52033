// LearnedLayout: the text between the values of one producer's records, learned from a record that was decoded the
// general way.
//
// A record of the same layout repeats these literals byte for byte, so comparing them proves that the message is the
// same document but for its scalars: names, nesting and order need no second look. Each scalar is read strictly, as
// JsonReader does; the first byte that differs ends the match, and the record is decoded the general way, with the same
// result (tests/monitor/ingest/learned_layout_test.cc). Immutable once learned. Cost: about 0.4 ns per byte.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "detectors/processor.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json/json_avx2.h"
#include "monitor/ingest/json/json_kernel.h"
#include "monitor/ingest/json/json_reader.h"
#include "monitor/ingest/json/padded_message.h"

namespace monitor {

class LearnedLayout {
 public:
  // What a record of this layout calls for besides its scalars.
  struct Container {
    std::size_t step = 0, offset = 0;  // behind the bracket, in the literal of this step
    std::size_t field = 0;
    JsonReader::Type type{};
  };
  // How far a match came: the step that failed and where its literal should have begun.
  struct Progress {
    std::size_t step = 0;
    const char* at = nullptr;
  };

  // What the record took from one place of the message: where the value begins (a text behind its quote, an object or a
  // list at its bracket), and what for.
  struct ScalarUse {
    const char* at = nullptr;
    enum class Kind : std::uint8_t {
      kField,    // the field `index`, also an object or a list
      kNumber,   // the column `index`, a number in most cases
      kFeature,  // the column `index`
      kLiteral,  // it must be the same again: other values would have another use
    } kind = Kind::kField;
    std::size_t index = 0;
  };

  // Learns from a valid message. `uses` in any order; of what stands nowhere in it only the kind of value is learned.
  // `extra`: features that the frame lacks. nullopt: the message has something that a layout cannot hold (-Infinity,
  // many levels or values).
  static std::optional<LearnedLayout> Learn(std::string_view message, std::span<const ScalarUse> uses,
                                            std::uint64_t extra, std::shared_ptr<const Frame> frame);

  const std::shared_ptr<const Frame>& frame() const { return frame_; }
  std::uint64_t extra() const { return extra_; }  // features that the frame lacks
  // Whether RecordFiller may read its texts again over another frame: no column stands in it twice.
  bool refits() const { return refits_; }
  const std::vector<Container>& containers() const { return containers_; }
  std::size_t steps() const { return steps_.size(); }
  // How many leading steps are the same in both: a match of one that failed at this step goes on there with the other.
  std::size_t Shared(const LearnedLayout& other) const;

  // Matches the message from `progress` on and gives each scalar to the sink: Number(column, double), Feature(column,
  // JsonReader::Value), Field(field, JsonReader::Value), and for most numbers among the fields FieldNumber(field,
  // JsonReader::Value, double) instead. literals[i] becomes where the literal of step i begins (room for steps() + 1).
  // False: `progress` is where it failed; earlier steps have been given.
  template <class Sink>
  bool Match(Progress& progress, const PaddedMessage& message, const char** literals, Sink& sink) const {
#if defined(__x86_64__)
    if (detectors::HasAvx2()) return MatchAvx2(progress, message, literals, sink);
#endif
    return MatchWith(PortableKernel(message), progress, message, literals, sink);
  }

 private:
  enum class Use : std::uint8_t { kNothing, kField, kNumber, kCategory };
  // A literal and what the scalar behind it is for.
  struct Step {
    std::uint32_t begin = 0;   // of the literal, in bytes_
    std::uint32_t length = 0;  // of the literal
    std::uint32_t index = 0;   // field or column
    Use use = Use::kNothing;
  };

  void AddStep(std::string_view literal, Use use, std::size_t index);
  Step Literal(std::string_view literal);
  std::string_view LiteralOf(const Step& step) const { return {&bytes_[step.begin], step.length}; }

#if defined(__x86_64__)
  // All that is called is compiled into it, for these processors.
  template <class Sink>
  [[gnu::flatten]] MONITORD_AVX2 bool MatchAvx2(Progress& progress, const PaddedMessage& message, const char** literals,
                                                Sink& sink) const {
    return MatchWith(Avx2Kernel(message), progress, message, literals, sink);
  }
#endif

  template <class Kernel, class Sink>
  bool MatchWith(const Kernel kernel, Progress& progress, const PaddedMessage& message, const char** literals,
                 Sink& sink) const {
    const char* at = progress.at;
    const char* const end = message.end();
    const char* const bytes = bytes_.data();
    const Step* const steps = steps_.data();
    const std::size_t count = steps_.size();
    const auto is_literal = [&](const Step& step) {
      return static_cast<std::size_t>(end - at) >= step.length && kernel.Same(bytes + step.begin, at, step.length);
    };
    for (std::size_t i = progress.step; i < count; ++i) {
      const Step step = steps[i];
      literals[i] = at;
      if (!is_literal(step)) return progress = {i, at}, false;
      at += step.length;
      if (step.use == Use::kNumber || (step.use == Use::kField && BeginsNumber(*at))) {
        double number = 0;
        if (const char* const behind = kernel.Number(at, number)) [[likely]] {
          if (step.use == Use::kNumber) {
            sink.Number(step.index, number);
          } else {
            const JsonReader::Value digits{JsonReader::Type::kNumber, {at, static_cast<std::size_t>(behind - at)}};
            sink.FieldNumber(step.index, digits, number);
          }
          at = behind;
          continue;
        }
      }
      JsonReader::Value value;
      const char* text_end = at;
      if (*at == '"' && *(text_end = kernel.TextEnd(at + 1)) == '"') {
        value = {JsonReader::Type::kText, {at + 1, static_cast<std::size_t>(text_end - at - 1)}};
        at = text_end + 1;
      } else {
        at = ReadScalar(at, end, value);
        if (at == nullptr) return progress = {i, literals[i]}, false;
      }
      if (step.use == Use::kField) {
        sink.Field(step.index, value);
      } else if (step.use != Use::kNothing) {
        sink.Feature(step.index, value);
      }
    }
    literals[count] = at;
    if (!is_literal(tail_) || at + tail_.length != end) return progress = {count, at}, false;
    return true;
  }

  static bool BeginsNumber(char c) { return c == '-' || (c >= '0' && c <= '9'); }
  // By JsonReader; nullptr: not a scalar, or a text with a lone surrogate.
  static const char* ReadScalar(const char* at, const char* end, JsonReader::Value& value);

  std::shared_ptr<const Frame> frame_;
  std::vector<Step> steps_;
  Step tail_;
  std::vector<char> bytes_;  // the literals, each filled up with zeros to whole blocks of 32
  std::vector<Container> containers_;
  std::uint64_t extra_ = 0;
  bool refits_ = true;
};

}  // namespace monitor
