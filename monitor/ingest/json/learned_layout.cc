#include "monitor/ingest/json/learned_layout.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

namespace monitor {
namespace {

using Type = JsonReader::Type;

constexpr std::size_t kMostLevels = 8;
constexpr std::size_t kMostSteps = 4096;
constexpr std::size_t kBlock = 32;  // bytes that a kernel compares at once

}  // namespace

LearnedLayout::Step LearnedLayout::Literal(std::string_view literal) {
  Step step;
  step.begin = static_cast<std::uint32_t>(bytes_.size());
  step.length = static_cast<std::uint32_t>(literal.size());
  bytes_.insert(bytes_.end(), literal.begin(), literal.end());
  bytes_.resize((bytes_.size() / kBlock + 1) * kBlock);
  return step;
}

void LearnedLayout::AddStep(std::string_view literal, Use use, std::size_t index) {
  Step step = Literal(literal);
  step.use = use;
  step.index = static_cast<std::uint32_t>(index);
  steps_.push_back(step);
}

std::optional<LearnedLayout> LearnedLayout::Learn(std::string_view message, std::span<const ScalarUse> uses,
                                                  std::uint64_t extra, std::shared_ptr<const Frame> frame) {
  struct Level {
    bool object = false, first = true;
  };
  std::vector<ScalarUse> sorted(uses.begin(), uses.end());
  std::ranges::stable_sort(sorted, std::less<>(), &ScalarUse::at);
  const auto of = [&sorted](const char* at) {
    return std::ranges::equal_range(sorted, at, std::less<>(), &ScalarUse::at);
  };
  LearnedLayout layout;
  layout.frame_ = std::move(frame);
  layout.extra_ = extra;
  std::vector<Level> levels;
  const char* literal = message.data();
  JsonReader reader(message);
  JsonReader::Value name, value = reader.Read();
  while (true) {
    if (!levels.empty()) {
      Level& level = levels.back();
      if (!(level.object ? reader.NextMember(name, level.first) : reader.NextElement(level.first))) {
        levels.pop_back();
        if (levels.empty()) break;
        continue;
      }
      value = reader.Read();
    }
    if (!value.scalar()) {
      if (levels.size() == kMostLevels) return std::nullopt;
      const char* const behind = reader.position();
      levels.push_back({value.type == Type::kObject, true});
      for (const ScalarUse& use : of(behind - 1)) {
        // A feature that is an object or a list is a fault of its own: no layout for those.
        if (use.kind != ScalarUse::Kind::kField) return std::nullopt;
        layout.containers_.push_back(
            {layout.steps_.size(), static_cast<std::size_t>(behind - literal), use.index, value.type});
      }
      continue;
    }
    if (!reader.ok() || value.type == Type::kNotFinite || levels.empty() || layout.steps_.size() == kMostSteps)
      return std::nullopt;
    const auto found = of(value.raw.data());
    // Two uses of one value are rare; a step has one.
    if (found.size() > 1) return std::nullopt;
    Use use = Use::kNothing;
    std::size_t index = 0;
    if (!found.empty()) {
      index = found.front().index;
      switch (found.front().kind) {
        case ScalarUse::Kind::kLiteral:
          continue;
        case ScalarUse::Kind::kField:
          use = Use::kField;
          break;
        case ScalarUse::Kind::kNumber:
          use = Use::kNumber;
          break;
        case ScalarUse::Kind::kFeature:
          use = Use::kCategory;
          break;
      }
    }
    const char* const begin = value.raw.data() - (value.type == Type::kText ? 1 : 0);
    layout.AddStep({literal, static_cast<std::size_t>(begin - literal)}, use, index);
    literal = reader.position();
  }
  const char* const end = message.data() + message.size();
  layout.tail_ = layout.Literal({literal, static_cast<std::size_t>(end - literal)});
  std::set<std::uint32_t> columns;
  for (const Step& step : layout.steps_) {
    if (step.use == Use::kNumber || step.use == Use::kCategory)
      layout.refits_ = columns.insert(step.index).second && layout.refits_;
  }
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
