#include "monitor/ctl/verb_options.h"

#include <charconv>
#include <ostream>

#include "monitor/daemon/config/nearest.h"

namespace monitor {
namespace {

[[noreturn]] void ThrowUnknown(const LocalVerb& verb, const std::string& name) {
  std::vector<std::string> dashed{"--help"};
  for (const auto* known : {&verb.flags, &verb.values}) {
    for (const std::string& option : *known) dashed.push_back("--" + option);
  }
  const std::vector<std::string_view> views(dashed.begin(), dashed.end());
  throw OptionError("there is no option " + name + "; " + Suggestion(name, views));
}

VerbOptions Parse(const LocalVerb& verb, const Arguments& arguments) {
  VerbOptions options;
  bool only_positional = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    if (only_positional || argument == "-" || !argument.starts_with('-')) {
      options.positional.push_back(argument);
      continue;
    }
    if (argument == "--") {
      only_positional = true;
      continue;
    }
    if (argument == "-h") argument = "--help";
    if (argument == "-o") argument = "--output";
    const std::size_t equals = argument.find('=');
    const std::string dashed = argument.substr(0, equals);
    const std::string name = dashed.starts_with("--") ? dashed.substr(2) : "";
    if (verb.flags.contains(name) || name == "help") {
      if (equals != std::string::npos) throw OptionError(dashed + " takes no value");
      options.flags.insert(name);
    } else if (verb.values.contains(name)) {
      if (equals == std::string::npos && i + 1 == arguments.size()) throw OptionError(dashed + " needs a value");
      options.values[name] = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
    } else {
      ThrowUnknown(verb, dashed);
    }
  }
  return options;
}

}  // namespace

std::optional<std::string> VerbOptions::Value(const std::string& name) const {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> VerbOptions::List(const std::string& name) const {
  std::vector<std::string> parts;
  const auto found = values.find(name);
  if (found == values.end()) return parts;
  for (std::size_t from = 0;;) {
    const std::size_t comma = found->second.find(',', from);
    parts.push_back(found->second.substr(from, comma - from));
    if (comma == std::string::npos) return parts;
    from = comma + 1;
  }
}

std::uint64_t VerbOptions::Count(const std::string& name, std::uint64_t fallback) const {
  const auto text = Value(name);
  if (!text) return fallback;
  std::uint64_t count = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (fault != std::errc() || end != text->data() + text->size() || count == 0)
    throw OptionError("--" + name + " is a whole number above zero, not " + *text);
  return count;
}

int RunLocalVerb(const LocalVerb& verb, const Arguments& arguments, std::ostream& out, std::ostream& err,
                 const std::function<int(const VerbOptions&)>& body) {
  try {
    const VerbOptions options = Parse(verb, arguments);
    if (options.Has("help")) {
      out << verb.help;
      return 0;
    }
    if (options.positional.size() < verb.least) throw OptionError("a file is missing on the command line");
    if (options.positional.size() > verb.most)
      throw OptionError("one argument too many: " + options.positional[verb.most]);
    return body(options);
  } catch (const OptionError& error) {
    err << "monitorctl " << verb.name << ": " << error.what() << "\nsee: monitorctl " << verb.name << " --help\n";
  } catch (const std::exception& error) {
    err << "monitorctl " << verb.name << ": " << error.what() << "\n";
  }
  return 1;
}

}  // namespace monitor
