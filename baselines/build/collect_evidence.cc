#include "baselines/build/collect_evidence.h"

#include <utility>

#include "baselines/csv/strips.h"

namespace baselines {
namespace {

struct Counter {
  TableEvidence evidence;
  CellReader reader;
  std::vector<std::uint32_t> fields;  // that evidence is wanted of
  std::vector<double> numbers;        // of the row, by field
};

Counter MakeCounter(const MissingTexts& missing, std::string_view text, const WantedEvidence& wanted) {
  Counter counter{{}, CellReader(missing, text), {}, std::vector<double>(wanted.columns.size())};
  for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
    auto& column = counter.evidence.columns.emplace_back();
    if (!wanted.columns[i]) continue;
    column.emplace(wanted.columns[i]->names, wanted.columns[i]->share);
    counter.fields.push_back(static_cast<std::uint32_t>(i));
  }
  return counter;
}

void Merge(TableEvidence& sum, TableEvidence&& strip) {
  sum.rows += strip.rows;
  sum.times.Merge(std::move(strip.times));
  for (std::size_t i = 0; i < sum.columns.size(); ++i) {
    if (sum.columns[i]) sum.columns[i]->Merge(std::move(*strip.columns[i]));
  }
}

}  // namespace

TableEvidence CollectEvidence(const StripedFile& source, const MissingTexts& missing, const WantedEvidence& wanted,
                              const std::function<void(double done)>& progress) {
  const auto make = [&] { return MakeCounter(missing, source.file().text(), wanted); };
  TableEvidence sum = make().evidence;
  source.ReadStrips(
      make,
      [time = wanted.time](Counter& counter, const std::vector<Field>& row) {
        ++counter.evidence.rows;
        if (time) counter.evidence.times.Add(row[*time], counter.reader);
        counter.reader.ReadNumbers(row, counter.fields, counter.numbers.data());
        for (const std::uint32_t i : counter.fields)
          counter.evidence.columns[i]->Add(row[i], counter.numbers[i], counter.reader);
      },
      [parts = source.strips()](Counter& counter) {
        for (const std::uint32_t i : counter.fields) counter.evidence.columns[i]->EndStrip(parts);
        return std::move(counter.evidence);
      },
      [&sum](TableEvidence&& strip) { Merge(sum, std::move(strip)); }, progress);
  RunEach(sum.columns.size(), source.threads(), [&sum](std::size_t i) {
    if (sum.columns[i]) sum.columns[i]->spread.Finish();
  });
  return sum;
}

}  // namespace baselines
