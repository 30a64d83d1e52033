// monitorctl demo: the product in two minutes on real data.
#include "monitor/ctl/demo/demo.h"

#include "monitor/ctl/replay/replay_verbs.h"
#include "monitor/ctl/verb_options.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl demo [--keep] [--data DIR] [--folder DIR]\n"
    "Builds a baseline of real flights, starts monitord and a Kafka broker inside this program, streams ten months of "
    "requests in\n"
    "accelerated time and tells what monitord finds. Takes about a minute and ends by itself.\n"
    "\n"
    "example: monitorctl demo --keep\n"
    "\n"
    "  --keep           leave monitord running until Ctrl-C, to look at the dashboard and the API\n"
    "  --data DIR       folder with train.csv.gz and requests.jsonl.gz\n"
    "  --folder DIR     where to put everything (default: monitord-demo in the temporary folder; it is emptied "
    "first)\n";

}  // namespace

int DemoVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"demo", kHelp, {"keep"}, {"data", "folder"}, 0, 0};
  return RunLocalVerb(verb, arguments, out, err, [](const VerbOptions& options) {
    DemoOptions demo;
    demo.data = options.Value("data").value_or(MONITORD_DEMO_DATA);
    demo.folder = options.Value("folder").value_or((std::filesystem::temp_directory_path() / "monitord-demo").string());
    demo.monitord = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "monitord";
    demo.keep = options.Has("keep");
    return RunDemo(demo);
  });
}

}  // namespace monitor
