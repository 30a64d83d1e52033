// ConfinedLoss: whether a loss of quality is that of one segment alone.
//
// It is where exactly one segment is surely worse than training (its 95 % interval lies beyond the training data's
// value) while all others together, labelled as well, are not (theirs reaches it). Accuracy of classes, rmse of
// numbers. Segments are those that records name; "" is that of records which name none. Pure functions.
#pragma once

#include <map>
#include <string>

#include "monitor/labels/cohort.h"
#include "monitor/labels/quality_facts.h"
#include "monitor/labels/quality_report.h"

namespace monitor {

// As the end of a clause: ", confined to segment EWR: 0.52 there (95 %: 0.47 to 0.57), 0.74 elsewhere". Empty where it
// is not, or where there is one segment only. `absent_counts`: as in MakeQualityReport.
std::string ConfinedLoss(const std::map<std::string, CohortCounts>& by_segment, const QualityFacts& facts,
                         const QualityReference& reference, bool absent_counts);

}  // namespace monitor
