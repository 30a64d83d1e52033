// A verb of monitorctl, and the table of all of them.
//
// A verb takes what follows its name on the command line, writes its answer to `out` and what went wrong to `err`, and
// returns the exit code: 0 fine, 1 usage or run error, 2 drift or violation found, 3 not enough data. It answers --help
// with its usage and an example. A new verb is a file with such a function, its declaration, and one line in the table
// in main.cc.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace monitor {

using Arguments = std::vector<std::string>;

struct Verb {
  std::string_view name;     // one or two words
  std::string_view summary;  // one line for the list of verbs
  int (*run)(const Arguments& arguments, std::ostream& out, std::ostream& err);
};

int BaselineBuildVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineShowVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineDiffVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int DriftVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace monitor
