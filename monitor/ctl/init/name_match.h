// Which names of the traffic are which columns of the training data, where they differ only in how they are written.
//
// In this order: the same name; the same letters and digits (case, `_`, `-`, `.` and blanks do not count); one side has
// a prefix in front of all names (`feat_age`, `num__age`); of dotted names the last part. A name that could be two
// columns, or two names that could be the same one, are left alone and told. Pure. Cost: quadratic in what is left
// after the first two rules.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace monitor {

struct NameMatch {
  std::map<std::string, std::string> rename;  // name in the traffic → column, where they differ
  std::vector<std::string> same;              // names that are equal
  std::vector<std::string> columns_left;      // columns that nothing matches
  std::vector<std::string> names_left;        // names that match nothing
  std::vector<std::string> ambiguous;         // "age and Age could both be Age_"
  std::size_t matched() const { return same.size() + rename.size(); }
};

NameMatch MatchNames(const std::vector<std::string>& names, const std::vector<std::string>& columns);

// Lower-case letters and digits alone.
std::string LooseName(std::string_view name);

}  // namespace monitor
