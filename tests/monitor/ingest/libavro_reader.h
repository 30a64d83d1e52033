// LibavroReader: what libavro makes of a message, as JSON, for comparing our own reader of Avro with it.
#pragma once

#include <avro.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace monitor::testing {

// libavro asks for as much memory as a length in the message says, and does not give back what it had read of a message
// that it then refuses.
inline void* BoundedAllocator(void*, void* old, std::size_t, std::size_t bytes) {
  if (bytes > 0) {
    void* const memory = bytes > (1u << 20) ? nullptr : std::realloc(old, bytes);
#if defined(__SANITIZE_ADDRESS__)
    if (memory != nullptr) __lsan_ignore_object(memory);
#endif
    return memory;
  }
  std::free(old);
  return nullptr;
}

// A message as libavro reads it, unions without their branches' names; nullopt: it refuses.
class LibavroReader {
 public:
  explicit LibavroReader(const std::string& schema) {
    avro_set_allocator(BoundedAllocator, nullptr);
    EXPECT_EQ(avro_schema_from_json_length(schema.data(), schema.size(), &schema_), 0) << avro_strerror();
    class_ = avro_generic_class_from_schema(schema_);
  }
  ~LibavroReader() {
    avro_value_iface_decref(class_);
    avro_schema_decref(schema_);
  }
  LibavroReader(const LibavroReader&) = delete;
  LibavroReader& operator=(const LibavroReader&) = delete;

  std::optional<nlohmann::json> Read(const std::string& message) {
    avro_value_t value;
    avro_generic_value_new(class_, &value);
    const avro_reader_t reader = avro_reader_memory(message.data(), static_cast<std::int64_t>(message.size()));
    std::optional<nlohmann::json> read;
    char byte = 0;
    if (avro_value_read(reader, &value) == 0 && avro_read(reader, &byte, 1) != 0) read = Json(value);
    avro_reader_free(reader);
    avro_value_decref(&value);
    return read;
  }

 private:
  static nlohmann::json Json(avro_value_t value) {
    switch (avro_value_get_type(&value)) {
      case AVRO_BOOLEAN: {
        int number = 0;
        avro_value_get_boolean(&value, &number);
        return number != 0;
      }
      case AVRO_INT32: {
        std::int32_t number = 0;
        avro_value_get_int(&value, &number);
        return number;
      }
      case AVRO_INT64: {
        std::int64_t number = 0;
        avro_value_get_long(&value, &number);
        return number;
      }
      case AVRO_FLOAT: {
        float number = 0;
        avro_value_get_float(&value, &number);
        return Finite(static_cast<double>(number));
      }
      case AVRO_DOUBLE: {
        double number = 0;
        avro_value_get_double(&value, &number);
        return Finite(number);
      }
      case AVRO_STRING: {
        const char* text = nullptr;
        std::size_t size = 0;
        avro_value_get_string(&value, &text, &size);
        return text == nullptr ? std::string() : std::string(text, size - 1);
      }
      case AVRO_ENUM: {
        int symbol = 0;
        avro_value_get_enum(&value, &symbol);
        // It does not look whether there is such a symbol, neither when it reads one nor here.
        const avro_schema_t schema = avro_value_get_schema(&value);
        if (symbol < 0 || symbol >= avro_schema_enum_number_of_symbols(schema)) return "no symbol";
        return avro_schema_enum_get(schema, symbol);
      }
      case AVRO_UNION: {
        avro_value_t branch;
        avro_value_get_current_branch(&value, &branch);
        return Json(branch);
      }
      case AVRO_RECORD:
      case AVRO_MAP:
      case AVRO_ARRAY:
        return Container(value);
      default:
        return nullptr;
    }
  }
  static nlohmann::json Finite(double number) {
    return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json("no number");
  }
  static nlohmann::json Container(avro_value_t value) {
    const bool list = avro_value_get_type(&value) == AVRO_ARRAY;
    nlohmann::json items = list ? nlohmann::json::array() : nlohmann::json::object();
    std::size_t size = 0;
    avro_value_get_size(&value, &size);
    for (std::size_t i = 0; i < size; ++i) {
      avro_value_t item;
      const char* name = nullptr;
      avro_value_get_by_index(&value, i, &item, &name);
      if (list) {
        items.push_back(Json(item));
      } else {
        items[name] = Json(item);
      }
    }
    return items;
  }

  avro_schema_t schema_ = nullptr;
  avro_value_iface_t* class_ = nullptr;
};

}  // namespace monitor::testing
