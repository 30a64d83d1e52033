// Where in somebody's JSON the features stand: an object by name, a list in an order, name/value pairs, nested objects,
// several objects, and each of these once for every row of a message.
//
// Every object and list of the documents is tried against the columns of the training data; what matches most columns
// wins, then what needs fewest renames, then the simplest shape, then what stands highest. Pure. Cost: about 1 ms per
// thousand values.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "baselines/profile.h"
#include "monitor/ctl/init/name_match.h"

namespace monitor {

struct FeaturePlace {
  enum class Shape { kObject, kPairs, kOrder, kFlatten };  // the simplest first
  Shape shape = Shape::kObject;
  std::string rows;                // path of the list of rows; empty: one message is one row
  bool columns = false;            // `rows` is an object with a list for each column
  std::string path;                // from the message or the row on: `$`, `payload.x`, `$row`, `$row.x`
  std::vector<std::string> more;   // kObject: further paths of objects, merged
  std::vector<std::string> order;  // kOrder: empty: that of the training file
  std::string name, value;         // kPairs
  NameMatch match;
  std::vector<std::string> doubtful;  // kOrder: columns whose values do not look like what stands in their place

  std::size_t matched() const { return match.matched(); }
};

struct FeatureSearch {
  std::vector<FeaturePlace> places;  // the best first; empty: nothing matches
  std::vector<std::string> lists;    // lists of numbers and texts of another length: "x (12 values)"
};

FeatureSearch FindFeatures(const std::vector<nlohmann::json>& documents, const baselines::Profile& training);

}  // namespace monitor
