#include "monitor/ctl/demo/slack_inbox.h"

#include <httplib.h>

#include <mutex>
#include <thread>

namespace monitor {
namespace {

std::string Plain(std::string text) {
  for (const auto& [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"*", ""}, {"`", ""}}) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + std::string_view(to).size())) {
      text.replace(at, std::string_view(from).size(), to);
    }
  }
  return text;
}

}  // namespace

struct SlackInbox::Server {
  httplib::Server http;
  int port = 0;
  mutable std::mutex mutex;
  std::vector<nlohmann::json> messages;  // guarded by mutex
  std::thread thread;
};

SlackInbox::SlackInbox() : server_(std::make_unique<Server>()) {
  server_->http.set_tcp_nodelay(true);
  server_->http.Post("/slack", [server = server_.get()](const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(server->mutex);
    server->messages.push_back(nlohmann::json::parse(request.body, nullptr, false));
    response.set_content("ok", "text/plain");
  });
  server_->port = server_->http.bind_to_any_port("127.0.0.1");
  server_->thread = std::thread([server = server_.get()] { server->http.listen_after_bind(); });
}

SlackInbox::~SlackInbox() {
  server_->http.stop();
  server_->thread.join();
}

std::string SlackInbox::url() const { return "http://127.0.0.1:" + std::to_string(server_->port) + "/slack"; }

std::vector<nlohmann::json> SlackInbox::Messages() const {
  const std::lock_guard lock(server_->mutex);
  return server_->messages;
}

std::string SlackAsText(const nlohmann::json& message) {
  std::string text;
  const auto add = [&text](const nlohmann::json& part, const char* indent) {
    if (part.contains("text")) text += indent + Plain(part["text"].get<std::string>()) + "\n";
  };
  for (const auto& block : message.value("blocks", nlohmann::json::array())) {
    if (block.contains("text")) add(block["text"], "");
    for (const auto& field : block.value("fields", nlohmann::json::array())) add(field, "");
    for (const auto& element : block.value("elements", nlohmann::json::array())) add(element, "");
  }
  return text;
}

}  // namespace monitor
