// JoinCsv: several CSV files with the same columns in the same order → one text, the header once.
//
// Faults in it are still told by the file and line that they are of. Cost: one copy of the text in a temporary file.
// Throws FileError: a header differs, a file cannot be read.
#pragma once

#include <string>
#include <vector>

#include "baselines/csv/text_file.h"

namespace baselines {

// At least one file. `name` stands for the whole in messages.
TextFile JoinCsv(const std::vector<TextFile>& files, const std::string& name);

}  // namespace baselines
