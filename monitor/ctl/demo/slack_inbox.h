// SlackInbox: an HTTP endpoint on loopback that takes what monitord would send to Slack, so that the demo can show it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace monitor {

class SlackInbox {
 public:
  SlackInbox();
  ~SlackInbox();

  std::string url() const;
  std::vector<nlohmann::json> Messages() const;  // in the order of arrival

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

// A Slack message as text: header, sections, fields and context, without markup.
std::string SlackAsText(const nlohmann::json& message);

}  // namespace monitor
