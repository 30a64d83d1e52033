// Tensors of the Open Inference Protocol V2, as JSON and as protobuf's JSON → one node a row.
//
// One tensor gives rows by place (by name where each row has one value and it is one of several tensors); several give
// rows by their names, `name.i` where a row has more than one value. Raw contents are little-endian, BYTES as a length
// of four bytes and the bytes. What cannot be read is null.
#pragma once

#include <vector>

#include "monitor/ingest/mapping/json_tree.h"

namespace monitor {

// `tensors`: the list under `inputs` or `outputs`; `raw`: the list of raw contents, or JsonTree::kNone.
std::vector<JsonTree::Index> TensorRows(JsonTree& tree, JsonTree::Index tensors, JsonTree::Index raw);
bool IsTensorList(const JsonTree& tree, JsonTree::Index list);

}  // namespace monitor
