// Which values of somebody's records are the id, the time, the prediction … : by what they are called, and by whether
// their values can be that.
//
// A role's names are tried in a fixed order, those of the training file's columns first; a value that is called right
// and cannot be it (an id that repeats, a score above 1) is passed over. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/ctl/init/feature_place.h"
#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/init/time_guess.h"

namespace monitor {

// One place of scalars (or, for probabilities, of a list or object) over all documents.
struct Leaf {
  std::string path;  // as a configuration writes it
  std::string name;  // the last step
  std::string parent;
  TimedValues values;
};

// Documents with the messages that they are from, and `decode:`d texts in place.
struct Documents {
  std::vector<nlohmann::json> all;
  std::vector<const SampledMessage*> messages;  // one for each
};

// Every leaf of the messages; with rows also those of rows (`$row.x`) and of lists beside them (`scores[$row]`).
std::vector<Leaf> LeavesOf(const Documents& documents, const FeaturePlace* features);

struct FieldChoice {
  const Leaf* leaf = nullptr;       // nullptr: none
  std::vector<const Leaf*> others;  // that could be it as well
  const Leaf* refused = nullptr;    // the best by its name, which cannot be it
};

// `role`: id, timestamp, prediction, score, probabilities, model, version, variant, segment, label. `known`: names that
// the training file has for it. `ids`: ids that the other topic has; of several candidates the one that shares most.
FieldChoice ChooseField(const std::vector<Leaf>& leaves, const std::string& role, const std::vector<std::string>& known,
                        const std::set<std::string>& ids = {});

// Numbers between 0 and 1 that are not all whole: no class, but a probability.
bool LooksLikeShares(const Leaf& leaf);

// What a path that looks at no row leads to; nullptr: it is not there.
const nlohmann::json* NodeAt(const nlohmann::json& document, const std::string& path);

// A scalar as ids and classes are compared.
std::string ScalarText(const nlohmann::json& value);

}  // namespace monitor
