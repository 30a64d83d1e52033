// What records and labels have in common around their content: whose they are, their id, their time.
//
// Pure functions over found JSON values. Views point into the message or into `scratch`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "baselines/values/value_text.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json/json_reader.h"
#include "monitor/ingest/mapping/time_format.h"

namespace monitor {

// The model that a `model` field names: absent or null is the only one that reads the topic; nullptr when unknown, or
// none named among several.
const ModelPlan* ModelNamed(const TopicPlan& topic, const JsonReader::Value& value, std::string& scratch);
// Whether the field names a model at all, known or not.
bool NamesModel(const JsonReader::Value& value);

// An id as it is written: text, or the digits of a number; empty when there is none.
std::string_view IdText(const JsonReader::Value& value, std::string& scratch);

// ns since 1970; nullopt when absent, unreadable or before 2000.
std::optional<std::int64_t> EventTime(const JsonReader::Value& value, std::string& scratch);

// The same of a time that is written in a way of its own.
std::optional<std::int64_t> EventTimeIn(const TimeFormat& format, const JsonReader::Value& value, std::string& scratch);

// A category, class or number as canonical text. kMissing: null, a missing text, NaN; kFault: an object or a list.
enum class TextState : std::uint8_t { kMissing, kValue, kFault };
TextState ValueText(const JsonReader::Value& value, const baselines::MissingTexts& missing, std::string& scratch,
                    std::string& canonical, std::string_view& text);

}  // namespace monitor
