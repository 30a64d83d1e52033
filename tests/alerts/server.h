// A real HTTP server on a free loopback port, stopped at the end of its life.
#pragma once

#include <httplib.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace alerts {

class Server {
 public:
  // Paths: /<status> answers with that status (429 asks for 7 s), /slow waits for the end of the server, /big is long.
  Server() {
    server_.set_keep_alive_max_count(1);
    server_.set_tcp_nodelay(true);
    server_.Post(R"(/(\d+))", [this](const httplib::Request& request, httplib::Response& answer) {
      Keep(request);
      answer.status = std::stoi(request.matches[1]);
      if (answer.status == 429) answer.set_header("Retry-After", "7");
      if (answer.status == 301) answer.set_header("Location", "/200");
      answer.set_content("said_so", "text/plain");
    });
    server_.Post("/slow", [this](const httplib::Request& request, httplib::Response&) {
      Keep(request);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_; });
    });
    server_.Post("/big", [this](const httplib::Request& request, httplib::Response& answer) {
      Keep(request);
      answer.set_content(std::string(1 << 20, 'x'), "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  ~Server() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    server_.stop();
    thread_.join();
  }

  std::string Url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

  std::vector<httplib::Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  void WaitForRequest() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !requests_.empty(); });
  }

 private:
  void Keep(const httplib::Request& request) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    changed_.notify_all();
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::vector<httplib::Request> requests_;
};

}  // namespace alerts
