// The command line of one verb: options by name, the rest in order.
//
// `--name value` and `--name=value` are the same; `-o` stands for `--output`; a lone `-` is no option; after `--`
// nothing is. Throws OptionError for an unknown option (with the nearest known one) and a missing value.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "monitor/ctl/verb.h"

namespace monitor {

class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct VerbOptions {
  std::set<std::string> flags;
  std::map<std::string, std::string> values;
  std::vector<std::string> positional;

  bool Has(const std::string& flag) const { return flags.contains(flag); }
  std::optional<std::string> Value(const std::string& name) const;
  std::vector<std::string> List(const std::string& name) const;  // parts between commas; empty when not given
  std::uint64_t Count(const std::string& name, std::uint64_t fallback) const;  // a whole number above zero
};

// What a verb is made of; RunLocalVerb does help, options and errors, the body the work.
struct LocalVerb {
  std::string name;
  std::string help;                     // usage, options, an example
  std::set<std::string> flags, values;  // without dashes; --help is known everywhere
  std::size_t least = 0, most = 0;      // of positional arguments
};
int RunLocalVerb(const LocalVerb& verb, const Arguments& arguments, std::ostream& out, std::ostream& err,
                 const std::function<int(const VerbOptions&)>& body);

}  // namespace monitor
