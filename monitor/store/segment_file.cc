#include "monitor/store/segment_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "monitor/store/sqlite.h"

namespace monitor {
namespace {

[[noreturn]] void Fail(const std::filesystem::path& file, const char* what) {
  throw StoreError(file.string() + ": cannot " + what + ": " + std::strerror(errno));
}

}  // namespace

SegmentFile::SegmentFile(std::filesystem::path path)
    : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)) {
  if (fd_ < 0) Fail(path_, "open");
}

SegmentFile::~SegmentFile() { ::close(fd_); }

void SegmentFile::Cut(std::uint64_t length) const {
  if (::ftruncate(fd_, static_cast<off_t>(length)) != 0) Fail(path_, "cut");
}

void SegmentFile::Write(const char* data, std::size_t size, std::uint64_t at) const {
  while (size > 0) {
    const ssize_t written = ::pwrite(fd_, data, size, static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) Fail(path_, "write");
    data += written;
    size -= static_cast<std::size_t>(written);
    at += static_cast<std::uint64_t>(written);
  }
}

void SegmentFile::Read(char* data, std::size_t size, std::uint64_t at) const {
  while (size > 0) {
    const ssize_t got = ::pread(fd_, data, size, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = ENODATA;
    if (got <= 0) Fail(path_, "read the committed part of");
    data += got;
    size -= static_cast<std::size_t>(got);
    at += static_cast<std::uint64_t>(got);
  }
}

void SegmentFile::Sync() const {
  if (::fdatasync(fd_) != 0) Fail(path_, "sync");
}

}  // namespace monitor
