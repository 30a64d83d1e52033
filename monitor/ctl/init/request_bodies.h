// Bodies of requests of model servers: which features they name, or how many they have by place, and what a
// configuration has to say about that.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "monitor/ctl/init/name_match.h"
#include "monitor/ctl/init/proposal.h"

namespace monitor {

// `message`: a body as RequestBody gives it. Adds to `fields` and `remarks` of the proposal: `rename` where names
// differ in how they are written, `order` where columns come by place and are not as many as the training data has.
void ProposeForBodies(const std::vector<std::string>& bodies, const baselines::Profile& training, Proposal& proposal);

// The feature columns of the training data, in their order.
std::vector<std::string> FeatureColumns(const baselines::Profile& training);

// What a NameMatch has to say beside its `rename`: columns and names that nothing matches, and what is ambiguous.
void RemarkNames(const NameMatch& match, Proposal& proposal);

// "100 of 2,000 messages are something else" where not all messages are of the format.
void RemarkOthers(std::size_t others, std::size_t all, const std::string& what, Proposal& proposal);

// Codes that stand for classes: where values are numbers and the classes are none, 1 is taken for the positive one.
// `role` is `label` or `prediction`, `column` the training data's; nothing where the values are known to training.
void ProposeCodes(const std::set<std::string>& values, const baselines::ProfileColumn& column, const std::string& role,
                  const std::string& positive, std::map<std::string, std::map<std::string, std::string>>& codes,
                  Proposal& proposal);
// The line `values:` of codes by role; none where there are none.
void AddCodes(const std::map<std::string, std::map<std::string, std::string>>& codes, Proposal& proposal);

}  // namespace monitor
