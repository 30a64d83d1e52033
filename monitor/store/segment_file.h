// SegmentFile: an append-only file whose committed length stands in the checkpoint. Opened for one operation, closed at
// its end. Throws StoreError with the path and the system's reason.
#pragma once

#include <cstdint>
#include <filesystem>

namespace monitor {

class SegmentFile {
 public:
  explicit SegmentFile(std::filesystem::path path);  // opened for reading and writing, created if absent
  ~SegmentFile();
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;

  void Cut(std::uint64_t length) const;  // what is behind the committed length was never promised
  void Write(const char* data, std::size_t size, std::uint64_t at) const;
  void Read(char* data, std::size_t size, std::uint64_t at) const;
  void Sync() const;

 private:
  std::filesystem::path path_;
  int fd_;
};

}  // namespace monitor
