#include "baselines/csv_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace baselines {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

CsvError SystemError(const std::string& what) { return CsvError(what + ": " + std::strerror(errno)); }

Descriptor Spool(int from, const std::string& name) {
  std::string pattern = std::filesystem::temp_directory_path() / "monitorctl-XXXXXX";
  Descriptor spool(::mkostemp(pattern.data(), O_CLOEXEC));
  if (spool.get() < 0)
    throw SystemError("cannot make a temporary file for " + name + " in " +
                      std::filesystem::temp_directory_path().string());
  ::unlink(pattern.c_str());
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got == 0) return spool;
    if (got < 0) {
      if (errno == EINTR) continue;
      throw SystemError("cannot read " + name);
    }
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = ::write(spool.get(), buffer.data() + done, static_cast<std::size_t>(got - done));
      if (written < 0 && errno != EINTR) {
        throw SystemError("cannot keep " + name + " in " + std::filesystem::temp_directory_path().string() +
                          " (TMPDIR names another folder)");
      }
      if (written > 0) done += written;
    }
  }
}

void RefuseOtherFormats(std::string_view text, const std::string& name) {
  const auto refuse = [&](const std::string& what) { throw CsvError(name + " is " + what); };
  if (text.starts_with("\x1f\x8b")) refuse("compressed with gzip; use: zcat FILE | monitorctl … -");
  if (text.starts_with("\x28\xb5\x2f\xfd")) refuse("compressed with zstd; use: zstdcat FILE | monitorctl … -");
  if (text.starts_with("PAR1")) refuse("a Parquet file; export it as CSV first");
  if (text.starts_with("PK\x03\x04")) refuse("a zip archive or an Excel workbook; export it as CSV first");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) refuse("UTF-16 text; save it as UTF-8");
  if (text.starts_with("{")) refuse("JSON, not CSV");
}

}  // namespace

CsvFile::CsvFile(const std::filesystem::path& path) : name_(path == "-" ? "standard input" : path.string()) {
  Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) throw SystemError("cannot open " + name_);
  if (S_ISDIR(info.st_mode)) throw CsvError(name_ + " is a folder, not a CSV file");
  if (!S_ISREG(info.st_mode) || path == "-") {
    file = Spool(file.get(), name_);
    if (::fstat(file.get(), &info) != 0) throw SystemError("cannot read " + name_);
  }
  size_ = static_cast<std::size_t>(info.st_size);
  if (size_ == 0) throw CsvError(name_ + " is empty; a CSV file with a header line is expected");
  void* const mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) throw SystemError("cannot map " + name_);
  data_ = static_cast<char*>(mapped);
  ::madvise(data_, size_, MADV_SEQUENTIAL);
  text_ = {data_, size_};
  try {
    RefuseOtherFormats(text_, name_);
  } catch (const CsvError&) {
    ::munmap(data_, size_);
    throw;
  }
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

CsvFile::~CsvFile() { ::munmap(data_, size_); }

void CsvFile::Release(const char* begin, const char* end) const {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t from = (static_cast<std::size_t>(begin - data_) + page - 1) / page * page;
  const std::size_t to =
      end == data_ + size_ ? (size_ + page - 1) / page * page : static_cast<std::size_t>(end - data_) / page * page;
  if (to > from) ::madvise(data_ + from, to - from, MADV_DONTNEED);
}

}  // namespace baselines
