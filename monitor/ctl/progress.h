// A progress bar on standard error for work that takes more than a second; silent when that is no terminal.
#pragma once

#include <chrono>
#include <string>

namespace monitor {

// Not thread-safe: one call at a time. The destructor removes the bar.
class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void Show(double done);  // share 0..1

 private:
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace monitor
