// Text tables, numbers and little histograms for terminals. Pure functions; widths are counted in characters of UTF-8,
// not bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace monitor {

std::size_t Width(const std::string& text);
std::string CutTo(const std::string& text,
                  std::size_t width);  // with an ellipsis where something is cut; control characters as blanks
// Lines of at most `width` characters, broken at blanks; all but the first begin with `indent` blanks.
std::string WrapTo(const std::string& text, std::size_t width, std::size_t indent);

std::string ShortNumber(double value);  // four significant digits, whole numbers below 1e9 in full: 0.1235, 1,416,
                                        // 25,953, 3.2e+07; "-" for what is not finite

// One block character per count, the largest as high as the line: ▁▂▃▄▅▆▇█, a blank for 0.
std::string Spark(std::span<const double> counts);

class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kRight;
    std::size_t most = 40;  // wider cells are cut
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void Add(std::vector<std::string> row);  // as many cells as columns
  std::string Text() const;                // title line, rows; columns two blanks apart

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace monitor
