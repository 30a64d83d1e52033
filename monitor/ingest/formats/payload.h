// Payload: the body of a request or a response of a model server → one node a row.
//
// Known by their shape, not by a content type, which logs often have wrong: CSV; JSON lines; KServe and TensorFlow V1
// (`instances`, `predictions`, columnar `inputs`); the Open Inference Protocol V2 (`inputs`, `outputs`: tensors with
// `data`, with typed `contents` as protobuf writes them in JSON, or with `rawInputContents`); Seldon (`data.ndarray`,
// `data.tensor`, `jsonData`, `strData`); an object of columns of equal length; one object; one list. A row is an object
// by name or a list by place; of responses also a value alone. Pure functions over a tree that they add nodes to.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "monitor/ingest/mapping/json_tree.h"

namespace monitor {

enum class PayloadSide { kRequest, kResponse };

// nullopt: it can be read in none of these ways. `text` must live as long as the tree's nodes.
std::optional<std::vector<JsonTree::Index>> PayloadRows(JsonTree& tree, std::string_view text, PayloadSide side);
// The same of a body that the tree already has.
std::vector<JsonTree::Index> PayloadRows(JsonTree& tree, JsonTree::Index body, PayloadSide side);

}  // namespace monitor
