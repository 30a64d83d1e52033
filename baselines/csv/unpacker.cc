#include "baselines/csv/unpacker.h"

#include <zlib.h>
#include <zstd.h>

#include <vector>

#include "baselines/csv/file_error.h"

namespace baselines {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr int kGzipOnly = 15 + 16;  // largest window; a gzip header is expected

}  // namespace

class Unpacker::Stream {
 public:
  virtual ~Stream() = default;
  // Returns why the stream is damaged, or nothing.
  virtual std::string Add(std::string_view packed, const Sink& sink) = 0;
  bool complete() const { return complete_; }

 protected:
  bool complete_ = false;  // no member has begun that has not ended
};

class Unpacker::Gzip : public Stream {
 public:
  Gzip() { ::inflateInit2(&state_, kGzipOnly); }
  ~Gzip() override { ::inflateEnd(&state_); }

  std::string Add(std::string_view packed, const Sink& sink) override {
    static_assert(sizeof(Bytef) == 1);
    std::vector<Bytef> input(packed.begin(), packed.end());
    state_.next_in = input.data();
    state_.avail_in = static_cast<uInt>(input.size());
    do {
      if (complete_ && state_.avail_in > 0) {
        ::inflateReset(&state_);
        complete_ = false;
      }
      state_.next_out = output_.data();
      state_.avail_out = static_cast<uInt>(output_.size());
      const int code = ::inflate(&state_, Z_NO_FLUSH);
      const std::size_t got = output_.size() - state_.avail_out;
      if (got > 0) sink({static_cast<const char*>(static_cast<const void*>(output_.data())), got});
      if (code == Z_BUF_ERROR) return {};
      if (code != Z_OK && code != Z_STREAM_END) return state_.msg == nullptr ? ::zError(code) : state_.msg;
      complete_ = code == Z_STREAM_END;
    } while (state_.avail_in > 0 || state_.avail_out == 0);
    return {};
  }

 private:
  z_stream state_{};
  std::vector<Bytef> output_ = std::vector<Bytef>(kPiece);
};

class Unpacker::Zstd : public Stream {
 public:
  std::string Add(std::string_view packed, const Sink& sink) override {
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    ZSTD_outBuffer output{};
    do {
      output = {output_.data(), output_.size(), 0};
      const std::size_t left = ::ZSTD_decompressStream(state_.get(), &output, &input);
      if (::ZSTD_isError(left) != 0) return ::ZSTD_getErrorName(left);
      if (output.pos > 0) sink({output_.data(), output.pos});
      complete_ = left == 0;
    } while (input.pos < input.size || (output.pos == output.size && !complete_));
    return {};
  }

 private:
  struct Deleter {
    void operator()(ZSTD_DCtx* state) const { ::ZSTD_freeDCtx(state); }
  };
  std::unique_ptr<ZSTD_DCtx, Deleter> state_{::ZSTD_createDCtx()};
  std::vector<char> output_ = std::vector<char>(kPiece);
};

Packing PackingOf(std::string_view beginning) {
  if (beginning.starts_with("\x1f\x8b")) return Packing::kGzip;
  if (beginning.starts_with("\x28\xb5\x2f\xfd")) return Packing::kZstd;
  return Packing::kNone;
}

Unpacker::Unpacker(Packing packing, std::string name) : name_(std::move(name)) {
  if (packing == Packing::kGzip) stream_ = std::make_unique<Gzip>();
  if (packing == Packing::kZstd) stream_ = std::make_unique<Zstd>();
}

Unpacker::~Unpacker() = default;

void Unpacker::Add(std::string_view packed, const Sink& sink) {
  if (packed.empty()) return;
  if (stream_ == nullptr) return sink(packed);
  if (const std::string why = stream_->Add(packed, sink); !why.empty())
    throw FileError(name_ + ": cannot be unpacked, it is damaged (" + why + ")");
}

void Unpacker::Finish() const {
  if (stream_ != nullptr && !stream_->complete())
    throw FileError(name_ + ": cannot be unpacked, it ends too early; was it copied wholly?");
}

}  // namespace baselines
