// OpenTrainingFiles: the files that a person names → one CSV text.
//
// CSV or JSON lines (json_table.h), plain, gzip or zstd, told by their first bytes; "-" is standard input; several
// files and patterns (`train-*.csv`) are read in the order given, those of a pattern by name. One plain CSV file is
// mapped as it is. Throws baselines::FileError: nothing matches, formats or columns differ, what TextFile throws.
#pragma once

#include <string>
#include <vector>

#include "baselines/csv/text_file.h"

namespace monitor {

struct TrainingFiles {
  baselines::TextFile csv;
  std::string source;  // what the rows are of, for people: "train.csv", "a.csv and 2 more files"
};

// `ignore`: names of columns that are not wanted, so that their values may be anything in JSON.
TrainingFiles OpenTrainingFiles(const std::vector<std::string>& names, const std::vector<std::string>& ignore);

}  // namespace monitor
