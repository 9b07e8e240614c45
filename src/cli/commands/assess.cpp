// bulwark assess: what threatens this pipeline, and what to do first.

#include "assess/assessment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>

#include "assess/discover.h"
#include "atlas/catalogue.h"
#include "base/text.h"
#include "cli/commands/list.h"
#include "cli/judging.h"
#include "drill/results.h"
#include "os/files.h"
#include "os/mapping.h"
#include "os/terminal.h"
#include "os/walk.h"
#include "report/assess.h"
#include "scan/engine.h"

namespace bulwark::cli::commands {
namespace {

// A tree of more files is no repository of one pipeline; the rest is said to be unseen.
constexpr std::size_t kFiles = 50'000;
// Files above this are known by their beginning and their name.
constexpr std::uint64_t kWholeFile = std::uint64_t{256} << 20;
constexpr std::size_t kNotRead = 200;  // kept; more say nothing new

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "init", .help = "write an inventory of what was discovered, to be corrected and kept"},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default), json, markdown, navigator or html",
     .choices = "text json markdown navigator html"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "write to FILE instead of standard output"},
    {.name = "exclude", .value = "GLOB", .help = "leave out what matches (repeatable)", .repeats = true},
    {.name = "no-color", .help = "no colours"},
    {.name = "color", .help = "colours even where the output is no terminal"},
    {.name = "verbose", .letter = 'v', .help = "text: every technique, with attacker, controls and cases"},
});

// Folders that hold what others wrote or a machine made.
constexpr std::array<std::string_view, 12> kLeftOut = {
    ".git",        "node_modules", ".venv",         "venv", ".tox", "__pycache__",
    ".mypy_cache", ".ruff_cache",  ".pytest_cache", ".hg",  ".svn", ".terraform"};

struct Given {
  std::string tree;       // path, or empty
  std::string inventory;  // path, or empty
};

int complain_of(const Error& error) {
  complain(error.message);
  return kUsage;
}

Result<Given> given_in(const Arguments& arguments) {
  Given given;
  for (const std::string& path : arguments.operands) {
    std::error_code error;
    const bool folder = std::filesystem::is_directory(path, error);
    if (!folder && !std::filesystem::exists(path, error)) return fail(Code::NotFound, path + ": not found");
    std::string& slot = folder ? given.tree : given.inventory;
    if (!slot.empty())
      return fail(Code::InvalidInput,
                  "give one folder and one inventory at most, not both " + slot + " and " + path);
    slot = path;
  }
  return given;
}

class TreeReader {
 public:
  TreeReader(std::string root, const Arguments& arguments, const Clock& clock)
      : root_(std::move(root)), engine_(scan::builtin_inspectors(), limits(), {}, clock) {
    for (const std::string_view folder : kLeftOut) options_.exclude.emplace_back(folder);
    for (std::string& glob : arguments.all("exclude")) options_.exclude.push_back(std::move(glob));
  }

  void read(assess::Looked& looked, std::vector<assess::Component>& components) {
    assess::Discoverer discoverer(engine_);
    std::size_t files = 0;
    for (const os::WalkEntry& entry : os::walk(root_, options_)) {
      if (entry.kind == os::Found::Directory) continue;
      if (entry.kind == os::Found::Unreadable) {
        not_read(below(entry.path) + ": " + entry.why);
      } else if (++files > kFiles) {
        not_read("more than " + std::to_string(kFiles) + " files: the rest of the tree");
        break;
      } else {
        look(discoverer, entry.path);
      }
    }
    looked.tree = printable(root_, 400);
    looked.files = discoverer.files();
    looked.read = discoverer.read();
    looked.not_read = std::move(not_read_);
    components = discoverer.take();
  }

 private:
  // A file that takes longer to be told from a model is known by its name.
  static Limits limits() {
    Limits limits;
    limits.time = std::chrono::seconds(5);
    return limits;
  }

  [[nodiscard]] std::string below(const std::string& path) const {
    if (!path.starts_with(root_)) return path;
    const std::size_t start = path.find_first_not_of('/', root_.size());
    return start == std::string::npos ? path : path.substr(start);
  }

  void not_read(const std::string& what) {
    if (not_read_.size() < kNotRead) not_read_.push_back(printable(what, 300));
  }

  void look(assess::Discoverer& discoverer, const std::string& path) {
    const auto mapping = os::Mapping::open(path, false);
    if (!mapping) {
      not_read(below(path) + ": " + mapping.error().message);
      discoverer.look_at_name(below(path));
      return;
    }
    const Bytes bytes = (*mapping)->bytes();
    discoverer.look(below(path), bytes.first(std::min<std::size_t>(bytes.size(), kWholeFile)));
  }

  std::string root_;
  scan::Engine engine_;
  os::WalkOptions options_;
  std::vector<std::string> not_read_;
};

// The tree as an inventory names it: relative to where that will lie.
std::string relative_to_output(const std::string& tree, const Arguments& arguments) {
  std::error_code error;
  const std::filesystem::path output = arguments.text("output");
  const std::filesystem::path folder =
      output.has_parent_path() ? output.parent_path() : std::filesystem::path(".");
  const std::string path = std::filesystem::relative(tree, folder, error).generic_string();
  return error || path.empty() ? "." : path;
}

// The last part of a path as a name: "." is the working folder's.
std::string name_of_folder(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
  const std::string name = whole.filename().string();
  return printable(name.empty() ? whole.parent_path().filename().string() : name, 120);
}

Result<assess::Inventory> inventory_at(const std::string& path) {
  const std::string text = TRY(os::read_text(path, assess::kInventoryBytes));
  auto inventory = assess::read_inventory(text);
  if (!inventory) return std::unexpected(std::move(inventory.error()).within(path));
  return inventory;
}

std::string written(const Arguments& arguments, const assess::Assessment& assessment) {
  const std::string format = arguments.text("format", "text");
  const bool to_terminal = !arguments.has("output") && os::likes_colour(STDOUT_FILENO);
  const report::AssessRun run{
      .assessment = assessment,
      .version = BULWARK_VERSION,
      .colour = !arguments.has("no-color") && (arguments.has("color") || to_terminal),
      .columns = os::columns(STDOUT_FILENO),
      .verbose = arguments.has("verbose"),
  };
  if (format == "json") return report::assess_json(run);
  if (format == "markdown") return report::assess_markdown(run);
  if (format == "navigator") return report::assess_navigator(run);
  if (format == "html") return report::assess_html(run);
  return report::assess_text(run);
}

// Outcomes of the drills that this build has run here; none is an answer, too.
std::vector<atlas::DrillOutcome> outcomes() {
  auto saved = drill::saved_outcomes(drill::results_path());
  if (saved) return std::move(*saved);
  complain("results of drills are not used: " + saved.error().message);
  return {};
}

int run(const Arguments& arguments, const World& world) {
  const auto given = given_in(arguments);
  if (!given) return complain_of(given.error());
  assess::Inventory inventory;
  std::string tree = given->tree;
  if (!given->inventory.empty()) {
    auto read = inventory_at(given->inventory);
    if (!read) return complain_of(read.error());
    inventory = std::move(*read);
    if (tree.empty() && !inventory.repository.empty())
      tree = (std::filesystem::path(given->inventory).parent_path() / inventory.repository)
                 .lexically_normal()
                 .string();
    std::error_code error;
    if (!tree.empty() && !std::filesystem::is_directory(tree, error))
      return complain_of(
          {.code = Code::NotFound, .message = given->inventory + ": 'repository' is no folder: " + tree});
  }

  assess::Looked looked{.inventory = printable(given->inventory, 400)};
  std::vector<assess::Component> discovered;
  if (!tree.empty()) TreeReader(tree, arguments, world.clock).read(looked, discovered);
  looked.name =
      !inventory.name.empty() ? inventory.name : name_of_folder(tree.empty() ? given->inventory : tree);

  assess::Merged merged = assess::merge(std::move(inventory.components), std::move(discovered));
  if (arguments.has("init")) {
    const std::string text =
        assess::write_inventory({.name = looked.name,
                                 .repository = tree.empty() ? "" : relative_to_output(tree, arguments),
                                 .controls = std::move(inventory.controls),
                                 .components = std::move(merged.components)});
    return deliver(arguments, text) ? kAccepted : kUsage;
  }
  const std::vector<atlas::DrillOutcome> drills = outcomes();
  const std::vector<std::string_view> implemented = drill::implemented_controls();
  const assess::Assessment assessment = assess::assess({.looked = std::move(looked),
                                                        .merged = std::move(merged),
                                                        .controls = std::move(inventory.controls),
                                                        .drills = drills,
                                                        .implemented = implemented},
                                                       atlas::pinned(), atlas::map(), assess::knowledge());
  return deliver(arguments, written(arguments, assessment)) ? kAccepted : kUsage;
}

}  // namespace

const Verb assess{
    .name = "assess",
    .summary = "what threatens a pipeline, phase by phase, and what to do first",
    .operands = "PATH",
    .operands_help = "a folder to discover components in, an inventory, or both",
    .flags = kFlags,
    .examples =
        "  bulwark assess .\n"
        "  bulwark assess . --format html --output assessment.html\n"
        "  bulwark assess . --init --output inventory.yaml\n"
        "  bulwark assess inventory.yaml",
    .run = run,
};

}  // namespace bulwark::cli::commands
