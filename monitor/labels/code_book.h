// CodeBook: small numbers for names (classes, segments), given in the order in which the names are first seen.
//
// A value type. At most kMost names; what comes later shares the number of kOther. Cost of Code: one hash and one
// comparison.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detectors/encoding.h"

namespace monitor {

class CodeBook {
 public:
  static constexpr std::uint16_t kNone = 0xFFFF;  // no name
  static constexpr std::size_t kMost = 60'000;
  static constexpr std::string_view kOther = "(other)";

  CodeBook() = default;
  explicit CodeBook(std::size_t most) : most_(most) {}

  // The number of `name`, a new one if need be; kNone for the empty name.
  std::uint16_t Code(std::string_view name) {
    if (name.empty()) return kNone;
    if (!names_.empty() && last_ < names_.size() && names_[last_] == name) return static_cast<std::uint16_t>(last_);
    auto found = codes_.find(name);
    if (found == codes_.end()) {
      if (names_.size() + 1 >= most_ && name != kOther) return Code(kOther);
      found = codes_.emplace(std::string(name), static_cast<std::uint16_t>(names_.size())).first;
      names_.emplace_back(name);
    }
    last_ = found->second;
    return found->second;
  }
  std::uint16_t Find(std::string_view name) const {
    const auto found = codes_.find(name);
    return found == codes_.end() ? kNone : found->second;
  }
  const std::vector<std::string>& names() const { return names_; }

  void Encode(detectors::Encoder& out) const {
    out.Varint(names_.size());
    for (const std::string& name : names_) out.Text(name);
  }
  void Decode(detectors::Decoder& in) {
    for (std::size_t left = in.Count(kMost); left > 0; --left) Code(in.Text());
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::size_t most_ = kMost;
  std::size_t last_ = 0;  // the same name often comes again at once
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint16_t, Hash, std::equal_to<>> codes_;
};

}  // namespace monitor
