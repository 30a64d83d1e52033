#include "monitor/ctl/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace monitor {
namespace {

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::string WithThousands(std::string digits) {
  const std::size_t end = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = end; at > begin + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

}  // namespace

std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, BeginsCharacter));
}

std::string CutTo(const std::string& text, std::size_t width) {
  std::string cut;
  std::size_t used = 0;
  const bool fits = Width(text) <= width;
  for (const char c : text) {
    if (BeginsCharacter(c) && !fits && used + 1 >= width) return cut + "…";
    used += BeginsCharacter(c);
    cut += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  }
  return cut;
}

std::string WrapTo(const std::string& text, std::size_t width, std::size_t indent) {
  std::string wrapped;
  std::size_t used = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t blank = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, blank - from);
    if (used > indent && used + 1 + Width(word) > width) {
      wrapped.append(1, '\n').append(indent, ' ');
      used = indent;
    } else if (from > 0) {
      wrapped += ' ';
      ++used;
    }
    wrapped += word;
    used += Width(word);
    from = blank + 1;
  }
  return wrapped;
}

std::string ShortNumber(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  char text[400];
  if (value == std::trunc(value) && size < 1e9) {
    std::snprintf(text, sizeof text, "%.0f", value + 0.0);
    return WithThousands(text);
  }
  if (size >= 1e9 || size < 1e-4) {
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
  }
  const int digits = std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 0, 6);
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  std::string number = text;
  if (number.find('.') != std::string::npos) {
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
  }
  return WithThousands(number);
}

std::string Spark(std::span<const double> counts) {
  static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const double most = counts.empty() ? 0 : std::ranges::max(counts);
  std::string text;
  for (const double count : counts)
    text += kBlocks[count <= 0 ? 0 : static_cast<std::size_t>(std::clamp(std::ceil(8 * count / most), 1.0, 8.0))];
  return text;
}

void TextTable::Add(std::vector<std::string> row) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = CutTo(row[i], columns_[i].most);
  rows_.push_back(std::move(row));
}

std::string TextTable::Text() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(Width(columns_[i].title));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  const auto line = [&](const auto& cell) {
    std::string row;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& content = cell(i);
      const std::string blanks(widths[i] - Width(content), ' ');
      row += i == 0 ? "" : "  ";
      row += columns_[i].align == Align::kRight ? blanks + content : content + blanks;
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  };
  line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& cells : rows_) line([&](std::size_t i) -> const std::string& { return cells[i]; });
  return text;
}

}  // namespace monitor
