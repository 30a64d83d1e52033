#include "monitor/judge/evidence/evidence_path.h"

#include "alerts/messages/time_text.h"

namespace monitor {

void EvidencePath::Add(const Point& point) {
  if (points_.size() == kMost) points_.erase(points_.begin());
  points_.push_back(point);
}

nlohmann::json EvidencePath::Json() const {
  nlohmann::json path = nlohmann::json::array();
  for (const Point& point : points_) {
    path.push_back(
        {{"start", alerts::FormatTime(point.start_ns)}, {"records", point.records}, {"evidence", point.evidence}});
  }
  return path;
}

void EvidencePath::Encode(detectors::Encoder& out) const {
  out.Varint(points_.size());
  std::int64_t before = 0;
  for (const Point& point : points_) {
    out.Signed(point.start_ns - before);
    out.Varint(point.records);
    out.Double(point.evidence);
    before = point.start_ns;
  }
}

EvidencePath EvidencePath::Decode(detectors::Decoder& in) {
  EvidencePath path;
  std::int64_t before = 0;
  for (std::size_t left = in.Count(kMost); left > 0; --left) {
    Point point{};
    point.start_ns = before =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(before) + static_cast<std::uint64_t>(in.Signed()));
    point.records = in.Varint();
    point.evidence = in.Double();
    path.points_.push_back(point);
  }
  return path;
}

}  // namespace monitor
