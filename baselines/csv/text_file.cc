#include "baselines/csv/text_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "baselines/csv/unpacker.h"

namespace baselines {
namespace {

const auto kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

FileError SystemError(const std::string& what) { return FileError(what + ": " + std::strerror(errno)); }

std::size_t SizeOf(const FileDescriptor& file, const std::string& name) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw SystemError("cannot read " + name);
  return static_cast<std::size_t>(info.st_size);
}

// Fills the buffer unless the input ends before.
std::size_t ReadSome(int from, std::vector<char>& buffer, const std::string& name) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t got = ::read(from, buffer.data() + filled, buffer.size() - filled);
    if (got == 0) break;
    if (got < 0 && errno != EINTR) throw SystemError("cannot read " + name);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return filled;
}

FileDescriptor SpoolAll(int from, const std::string& name) {
  Spool spool(name);
  std::vector<char> buffer(std::size_t{1} << 20);
  std::size_t filled = ReadSome(from, buffer, name);
  Unpacker unpacker(PackingOf({buffer.data(), std::min(filled, kPackingBytes)}), name);
  for (; filled > 0; filled = ReadSome(from, buffer, name))
    unpacker.Add({buffer.data(), filled}, [&](std::string_view text) { spool.Write(text); });
  unpacker.Finish();
  return spool.Take();
}

bool IsPacked(const FileDescriptor& file) {
  char beginning[kPackingBytes];
  const ssize_t got = ::pread(file.get(), beginning, sizeof beginning, 0);
  return got > 0 && PackingOf({beginning, static_cast<std::size_t>(got)}) != Packing::kNone;
}

FileDescriptor Open(const std::filesystem::path& path, const std::string& name) {
  FileDescriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) throw SystemError("cannot open " + name);
  if (S_ISDIR(info.st_mode)) throw FileError(name + " is a folder, not a file; name the files in it");
  if (S_ISREG(info.st_mode) && path != "-" && !IsPacked(file)) return file;
  return SpoolAll(file.get(), name);
}

void RefuseOtherFormats(std::string_view text, const std::string& name) {
  const auto refuse = [&](const std::string& what) { throw FileError(name + " is " + what); };
  if (text.starts_with("PAR1")) {
    refuse("a Parquet file, which monitorctl does not read; pipe it with DuckDB: duckdb -c \"COPY (FROM '" + name +
           "') TO '/dev/stdout' (FORMAT csv, HEADER)\" | monitorctl baseline build - --model NAME");
  }
  if (text.starts_with("PK\x03\x04")) refuse("a zip archive or an Excel workbook; export it as CSV first");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) refuse("UTF-16 text; save it as UTF-8");
}

}  // namespace

void TextFile::Unmap::operator()(char* data) const { ::munmap(data, size); }

TextFile::TextFile(const std::filesystem::path& path)
    : name_(path == "-" ? "standard input" : path.string()), file_(Open(path, name_)) {
  Map();
}

TextFile::TextFile(Spool text, std::string name, std::vector<Part> parts)
    : name_(std::move(name)), file_(text.Take()), parts_(std::move(parts)) {
  Map();
}

void TextFile::Map() {
  size_ = SizeOf(file_, name_);
  if (size_ == 0) throw FileError(name_ + " is empty; rows of training data are expected");
  void* const mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file_.get(), 0);
  if (mapped == MAP_FAILED) throw SystemError("cannot map " + name_);
  data_ = {static_cast<char*>(mapped), Unmap{size_}};
  guard_ = std::make_unique<ShrinkGuard>(data_.get(), size_);
  ::madvise(data_.get(), size_, MADV_SEQUENTIAL);
  text_ = {data_.get(), size_};
  RefuseOtherFormats(text_, name_);
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

std::string TextFile::PlaceOf(const char* at) const {
  const Part* part = nullptr;
  for (const Part& candidate : parts_) {
    if (text_.data() + candidate.offset <= at) part = &candidate;
  }
  const char* const from = part == nullptr ? text_.data() : text_.data() + part->offset;
  const std::size_t before = part == nullptr ? 0 : part->lines;
  const std::size_t line = before + static_cast<std::size_t>(std::count(from, at, '\n')) + 1;
  return (part == nullptr ? name_ : part->file) + ":" + std::to_string(line);
}

void TextFile::Prefetch(const char* begin, const char* end) const {
  const std::size_t from = static_cast<std::size_t>(begin - data_.get()) / kPage * kPage;
  ::madvise(data_.get() + from, static_cast<std::size_t>(end - data_.get()) - from, MADV_POPULATE_READ);
}

void TextFile::Release(const char* begin, const char* end) const {
  char* const data = data_.get();
  const std::size_t from = (static_cast<std::size_t>(begin - data) + kPage - 1) / kPage * kPage;
  const std::size_t to =
      end == data + size_ ? (size_ + kPage - 1) / kPage * kPage : static_cast<std::size_t>(end - data) / kPage * kPage;
  if (to > from) ::madvise(data + from, to - from, MADV_DONTNEED);
}

void TextFile::CheckWhole() const {
  if (guard_->tripped() || SizeOf(file_, name_) < size_)
    throw FileError(name_ + " became shorter while it was read; try again when nobody writes it any more");
}

}  // namespace baselines
