// The formats of request and label topics by the name that `format:` has for them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace monitor {

enum class Format : std::uint8_t {
  kFlatJson,              // the project's own, or any JSON with a mapping
  kAvro,                  // the same as Avro, or as JSON behind a registry's prefix
  kSageMaker,             // data capture, JSON lines: request and response in one message
  kSageMakerGroundTruth,  // labels for it
  kKServe,                // the inference logger's CloudEvents; request and response apart
  kSeldonV1,              // Seldon Core 1; request, response and feedback apart, told by a header
  kSeldonV2               // Seldon Core 2; inputs and outputs apart, joined by the key
};

inline constexpr std::array<std::string_view, 6> kRequestFormats{"flat-json", "avro",      "sagemaker",
                                                                 "kserve",    "seldon-v1", "seldon-v2"};
inline constexpr std::array<std::string_view, 3> kLabelFormats{"flat-json", "avro", "sagemaker-ground-truth"};

constexpr Format FormatNamed(std::string_view name) {
  if (name == "avro") return Format::kAvro;
  if (name == "sagemaker") return Format::kSageMaker;
  if (name == "sagemaker-ground-truth") return Format::kSageMakerGroundTruth;
  if (name == "kserve") return Format::kKServe;
  if (name == "seldon-v1") return Format::kSeldonV1;
  if (name == "seldon-v2") return Format::kSeldonV2;
  return Format::kFlatJson;
}

// Whether `fields` says where everything stands; other formats know.
constexpr bool IsMapped(Format format) { return format == Format::kFlatJson || format == Format::kAvro; }

// Whether request and response come as messages of their own.
constexpr bool ComesInHalves(Format format) {
  return format == Format::kKServe || format == Format::kSeldonV1 || format == Format::kSeldonV2;
}

}  // namespace monitor
