// ${env:NAME} and ${file:path} in the text of a configuration. A literal `${` is written `$${`.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace monitor {

// What cannot be filled in; the message holds no value, only what was asked for.
class InterpolationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Fills in every ${…} of `text`. Files are relative to `folder`; the line ends at their end are cut. What is filled in
// is not looked at again.
std::string Interpolate(const std::string& text, const std::filesystem::path& folder);

// The text of a secret's file without the line ends at its end. Throws InterpolationError when it cannot be read, is
// empty or larger than 64 KiB.
std::string ReadSecretFile(const std::filesystem::path& file);

}  // namespace monitor
