#include "baselines/csv/spool.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "baselines/csv/file_error.h"

namespace baselines {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;

[[noreturn]] void Fail(const std::string& name) {
  const std::string why = std::strerror(errno);
  throw FileError("cannot keep " + name + " in " + std::filesystem::temp_directory_path().string() +
                  " (TMPDIR names another folder): " + why);
}

FileDescriptor Open(const std::string& name) {
  std::string pattern = std::filesystem::temp_directory_path() / "monitorctl-XXXXXX";
  FileDescriptor file(::mkostemp(pattern.data(), O_CLOEXEC));
  if (file.get() < 0) Fail(name);
  ::unlink(pattern.c_str());
  return file;
}

}  // namespace

Spool::Spool(std::string name) : name_(std::move(name)), file_(Open(name_)) { buffer_.reserve(kBuffer); }

void Spool::Write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBuffer) Flush();
}

void Spool::Flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t written = ::write(file_.get(), buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno != EINTR) Fail(name_);
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  buffer_.clear();
}

FileDescriptor Spool::Take() {
  Flush();
  return std::move(file_);
}

}  // namespace baselines
