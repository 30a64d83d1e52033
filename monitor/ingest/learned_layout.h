// LearnedLayout: the text between the values of one producer's records, learned from a record that was decoded the
// general way.
//
// A record of the same layout repeats these literals byte for byte, so comparing them proves that the message is the
// same document but for its scalars: names, nesting and order need no second look. Each scalar is read strictly, as
// JsonReader does; the first byte that differs ends the match, and the record is decoded the general way, with the same
// result (tests/monitor/learned_layout_test.cc). Immutable once learned. Cost: about 0.4 ns per byte.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json_number.h"
#include "monitor/ingest/json_reader.h"

namespace monitor {

class LearnedLayout {
 public:
  // Zeros behind a message that Match may read, and that end every value.
  static constexpr std::size_t kPadding = 32;

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
    // Whether a text so far may hold bytes beyond ASCII or was escaped; all else of a match is ASCII, or was valid when
    // the layout was learned.
    bool beyond_ascii = false;
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
  const std::vector<Container>& containers() const { return containers_; }
  std::size_t steps() const { return steps_.size(); }
  // How many leading steps are the same in both: a match of one that failed at this step goes on there with the other.
  std::size_t Shared(const LearnedLayout& other) const;

  // Matches the text from `progress` up to `end` (kPadding zeros follow) and gives each scalar to the sink:
  // Number(column, double), Feature(column, JsonReader::Value), Field(field, JsonReader::Value). literals[i] becomes
  // where the literal of step i begins (room for steps() + 1). False: `progress` is where it failed; earlier steps have
  // been given.
  template <class Sink>
  bool Match(Progress& progress, const char* end, const char** literals, Sink& sink) const {
    const char* at = progress.at;
    const std::uint64_t* const words = words_.data();
    const Step* const steps = steps_.data();
    const std::size_t count = steps_.size();
    std::uint64_t high = 0;  // of the bytes of texts
    for (std::size_t i = progress.step; i < count; ++i) {
      const Step step = steps[i];
      literals[i] = at;
      if (!IsLiteral(step, words, at, end)) return Failed(progress, i, at, high);
      at += step.length;
      if (step.use == Use::kNumber) {
        double number = 0;
        if (const char* const behind = TakeShortNumber(at, number)) {
          sink.Number(step.index, number);
          at = behind;
          continue;
        }
      }
      JsonReader::Value value;
      at = *at == '"' ? ReadPlainText(at, end, value, high) : ReadScalar(at, end, value);
      if (at == nullptr) return Failed(progress, i, literals[i], high);
      if (step.use == Use::kField) {
        sink.Field(step.index, value);
      } else if (step.use != Use::kNothing) {
        sink.Feature(step.index, value);
      }
    }
    literals[count] = at;
    if (!IsLiteral(tail_, words, at, end) || at + tail_.length != end) return Failed(progress, count, at, high);
    progress.beyond_ascii = progress.beyond_ascii || (high & kHighBits) != 0;
    return true;
  }

 private:
  enum class Use : std::uint8_t { kNothing, kField, kNumber, kCategory };
  // A literal and what the scalar behind it is for.
  struct Step {
    std::uint32_t word = 0;       // in words_
    std::uint32_t length = 0;     // of the literal
    std::uint64_t last_mask = 0;  // of the bytes that count in its last word
    std::uint32_t index = 0;      // field or column
    Use use = Use::kNothing;
  };

  void AddStep(std::string_view literal, Use use, std::size_t index);
  Step Literal(std::string_view literal);
  std::string_view LiteralOf(const Step& step) const {
    return {reinterpret_cast<const char*>(&words_[step.word]), step.length};
  }

  static std::uint64_t Word(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
  }
  static bool Failed(Progress& progress, std::size_t step, const char* at, std::uint64_t high) {
    progress = {step, at, progress.beyond_ascii || (high & kHighBits) != 0};
    return false;
  }
  static bool IsLiteral(const Step& step, const std::uint64_t* words, const char* at, const char* end) {
    if (static_cast<std::size_t>(end - at) < step.length) return false;
    const std::uint64_t* word = words + step.word;
    std::size_t left = step.length;
    std::uint64_t differ = 0;
    for (; left > 8; left -= 8, at += 8) differ |= Word(at) ^ *word++;
    return (differ | ((Word(at) ^ *word) & step.last_mask)) == 0;
  }
  static constexpr std::uint64_t kHighBits = 0x8080808080808080;

  // nullptr: not a scalar, or a text with a lone surrogate. Texts without escapes are read here, everything else by
  // JsonReader. The high bits of a text's bytes, and of some behind it, are added to `high`.
  static const char* ReadPlainText(const char* at, const char* end, JsonReader::Value& value, std::uint64_t& high) {
    const char* const begin = at + 1;
    for (const char* p = begin;; p += 8) {
      const std::uint64_t word = Word(p);
      high |= word;
      const std::uint64_t special = JsonReader::NeedsCare(word);
      if (special == 0) continue;
      p += std::countr_zero(special) / 8;
      if (*p != '"') {
        high = ~std::uint64_t{0};
        return ReadScalar(at, end, value);
      }
      value = {JsonReader::Type::kText, {begin, static_cast<std::size_t>(p - begin)}, false};
      return p + 1;
    }
  }
  static const char* ReadScalar(const char* at, const char* end, JsonReader::Value& value);

  std::shared_ptr<const Frame> frame_;
  std::vector<Step> steps_;
  Step tail_;
  std::vector<std::uint64_t> words_;  // the literals, each from the beginning of a word on
  std::vector<Container> containers_;
  std::uint64_t extra_ = 0;
};

}  // namespace monitor
