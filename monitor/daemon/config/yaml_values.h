// Typed reading of configuration values: every function throws ConfigError at the value's place when the text is not
// what it must be. The Read… forms leave `out`, and so its default, alone when the key is absent.
#pragma once

#include <cstdint>
#include <string>

#include "monitor/daemon/config/config.h"
#include "monitor/daemon/config/yaml_reader.h"

namespace monitor {

std::string AsText(const YamlValue& value);  // not empty
Duration AsDuration(const YamlValue& value);
double AsNumber(const YamlValue& value);      // finite
std::string AsUrl(const YamlValue& value);    // http:// or https://, without blanks. May be a secret: never shown
std::string AsTopic(const YamlValue& value);  // a legal Kafka topic name
std::filesystem::path AsPath(
    const YamlValue& value);                         // absolute: relative ones are relative to the file that names them
std::string AsSecretOfFile(const YamlValue& value);  // the content of the file that the value names
std::vector<std::string> AsTexts(const YamlValue& value);  // a list, or one text
std::string AsChoice(const YamlValue& value, Names choices);

// The text under `key`, or in the file under `key`_file; empty when neither is there.
std::string ReadSecret(const YamlMap& map, const std::string& key);
void ReadText(const YamlMap& map, std::string_view key, std::string& out);
void ReadDuration(const YamlMap& map, std::string_view key, Duration& out);
void ReadPositiveDuration(const YamlMap& map, std::string_view key, Duration& out);
void ReadSize(const YamlMap& map, std::string_view key, std::uint64_t& out);
void ReadNumberAbove(const YamlMap& map, std::string_view key, double bound, double& out);  // larger than bound
void ReadInteger(const YamlMap& map, std::string_view key, int least, int most, int& out);
void ReadBool(const YamlMap& map, std::string_view key, bool& out);

}  // namespace monitor
