// The verbs that ask the daemon, and `config check`: see verb.h for what a verb is. Open alerts are no error: the exit
// code is 0.
#pragma once

#include "monitor/ctl/verb.h"

namespace monitor {

int StatusVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ModelsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int WindowsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineLearnVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineImportVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineExportVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ViolationsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselinePushVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineListVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int BaselineRollbackVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int LabelsPushVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int CompareVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int QualityVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int AlertsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ExplainVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int RejectsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int AckVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int AcceptVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int SilenceVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int SilencesVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int AuditVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ApproveVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int RetrainsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int OutboxListVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int OutboxRetryVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int OutboxDropVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int NotifyTestVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);
int ConfigCheckVerb(const Arguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace monitor
