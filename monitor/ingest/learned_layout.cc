#include "monitor/ingest/learned_layout.h"

#include <algorithm>
#include <string>

namespace monitor {
namespace {

using Type = JsonReader::Type;

constexpr std::size_t kMostLevels = 8;
constexpr std::size_t kMostSteps = 4096;

}  // namespace

LearnedLayout::Step LearnedLayout::Literal(std::string_view literal) {
  Step step;
  step.word = static_cast<std::uint32_t>(words_.size());
  step.length = static_cast<std::uint32_t>(literal.size());
  const std::size_t in_last = literal.empty() ? 0 : (literal.size() - 1) % 8 + 1;
  step.last_mask = in_last == 0 ? 0 : ~std::uint64_t{0} >> (64 - 8 * in_last);
  words_.resize(words_.size() + std::max<std::size_t>(1, (literal.size() + 7) / 8));
  std::memcpy(&words_[step.word], literal.data(), literal.size());
  return step;
}

void LearnedLayout::AddStep(std::string_view literal, Use use, std::size_t index) {
  Step step = Literal(literal);
  step.use = use;
  step.index = static_cast<std::uint32_t>(index);
  steps_.push_back(step);
}

std::optional<LearnedLayout> LearnedLayout::Learn(std::string_view message, const JsonFields& fields,
                                                  std::size_t features, std::shared_ptr<const Frame> frame) {
  struct Level {
    bool object = false, features = false, first = true;
  };
  LearnedLayout layout;
  layout.frame_ = std::move(frame);
  std::vector<Level> levels;
  std::string scratch;
  std::size_t expected = 0;
  const char* literal = message.data();
  JsonReader reader(message);
  JsonReader::Value name, value = reader.Read();
  while (true) {
    int column = -1;
    if (!levels.empty()) {
      Level& level = levels.back();
      if (!(level.object ? reader.NextMember(name, level.first) : reader.NextElement(level.first))) {
        levels.pop_back();
        if (levels.empty()) break;
        continue;
      }
      if (level.features) column = layout.frame_->Find(reader.Text(name, scratch), expected);
      value = reader.Read();
    }
    const bool feature = !levels.empty() && levels.back().features;
    if (!value.scalar()) {
      if (feature || levels.size() == kMostLevels) return std::nullopt;
      const char* const behind = reader.position();
      levels.push_back({value.type == Type::kObject, false, true});
      for (std::size_t field = 0; field < fields.size(); ++field) {
        if (fields[field].rest != behind || fields[field].value.type != value.type) continue;
        layout.containers_.push_back(
            {layout.steps_.size(), static_cast<std::size_t>(behind - literal), field, value.type});
        if (field == features) levels.back().features = true;
      }
      continue;
    }
    if (!reader.ok() || value.type == Type::kNotFinite || levels.empty() || layout.steps_.size() == kMostSteps)
      return std::nullopt;
    Use use = Use::kNothing;
    std::size_t index = 0;
    if (column >= 0) {
      index = static_cast<std::size_t>(column);
      expected = index + 1;
      use = layout.frame_->column(index).kind() == detectors::FeatureKind::kNumeric ? Use::kNumber : Use::kCategory;
    } else if (feature) {
      ++layout.extra_;
    } else {
      for (std::size_t field = 0; field < fields.size(); ++field) {
        if (fields[field].value.raw.data() != value.raw.data() || fields[field].value.type != value.type) continue;
        use = Use::kField;
        index = field;
      }
    }
    const char* const begin = value.raw.data() - (value.type == Type::kText ? 1 : 0);
    layout.AddStep({literal, static_cast<std::size_t>(begin - literal)}, use, index);
    literal = reader.position();
  }
  const char* const end = message.data() + message.size();
  layout.tail_ = layout.Literal({literal, static_cast<std::size_t>(end - literal)});
  return layout;
}

std::size_t LearnedLayout::Shared(const LearnedLayout& other) const {
  if (frame_ != other.frame_) return 0;
  const auto same = [&](const Step& a, const Step& b) {
    return a.use == b.use && a.index == b.index && LiteralOf(a) == other.LiteralOf(b);
  };
  return static_cast<std::size_t>(
      std::mismatch(steps_.begin(), steps_.end(), other.steps_.begin(), other.steps_.end(), same).first -
      steps_.begin());
}

const char* LearnedLayout::ReadScalar(const char* at, const char* end, JsonReader::Value& value) {
  // JsonReader skips blanks before a value, a layout has them in its literals.
  if (at >= end || *at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') return nullptr;
  JsonReader reader({at, static_cast<std::size_t>(end - at)});
  value = reader.Read();
  return value.scalar() && reader.ok() && !reader.lone_surrogate() ? reader.position() : nullptr;
}

}  // namespace monitor
