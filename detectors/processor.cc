#include "detectors/processor.h"

#include <cstdlib>
#include <string_view>

namespace detectors {
namespace {

bool Ask() {
#if defined(__x86_64__)
  const char* const portable = std::getenv("MONITORD_PORTABLE");
  if (portable != nullptr && std::string_view(portable) == "1") return false;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
#else
  return false;
#endif
}

}  // namespace

bool HasAvx2() {
  static const bool has = Ask();
  return has;
}

}  // namespace detectors
