// monitorctl labels push F: gives a file of labels to the daemon, as a nightly job of a warehouse would.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "baselines/csv/record_scanner.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"

namespace monitor {
namespace {

constexpr std::size_t kBatchBytes = 2u << 20;

std::string LinesOfFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw DaemonError(file + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The rows of a CSV file as labels in JSON lines; every column becomes a field, so `labels.fields` holds for them too.
std::string LinesOfCsv(const std::string& file) {
  const baselines::TextFile csv{std::filesystem::path(file)};
  const baselines::CsvHeader header = baselines::ReadHeader(csv);
  baselines::RecordScanner scanner(csv, header, header.records, csv.text().data() + csv.text().size());
  std::string lines;
  while (scanner.Next()) {
    nlohmann::json label = nlohmann::json::object();
    for (std::size_t i = 0; i < header.names.size(); ++i)
      label[header.names[i]] = baselines::FieldText(scanner.fields()[i]);
    lines += label.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return lines;
}

// Where the next batch ends: behind a line.
std::size_t BatchEnd(const std::string& lines, std::size_t from) {
  const std::size_t wanted = from + kBatchBytes;
  if (wanted >= lines.size()) return lines.size();
  const std::size_t before = lines.rfind('\n', wanted);
  const std::size_t end = before == std::string::npos || before < from ? lines.find('\n', wanted) : before;
  return end == std::string::npos ? lines.size() : end + 1;
}

}  // namespace

int LabelsPushVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "labels push",
      "usage: monitorctl labels push FILE --model M\n"
      "Gives the labels of a CSV file (columns id, label, timestamp; others are ignored) or of JSON lines (as on a\n"
      "label topic) to the daemon, which joins them like labels from Kafka and answers when they are durable. Pushing "
      "a file\n"
      "again is harmless: its labels count as said before, or match none where the prediction is no longer kept.\n"
      "Needs the API token.\n"
      "\n"
      "example: monitorctl labels push yesterday.csv --model flights --token-file /etc/monitord/api-token\n",
      "FILE",
      {"model"}};
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const auto model = options.Value("model");
    if (!model) throw OptionError("--model is missing");
    const std::string& file = options.positional[0];
    const std::string lines = file.ends_with(".csv") ? LinesOfCsv(file) : LinesOfFile(file);
    nlohmann::json sum = nlohmann::json::object();
    for (std::size_t from = 0; from < lines.size();) {
      const std::size_t to = BatchEnd(lines, from);
      const nlohmann::json answer =
          daemon.client.PostLines("/api/v1/models/" + EscapeUrl(*model) + "/labels", lines.substr(from, to - from));
      for (const auto& [name, count] : answer.items())
        sum[name] = sum.value(name, std::uint64_t{0}) + count.get<std::uint64_t>();
      from = to;
    }
    if (options.Has("json")) return PrettyJson(sum);
    return CountOf(sum, "received") + " labels: " + CountOf(sum, "joined") + " joined, " + CountOf(sum, "corrected") +
           " corrected, " + CountOf(sum, "duplicate") + " said before, " + CountOf(sum, "waiting") +
           " wait for their prediction, " + CountOf(sum, "unmatched") + " match none, " + CountOf(sum, "late") +
           " late, " + CountOf(sum, "unsampled") + " of ids that are not sampled, " + CountOf(sum, "skipped") +
           " skipped, " + CountOf(sum, "rejected") + " rejected\n";
  });
}

}  // namespace monitor
