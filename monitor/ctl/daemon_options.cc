#include "monitor/ctl/daemon_options.h"

#include <cstdlib>
#include <fstream>
#include <utility>

namespace monitor {

namespace {

std::string ReadToken(const std::string& file) {
  std::ifstream in(file);
  std::string token;
  if (!std::getline(in, token)) throw DaemonError("--token-file " + file + ": cannot be read, or is empty");
  while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
  return token;
}

std::string ListOf(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "--" : ", --") + name;
  return list;
}

}  // namespace

DaemonOptions ParseDaemonOptions(const std::vector<std::string>& arguments, const std::set<std::string>& own) {
  std::set<std::string> with_value = own;
  with_value.insert({"url", "config", "token-file"});
  DaemonOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (argument == "--json") {
      options.json = true;
    } else if (argument.size() > 2 && argument.rfind("--", 0) == 0) {
      const std::size_t equals = argument.find('=');
      const std::string name = argument.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
      if (with_value.count(name) == 0) {
        with_value.insert({"json", "help"});
        throw UsageError("unknown option --" + name + "; known: " + ListOf(with_value));
      }
      if (equals == std::string::npos && i + 1 == arguments.size()) throw UsageError("--" + name + " needs a value");
      std::string value = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
      if (value.empty()) throw UsageError("--" + name + " needs a value");
      if (name == "url") {
        options.url = std::move(value);
      } else if (name == "config") {
        options.config_file = std::move(value);
      } else if (name == "token-file") {
        options.token_file = std::move(value);
      } else {
        options.values[name] = std::move(value);
      }
    } else {
      options.positional.push_back(argument);
    }
  }
  return options;
}

Daemon FindDaemon(const DaemonOptions& options) {
  std::optional<Config> config;
  if (!options.config_file.empty()) config = ReadConfig(options.config_file);
  std::string url = options.url;
  if (url.empty()) url = config ? DaemonUrl(*config) : kDefaultDaemonUrl;
  std::string token;
  if (!options.token_file.empty()) {
    token = ReadToken(options.token_file);
  } else if (const char* given = std::getenv("MONITORD_TOKEN"); given != nullptr) {
    token = given;
  } else if (config && options.url.empty()) {
    // The configuration's token is for its own daemon, not for any address that is named beside it.
    token = config->api_token;
  }
  return {DaemonClient(std::move(url), std::move(token)), std::move(config)};
}

}  // namespace monitor
