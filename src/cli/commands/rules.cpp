// bulwark rules: the reference of all rules; docs/rules/ is made by it.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/commands/list.h"
#include "cli/known_rules.h"
#include "os/files.h"
#include "report/reference.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "format",
     .value = "FORMAT",
     .help = "text (default), markdown or json",
     .choices = "text markdown json"},
    {.name = "folder", .value = "DIR", .help = "write one markdown file per area into DIR, which must exist"},
});

int write_folder(const std::string& folder, const std::vector<const Rule*>& rules) {
  for (const auto& [name, content] : report::reference_pages(rules)) {
    const auto written = os::write_durably(folder + "/" + name, content);
    if (written) continue;
    complain(written.error().message);
    return kUsage;
  }
  return kAccepted;
}

int run(const Arguments& arguments, const World&) {
  std::vector<const Rule*> rules = known_rules();
  if (arguments.has("folder")) return write_folder(arguments.text("folder"), rules);
  if (!arguments.operands.empty()) {
    std::vector<const Rule*> wanted;
    for (const std::string& id : arguments.operands) {
      const auto found = std::ranges::find(rules, id, &Rule::id);
      if (found == rules.end()) {
        complain("no rule '" + printable(id) + "'; 'bulwark rules' lists all");
        return kUsage;
      }
      wanted.push_back(*found);
    }
    rules = std::move(wanted);
  }
  const std::string format = arguments.text("format", "text");
  const std::string text = format == "json"       ? report::reference_json(rules)
                           : format == "markdown" ? report::reference_markdown(rules)
                                                  : report::reference_text(rules);
  return print(text) ? kAccepted : kUsage;
}

}  // namespace

const Verb rules{.name = "rules",
                 .summary = "list every rule, or explain the given ones",
                 .operands = "RULE",
                 .operands_help = "ids such as BW-PKL-001; without any: all",
                 .flags = kFlags,
                 .examples = "  bulwark rules\n  bulwark rules BW-PKL-001 --format markdown",
                 .run = run};

}  // namespace bulwark::cli::commands
