#include "monitor/training/json_table.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "monitor/ingest/json/json_fields.h"
#include "monitor/training/csv_writer.h"

namespace monitor {
namespace {

using baselines::FileError;
using baselines::TextFile;
using Type = JsonReader::Type;

constexpr std::size_t kReleaseBytes = std::size_t{8} << 20;
constexpr std::string_view kFeatures = "features";
constexpr std::array<std::string_view, 5> kRequestFields{"id", "timestamp", "prediction", "score", "label"};

bool IsRequestField(std::string_view name) { return std::ranges::find(kRequestFields, name) != kRequestFields.end(); }

class Table {
 public:
  explicit Table(const std::vector<std::string>& ignore) : ignore_(ignore) {}

  // First pass: which columns there are.
  void Learn(const TextFile& file) {
    const auto learn = [this](std::string_view name, const JsonReader::Value&) { ColumnOf(name); };
    EachLine(file, [&](std::string_view line, const char* at) {
      if (!kind_known_) LearnKind(file, line, at);
      ReadLine(file, line, at, learn);
    });
  }

  void WriteHeader(CsvWriter& csv) const {
    for (const std::string* name : names_) csv.Add(*name);
    csv.EndRow();
  }

  void Write(const TextFile& file, CsvWriter& csv) {
    std::vector<std::string_view> cells(names_.size());
    std::vector<std::string> texts(names_.size());
    const auto fill = [&](std::string_view name, const JsonReader::Value& value) {
      const std::size_t column = ColumnOf(name);
      const bool none = value.type == Type::kNull || value.type == Type::kNotFinite;
      cells[column] = none                        ? std::string_view()
                      : value.type == Type::kText ? JsonReader::Text(value, texts[column])
                                                  : value.raw;
    };
    EachLine(file, [&](std::string_view line, const char* at) {
      cells.assign(cells.size(), {});
      expected_ = 0;
      ReadLine(file, line, at, fill);
      for (const std::string_view cell : cells) csv.Add(cell);
      csv.EndRow();
    });
  }

 private:
  template <class Body>
  static void EachLine(const TextFile& file, const Body& body) {
    const char* at = file.text().data();
    const char* const end = at + file.text().size();
    const char* released = at;
    while (at != end) {
      const char* const line_end = std::find(at, end, '\n');
      std::string_view line(at, static_cast<std::size_t>(line_end - at));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") != std::string_view::npos) body(line, at);
      at = line_end == end ? end : line_end + 1;
      if (static_cast<std::size_t>(at - released) < kReleaseBytes) continue;
      file.Release(released, at);
      released = at;
    }
    file.CheckWhole();
  }

  // The first line tells, for all of them.
  void LearnKind(const TextFile& file, std::string_view line, const char* at) {
    const auto look = [this](std::string_view name, const JsonReader::Value& value) {
      captured_ = captured_ || (name == kFeatures && value.type == Type::kObject);
    };
    ReadObject(file, line, at, look,
               [](JsonReader& reader, const JsonReader::Value& value) { reader.SkipRest(value.type); });
    kind_known_ = true;
  }

  template <class Found>
  void ReadLine(const TextFile& file, std::string_view line, const char* at, const Found& found) {
    if (!captured_) {
      ReadObject(
          file, line, at,
          [&](std::string_view name, const JsonReader::Value& value) {
            if (!value.scalar() && !Ignored(name)) FailNested(file, at, name, value);
            found(name, value.scalar() ? value : JsonReader::Value{});
          },
          [](JsonReader& reader, const JsonReader::Value& value) { reader.SkipRest(value.type); });
      return;
    }
    bool features = false, inside = false;
    const auto field = [&](std::string_view name, const JsonReader::Value& value) {
      inside = name == kFeatures && value.type == Type::kObject;
      if (value.scalar() && IsRequestField(name)) found(name, value);
    };
    ReadObject(file, line, at, field, [&](JsonReader& reader, const JsonReader::Value& value) {
      if (!inside) return reader.SkipRest(value.type);
      features = true;
      ReadMembers(
          reader,
          [&](std::string_view name, const JsonReader::Value& feature) {
            if (IsRequestField(name)) FailTaken(file, at, name);
            if (!feature.scalar() && !Ignored(name)) FailNested(file, at, name, feature);
            found(name, feature.scalar() ? feature : JsonReader::Value{});
          },
          [](JsonReader& inner, const JsonReader::Value& nested) { inner.SkipRest(nested.type); });
    });
    if (!features) throw FileError(file.PlaceOf(at) + ": this request has no object `features`, as the first one has");
  }

  // on_value(name, value) for every member; nested(reader, value) reads an object or a list to its end.
  template <class OnValue, class Nested>
  void ReadMembers(JsonReader& reader, const OnValue& on_value, const Nested& nested) {
    JsonReader::Value name;
    bool first = true;
    std::string scratch;
    while (reader.NextMember(name, first)) {
      const std::string_view key = JsonReader::Text(name, scratch);
      const JsonReader::Value value = reader.Read();
      if (!reader.ok()) return;
      on_value(key, value);
      if (!value.scalar()) nested(reader, value);
    }
  }

  template <class OnValue, class Nested>
  void ReadObject(const TextFile& file, std::string_view line, const char* at, const OnValue& on_value,
                  const Nested& nested) {
    const auto fail = [&](const std::string& what) { throw FileError(file.PlaceOf(at) + ": " + what); };
    if (const auto reject = JsonFields::CheckText(line)) fail("this line is no UTF-8 text");
    JsonReader reader(line);
    if (reader.Read().type != Type::kObject) fail("this line is no JSON object; one object a line is expected");
    ReadMembers(reader, on_value, nested);
    if (!reader.ok() || !reader.AtEnd()) fail("this line is no valid JSON; one object a line is expected");
  }

  bool Ignored(std::string_view name) const { return std::ranges::find(ignore_, name) != ignore_.end(); }

  [[noreturn]] static void FailNested(const TextFile& file, const char* at, std::string_view name,
                                      const JsonReader::Value& value) {
    throw FileError(file.PlaceOf(at) + ": `" + std::string(name) + "` is " +
                    (value.type == Type::kObject ? "an object" : "a list") +
                    ", not one value; leave it out with --ignore " + std::string(name) +
                    ", or let `monitorctl baseline learn` read the topic with the fields of your configuration");
  }

  [[noreturn]] static void FailTaken(const TextFile& file, const char* at, std::string_view name) {
    throw FileError(file.PlaceOf(at) + ": the feature `" + std::string(name) +
                    "` has the name of a field of requests; rename it, here and with `rename` in the configuration");
  }

  std::size_t ColumnOf(std::string_view name) {
    if (expected_ < names_.size() && *names_[expected_] == name) return expected_++;
    const auto [column, fresh] = columns_.try_emplace(std::string(name), names_.size());
    if (fresh) names_.push_back(&column->first);
    expected_ = column->second + 1;
    return column->second;
  }

  const std::vector<std::string>& ignore_;
  bool kind_known_ = false, captured_ = false;
  std::unordered_map<std::string, std::size_t> columns_;
  std::vector<const std::string*> names_;
  std::size_t expected_ = 0;  // lines have their keys in a steady order
};

}  // namespace

bool LooksLikeJson(const TextFile& file) {
  const std::size_t first = file.text().find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && file.text()[first] == '{';
}

TextFile CsvOfJson(const std::vector<TextFile>& files, const std::string& name,
                   const std::vector<std::string>& ignore) {
  Table table(ignore);
  for (const TextFile& file : files) table.Learn(file);
  baselines::Spool spool(name);
  CsvWriter csv(spool);
  table.WriteHeader(csv);
  for (const TextFile& file : files) table.Write(file, csv);
  return {std::move(spool), name};
}

}  // namespace monitor
