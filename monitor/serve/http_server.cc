#include "monitor/serve/http_server.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include <httplib.h>

#include "alerts/messages/time_text.h"
#include "monitor/serve/access.h"
#include "monitor/serve/actions.h"
#include "monitor/serve/api.h"
#include "monitor/serve/dashboard.h"
#include "monitor/serve/metrics.h"
#include "monitor/serve/quality_api.h"

// The compiled httplib has these on, and its types change their layout with them: take the flags of `pkg-config
// --cflags cpp-httplib`.
#if !defined(CPPHTTPLIB_OPENSSL_SUPPORT) || !defined(CPPHTTPLIB_ZLIB_SUPPORT) || !defined(CPPHTTPLIB_BROTLI_SUPPORT)
#error "httplib.h is compiled without the flags of pkg-config cpp-httplib"
#endif

namespace monitor {

namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::json;

constexpr std::size_t kThreads = 4;
constexpr std::size_t kMaxBody = 64 << 20;  // of baselines; everything else is small
constexpr std::time_t kIoTimeoutSeconds = 10;
constexpr std::time_t kKeepAliveSeconds = 2;  // an idle connection occupies one of the four threads
constexpr std::size_t kKeepAliveRequests = 1000;

constexpr const char* kJson = "application/json";
constexpr const char* kText = "text/plain; charset=utf-8";

class NotFound : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::int64_t NowNs() { return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); }

void Answer(Response& response, const json& body) { response.set_content(Dump(body), kJson); }

void Refuse(Response& response, int status, const std::string& why) {
  response.status = status;
  Answer(response, ErrorJson(why));
}

void AnswerException(Response& response, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const BadRequest& fault) {
    Refuse(response, 400, fault.what());
  } catch (const NotFound& fault) {
    Refuse(response, 404, fault.what());
  } catch (const std::exception& fault) {
    Refuse(response, 500, fault.what());
  } catch (...) {
    Refuse(response, 500, "unknown fault");
  }
}

}  // namespace

class HttpServer::Server {
 public:
  Server(const Config& config, const SnapshotBoard& board, std::filesystem::path database, Hooks hooks)
      : board_(board), database_(std::move(database)), hooks_(std::move(hooks)), host_(config.listen_host) {
    Apply(config);
    SetUp();
    AddRoutes();
    Bind(config.listen_port);
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    while (!http_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  ~Server() {
    http_.stop();
    thread_.join();
  }

  int port() const { return port_; }

  void Apply(const Config& config) {
    auto settings = std::make_shared<Settings>();
    settings->access = {config.api_token, !IsLoopback(host_), config.open_metrics};
    settings->series = {config.feature_series, config.feature_series_top};
    for (const ModelConfig& model : config.models) settings->models.insert(model.name);
    std::lock_guard lock(mutex_);
    settings_ = std::move(settings);
  }

 private:
  struct Settings {
    AccessPolicy access;
    FeatureSeriesPolicy series;
    std::set<std::string> models;
  };

  std::shared_ptr<const Settings> settings() const {
    std::lock_guard lock(mutex_);
    return settings_;
  }

  void SetUp() {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // httplib deletes it
    http_.set_tcp_nodelay(true);                                              // without it every answer takes 40 ms
    http_.set_read_timeout(kIoTimeoutSeconds);
    http_.set_write_timeout(kIoTimeoutSeconds);
    http_.set_payload_max_length(kMaxBody);
    http_.set_keep_alive_timeout(kKeepAliveSeconds);
    http_.set_keep_alive_max_count(kKeepAliveRequests);
    // httplib's default is SO_REUSEPORT, with which a second daemon would share the port in silence.
    http_.set_socket_options([](auto socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http_.set_default_headers({{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-store"}});
    http_.set_pre_routing_handler(
        [this](const Request& request, Response& response) { return Admit(request, response); });
    http_.set_exception_handler(
        [](const Request&, Response& response, std::exception_ptr error) { AnswerException(response, error); });
    http_.set_error_handler([](const Request& request, Response& response) {
      if (!response.body.empty()) return;
      const std::string why = response.status == 404   ? "no such path: " + request.path
                              : response.status == 413 ? "the body is larger than 64 MiB"
                                                       : "HTTP " + std::to_string(response.status);
      Answer(response, ErrorJson(why));
    });
  }

  httplib::Server::HandlerResponse Admit(const Request& request, Response& response) const {
    switch (Check(settings()->access, request.method, request.path, request.get_header_value("Authorization"))) {
      case Access::kAllowed:
        return httplib::Server::HandlerResponse::Unhandled;
      case Access::kNoTokenExists:
        Refuse(response, 403, "refused: this needs a token and the configuration has none (api_token_file)");
        break;
      case Access::kNeedsToken: {
        const bool reading = request.method == "GET" || request.method == "HEAD";
        response.set_header("WWW-Authenticate",
                            reading ? "Basic realm=\"monitord: the API token is the password\"" : "Bearer");
        Refuse(response, 401, "refused: send the API token as `Authorization: Bearer <token>`");
        break;
      }
    }
    return httplib::Server::HandlerResponse::Handled;
  }

  void AddRoutes() {
    http_.Get("/", [](const Request&, Response& response) {
      response.set_header(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
          "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
      const std::string_view page = DashboardPage();
      response.set_content(page.data(), page.size(), "text/html; charset=utf-8");
    });
    http_.Get("/metrics", [this](const Request&, Response& response) {
      response.set_content(MetricsText(SnapshotMetrics(board_, settings()->series, hooks_.gaps)),
                           "text/plain; version=0.0.4; charset=utf-8");
    });
    http_.Get("/healthz", [this](const Request&, Response& response) { Health(response); });
    http_.Get("/readyz", [this](const Request&, Response& response) { Ready(response); });
    http_.Get("/api/v1/models", [this](const Request&, Response& response) {
      nlohmann::json answer = ModelsJson(*board_.Read());
      if (hooks_.learning) AddLearning(hooks_.learning(), answer["models"]);
      Answer(response, answer);
    });
    http_.Get("/api/v1/models/(.+)/windows", [this](const Request& request, Response& response) {
      HistoryQuery query = ParseHistoryQuery(request.params);
      query.model = KnownModel(request.matches[1]);
      Answer(response, History(database_).Windows(query));
    });
    http_.Get("/api/v1/models/(.+)/quality", [this](const Request& request, Response& response) {
      HistoryQuery query = ParseHistoryQuery(request.params);
      query.model = KnownModel(request.matches[1]);
      QualityView view;
      view.by_segment = request.has_param("by") && request.get_param_value("by") == "segment";
      view.recalibrated = request.has_param("calibration") && request.get_param_value("calibration") == "live";
      Answer(response, QualityJson(History(database_), query, view));
    });
    http_.Get("/api/v1/alerts", [this](const Request& request, Response& response) {
      Answer(response, History(database_).Alerts(QueryOfKnownModel(request)));
    });
    http_.Get("/api/v1/alerts/([^/]+)",
              [this](const Request& request, Response& response) { Alert(request, response); });
    http_.Get("/api/v1/retrains", [this](const Request& request, Response& response) {
      Answer(response, History(database_).Retrains(QueryOfKnownModel(request)));
    });
    http_.Get("/api/v1/rejects", [this](const Request& request, Response& response) {
      Answer(response, History(database_).Rejects(QueryOfKnownModel(request)));
    });
    http_.Post("/api/v1/models/(.+)/labels",
               [this](const Request& request, Response& response, const httplib::ContentReader& reader) {
                 const std::string lines = BodyOf(reader);
                 const std::string model = KnownModel(request.matches[1]);
                 if (!hooks_.push_labels) throw NotFound("this daemon takes no labels");
                 Answer(response, hooks_.push_labels(model, lines));
               });
    AddBaselines();
    AddActions();
    http_.Post("/-/reload", [this](const Request& request, Response& response) { Reload(request, response); });
    http_.Get("/api/v1/audit", [this](const Request& request, Response& response) {
      Answer(response, History(database_).Audit(ParseHistoryQuery(request.params).limit));
    });
  }

  // Read by hand: httplib takes a body for a form where the client names no other type, as curl does, and refuses forms
  // beyond 8 KiB.
  static std::string BodyOf(const httplib::ContentReader& reader) {
    std::string body;
    reader([&](const char* data, std::size_t size) {
      body.append(data, size);
      return true;
    });
    return body;
  }

  // `by` and `comment` of the body; what is to be done says the address.
  static OperatorAction WhoAsks(const Request& request) { return ParseAction({}, "", request.body); }

  void AddBaselines() {
    const auto say = [](const ActionAnswer& answer, Response& response) {
      response.status = answer.status;
      Answer(response, answer.body);
    };
    const auto have = [this] {
      if (!hooks_.baselines.put) throw NotFound("this daemon takes no baselines");
    };
    http_.Get("/api/v1/baselines/(.+)", [=, this](const Request& request, Response& response) {
      have();
      say(hooks_.baselines.list(KnownModel(request.matches[1])), response);
    });
    http_.Put("/api/v1/baselines/(.+)/([^/]+)",
              [=, this](const Request& request, Response& response, const httplib::ContentReader& reader) {
                const std::string profile = BodyOf(reader);
                have();
                // The body is the baseline, so who pushes it stands in the query.
                OperatorAction who;
                who.by = request.get_param_value("by");
                who.comment = request.get_param_value("comment");
                say(hooks_.baselines.put(KnownModel(request.matches[1]), request.matches[2], profile, who), response);
              });
    http_.Post("/api/v1/baselines/(.+)/rollback", [=, this](const Request& request, Response& response) {
      have();
      say(hooks_.baselines.roll_back(KnownModel(request.matches[1]), WhoAsks(request)), response);
    });
  }

  void AddActions() {
    using Kind = OperatorAction::Kind;
    http_.Get("/api/v1/silences",
              [this](const Request&, Response& response) { Answer(response, History(database_).Silences()); });
    http_.Post("/api/v1/silences", [this](const Request& request, Response& response) {
      OperatorAction action = ParseSilence(request.body, NowNs());
      KnownModel(action.silence.model);
      Act(action, response);
    });
    const auto about = [this](Kind kind) {
      return [this, kind](const Request& request, Response& response) {
        Act(ParseAction(kind, request.matches[1], request.body), response);
      };
    };
    http_.Post("/api/v1/alerts/([^/]+)/ack", about(Kind::kAcknowledge));
    http_.Post("/api/v1/alerts/([^/]+)/accept", about(Kind::kAccept));
    http_.Post("/api/v1/alerts/([^/]+)/accept/undo", about(Kind::kUndoAccept));
    http_.Delete("/api/v1/silences/([^/]+)", about(Kind::kEndSilence));
    http_.Post("/api/v1/retrains/([^/]+)/approve", about(Kind::kApprove));
    http_.Get("/api/v1/outbox", [this](const Request& request, Response& response) {
      Answer(response, History(database_).Outbox(ParseOutboxQuery(request.params)));
    });
    http_.Post("/api/v1/outbox/([^/]+)/retry", about(Kind::kOutboxRetry));
    http_.Post("/api/v1/outbox/([^/]+)/drop", about(Kind::kOutboxDrop));
    http_.Post("/api/v1/targets/([^/]+)/test", about(Kind::kNotifyTest));
  }

  void Act(const OperatorAction& action, Response& response) const {
    if (!hooks_.act) throw NotFound("this daemon takes no actions");
    const ActionAnswer answer = hooks_.act(action);
    response.status = answer.status;
    Answer(response, answer.body);
  }

  void Health(Response& response) const {
    if (const std::string stuck = hooks_.stuck ? hooks_.stuck() : std::string(); !stuck.empty()) {
      response.status = 503;
      response.set_content("stuck: " + stuck + "\n", kText);
      return;
    }
    const auto snapshot = board_.Read();
    std::uint64_t received = 0;
    for (const ModelSnapshot& model : snapshot->models) received += model.counters.received();
    response.set_content("ok: " + std::to_string(snapshot->checkpoints) + " checkpoints, " + std::to_string(received) +
                             " records received\n",
                         kText);
  }

  void Ready(Response& response) const {
    const auto snapshot = board_.Read();
    // The board is empty until the judge has read its stored state.
    // A daemon all of whose models still learn their baseline watches none.
    const bool learns = hooks_.learning && !hooks_.learning().empty();
    const bool starting = snapshot->not_ready.empty() && snapshot->models.empty() && !learns;
    const std::string why = starting ? "starting" : snapshot->not_ready;
    if (!why.empty()) response.status = 503;
    response.set_content(why.empty() ? "ready\n" : "not ready: " + why + "\n", kText);
  }

  void Alert(const Request& request, Response& response) const {
    const std::string id = request.matches[1];
    try {
      const auto alert = History(database_).Alert(id);
      if (!alert) throw NotFound("no alert with id " + id);
      Answer(response, *alert);
    } catch (const std::invalid_argument& ambiguous) {
      throw BadRequest(ambiguous.what());
    }
  }

  void Reload(const Request& request, Response& response) const {
    if (!hooks_.reload) throw NotFound("this daemon cannot reload its configuration");
    if (const std::string why = hooks_.reload(WhoAsks(request)); !why.empty()) {
      Refuse(response, 500, "the old configuration stays in force: " + why);
      return;
    }
    Answer(response, {{"reloaded", true}});
  }

  HistoryQuery QueryOfKnownModel(const Request& request) const {
    HistoryQuery query = ParseHistoryQuery(request.params);
    if (!query.model.empty()) KnownModel(query.model);
    return query;
  }

  // The name, when it is configured or has been; a reload may have removed a model whose history is still there.
  std::string KnownModel(const std::string& name) const {
    std::set<std::string> known = settings()->models;
    const auto snapshot = board_.Read();
    for (const ModelSnapshot& model : snapshot->models) {
      if (!model.name.empty()) known.insert(model.name);
    }
    if (known.count(name) != 0) return name;
    std::string names;
    for (const std::string& each : known) names += (names.empty() ? "" : ", ") + each;
    throw NotFound("unknown model `" + name + "`; known: " + (names.empty() ? "none" : names));
  }

  void Bind(int port) {
    errno = 0;
    port_ = port;
    bool bound = false;
    if (port == 0) {
      port_ = http_.bind_to_any_port(host_);
      bound = port_ > 0;
    } else {
      bound = http_.bind_to_port(host_, port);
    }
    if (bound) return;
    const int code = errno;
    const std::string why = code == EADDRINUSE ? "address in use; does another monitord run?"
                            : code != 0        ? std::generic_category().message(code)
                                               : "no such address";
    throw ListenError("listen: " + host_ + ":" + std::to_string(port) + ": " + why);
  }

  const SnapshotBoard& board_;
  const std::filesystem::path database_;
  const Hooks hooks_;
  const std::string host_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const Settings> settings_;  // guarded by mutex_
  httplib::Server http_;
  std::thread thread_;
};

HttpServer::HttpServer(const Config& config, const SnapshotBoard& board, std::filesystem::path database, Hooks hooks)
    : server_(std::make_unique<Server>(config, board, std::move(database), std::move(hooks))) {}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return server_->port(); }

void HttpServer::Apply(const Config& config) { server_->Apply(config); }

}  // namespace monitor
