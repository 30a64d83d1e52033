#include "monitor/ingest/mapping/mapping.h"

#include <algorithm>
#include <charconv>

namespace monitor {
namespace {

constexpr std::string_view kRow = "$row";

// What stands between brackets; nullopt: neither a number nor $row.
std::optional<Path::Step> IndexStep(std::string_view text) {
  Path::Step step;
  if (text == kRow) {
    step.kind = Path::Step::Kind::kRow;
    return step;
  }
  step.kind = Path::Step::Kind::kIndex;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), step.index);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return step;
}

}  // namespace

std::optional<Path> Path::Parse(std::string_view text) {
  Path path;
  if (text == kRow || text.starts_with("$row.") || text.starts_with("$row[")) {
    path.from_row = true;
    text.remove_prefix(kRow.size());
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (text.empty()) return std::nullopt;
    }
    if (text.empty()) return path;
  } else if (text.empty() || text.starts_with('$')) {
    return std::nullopt;
  }
  bool name_expected = !text.starts_with('[');
  while (true) {
    if (name_expected) {
      Step step;
      std::size_t at = 0;
      for (; at < text.size() && text[at] != '.' && text[at] != '['; ++at) {
        if (text[at] == '\\' && ++at == text.size()) return std::nullopt;
        step.name += text[at];
      }
      if (at == 0) return std::nullopt;
      path.steps.push_back(std::move(step));
      text.remove_prefix(at);
    }
    if (text.empty()) return path;
    if (text.front() == '[') {
      const std::size_t end = text.find(']');
      if (end == std::string_view::npos) return std::nullopt;
      auto step = IndexStep(text.substr(1, end - 1));
      if (!step) return std::nullopt;
      path.steps.push_back(std::move(*step));
      text.remove_prefix(end + 1);
      name_expected = false;
      if (text.empty()) return path;
      if (text.front() == '[') continue;
    }
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    name_expected = true;
  }
}

bool Path::LooksAtRow() const {
  return from_row || std::ranges::any_of(steps, [](const Step& step) { return step.kind == Step::Kind::kRow; });
}

Mapping Mapping::OfPaths(std::span<const std::string_view> names, const std::map<std::string, std::string>& paths) {
  Mapping mapping;
  for (const std::string_view name : names) {
    const auto given = paths.find(std::string(name));
    Path path = *Path::Parse(given == paths.end() ? name : std::string_view(given->second));
    auto& field = mapping.fields.emplace_back();
    if (name == "features") {
      mapping.features.emplace_back().path = std::move(path);
    } else {
      field = FieldSource{FieldSource::Kind::kPath, std::move(path), {}};
    }
  }
  return mapping;
}

bool Mapping::Uses(FieldSource::Kind kind) const {
  const auto is = [kind](const FieldSource& source) { return source.kind == kind; };
  if (row_id && is(*row_id)) return true;
  if (std::ranges::any_of(fields, [&](const auto& field) { return field && is(*field); })) return true;
  if (std::ranges::any_of(where, [&](const Condition& condition) { return is(condition.source); })) return true;
  return std::ranges::any_of(features, [&](const FeatureSource& source) {
    return std::ranges::any_of(source.pick, [&](const auto& pick) { return is(pick.second); });
  });
}

}  // namespace monitor
