#include "monitor/ctl/run_daemon_verb.h"

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <utility>

namespace monitor {

namespace {

constexpr const char* kCommonHelp =
    "\n"
    "  --url U          address of the daemon (default http://127.0.0.1:9464)\n"
    "  --config C       take address and token from its configuration\n"
    "  --token-file F   file with the API token (or MONITORD_TOKEN), for a daemon that wants one\n"
    "  --json           print the API's answer instead\n";

std::string ReadToken(const std::string& file) {
  std::ifstream in(file);
  std::string token;
  if (!std::getline(in, token)) throw DaemonError("--token-file " + file + ": cannot be read, or is empty");
  while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
  return token;
}

Daemon FindDaemon(const VerbOptions& options) {
  std::optional<Config> config;
  if (const auto file = options.Value("config")) config = ReadConfig(*file);
  const auto given_url = options.Value("url");
  std::string token;
  if (const auto file = options.Value("token-file")) {
    token = ReadToken(*file);
  } else if (const char* given = std::getenv("MONITORD_TOKEN"); given != nullptr) {
    token = given;
  } else if (config && !given_url) {
    // The configuration's token is for its own daemon, not for any address that is named beside it.
    token = config->api_token;
  }
  std::string url = given_url ? *given_url : config ? DaemonUrl(*config) : kDefaultDaemonUrl;
  return {DaemonClient(std::move(url), std::move(token)), std::move(config)};
}

}  // namespace

int RunDaemonVerb(const DaemonVerb& verb, const Arguments& arguments, std::ostream& out, std::ostream& err,
                  const std::function<std::string(const Daemon&, const VerbOptions&)>& body) {
  LocalVerb local{
      verb.name, verb.help + kCommonHelp, {"json"}, verb.values, 0, (verb.argument.empty() ? 0U : 1U) + verb.optional};
  local.flags.insert(verb.flags.begin(), verb.flags.end());
  local.values.insert({"url", "config", "token-file"});
  return RunLocalVerb(local, arguments, out, err, [&](const VerbOptions& options) {
    if (!verb.argument.empty() && options.positional.empty()) throw OptionError(verb.argument + " is missing");
    out << body(FindDaemon(options), options);
    return 0;
  });
}

std::map<std::string, std::string> QueryOf(const DaemonVerb& verb, const VerbOptions& options, const char* limit) {
  std::map<std::string, std::string> query{{"limit", limit}};
  for (const std::string& name : verb.values) {
    if (const auto value = options.Value(name)) query[name] = *value;
  }
  return query;
}

std::string PrettyJson(const nlohmann::json& answer) {
  return answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace monitor
