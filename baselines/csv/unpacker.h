// Unpacker: a gzip or zstd stream, piece by piece, in bounded memory.
//
// Which of the two (or neither) the first bytes tell. Several members (gzip, RFC 1952) or frames (zstd, RFC 8878) one
// after the other are one text, as `cat a.gz b.gz` makes them. Memory: the window of the stream, at most 128 MiB for
// zstd. Throws FileError when a stream is damaged or ends too early. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baselines {

enum class Packing { kNone, kGzip, kZstd };
constexpr std::size_t kPackingBytes = 4;  // of the beginning that PackingOf wants to see
Packing PackingOf(std::string_view beginning);

class Unpacker {
 public:
  using Sink = std::function<void(std::string_view)>;

  Unpacker(Packing packing, std::string name);  // `name` of the file, for messages
  ~Unpacker();

  void Add(std::string_view packed, const Sink& sink);
  void Finish() const;  // after the last piece

 private:
  class Stream;
  class Gzip;
  class Zstd;

  std::string name_;
  std::unique_ptr<Stream> stream_;  // nullptr: not packed
};

}  // namespace baselines
