#include "monitor/daemon/config/interpolation.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace monitor {
namespace {

std::string Environment(const std::string& name) {
  const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
  if (value == nullptr)
    throw InterpolationError("the environment variable `" + name + "` is not set; set it where monitord is started");
  return value;
}

// `inside` stands between ${ and }.
std::string Resolve(const std::string& inside, const std::filesystem::path& folder) {
  const auto colon = inside.find(':');
  const std::string kind = inside.substr(0, colon);
  if (colon != std::string::npos && kind == "env") return Environment(inside.substr(colon + 1));
  if (colon != std::string::npos && kind == "file") return ReadSecretFile(folder / inside.substr(colon + 1));
  throw InterpolationError("`${" + inside + "}` is unknown; write ${env:NAME} or ${file:path}, and $${ for a plain ${");
}

}  // namespace

std::string Interpolate(const std::string& text, const std::filesystem::path& folder) {
  std::string result;
  std::size_t at = 0;
  while (true) {
    const auto open = text.find("${", at);
    if (open == std::string::npos) return result += text.substr(at);
    if (open > at && text[open - 1] == '$') {  // $${ is a plain ${
      result += text.substr(at, open - at) + "{";
      at = open + 2;
      continue;
    }
    const auto close = text.find('}', open);
    if (close == std::string::npos) throw InterpolationError("`${` without `}`; close it, or write $${ for a plain ${");
    result += text.substr(at, open - at) + Resolve(text.substr(open + 2, close - open - 2), folder);
    at = close + 1;
  }
}

std::string ReadSecretFile(const std::filesystem::path& file) {
  constexpr std::size_t kLargest = 64 << 10;
  std::error_code fault;
  if (std::filesystem::is_directory(file, fault)) throw InterpolationError(file.string() + " is a folder; name a file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InterpolationError("cannot read " + file.string() + ": " + std::strerror(errno));
  std::string text(kLargest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLargest) throw InterpolationError(file.string() + " is larger than 64 KiB; that is no secret");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) throw InterpolationError(file.string() + " is empty; put the text into it");
  return text;
}

}  // namespace monitor
