// CsvOfJson: JSON lines → the CSV of the same rows.
//
// Two kinds of lines. Flat rows, `{"age":41,"plan":"basic","label":"left"}`: each key is a column. Captured requests in
// the daemon's own format, told by an object `features`: its keys are columns, and so are id, timestamp, prediction,
// score and label. Columns come in the order in which they first occur; a key that a line lacks is missing, as are
// `null` and NaN. Numbers keep their digits, of equal keys the last wins. Two passes; the CSV goes to a temporary file.
// Throws FileError with file and line: no JSON object, an object or a list as a value. Cost: about 4 ns per byte.
#pragma once

#include <string>
#include <vector>

#include "baselines/csv/text_file.h"

namespace monitor {

// Whether the text begins as JSON does.
bool LooksLikeJson(const baselines::TextFile& file);

// `name` stands for the whole in messages; values of keys in `ignore` may be anything.
baselines::TextFile CsvOfJson(const std::vector<baselines::TextFile>& files, const std::string& name,
                              const std::vector<std::string>& ignore);

}  // namespace monitor
