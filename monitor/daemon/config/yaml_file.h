// One YAML file as yaml-cpp's nodes, with the checks that keep its parser from harm.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>

namespace monitor {

// The single document of `file`, a null node when there is none. Throws ConfigError "file:line: what is wrong; what to
// do".
YAML::Node LoadYamlFile(const std::filesystem::path& file);

}  // namespace monitor
