#include "monitor/daemon/config/yaml_file.h"

#include <yaml-cpp/eventhandler.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "monitor/daemon/config/config.h"

namespace monitor {
namespace {

constexpr std::size_t kLargest = 1 << 20;

std::string ReadText(const std::filesystem::path& file) {
  std::error_code fault;
  if (std::filesystem::is_directory(file, fault)) throw ConfigError(file.string() + ": is a folder; name a file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw ConfigError(file.string() + ": cannot be read: " + std::strerror(errno) +
                      "; check the path and who may read it");
  std::string text(kLargest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLargest)
    throw ConfigError(file.string() + ": is larger than 1 MiB; split the models over files and `include` them");
  return text;
}

// Length of the UTF-8 sequence at the front, 0 when it is none.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF0 && byte(1) < 0x90) ||
      (lead == 0xF4 && byte(1) > 0x8F))
    return 0;
  return length;
}

// yaml-cpp guesses other encodings and lets control characters through; neither belongs into a configuration.
void CheckCharacters(const std::string& text, const std::filesystem::path& file) {
  int line = 1;
  for (std::string_view rest = text; !rest.empty();) {
    const auto c = static_cast<unsigned char>(rest[0]);
    const std::size_t length = SequenceLength(rest);
    const std::string place = file.string() + ":" + std::to_string(line) + ": ";
    if (length == 0) throw ConfigError(place + "is not UTF-8; save the file as UTF-8");
    if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F)
      throw ConfigError(place + "holds a control character; delete it");
    if (c == '\n') ++line;
    rest.remove_prefix(length);
  }
}

// Notes where a document begins and passes over what it holds.
class DocumentStart : public YAML::EventHandler {
 public:
  int line = 0;  // from 1

  void OnDocumentStart(const YAML::Mark& mark) override { line = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// YAML::Load stops in silence where the first document ends, and YAML::LoadAll never returns for some broken files.
void CheckSingleDocument(const std::string& text, const std::filesystem::path& file) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart document;
  if (!parser.HandleNextDocument(document) || !parser.HandleNextDocument(document)) return;
  throw ConfigError(file.string() + ":" + std::to_string(document.line) +
                    ": something follows the end of the YAML document; one file holds one");
}

}  // namespace

YAML::Node LoadYamlFile(const std::filesystem::path& file) {
  const std::string text = ReadText(file);
  CheckCharacters(text, file);
  try {
    CheckSingleDocument(text, file);
    return YAML::Load(text);
  } catch (const YAML::Exception& fault) {
    const std::string line = fault.mark.is_null() ? "" : std::to_string(fault.mark.line + 1) + ":";
    throw ConfigError(file.string() + ":" + line + " no valid YAML: " + fault.msg +
                      "; check indentation, quotes and brackets near this line");
  }
}

}  // namespace monitor
