// What the names of topics tell. Pure functions.
#pragma once

#include <string>
#include <vector>

namespace monitor {

// The last part of a topic's name that is not what every topic is called (requests, inputs, model …): "churn" of
// churn.requests; `otherwise` where there is none.
std::string ModelOfTopic(const std::string& topic, const std::string& otherwise);

// The one of `topics` that would have the responses: the name with the other word in it (inputs, outputs). Empty: none.
std::string ResponsesBeside(const std::string& topic, const std::vector<std::string>& topics);

}  // namespace monitor
