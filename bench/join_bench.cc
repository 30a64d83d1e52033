// How fast are predictions kept and found again for their labels, in what memory, and how soon after a restart?
// PredictionIndex against SQLite with an index on the id, on the same random ids; both must find the same predictions.
// Arguments: millions of pending predictions (default 1 10).
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <vector>

#include "bench/figure.h"
#include "monitor/labels/prediction_index.h"
#include "monitor/store/sqlite.h"

namespace {

using monitor::Identity;
using monitor::PredictionIndex;

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::size_t kSqliteMost = 1'000'000;
constexpr std::size_t kFlushEvery = 500'000;  // about what a second brings at full speed
constexpr std::size_t kAhead = 8;

class Clock {
 public:
  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

std::vector<Identity> Ids(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<Identity> ids(count);
  for (Identity& id : ids) id = {random(), random()};
  return ids;
}

PredictionIndex::SegmentId SegmentOf(std::size_t i, std::size_t count) {
  return {1, PredictionIndex::Kind::kPredictions, static_cast<std::int64_t>(i * 16 / count) * kHourNs, kHourNs};
}

void Fill(PredictionIndex& index, const std::vector<Identity>& ids, bool durable) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i + kAhead < ids.size()) index.Prefetch(ids[i + kAhead]);
    bool known = false;  // as the join does: a duplicate is told
    index.ForEach(ids[i], [&](PredictionIndex::Ref) { known = true; });
    if (known) std::abort();
    const auto segment = SegmentOf(i, ids.size());
    monitor::IndexEntry entry;
    entry.stream = 1;
    entry.SetScore(static_cast<float>(i % 1000) / 1000);
    index.Insert(segment, ids[i], segment.start_ns, entry);
    if (durable && i % kFlushEvery == kFlushEvery - 1) index.Flush();
  }
  if (durable) index.Flush();
}

double LookUp(const PredictionIndex& index, const std::vector<Identity>& ids, const std::vector<std::uint32_t>& order) {
  const Clock clock;
  std::size_t found = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i + kAhead < order.size()) index.Prefetch(ids[order[i + kAhead]]);
    index.ForEach(ids[order[i]], [&](PredictionIndex::Ref) { ++found; });
  }
  const double seconds = clock.Seconds();
  if (found != ids.size()) std::abort();
  return seconds;
}

void Run(std::size_t count, const std::filesystem::path& folder) {
  const std::vector<Identity> ids = Ids(count);
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<std::uint32_t>(i);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(3));
  const auto rate = [count](double seconds) { return static_cast<double>(count) / seconds / 1e6; };
  std::printf("%zu pending predictions\n", count);
  {
    PredictionIndex index({});
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    const Clock clock;
    Fill(index, ids, false);
    std::printf("  in memory   inserts %6.2f M/s", rate(clock.Seconds()));
    std::printf("  look-ups %6.2f M/s", rate(LookUp(index, ids, order)));
    const std::size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    std::printf("  %.1f bytes each (%.1f as malloc counts)\n",
                static_cast<double>(index.bytes()) / static_cast<double>(count),
                static_cast<double>(after - before) / static_cast<double>(count));
  }
  std::map<std::string, std::uint64_t> committed;
  {
    std::filesystem::remove_all(folder);
    PredictionIndex index(folder);
    const Clock clock;
    Fill(index, ids, true);
    const double durable = rate(clock.Seconds());
    std::printf("  durable     inserts %6.2f M/s (written and synced every %zu)\n", durable, kFlushEvery);
    bench::PrintFigure("join", std::to_string(count) + " pending: durable inserts", durable, "M/s");
    for (const auto& file : std::filesystem::directory_iterator(folder))
      committed[file.path().filename()] = file.file_size();
  }
  {
    const Clock clock;
    PredictionIndex index(folder);
    index.Load(committed, 0);
    std::printf("  recovery    %.2f s\n", clock.Seconds());
    if (index.size() != count) std::abort();
    LookUp(index, ids, order);
  }
  std::filesystem::remove_all(folder);
  if (count > kSqliteMost) return;
  std::filesystem::create_directories(folder);
  monitor::Sqlite db(folder / "join.db", monitor::Sqlite::Mode::kReadWrite);
  db.Run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE prediction(id BLOB PRIMARY KEY, time INTEGER, "
      "score REAL) WITHOUT ROWID");
  const auto blob = [](const Identity& id) { return std::string_view(reinterpret_cast<const char*>(&id), sizeof id); };
  {
    const Clock clock;
    monitor::Statement insert(db, "INSERT INTO prediction VALUES(?,?,?)");
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 10'000 == 0) db.Run(i == 0 ? "BEGIN" : "COMMIT; BEGIN");
      insert.BindBlob(blob(ids[i]))
          .Bind(static_cast<std::int64_t>(i))
          .Bind(static_cast<std::int64_t>(i % 1000))
          .Execute();
    }
    db.Run("COMMIT");
    std::printf("  SQLite      inserts %6.2f M/s (WAL, NORMAL, 10,000 a transaction)", rate(clock.Seconds()));
  }
  const Clock clock;
  monitor::Statement select(db, "SELECT score FROM prediction WHERE id=?");
  std::size_t found = 0;
  for (const std::uint32_t i : order) {
    select.BindBlob(blob(ids[i]));
    found += select.Step() ? 1 : 0;
    select.Reset();
  }
  std::printf("  look-ups %6.2f M/s\n", rate(clock.Seconds()));
  if (found != count) std::abort();
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<double> millions;
  for (int i = 1; i < argc; ++i) millions.push_back(std::atof(argv[i]));
  if (millions.empty()) millions = {1, 10};
  const auto folder = std::filesystem::temp_directory_path() / ("join-bench-" + std::to_string(std::random_device{}()));
  for (const double each : millions) Run(static_cast<std::size_t>(each * 1e6), folder);
}
