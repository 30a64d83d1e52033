#include "monitor/ctl/init/proposal.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

Proposal First(const TopicMaterial& topic, std::initializer_list<Recogniser> recognisers) {
  for (const Recogniser recognise : recognisers) {
    if (auto proposal = recognise(topic)) return *std::move(proposal);
  }
  Proposal nobody;
  nobody.unreadable = "the messages are neither JSON nor of a format that monitord knows; one is: " +
                      CutTo(topic.messages.back().value, 120);
  return nobody;
}

}  // namespace

Proposal RecogniseRequests(const TopicMaterial& topic) {
  return First(topic, {RecogniseUnreadable, RecogniseSageMaker, RecogniseKServe, RecogniseSeldonV1, RecogniseSeldonV2,
                       RecogniseJson});
}

Proposal RecogniseLabels(const TopicMaterial& topic) {
  return First(topic, {RecogniseUnreadable, RecogniseGroundTruth, RecogniseJsonLabels});
}

}  // namespace monitor
