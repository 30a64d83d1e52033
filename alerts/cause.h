// The words in which an alert says what happened: cause, severity, state. Their texts are part of the API and never
// change.
#pragma once

#include <string_view>

namespace alerts {

enum class Cause { kBrokenPipeline, kDataDrift, kPredictionDrift, kQualityLoss, kNoData };
enum class Severity { kInfo, kWarning, kCritical };  // ordered
enum class State { kPending, kFiring, kResolved };

std::string_view Text(Cause cause);        // broken_pipeline, data_drift, prediction_drift, quality_loss, no_data
std::string_view Text(Severity severity);  // info, warning, critical
std::string_view Text(State state);        // pending, firing, resolved
// The inverse; throw std::invalid_argument for any other text.
Cause ParseCause(std::string_view text);
Severity ParseSeverity(std::string_view text);
State ParseState(std::string_view text);

}  // namespace alerts
