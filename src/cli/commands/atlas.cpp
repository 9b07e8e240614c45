// bulwark atlas: the knowledge base. Operands decide what is done; each of them is one function below.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "cli/atlas_store.h"
#include "cli/commands/list.h"
#include "cli/known_rules.h"
#include "drill/results.h"
#include "os/files.h"
#include "os/terminal.h"
#include "report/atlas_json.h"
#include "report/atlas_pages.h"
#include "report/navigator.h"

namespace bulwark::cli::commands {
namespace {

constexpr std::string_view kKinds = "tactics techniques mitigations cases controls phases crosswalk";
constexpr std::string_view kFilters = "tactic phase control maturity kind";

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default), json, markdown or html; navigator for export and coverage",
     .choices = "text json markdown html navigator"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "write to FILE instead of standard output"},
    {.name = "pinned", .help = "use the built-in ATLAS 5.6.0, whatever was imported"},
    {.name = "tactic", .value = "ID", .help = "list: techniques of this tactic"},
    {.name = "phase",
     .value = "CODE",
     .help = "list: techniques of this phase (DC DP TR VT CI RG DE SV MO XI)"},
    {.name = "control", .value = "ID", .help = "list: what this control answers"},
    {.name = "maturity",
     .value = "WORD",
     .help = "list: techniques that are feasible, demonstrated or realized",
     .choices = "feasible demonstrated realized"},
    {.name = "kind",
     .value = "WORD",
     .help = "list: techniques to prevent, detect, test or document",
     .choices = "prevent detect test document"},
});

int refuse(std::string_view text) {
  complain(text);
  return kUsage;
}

int refuse(const Error& error) {
  return refuse(error.message);
}

// Everything that pages need; owns what the view refers to.
struct Knowledge {
  std::optional<atlas::Catalogue> imported;
  std::vector<atlas::DrillOutcome> drills;
  std::vector<std::string_view> implemented = drill::implemented_controls();
  std::vector<const Rule*> rules = known_rules();

  [[nodiscard]] report::AtlasView view() const {
    return {.catalogue = imported ? *imported : atlas::pinned(),
            .map = atlas::map(),
            .implemented = implemented,
            .drills = drills,
            .rules = rules,
            .imported = imported.has_value()};
  }
};

Result<Knowledge> knowledge(bool pinned) {
  Knowledge known;
  if (!pinned) known.imported = TRY(stored_catalogue(atlas_folder()));
  auto drills = drill::saved_outcomes(drill::results_path());
  // Results that cannot be read prove nothing; the pages say that no drill has run.
  if (drills) {
    known.drills = std::move(*drills);
  } else {
    complain("drill results are not used: " + drills.error().message);
  }
  return known;
}

int put(const Arguments& arguments, std::string_view text) {
  if (!arguments.has("output")) return print(text) ? kAccepted : kUsage;
  const auto written = os::write_durably(arguments.text("output"), text);
  return written ? int{kAccepted} : refuse(written.error());
}

int put(const Arguments& arguments, const report::Page& page) {
  const std::string format = arguments.text("format", "text");
  if (format == "markdown") return put(arguments, report::page_markdown(page));
  if (format == "html") return put(arguments, report::page_html(page));
  const bool to_terminal = !arguments.has("output");
  return put(arguments, report::page_text(page, {.colour = to_terminal && os::likes_colour(STDOUT_FILENO),
                                                 .columns = os::columns(STDOUT_FILENO)}));
}

bool wants_json(const Arguments& arguments) {
  return arguments.text("format") == "json";
}

std::string not_found(const atlas::Found& found, std::string_view text) {
  std::string message = "ATLAS and our map know no '" + printable(text, 80) + "'";
  if (!found.note.empty()) message += "\n  " + found.note;
  if (!found.suggestions.empty()) message += "; did you mean\n";
  for (const std::string& suggestion : found.suggestions)
    message += "  " + printable(suggestion, 90) + (&suggestion == &found.suggestions.back() ? "" : "\n");
  if (found.suggestions.empty()) message += "\n  'bulwark atlas list' shows what there is";
  return message;
}

int list(const Arguments& arguments, const report::AtlasView& view) {
  const std::string what = arguments.operands.size() > 1 ? arguments.operands[1] : "techniques";
  const std::vector<std::string_view> kinds = words(kKinds);
  if (std::ranges::find(kinds, what) == kinds.end()) {
    const std::string_view guess = nearest(what, kinds);
    return refuse("atlas list: '" + printable(what, 80) + "' is none of " + std::string(kKinds) +
                  (guess.empty() ? "" : "; did you mean '" + std::string(guess) + "'?"));
  }
  report::ListFilter filter{.tactic = arguments.text("tactic"),
                            .phase = arguments.text("phase"),
                            .control = arguments.text("control"),
                            .maturity = arguments.text("maturity"),
                            .kind = arguments.text("kind")};
  const auto resolve = [&](std::string& text, std::string_view flag, auto&& id_of) {
    if (text.empty()) return true;
    const atlas::Found found = atlas::look_up(view.catalogue, view.map, text);
    const std::string_view id = id_of(found.object);
    if (id.empty()) {
      complain("--" + std::string(flag) + ": " + not_found(found, text));
      return false;
    }
    text = id;
    return true;
  };
  if (!resolve(filter.tactic, "tactic", [](const atlas::Object& object) {
        return object.tactic == nullptr ? std::string_view() : object.tactic->id;
      }))
    return kUsage;
  if (!resolve(filter.control, "control", [](const atlas::Object& object) {
        return object.control == nullptr ? std::string_view() : object.control->id;
      }))
    return kUsage;
  for (char& letter : filter.phase)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  if (!filter.phase.empty() && atlas::phase(filter.phase) == nullptr)
    return refuse("--phase: '" + printable(filter.phase, 40) +
                  "' is no phase; 'bulwark atlas list phases' shows them");
  if (wants_json(arguments)) return put(arguments, report::atlas_list_json(view, what, filter));
  return put(arguments, report::list_page(view, what, filter));
}

int show(const Arguments& arguments, const report::AtlasView& view) {
  if (arguments.operands.size() < 2)
    return refuse("atlas show: which one? An id such as AML.T0011.000, M0013, CS0023, SC-MODEL or ML01");
  // A name of several words need not be quoted.
  std::string text;
  for (std::size_t i = 1; i < arguments.operands.size(); ++i)
    text += (text.empty() ? "" : " ") + arguments.operands[i];
  const atlas::Found found = atlas::look_up(view.catalogue, view.map, text);
  if (!found.object.found()) return refuse(not_found(found, text));
  if (wants_json(arguments)) return put(arguments, report::atlas_json(view, found.object, found.note));
  return put(arguments, report::object_page(view, found.object, found.note));
}

int show_case(const Arguments& arguments, const report::AtlasView& view) {
  if (arguments.operands.size() < 2) return refuse("atlas case: which one? An id such as CS0023");
  const std::string& text = arguments.operands[1];
  const atlas::Found found = atlas::look_up(view.catalogue, view.map, text);
  if (found.object.case_study == nullptr)
    return refuse(found.object.found()
                      ? "'" + printable(text, 80) + "' is no case study; try 'bulwark atlas show'"
                      : not_found(found, text));
  if (wants_json(arguments)) return put(arguments, report::atlas_json(view, found.object, found.note));
  return put(arguments, report::case_page(view, *found.object.case_study));
}

const atlas::Phase* phase_from(std::string_view text) {
  for (const atlas::Phase& phase : atlas::phases())
    if (lower(phase.code) == lower(text) || lower(phase.name).starts_with(lower(text))) return &phase;
  return nullptr;
}

int show_phase(const Arguments& arguments, const report::AtlasView& view) {
  const std::string text = arguments.operands.size() < 2 ? std::string() : arguments.operands[1];
  const atlas::Phase* phase = text.empty() ? nullptr : phase_from(text);
  if (phase == nullptr) {
    std::string message =
        text.empty() ? "atlas phase: which one?" : "'" + printable(text, 40) + "' is no phase:";
    for (const atlas::Phase& known : atlas::phases())
      message += "\n  " + std::string(known.code) + "  " + std::string(known.name);
    return refuse(message);
  }
  if (wants_json(arguments)) return put(arguments, report::atlas_json(view, *phase));
  return put(arguments, report::phase_page(view, *phase));
}

report::CoverageFacts facts_now(const World& world) {
  const auto build = drill::build_digest();
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return {.build = build ? *build : std::string("unknown"),
          .date = std::to_string(static_cast<int>(world.today.year())) + "-" +
                  two(static_cast<unsigned>(world.today.month())) + "-" +
                  two(static_cast<unsigned>(world.today.day()))};
}

// The figures are defined over the pinned version: our map is made for it.
int coverage(const Arguments& arguments, const World& world, const Knowledge& known) {
  report::AtlasView view = known.view();
  const Knowledge pinned{
      .imported = {}, .drills = known.drills, .implemented = known.implemented, .rules = known.rules};
  if (view.imported)
    complain("ATLAS " + std::string(view.catalogue.version()) + " is imported; figures stay on " +
             std::string(atlas::pinned().version()) + ", which controls and drills are made for");
  const report::AtlasView over = pinned.view();
  const std::string format = arguments.text("format", "text");
  if (format == "navigator") return put(arguments, report::coverage_layer(over, BULWARK_VERSION));
  if (format == "json") return put(arguments, report::atlas_coverage_json(over, facts_now(world)));
  return put(arguments, report::coverage_page(over, facts_now(world)));
}

int export_all(const Arguments& arguments, const World& world, const Knowledge& known) {
  const std::string format = arguments.text("format");
  const report::AtlasView view = known.view();
  if (format == "navigator") return put(arguments, report::coverage_layer(view, BULWARK_VERSION));
  if (format == "json") return put(arguments, report::atlas_export_json(view));
  if (format.empty() || format == "text")
    return refuse("atlas export: --format navigator, json, html or markdown");
  report::Page whole = report::export_page(view, facts_now(world));
  return put(arguments, whole);
}

std::vector<atlas::Reference> all_references(const Knowledge& known) {
  std::vector<atlas::Reference> references = atlas::references_of(atlas::map());
  for (const Rule* rule : known.rules)
    for (const std::string_view id : words(rule->atlas))
      references.push_back({"rule " + std::string(rule->id), std::string(id), ""});
  for (const atlas::DrillOutcome& drill : known.drills) {
    for (const std::string& id : drill.techniques) references.push_back({"drill " + drill.id, id, ""});
    for (const std::string& id : drill.cases) references.push_back({"drill " + drill.id, id, ""});
  }
  return references;
}

int import(const Arguments& arguments, Knowledge known) {
  if (arguments.operands.size() != 2) return refuse("atlas import: one FILE or DIR");
  const atlas::ImportLimits limits;
  const auto sources = import_sources(arguments.operands[1], limits);
  if (!sources) return refuse(sources.error());
  const auto imported = atlas::import_catalogue(*sources, limits);
  if (!imported) return refuse(imported.error());
  auto catalogue = atlas::Catalogue::read(imported->tables.view());
  if (!catalogue) return refuse(catalogue.error());
  const auto folder = store_catalogue(atlas_folder(), imported->tables);
  if (!folder) return refuse(folder.error());
  known.imported = std::move(*catalogue);
  const std::vector<atlas::Reference> references = all_references(known);
  const report::ImportOutcome outcome{
      .import = *imported,
      .changes = atlas::compare(atlas::pinned(), *known.imported, atlas::map()),
      .broken = atlas::broken(references, *known.imported, atlas::map()),
      .references = references.size(),
      .folder = *folder};
  if (atlas::is_older(known.imported->version(), atlas::pinned().version()))
    complain("ATLAS " + std::string(known.imported->version()) + " is older than the built-in " +
             std::string(atlas::pinned().version()) + "; it is in use until another one is imported");
  if (wants_json(arguments)) return put(arguments, report::atlas_import_json(known.view(), outcome));
  return put(arguments, report::import_page(known.view(), outcome));
}

// What a flag is for; a complaint if it was given for something else.
std::string misplaced(const Arguments& arguments, std::string_view command) {
  for (const std::string_view flag : words(kFilters))
    if (arguments.has(flag) && command != "list")
      return "--" + std::string(flag) + " is for 'bulwark atlas list', not for '" + std::string(command) +
             "'";
  if (arguments.text("format") == "navigator" && command != "export" && command != "coverage")
    return "--format navigator is for 'bulwark atlas export' and 'coverage', not for '" +
           std::string(command) + "'";
  return {};
}

int run(const Arguments& arguments, const World& world) {
  constexpr std::string_view kCommands = "list show phase case coverage export import";
  const std::string command = arguments.operands.empty() ? std::string() : arguments.operands.front();
  const std::vector<std::string_view> commands = words(kCommands);
  if (std::ranges::find(commands, command) == commands.end()) {
    const std::string_view guess = nearest(command, commands);
    return refuse(
        (command.empty() ? "atlas: what to do?" : "atlas: '" + printable(command, 40) + "' is none of") +
        std::string(command.empty() ? " One of " : " ") + std::string(kCommands) +
        (guess.empty() || command.empty() ? "" : "; did you mean '" + std::string(guess) + "'?") +
        "\nRun 'bulwark atlas --help' for what there is.");
  }
  const std::string wrong = misplaced(arguments, command);
  if (!wrong.empty()) return refuse(wrong);
  // A damaged store must not keep anybody from mending it.
  auto known = knowledge(arguments.has("pinned") || command == "import");
  if (!known) return refuse(known.error());
  if (command == "import") return import(arguments, std::move(*known));
  if (command == "coverage") return coverage(arguments, world, *known);
  if (command == "export") return export_all(arguments, world, *known);
  const report::AtlasView view = known->view();
  if (command == "list") return list(arguments, view);
  if (command == "phase") return show_phase(arguments, view);
  return command == "case" ? show_case(arguments, view) : show(arguments, view);
}

}  // namespace

const Verb atlas{
    .name = "atlas",
    .summary = "what attacks are known, what answers them here, and what is proven",
    .operands = "COMMAND",
    .operands_help =
        "list [KIND] | show ID | phase CODE | case ID | coverage | export | import FILE|DIR; see the "
        "examples",
    .flags = kFlags,
    .examples =
        "  bulwark atlas list --phase RG                   techniques that strike at the registry\n"
        "  bulwark atlas list controls                     also: tactics mitigations cases phases crosswalk\n"
        "  bulwark atlas show T0011.000                    a technique; also M0013 CS0023 TA0002 SC-MODEL "
        "ML01\n"
        "  bulwark atlas case CS0023                       an incident step by step, and what would stop it\n"
        "  bulwark atlas phase training                    what strikes in one phase of a pipeline\n"
        "  bulwark atlas coverage                          what drills of this build have proven\n"
        "  bulwark atlas export --format navigator -o layer.json\n"
        "  bulwark atlas import atlas-data/dist            use a newer ATLAS from now on",
    .run = run};

}  // namespace bulwark::cli::commands
