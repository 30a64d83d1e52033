#include "monitor/ingest/pane_summary.h"

#include <algorithm>

namespace monitor {
namespace {

constexpr std::uint8_t kPaneVersion = 2;  // 1 had no second moments, displaced records and duplicates

}  // namespace

PaneSummary PaneSummary::Empty(std::shared_ptr<const Frame> frame) {
  PaneSummary pane;
  pane.frame = std::move(frame);
  pane.MakeColumns();
  return pane;
}

void PaneSummary::MakeColumns() {
  if (!columns.empty()) return;
  columns.reserve(frame->columns());
  for (std::size_t i = 0; i < frame->columns(); ++i) columns.emplace_back(frame->column(i).summary.shared_shape());
  if (const auto& reference = frame->profile().joint) joint.emplace(reference->features.size());
}

void PaneSummary::Merge(const PaneSummary& other) {
  if (!other.columns.empty()) MakeColumns();
  for (std::size_t i = 0; i < other.columns.size(); ++i) columns[i].Merge(other.columns[i]);
  records += other.records;
  extra += other.extra;
  if (joint && other.joint) joint->Merge(*other.joint);
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
  out.Byte(joint ? 1 : 0);
  if (joint) joint->Encode(out);
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
  // What was counted before there were second moments goes on with none of them.
  if (const auto& joint = frame->profile().joint) pane.joint.emplace(joint->features.size());
  if (version > 1 && in.Byte() != 0) {
    detectors::SecondMoments joint = detectors::SecondMoments::Decode(in);
    if (!pane.joint || joint.features() != pane.joint->features())
      throw detectors::DecodeError("pane summary: its joint features are not the baseline's");
    pane.joint = std::move(joint);
  }
  pane.frame = std::move(frame);
  return pane;
}

}  // namespace monitor
