// SchemaRegistry: schemas by their id from a schema registry over HTTP (Confluent's API, which others speak too), kept
// on disk.
//
// A schema never changes under its id, so one that was fetched is never asked for again: the folder has one file each,
// for this registry only. Find asks on a thread of its own and never waits. While the registry does not answer (or
// answers anything but the schema or "no such schema"), it is asked again after half a second, then ever later up to
// half a minute, and messages of schemas that are not known have to wait: Kafka keeps them. What the registry does not
// have cannot be read, and is asked for again after a minute. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "alerts/http_client.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/avro/schema_source.h"
#include "monitor/ingest/counting_plan.h"

namespace monitor {

class SchemaRegistry : public SchemaSource {
 public:
  enum class Files : std::uint8_t { kReadAndWritten, kRead };
  // `folder` is made when it is needed. `http` is interrupted at the end, so it must be nobody else's.
  SchemaRegistry(SchemaRegistryConfig config, std::filesystem::path folder, std::shared_ptr<alerts::HttpClient> http,
                 Files files = Files::kReadAndWritten);
  ~SchemaRegistry() override;

  std::shared_ptr<const WriterSchema> Find(std::uint32_t id) override;

 private:
  using Clock = std::chrono::steady_clock;
  // A schema as the registry has it, with those that it refers to, each after its own.
  struct Texts {
    std::string type, schema;
    std::vector<std::string> others;
  };
  struct Known {
    std::shared_ptr<const WriterSchema> schema;
    Clock::time_point until = Clock::time_point::max();  // it is asked for again
  };

  void Run();
  // nullopt: try again; `trouble` says why.
  std::optional<Known> Fetch(std::uint32_t id, std::string& trouble);
  bool FetchOthers(const std::string& answer, Texts& texts, int level, Known& missing, std::string& trouble);
  alerts::HttpResponse Get(const std::string& path);
  std::filesystem::path FileOf(std::uint32_t id) const { return folder_ / (std::to_string(id) + ".json"); }
  std::optional<Texts> Load(std::uint32_t id) const;
  void Save(std::uint32_t id, const Texts& texts) const;
  static std::shared_ptr<const WriterSchema> Understand(const Texts& texts);

  SchemaRegistryConfig config_;
  std::filesystem::path folder_;
  Files files_;
  std::shared_ptr<alerts::HttpClient> http_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint32_t, Known> known_;  // these are guarded by mutex_
  std::deque<std::uint32_t> wanted_;
  bool stop_ = false;
  std::thread thread_;
};

// nullptr where the configuration has no registry. The folder lies in the state folder.
std::shared_ptr<SchemaRegistry> MakeSchemaRegistry(const Config& config, SchemaRegistry::Files files);

// The plan with the registry for its topics of Avro.
std::shared_ptr<const CountingPlan> WithRegistry(std::shared_ptr<const CountingPlan> plan,
                                                 const std::shared_ptr<SchemaSource>& registry);

}  // namespace monitor
