// A profile on disk: one JSON file `<model>-<version>.baseline.json`, versioned, checksummed, replaced atomically.
//
// People can read names, types, quantiles, top categories and histograms in it; the exact counts are in it as base64 of
// the encoded summaries.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "baselines/profile.h"

namespace baselines {

// A baseline file that cannot be used: says which file, what is wrong with it and what to do.
class ProfileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string ProfileToJson(const Profile& profile);
// `name` stands for the file in messages. Throws ProfileError: not JSON, not a baseline, a newer format, a wrong
// checksum.
Profile ProfileFromJson(std::string_view json, std::string_view name);

void WriteProfile(const Profile& profile,
                  const std::filesystem::path& file);  // writes a temporary file beside it, syncs, renames
Profile ReadProfile(const std::filesystem::path& file);

}  // namespace baselines
