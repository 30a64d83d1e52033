// Judge::Model: one configured model inside the judge. Private to judge*.cc.
#pragma once

#include "monitor/judge/judge.h"

namespace monitor {

struct Judge::Model {
  ModelState state;
  Watermark watermark;
  IdentityIndex identities;
  std::vector<Epoch> epochs;

  const std::string& name() const { return state.plan().name; }
};

}  // namespace monitor
