// StripedFile: a CSV file, divided into strips, that is read by all cores as often as wanted.
//
// The strips depend on the file's size only (and on `strip_bytes`, for tests), results are merged in their order, so
// the outcome of a pass does not depend on the number of threads. Pages that were read are given back strip by strip.
// Const methods are thread-safe. Throws FileError.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "baselines/build/row_counter.h"
#include "baselines/csv/record_scanner.h"
#include "baselines/csv/strips.h"

namespace baselines {

class StripedFile {
 public:
  static constexpr std::size_t kLeastStrip = std::size_t{4} << 20;
  static constexpr std::size_t kMostStrip = std::size_t{16} << 20;

  StripedFile(TextFile file, unsigned threads, std::size_t strip_bytes)
      : file_(std::move(file)), header_(ReadHeader(file_)), threads_(threads) {
    if (strip_bytes == 0) strip_bytes = std::clamp(file_.text().size() / 32, kLeastStrip, kMostStrip);
    begins_ = DivideRecords(file_, header_, strip_bytes, threads);
  }

  const TextFile& file() const { return file_; }
  const CsvHeader& header() const { return header_; }
  std::size_t strips() const { return begins_.size() - 1; }
  unsigned threads() const { return threads_; }  // 0: one per core

  // make() gives what a strip is counted with, add(counter, fields) takes a record, end(counter) makes the result,
  // merge(result) takes it. Throws FileError also when the file became shorter meanwhile.
  template <class Make, class Add, class End, class Merge>
  void ReadStrips(const Make& make, const Add& add, const End& end, const Merge& merge,
                  const std::function<void(double)>& progress) const {
    try {
      RunAll(make, add, end, merge, progress);
    } catch (const FileError&) {
      file_.CheckWhole();  // what was read then is no fault of the text
      throw;
    }
    file_.CheckWhole();
  }

 private:
  template <class Make, class Add, class End, class Merge>
  void RunAll(const Make& make, const Add& add, const End& end, const Merge& merge,
              const std::function<void(double)>& progress) const {
    RunStrips(
        strips(), threads_,
        [&](std::size_t strip) {
          file_.Prefetch(begins_[strip], begins_[strip + 1]);
          auto counter = make();
          RecordScanner scanner(file_, header_, begins_[strip], begins_[strip + 1]);
          while (scanner.Next()) add(counter, scanner.fields());
          file_.Release(begins_[strip], begins_[strip + 1]);
          return end(counter);
        },
        [&](std::size_t strip, auto&& result) {
          merge(std::move(result));
          if (progress) progress(static_cast<double>(strip + 1) / static_cast<double>(strips()));
        });
  }

  TextFile file_;
  CsvHeader header_;
  unsigned threads_;
  std::vector<const char*> begins_;
};

// Counts all rows on the frame's bins and dictionaries.
CountedRows CountRows(const StripedFile& source, const CountingFrame& frame, const MissingTexts& missing,
                      const std::function<void(double)>& progress);

}  // namespace baselines
