#include "monitor/ctl/init/kafka_properties.h"

#include <fstream>

#include "baselines/values/value_text.h"

namespace monitor {

std::map<std::string, std::string> ReadKafkaProperties(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + ": cannot be read");
  std::map<std::string, std::string> properties;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string_view text = baselines::Trim(line);
    if (text.empty() || text.starts_with('#')) continue;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": is no line of name=value");
    properties[std::string(baselines::Trim(text.substr(0, equals)))] = baselines::Trim(text.substr(equals + 1));
  }
  return properties;
}

bool IsSecret(const std::string& property) {
  return property.ends_with("password") || property.ends_with("secret") || property == "ssl.key.pem";
}

}  // namespace monitor
