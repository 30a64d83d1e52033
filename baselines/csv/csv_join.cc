#include "baselines/csv/csv_join.h"

#include <algorithm>

#include "baselines/csv/csv_reader.h"

namespace baselines {
namespace {

constexpr std::size_t kPiece = std::size_t{8} << 20;

// In pieces, so that memory stays bounded.
void Copy(const TextFile& file, const char* from, const char* end, Spool& spool) {
  while (from != end) {
    const char* const to = from + std::min(kPiece, static_cast<std::size_t>(end - from));
    spool.Write({from, static_cast<std::size_t>(to - from)});
    file.Release(from, to);
    from = to;
  }
}

[[noreturn]] void FailHeader(const TextFile& file, const TextFile& first, const CsvHeader& header,
                             const CsvHeader& wanted) {
  const std::string prefix = file.name() + ": its header is not that of " + first.name() + ": ";
  for (std::size_t i = 0; i < std::min(header.names.size(), wanted.names.size()); ++i) {
    if (header.names[i] != wanted.names[i]) {
      throw FileError(prefix + "column " + std::to_string(i + 1) + " is " + header.names[i] + ", not " +
                      wanted.names[i]);
    }
  }
  if (header.names.size() != wanted.names.size()) {
    throw FileError(prefix + "it has " + std::to_string(header.names.size()) + " columns, not " +
                    std::to_string(wanted.names.size()));
  }
  throw FileError(prefix + "its columns are separated by another character");
}

}  // namespace

TextFile JoinCsv(const std::vector<TextFile>& files, const std::string& name) {
  Spool spool(name);
  std::vector<TextFile::Part> parts;
  CsvHeader first;
  std::size_t size = 0;
  for (const TextFile& file : files) {
    const CsvHeader header = ReadHeader(file);
    const char* const begin = parts.empty() ? file.text().data() : header.records;
    const char* const end = file.text().data() + file.text().size();
    if (parts.empty()) first = header;
    if (header.names != first.names || header.separator != first.separator)
      FailHeader(file, files.front(), header, first);
    parts.push_back({size, file.name(), static_cast<std::size_t>(std::count(file.text().data(), begin, '\n'))});
    Copy(file, begin, end, spool);
    size += static_cast<std::size_t>(end - begin);
    if (end[-1] != '\n') {
      spool.Write("\n");
      ++size;
    }
    file.CheckWhole();
  }
  return {std::move(spool), name, std::move(parts)};
}

}  // namespace baselines
