// A file of librdkafka's properties, as kcat -F takes it: lines of name=value, # begins a comment.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

namespace monitor {

// Throws std::runtime_error with file and line.
std::map<std::string, std::string> ReadKafkaProperties(const std::filesystem::path& file);

// Passwords and private keys: they stand in files of their own, not in a configuration.
bool IsSecret(const std::string& property);

}  // namespace monitor
