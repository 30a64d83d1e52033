#include "monitor/labels/identity_index.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "monitor/store/sqlite.h"

namespace monitor {
namespace {

constexpr std::size_t kFirstSlots = 1024;
constexpr std::size_t kEntryBytes = sizeof(Identity);

[[noreturn]] void Fail(const std::filesystem::path& file, const char* what) {
  throw StoreError(file.string() + ": cannot " + what + ": " + std::strerror(errno));
}

class File {
 public:
  File(const std::filesystem::path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {
    if (fd_ < 0) Fail(path, "open");
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void Cut(std::uint64_t length) const {
    if (::ftruncate(fd_, static_cast<off_t>(length)) != 0) Fail(path_, "cut");
  }
  void Write(const char* data, std::size_t size, std::uint64_t at) const {
    while (size > 0) {
      const ssize_t written = ::pwrite(fd_, data, size, static_cast<off_t>(at));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) Fail(path_, "write");
      data += written;
      size -= static_cast<std::size_t>(written);
      at += static_cast<std::uint64_t>(written);
    }
  }
  void Read(char* data, std::size_t size, std::uint64_t at) const {
    while (size > 0) {
      const ssize_t got = ::pread(fd_, data, size, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) Fail(path_, "read the committed part of");
      data += got;
      size -= static_cast<std::size_t>(got);
      at += static_cast<std::uint64_t>(got);
    }
  }
  void Sync() const {
    if (::fdatasync(fd_) != 0) Fail(path_, "sync");
  }

 private:
  std::filesystem::path path_;
  int fd_;
};

}  // namespace

IdentityIndex::IdentityIndex(std::filesystem::path folder, std::string name, std::uint64_t budget_bytes)
    : folder_(std::move(folder)), name_(std::move(name)), budget_bytes_(budget_bytes), slots_(kFirstSlots) {
  if (persistent()) std::filesystem::create_directories(folder_);
}

std::string IdentityIndex::FileName(std::int32_t day) const { return name_ + "-" + std::to_string(day) + ".ids"; }

IdentityIndex::Slot& IdentityIndex::Find(const Identity& identity) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = identity.low & mask;
  while (slots_[at].day != kFree && slots_[at].identity != identity) at = (at + 1) & mask;
  return slots_[at];
}

bool IdentityIndex::Insert(const Identity& identity, std::int32_t day) {
  if (Slot& slot = Find(identity); slot.day != kFree) return false;
  if ((used_ + 1) * 8 > slots_.size() * 5) {
    const std::size_t twice = slots_.size() * 2;
    if (twice * sizeof(Slot) > budget_bytes_ && segments_.size() > 1) {
      Forget(segments_.begin()->first + 1);
    } else {
      Rebuild(twice);
    }
  }
  Slot& slot = Find(identity);
  slot = {identity, day, 0};
  ++used_;
  Segment& segment = segments_[day];
  ++segment.count;
  if (persistent()) segment.fresh.push_back(identity);
  return true;
}

void IdentityIndex::Rebuild(std::size_t slots) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.day == kFree || !segments_.contains(slot.day)) continue;
    Find(slot.identity) = slot;
    ++used_;
  }
}

void IdentityIndex::Forget(std::int32_t before_day) {
  bool any = false;
  while (!segments_.empty() && segments_.begin()->first < before_day) {
    if (segments_.begin()->second.length > 0) dropped_.push_back(FileName(segments_.begin()->first));
    segments_.erase(segments_.begin());
    any = true;
  }
  if (!any) return;
  std::size_t left = 0;
  for (const auto& [day, segment] : segments_) left += segment.count;
  std::size_t slots = kFirstSlots;
  while (slots < slots_.size() && slots * 5 < (left + 1) * 8 * 2) slots *= 2;
  Rebuild(slots);
}

IdentityIndex::Changes IdentityIndex::Flush() {
  Changes changes;
  for (auto& [day, segment] : segments_) {
    if (segment.fresh.empty()) continue;
    const std::string name = FileName(day);
    const File file(folder_ / name, O_WRONLY | O_CREAT);
    file.Write(reinterpret_cast<const char*>(segment.fresh.data()), segment.fresh.size() * kEntryBytes, segment.length);
    file.Sync();
    segment.length += segment.fresh.size() * kEntryBytes;
    segment.fresh.clear();
    changes.lengths[name] = segment.length;
  }
  changes.dropped = dropped_;
  removable_.insert(removable_.end(), dropped_.begin(), dropped_.end());
  dropped_.clear();
  return changes;
}

void IdentityIndex::RemoveDropped() {
  for (const std::string& name : std::exchange(removable_, {})) std::filesystem::remove(folder_ / name);
}

void IdentityIndex::Load(const std::map<std::string, std::uint64_t>& committed) {
  const std::string prefix = name_ + "-";
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string file_name = entry.path().filename().string();
    if (file_name.starts_with(prefix) && file_name.ends_with(".ids") && !committed.contains(file_name)) std::filesystem::remove(entry.path());
  }
  for (const auto& [file_name, length] : committed) {
    if (!file_name.starts_with(prefix)) continue;
    const auto day = static_cast<std::int32_t>(std::stol(file_name.substr(prefix.size())));
    const File file(folder_ / file_name, O_RDWR);
    file.Cut(length);
    std::vector<Identity> identities(length / kEntryBytes);
    file.Read(reinterpret_cast<char*>(identities.data()), identities.size() * kEntryBytes, 0);
    for (const Identity& identity : identities) Insert(identity, day);
    Segment& segment = segments_[day];
    segment.fresh.clear();
    segment.length = length;
  }
}

}  // namespace monitor
