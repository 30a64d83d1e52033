// Fills a topic with flat-JSON records, or writes the training file that they come from.
//
//   fill_topic --csv ROWS [shape]                                      a training file to standard output
//   fill_topic --brokers B --topic T --records N [options] [shape]     N records, dealt out to the partitions in turn
//     --partitions P (4)  --models M (1)  --from SECONDS  --span SECONDS  --ticks SECONDS  --rate R records per second
//     (0: as fast as it goes)  --seed S (2)
//     --odd 1: every tenth record is odd (odd_record.h)
//   shape: --numbers 20 --categories 5 --long-numbers 0 (1: all digits of a double)
//
// Models are m0, m1 … in turn. `--ticks T` adds a record per partition and model at time T, which closes everything
// before. At the end one line of JSON: records (with ticks), bytes of their values, seconds, and missing values by
// feature (without ticks).
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "odd_record.h"
#include "record_writer.h"

namespace {

using Options = std::map<std::string, std::string>;

std::uint64_t Whole(const Options& options, const std::string& name, std::uint64_t otherwise) {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : std::strtoull(found->second.c_str(), nullptr, 10);
}

std::uint64_t failed = 0;
void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  failed += message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

class Producer {
 public:
  Producer(const std::string& brokers, std::string topic) : topic_(std::move(topic)) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const char* settings[][2] = {{"bootstrap.servers", brokers.c_str()},
                                 {"compression.type", "lz4"},
                                 {"linger.ms", "50"},
                                 {"batch.size", "1000000"},
                                 {"acks", "all"},
                                 {"batch.num.messages", "100000"},
                                 {"queue.buffering.max.messages", "400000"}};
    char why[512];
    for (const auto& [name, value] : settings) {
      if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) throw std::runtime_error(why);
    }
    rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (client_ == nullptr) throw std::runtime_error(why);
  }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() { rd_kafka_destroy(client_); }

  void Send(std::int32_t partition, std::int64_t ms, const std::string& value) {
    rd_kafka_vu_t parts[5] = {};
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC, parts[0].u.cstr = topic_.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_PARTITION, parts[1].u.i32 = partition;
    parts[2].vtype = RD_KAFKA_VTYPE_TIMESTAMP, parts[2].u.i64 = ms;
    parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS, parts[3].u.i = RD_KAFKA_MSG_F_COPY;
    parts[4].vtype = RD_KAFKA_VTYPE_VALUE, parts[4].u.mem = {const_cast<char*>(value.data()), value.size()};
    while (true) {
      rd_kafka_error_t* const error = rd_kafka_produceva(client_, parts, std::size(parts));
      if (error == nullptr) break;
      const auto fault = rd_kafka_error_code(error);
      rd_kafka_error_destroy(error);
      if (fault != RD_KAFKA_RESP_ERR__QUEUE_FULL) throw std::runtime_error(rd_kafka_err2str(fault));
      rd_kafka_poll(client_, 20);
    }
    bytes_ += value.size();
    if (++sent_ % 1000 == 0) rd_kafka_poll(client_, 0);
  }
  void Finish() {
    rd_kafka_flush(client_, 60'000);
    if (failed > 0 || rd_kafka_outq_len(client_) > 0) throw std::runtime_error("records were not written");
  }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::string topic_;
  rd_kafka_t* client_ = nullptr;
  std::uint64_t sent_ = 0, bytes_ = 0;
};

void Fill(const Options& options, bench::Shape shape) {
  const std::uint64_t records = Whole(options, "--records", 0), partitions = Whole(options, "--partitions", 4);
  const std::uint64_t models = Whole(options, "--models", 1), span = Whole(options, "--span", 86'400),
                      rate = Whole(options, "--rate", 0);
  const std::uint64_t from = Whole(options, "--from", 1'793'491'200);  // 2026-11-01
  Producer producer(options.at("--brokers"), options.at("--topic"));
  bench::RecordWriter writer(shape, models, Whole(options, "--seed", 2));
  const bool odd = Whole(options, "--odd", 0) != 0;
  std::vector<std::uint64_t> left_out(shape.numbers);
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < records; ++i) {
    if (rate > 0 && i % (rate / 100 + 1) == 0)
      std::this_thread::sleep_until(began + std::chrono::microseconds(i * 1'000'000 / rate));
    const auto ms = static_cast<std::int64_t>(from * 1000 + i * (span * 1000) / records);
    const std::string& record = writer.Make(i, i % models, ms, true);
    const auto partition = static_cast<std::int32_t>(i / models % partitions);
    if (!odd || i % 10 != 9) {
      producer.Send(partition, ms, record);
      continue;
    }
    const bench::OddRecord changed = bench::Odd(record, i / 10);
    if (changed.missing) ++left_out[*changed.missing];
    producer.Send(partition, ms, changed.text);
  }
  if (const std::uint64_t ticks = Whole(options, "--ticks", 0); ticks > 0) {
    for (std::uint64_t i = 0; i < partitions * models; ++i) {
      const auto ms = static_cast<std::int64_t>(ticks * 1000);
      producer.Send(static_cast<std::int32_t>(i / models), ms, writer.Make(records + i, i % models, ms, false));
    }
  }
  producer.Finish();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "{\"records\":" << producer.sent() << ",\"bytes\":" << producer.bytes()
            << ",\"seconds\":" << took.count() << ",\"missing\":{";
  for (std::size_t i = 0; i < shape.numbers; ++i)
    std::cout << (i == 0 ? "" : ",") << '"' << bench::NumberName(i) << "\":" << writer.missing()[i] + left_out[i];
  std::cout << "}}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
    const bench::Shape shape{Whole(options, "--numbers", 20), Whole(options, "--categories", 5),
                             Whole(options, "--long-numbers", 0) != 0};
    if (options.contains("--csv")) {
      bench::WriteTraining(Whole(options, "--csv", 0), shape, std::cout);
    } else {
      Fill(options, shape);
    }
    return 0;
  } catch (const std::exception& fault) {
    std::cerr << "fill_topic: " << fault.what() << '\n';
    return 1;
  }
}
