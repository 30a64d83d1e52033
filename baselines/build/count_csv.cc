// CountCsv: the rows of a file on the frozen bins of a baseline.
#include <algorithm>

#include "baselines/build/profile_builder.h"
#include "baselines/csv/striped_file.h"

namespace baselines {

CountedRows CountRows(const StripedFile& source, const CountingFrame& frame, const MissingTexts& missing,
                      const std::function<void(double)>& progress) {
  CountedRows sum(frame);
  source.ReadStrips([&] { return RowCounter(frame, missing, source.file().text()); },
                    [](RowCounter& counter, const std::vector<Field>& fields) { counter.Add(fields); },
                    [](RowCounter& counter) { return counter.Take(); },
                    [&](CountedRows&& counted) { sum.Merge(counted); }, progress);
  return sum;
}

namespace {

std::vector<std::string> UnknownColumns(const std::vector<std::string>& names, const Profile& baseline) {
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    bool known =
        name.empty() || baseline.Find(name) != nullptr || name == baseline.time_column || name == baseline.id_column;
    for (const auto* column : {&baseline.prediction, &baseline.score, &baseline.label})
      known = known || (*column && (*column)->name == name);
    for (const IgnoredColumn& ignored : baseline.ignored) known = known || ignored.name == name;
    if (!known) unknown.push_back(name);
  }
  return unknown;
}

}  // namespace

CountedFile CountCsv(TextFile csv, const Profile& baseline, const std::function<void(double done)>& progress) {
  try {
    const StripedFile source(std::move(csv), 0, 0);
    const auto& names = source.header().names;
    CountingFrame frame;
    CountedFile counted;
    const auto add = [&](const ProfileColumn& column, bool share) {
      const auto found = std::ranges::find(names, column.name);
      const bool absent = found == names.end();
      frame.columns.push_back({absent ? CountingFrame::kAbsent : static_cast<std::size_t>(found - names.begin()),
                               column.summary.shared_shape(), share});
      return !absent;
    };
    for (const ProfileColumn& column : baseline.features) {
      if (!add(column, false)) counted.absent.push_back(column.name);
    }
    if (counted.absent.size() == baseline.features.size() && !baseline.features.empty()) {
      throw BuildError(source.file().name() + " has none of the baseline's columns (" + baseline.features.front().name +
                       ", …); is it the right file?");
    }
    const bool prediction = baseline.prediction && add(*baseline.prediction, false);
    if (baseline.prediction && !prediction) frame.columns.pop_back();
    const bool score = baseline.score && add(*baseline.score, true);
    if (baseline.score && !score) frame.columns.pop_back();

    CountedRows sum = CountRows(source, frame, MissingTexts(baseline.missing_texts), progress);
    counted.rows = sum.rows;
    counted.unknown = UnknownColumns(names, baseline);
    if (score) {
      counted.score = std::move(sum.summaries.back());
      sum.summaries.pop_back();
    }
    if (prediction) {
      counted.prediction = std::move(sum.summaries.back());
      sum.summaries.pop_back();
    }
    counted.features = std::move(sum.summaries);
    return counted;
  } catch (const FileError& error) {
    throw BuildError(error.what());
  }
}

}  // namespace baselines
