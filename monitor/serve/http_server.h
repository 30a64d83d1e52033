// HttpServer: /metrics, health, the API and the dashboard page over cpp-httplib, on four threads of its own.
//
// Answers come from the committed snapshot and from a read-only History per request, so a reader never waits for the
// judge nor sees what a crash could take back. Errors are JSON {"error": …}: 400 a parameter, 401 no or a wrong token,
// 403 no token configured, 404 unknown path or model, 500 anything else. Who may read: everybody on loopback; beyond it
// whoever has the token (/metrics, /healthz and /readyz are open with `metrics: {open: true}`). A browser gives the
// token as the password of HTTP Basic, which is accepted for reading only. POST always needs `Authorization: Bearer`.
// Bodies are limited to 64 MiB, reading and writing to 10 s. Thread-safe after construction.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "monitor/daemon/config/config.h"
#include "monitor/ingest/kafka/poll_gaps.h"
#include "monitor/judge/operator/operator_action.h"
#include "monitor/judge/snapshot.h"
#include "monitor/serve/learning_progress.h"

namespace monitor {

// The address cannot be listened on; the message names it and says why.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class HttpServer {
 public:
  // GET, PUT and rollback of baselines; see daemon.h.
  struct BaselineHooks {
    std::function<ActionAnswer(const std::string& model)> list = nullptr;
    std::function<ActionAnswer(const std::string& model, const std::string& version, const std::string& text,
                               const OperatorAction& who)>
        put = nullptr;
    std::function<ActionAnswer(const std::string& model, const OperatorAction& who)> roll_back = nullptr;
  };
  struct Hooks {
    // POST /-/reload: empty when the new configuration is in force, else why not.
    std::function<std::string(const OperatorAction& who)> reload;
    std::function<std::string()> stuck;  // /healthz: empty, or which loop makes no progress and since when
    // Requests that change something: returns when the change is committed. Throws where the daemon is stopping.
    std::function<ActionAnswer(const OperatorAction&)> act = nullptr;
    // POST /api/v1/models/{model}/labels: joins JSON lines of labels and answers with what became of them once that is
    // durable.
    std::function<nlohmann::json(const std::string& model, const std::string& lines)> push_labels = nullptr;
    BaselineHooks baselines = {};
    std::function<std::vector<LearningProgress>()> learning = nullptr;  // models without a baseline yet
    const PollGaps* gaps = nullptr;                                     // for /metrics; must outlive the server
  };

  // Listens when it returns; throws ListenError. `board` must outlive the server, hooks are called on its threads. The
  // database need not exist yet.
  HttpServer(const Config& config, const SnapshotBoard& board, std::filesystem::path database, Hooks hooks);
  ~HttpServer();  // stops: requests in progress are answered, new ones refused

  int port() const;  // the actual one where the configuration says 0
  // After a reload: token, series and model names of the new configuration. The address stays until a restart.
  void Apply(const Config& config);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace monitor
