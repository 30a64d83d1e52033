// CohortBook: the cohorts of one model whose labels may still come, by step and stream.
//
// A stream is a version, variant and segment. Segments are bounded: what comes after the first 63 is "(other)". Owned
// by the judge; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/labels/code_book.h"
#include "monitor/labels/cohort.h"
#include "monitor/store/state_store.h"

namespace monitor {

struct Stream {
  std::string version, variant, segment;
  auto operator<=>(const Stream&) const = default;
};

class CohortBook {
 public:
  using Key = std::pair<std::int64_t, std::uint16_t>;  // start of the step, stream

  // Cohorts that are not in memory are looked for in the store.
  explicit CohortBook(StateStore& store) : store_(store), segments_(64) {}
  void SetPlan(std::shared_ptr<const ModelPlan> plan);

  // Numbers of names, the same for the life of the state.
  std::uint16_t StreamOf(const std::string& version, const std::string& variant, const std::string& segment);
  const Stream& stream(std::uint16_t code) const { return streams_[code]; }
  // Whether two streams differ in their segments at most.
  bool SameSource(std::uint16_t one, std::uint16_t other) const {
    return streams_[one].version == streams_[other].version && streams_[one].variant == streams_[other].variant;
  }
  std::uint16_t ClassOf(std::string_view name) { return classes_.Code(name); }
  const CodeBook& classes() const { return classes_; }

  // Score bin of a score (NaN: none) of this stream at this time.
  std::uint16_t BinOf(std::int64_t time_ns, std::uint16_t stream, double score) const;
  // The cohort of a prediction, made if need be; it is written at the next Save.
  Cohort& At(std::int64_t time_ns, std::uint16_t stream);
  void SampleAllAt(unsigned level);
  // Cohorts that end at or before leave memory after the next Save; they stay in the store.
  void Retire(std::int64_t before_ns);

  const std::map<Key, Cohort>& cohorts() const { return cohorts_; }

  void Save();                      // into the open transaction
  void Load(std::int64_t from_ns);  // those that end at or after
  void EncodeNames(detectors::Encoder& out) const;
  void DecodeNames(detectors::Decoder& in);

 private:
  StateStore& store_;
  std::shared_ptr<const ModelPlan> plan_;
  std::vector<Stream> streams_;
  std::map<Stream, std::uint16_t> codes_;
  CodeBook classes_, segments_;
  std::map<Key, Cohort> cohorts_;
  std::set<Key> changed_;
  std::int64_t retire_before_ns_ = INT64_MIN;
};

}  // namespace monitor
