// OperatorAction: what somebody asks the daemon to do about alerts, retrainings and messages; ActionAnswer: what became
// of it.
//
// Values, carried from the HTTP server to the judge and back. Ids may be shortened to any unambiguous beginning.
#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "alerts/silence.h"

namespace monitor {

struct OperatorAction {
  enum class Kind {
    kAcknowledge,  // subject: an open alert, or an open incident for all of its firing alerts
    kAccept,       // the same; recent traffic becomes the reference of its monitor, where it has one
    kUndoAccept,   // subject: an alert, open or resolved, that was accepted
    kSilence,      // silence, whose id the judge gives
    kEndSilence,   // subject: a silence
    kApprove,      // subject: a retrain that awaits approval
    kOutboxRetry,  // subject: a message that is dead or waits for its next try
    kOutboxDrop,   // the same
    kNotifyTest,   // subject: name of a target
  };
  Kind kind = Kind::kAcknowledge;
  std::string subject;
  std::string by, comment;
  alerts::Silence silence;
};

struct ActionAnswer {
  int status = 200;     // HTTP's: 200, 400 not possible as asked, 404 no such thing, 409 not in this state
  nlohmann::json body;  // the thing as it now is, or {"error": …}
};

using AnswerAction = std::function<void(ActionAnswer)>;

}  // namespace monitor
