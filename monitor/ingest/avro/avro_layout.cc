#include "monitor/ingest/avro/avro_layout.h"

#include <simdjson.h>

#include <algorithm>

namespace monitor {

std::optional<AvroLayout> AvroLayout::Learn(const AvroText& text, std::string_view message,
                                            std::span<const ScalarUse> uses, std::uint64_t extra,
                                            std::shared_ptr<const Frame> frame) {
  if (text.scalars().size() > AvroText::kMostScalars) return std::nullopt;
  std::vector<ScalarUse> sorted(uses.begin(), uses.end());
  std::ranges::sort(sorted, std::less<>(), &ScalarUse::at);
  AvroLayout layout;
  layout.frame_ = std::move(frame);
  layout.extra_ = extra;
  const char* literal = message.data();
  const auto add = [&](const char* end) -> Step& {
    Step& step = layout.steps_.emplace_back();
    step.literal = static_cast<std::uint32_t>(layout.literals_.size());
    step.length = static_cast<std::uint32_t>(end - literal);
    layout.literals_.append(literal, end);
    return step;
  };
  auto use = sorted.begin();
  for (const AvroText::Scalar& scalar : text.scalars()) {
    const char* const at = text.text().data() + scalar.text;
    const bool used = use != sorted.end() && use->at == at;
    if (used && use->kind == ScalarUse::Kind::kLiteral) {  // it stays among the bytes that have to be the same
      ++use;
      continue;
    }
    Step& step = add(scalar.begin);
    literal = scalar.end;
    step.type = scalar.type;
    if (!used) continue;
    step.index = static_cast<std::uint32_t>(use->index);
    step.use = use->kind == ScalarUse::Kind::kField    ? Use::kField
               : use->kind == ScalarUse::Kind::kNumber ? Use::kNumber
                                                       : Use::kCategory;
    ++use;
  }
  if (use != sorted.end()) return std::nullopt;
  add(message.data() + message.size()).use = Use::kEnd;
  return layout;
}

bool AvroLayout::IsUtf8(const AvroScalar& scalar) {
  if (scalar.is != AvroScalar::Is::kText) return true;
  const std::string_view text = scalar.text;
  std::uint64_t high = 0;
  std::size_t at = 0;
  for (; text.size() - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    high |= word;
  }
  for (; at < text.size(); ++at) high |= static_cast<unsigned char>(text[at]);
  return (high & 0x8080808080808080) == 0 || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace monitor
