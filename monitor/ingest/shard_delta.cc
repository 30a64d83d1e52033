#include "monitor/ingest/shard_delta.h"

#include <algorithm>

#include "detectors/hash.h"

namespace monitor {
namespace {

constexpr std::uint8_t kPaneVersion = 2;  // 1 had neither displaced records nor duplicates

}  // namespace

std::uint64_t IdentityScope(std::string_view model) { return detectors::Hash64(model, 1); }

Identity IdentityOf(std::uint64_t scope, std::string_view id) {
  return {detectors::Hash64(id, scope), detectors::Hash64(id, scope ^ 0x9E3779B97F4A7C15u)};
}

PaneSummary PaneSummary::Empty(std::shared_ptr<const Frame> frame) {
  PaneSummary pane;
  pane.columns.reserve(frame->columns());
  for (std::size_t i = 0; i < frame->columns(); ++i) pane.columns.emplace_back(frame->column(i).summary.shared_shape());
  pane.frame = std::move(frame);
  return pane;
}

void PaneSummary::Merge(const PaneSummary& other) {
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].Merge(other.columns[i]);
  records += other.records;
  extra += other.extra;
  last_event_ns = std::max(last_event_ns, other.last_event_ns);
  late += other.late;
  late_seconds = std::max(late_seconds, other.late_seconds);
  future += other.future;
  duplicates += other.duplicates;
}

std::string PaneSummary::Encode() const {
  detectors::Encoder out;
  out.Byte(kPaneVersion);
  out.Varint(records);
  out.Varint(extra);
  out.Signed(last_event_ns);
  for (const std::uint64_t count : {late, late_seconds, future, duplicates}) out.Varint(count);
  out.Varint(columns.size());
  for (const detectors::FeatureSummary& column : columns) column.Encode(out);
  return out.Take();
}

PaneSummary PaneSummary::Decode(std::string_view bytes, std::shared_ptr<const Frame> frame) {
  detectors::Decoder in(bytes);
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kPaneVersion)
    throw detectors::DecodeError("pane summary: version " + std::to_string(version) + " is not known");
  PaneSummary pane;
  pane.records = in.Varint();
  pane.extra = in.Varint();
  pane.last_event_ns = in.Signed();
  if (version >= 2) {
    for (std::uint64_t* count : {&pane.late, &pane.late_seconds, &pane.future, &pane.duplicates}) *count = in.Varint();
  }
  if (in.Varint() != frame->columns())
    throw detectors::DecodeError("pane summary: its number of columns is not the baseline's");
  for (std::size_t i = 0; i < frame->columns(); ++i) {
    pane.columns.push_back(detectors::FeatureSummary::Decode(in, frame->column(i).summary.shared_shape()));
  }
  pane.frame = std::move(frame);
  return pane;
}

}  // namespace monitor
