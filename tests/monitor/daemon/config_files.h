// A folder of configuration files that is gone after the test.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "monitor/daemon/config/config.h"
#include "tests/support/temporary.h"

namespace monitor {

class ConfigFolder {
 public:
  ConfigFolder() {
    static std::atomic<int> number{0};
    folder_ = tests::Temporary("config-" + std::to_string(number++));
    std::filesystem::create_directories(folder_);
    Write("b.json", "{}");  // stands for a baseline: ReadConfig looks at its existence only
  }
  ~ConfigFolder() { std::filesystem::remove_all(folder_); }
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;

  const std::filesystem::path& path() const { return folder_; }

  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  Config Read(const std::string& text) const { return ReadConfig(Write("c.yaml", text)); }

  // The message of the ConfigError without the folder, so that it begins "c.yaml:3: …"; empty when the file is
  // accepted.
  std::string Fault(const std::string& text) const {
    try {
      Read(text);
      return "";
    } catch (const ConfigError& fault) {
      std::string message = fault.what();
      for (std::size_t at; (at = message.find(folder_.string() + "/")) != std::string::npos;)
        message.erase(at, folder_.string().size() + 1);
      return message;
    }
  }

 private:
  std::filesystem::path folder_;
};

// The text of config/monitord.yaml.
inline std::string ReferenceConfig() {
  std::ostringstream text;
  text << std::ifstream("config/monitord.yaml", std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace monitor
