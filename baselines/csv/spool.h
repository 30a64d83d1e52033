// Spool: text that is needed more than once but cannot be read twice, or has to be made first, in a temporary file
// without a name in the system's folder for such files (TMPDIR). It is gone when nobody has it open.
//
// Not thread-safe. Memory: 1 MiB. Throws FileError, naming the folder and what was to be kept.
#pragma once

#include <string>
#include <string_view>

#include "baselines/csv/file_descriptor.h"

namespace baselines {

class Spool {
 public:
  explicit Spool(std::string name);  // of what is kept, for messages

  void Write(std::string_view text);
  // Everything written so far, in a file open for reading and writing; the spool is done then.
  FileDescriptor Take();

 private:
  void Flush();

  std::string name_;
  FileDescriptor file_;
  std::string buffer_;
};

}  // namespace baselines
