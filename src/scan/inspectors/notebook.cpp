// Jupyter notebooks: their Python is judged like a source file (python_code.h), besides what only notebooks
// have: shell escapes, saved outputs, hidden cells, the order in which cells ran.

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "scan/formats/notebook.h"
#include "scan/formats/python/program.h"
#include "scan/inspectors/install_line.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/python_code.h"
#include "scan/inspectors/shared_rules.h"
#include "scan/inspectors/training.h"
#include "scan/knowledge/personal_data.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kShellInstalls{
    .id = "BW-NB-002",
    .title = "notebook downloads and runs or installs programs from elsewhere",
    .severity = Severity::Medium,
    .atlas = "AML.T0050",
    .why =
        "Whoever controls the address on that day runs code on the machine of everybody who opens the "
        "notebook and runs its cells.",
    .fix = "Install from a lock file with hashes before the notebook starts; fetch files by digest.",
    .controls = "SC-CODE",
};
constexpr Rule kPersonalOutput{
    .id = "BW-NB-003",
    .title = "notebook's output shows personal data",
    .severity = Severity::Medium,
    .atlas = "AML.T0037",
    .why =
        "Rows of a data set that were printed once stay in the file and in version control, where nobody "
        "expects people's names and numbers.",
    .fix =
        "Clear the outputs (jupyter nbconvert --clear-output --inplace), remove them from history, and print "
        "counts instead of rows.",
    .controls = "SC-CODE",
};
constexpr Rule kActiveOutput{
    .id = "BW-NB-004",
    .title = "notebook carries active HTML or JavaScript",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "A trusted notebook runs the script in the reader's browser, with the session of the notebook "
        "server: it can start kernels and read files.",
    .fix =
        "Clear the outputs (jupyter nbconvert --clear-output --inplace) and read the script before trusting.",
    .controls = "SC-CODE",
};
constexpr Rule kOutOfOrder{
    .id = "BW-NB-005",
    .title = "notebook's cells ran in another order than they stand",
    .severity = Severity::Info,
    .atlas = "AML.T0031",
    .why = "Nobody can repeat the results by running the notebook from the top, so nobody can check them.",
    .fix = "Restart the kernel, run all cells in order and save.",
    .controls = "SC-CODE",
};
constexpr Rule kHiddenCell{
    .id = "BW-NB-006",
    .title = "notebook hides the source of a code cell",
    .severity = Severity::Low,
    .atlas = "AML.T0074",
    .why = "\"Run all\" runs what the reader does not see.",
    .fix = "Show the cell (metadata jupyter.source_hidden: false) and read it.",
    .controls = "SC-CODE",
};
constexpr Rule kHugeOutput{
    .id = "BW-NB-007",
    .title = "notebook carries a huge output",
    .severity = Severity::Low,
    .atlas = "AML.T0025",
    .why =
        "Megabytes of output hide data from reviewers and carry copies of the data set into the repository.",
    .fix = "Clear the output before committing; store results as files.",
    .controls = "SC-CODE",
};
constexpr std::array kOwnRules = {kShellInstalls,
                                  kPersonalOutput,
                                  kActiveOutput,
                                  kOutOfOrder,
                                  kHiddenCell,
                                  kHugeOutput,
                                  kUnsafeLoad,
                                  kTrustRemoteCode,
                                  kUnpinnedDownload,
                                  kNoTls,
                                  kExtracts,
                                  kDataByHttp,
                                  kModelRuns,
                                  kInputRuns,
                                  kModelSteers,
                                  kAnyTool,
                                  kDebugServer,
                                  kCredentialPath,
                                  kTorchHub,
                                  kStepImage,
                                  kOperatorLibrary,
                                  kInstalls,
                                  kHiddenCode,
                                  kSendsEnvironment,
                                  kFitBeforeSplit,
                                  kSelectedBeforeSplit,
                                  kResampledBeforeSplit,
                                  kFitOnTest,
                                  kSelectedByTest,
                                  kNoValidation,
                                  kTrainMetric,
                                  kTargetInFeatures,
                                  kShuffledTime,
                                  kNoSeed,
                                  kThresholdOnTest,
                                  kDuplicatesBeforeSplit};

constexpr std::size_t kHuge = std::size_t{64} << 10;  // of text; images are what they are

class Judge {
 public:
  Judge(Inspection& in, const Notebook& notebook)
      : in_(in), text_(text_of(in.bytes())), notebook_(notebook), program_(program_of(notebook)) {
    for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1))
      feeds_.push_back(at);
  }

  void run() {
    const std::string& language = notebook_.language;
    if (language.empty() || language.starts_with("python") || language == "ipython") {
      code();
      escapes();
    }
    for (std::size_t i = 0; i < notebook_.cells.size(); ++i) outputs(i);
    order();
    hidden();
  }

 private:
  [[nodiscard]] Place place_at(std::uint64_t offset) const {
    const auto line = static_cast<std::size_t>(std::ranges::lower_bound(feeds_, offset) - feeds_.begin());
    const std::uint64_t begin = line == 0 ? 0 : feeds_[line - 1] + 1;
    return {.offset = offset,
            .line = static_cast<std::uint32_t>(line + 1),
            .column = static_cast<std::uint32_t>(offset - begin + 1)};
  }
  [[nodiscard]] Place place_of_origin(const NotebookProgram::Origin& origin, std::size_t column) {
    const NotebookCell& cell = notebook_.cells[origin.cell];
    if (origin.line >= cell.lines.size()) return place_at(cell.offset);
    // A cell that is one long string is walked for every place in it.
    if (++mapped_ > 300) return place_at(cell.lines[origin.line].string);
    return place_at(offset_in_file(text_, cell.lines[origin.line], column));
  }
  static std::string where(std::size_t cell, std::size_t line) {
    return "cell " + std::to_string(cell + 1) + ", line " + std::to_string(line + 1) + ": ";
  }

  void raise(const Rule& rule, const python::Token& at, FindingDetails details) {
    if (at.line == 0 || at.line > program_.lines.size()) return;
    const NotebookProgram::Origin& origin = program_.lines[at.line - 1];
    details.place = place_of_origin(origin, at.column - 1);
    details.edits.clear();  // they are of the source between the cells' quotes
    details.message = where(origin.cell, origin.line) +
                      (details.message.empty() ? std::string(rule.title) : details.message);
    const bool escape = rule.id == kInstalls.id && details.subject.starts_with("get_ipython");
    if (escape)
      details.severity = std::min(details.severity.value_or(rule.severity), kShellInstalls.severity);
    in_.report(escape ? kShellInstalls : rule, std::move(details));
  }

  void code() {
    const python::Tree tree = python::parse_tree(program_.source);
    const auto report = [&](const Rule& rule, const python::Token& at, FindingDetails details) {
      raise(rule, at, std::move(details));
    };
    CodeJudge judge(report);
    const python::Program program = python::evaluate(tree, {.observer = &judge});
    judge.finish(program, true);
    judge_training(tree, program, report);
    if (!program.complete)
      in_.gap(GapReason::Limit, "the code of the notebook was followed up to its limits only");
    // Cells that did not parse: another language behind a magic, or a syntax error that was left standing.
    if (program.unreadable * 5 > program.statements && program.statements > 4)
      in_.gap(GapReason::Malformed,
              std::to_string(program.unreadable) + " statements of the notebook are no Python");
  }

  void escapes() {
    for (const NotebookProgram::Escape& escape : program_.escapes) {
      const auto report = [&](std::string message, Severity severity) {
        in_.report(kShellInstalls,
                   {.place = place_of_origin(escape.origin, escape.origin.cut),
                    .message = where(escape.origin.cell, escape.origin.line) + message,
                    .evidence = (escape.magic.empty() ? "!" : "%" + escape.magic + " ") + escape.command,
                    .severity = severity});
      };
      if (!escape.magic.empty()) {
        const bool address = escape.command.starts_with("http://") || escape.command.starts_with("https://");
        if ((escape.magic == "run" || escape.magic == "load" || escape.magic == "loadpy") && address)
          report("%" + escape.magic + " runs what " + escape.command + " delivers", Severity::Medium);
        continue;
      }
      if (auto found = judge_install(escape.command))
        report(std::move(found->message), std::min(found->severity, Severity::Medium));
    }
  }

  void outputs(std::size_t index) {
    const NotebookCell& cell = notebook_.cells[index];
    for (const NotebookOutput& output : cell.outputs) {
      if (output.text.size() > kHuge && !output.mime.starts_with("image/"))
        in_.report(kHugeOutput, {.place = place_at(output.offset),
                                 .message = "cell " + std::to_string(index + 1) + ": " + output.mime +
                                            " of " + human_size(output.text.size()),
                                 .evidence = output.text.substr(0, 100)});
      if (!output.mime.starts_with("image/")) personal(index, output);
      const bool script = output.mime == "application/javascript" || output.mime == "text/javascript";
      const bool markup = output.mime == "text/html" || output.mime == "image/svg+xml";
      if (script || markup) active(index, output, script);
    }
    if (cell.kind != NotebookCell::Kind::Markdown) return;
    NotebookOutput text{.mime = "markdown", .text = {}, .offset = cell.offset};
    for (const NotebookLine& line : cell.lines) text.text += line.text + "\n";
    active(index, text, false);
  }

  // Says what was found and how many, never the values.
  void personal(std::size_t index, const NotebookOutput& output) {
    // A table is there as HTML and as plain text.
    for (const PersonalData& data : find_personal_data(output.text)) {
      if (!shown_.emplace(index, data.kind).second) continue;
      in_.report(kPersonalOutput, {.place = place_at(output.offset),
                                   .message = "an output of cell " + std::to_string(index + 1) + " shows " +
                                              std::to_string(data.count) + " " + std::string(data.kind) +
                                              (data.count == 1 ? "" : "s"),
                                   .evidence = std::string(data.kind)});
    }
  }

  // Places at which a browser would run script.
  static std::size_t script_in(std::string_view html) {
    for (std::size_t at = 0; at < html.size(); ++at) {
      const std::string_view rest = html.substr(at);
      if (html[at] == '<' && rest.size() > 7 && lower(rest.substr(0, 7)) == "<script" && !is_data(rest))
        return at;
      if ((html[at] == 'j' || html[at] == 'J') && lower(rest.substr(0, 11)) == "javascript:" && at > 0 &&
          (html[at - 1] == '"' || html[at - 1] == '\'' || html[at - 1] == '=' || html[at - 1] == '('))
        return at;
      const bool handler =
          (html[at] == 'o' || html[at] == 'O') && at > 0 &&
          (html[at - 1] == ' ' || html[at - 1] == '\n' || html[at - 1] == '/' || html[at - 1] == '"');
      if (handler && is_handler(rest) && inside_tag(html, at)) return at;
    }
    return std::string_view::npos;
  }
  static bool is_data(std::string_view tag) {
    const std::string head = lower(tag.substr(0, std::min(tag.find('>'), std::size_t{160})));
    return head.find("application/json") != std::string::npos ||
           head.find("application/vnd.") != std::string::npos || head.find("math/tex") != std::string::npos ||
           head.find("text/x-mathjax") != std::string::npos;
  }
  static bool is_handler(std::string_view rest) {
    constexpr std::array<std::string_view, 10> kHandlers = {
        "onerror",      "onload",   "onclick",          "onmouseover",    "onfocus",
        "onmouseenter", "ontoggle", "onanimationstart", "onpointerenter", "onbegin"};
    const std::size_t equal = rest.substr(0, 24).find('=');
    if (equal == std::string_view::npos) return false;
    return std::ranges::find(kHandlers, lower(trim(rest.substr(0, equal)))) != kHandlers.end();
  }
  static bool inside_tag(std::string_view html, std::size_t at) {
    const std::string_view before =
        html.substr(at - std::min<std::size_t>(at, 400), std::min<std::size_t>(at, 400));
    const std::size_t open = before.rfind('<');
    return open != std::string_view::npos && before.find('>', open) == std::string_view::npos;
  }

  void active(std::size_t index, const NotebookOutput& output, bool script) {
    const std::size_t at = script ? 0 : script_in(output.text);
    if (at == std::string_view::npos || output.text.empty()) return;
    const bool plots = from_library(notebook_.cells[index], output.text);
    const Severity severity = plots                       ? Severity::Low
                              : output.mime == "markdown" ? Severity::Medium
                                                          : Severity::High;
    in_.report(kActiveOutput,
               {.place = place_at(output.offset),
                .message = "cell " + std::to_string(index + 1) + ": " + output.mime + " holds script" +
                           (plots ? " of a plotting library; clear outputs before committing" : ""),
                .evidence = output.text.substr(at, 160),
                .severity = severity});
  }

  // Plotly, Bokeh and their like draw with script. One that also talks to others is not theirs.
  static bool from_library(const NotebookCell& cell, std::string_view text) {
    constexpr std::array<std::string_view, 7> kTalks = {"fetch(",
                                                        "XMLHttpRequest",
                                                        "document.cookie",
                                                        "sendBeacon",
                                                        "IPython.notebook.kernel.execute",
                                                        "kernel.execute",
                                                        "localStorage"};
    const bool known_type = std::ranges::any_of(cell.outputs, [](const NotebookOutput& output) {
      return output.mime.starts_with("application/vnd.plotly") ||
             output.mime.starts_with("application/vnd.bokeh") ||
             output.mime.starts_with("application/vnd.holoviews") ||
             output.mime.starts_with("application/vnd.vega") ||
             output.mime.starts_with("application/vnd.google.colaboratory");
    });
    constexpr std::array<std::string_view, 8> kMarks = {"Plotly.newPlot", "PlotlyConfig",  "Bokeh",
                                                        "vegaEmbed",      "mpld3",         "estimator",
                                                        "google.colab",   "LightningChart"};
    const bool marked = std::ranges::any_of(
        kMarks, [&](std::string_view mark) { return text.find(mark) != std::string_view::npos; });
    if (!known_type && !marked) return false;
    // The libraries themselves are megabytes long and hold every word.
    if (text.size() > 200'000) return true;
    return std::ranges::none_of(
        kTalks, [&](std::string_view talk) { return text.find(talk) != std::string_view::npos; });
  }

  void order() {
    std::int64_t last = 0;
    for (std::size_t i = 0; i < notebook_.cells.size(); ++i) {
      const NotebookCell& cell = notebook_.cells[i];
      if (!cell.execution) continue;
      if (*cell.execution < last) {
        in_.report(kOutOfOrder, {.place = place_at(cell.offset),
                                 .message = "cell " + std::to_string(i + 1) + " ran as number " +
                                            std::to_string(*cell.execution) + ", a cell above it as number " +
                                            std::to_string(last)});
        return;
      }
      last = *cell.execution;
    }
  }

  void hidden() {
    for (std::size_t i = 0; i < notebook_.cells.size(); ++i) {
      const NotebookCell& cell = notebook_.cells[i];
      if (cell.kind != NotebookCell::Kind::Code || !cell.source_hidden || cell.lines.empty()) continue;
      in_.report(kHiddenCell,
                 {.place = place_at(cell.offset),
                  .message = "cell " + std::to_string(i + 1) + " is hidden and runs with the others",
                  .evidence = cell.lines.front().text});
    }
  }

  Inspection& in_;
  std::string_view text_;
  const Notebook& notebook_;
  NotebookProgram program_;
  std::vector<std::uint64_t> feeds_;
  std::size_t mapped_ = 0;
  std::set<std::pair<std::size_t, std::string_view>> shown_;  // cell and kind of personal data
};

Match recognises(Bytes content) {
  return looks_like_notebook(content) ? Match::Weak : Match::No;
}

Match recognises_file(std::string_view path, Bytes content) {
  return path.ends_with(".ipynb") && !content.empty() ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  auto notebook = read_notebook(text_of(in.bytes()), in.limits());
  if (!notebook) {
    // By its name alone it may be anything.
    if (!looks_like_notebook(in.bytes())) return fail(Code::Unsupported, "no notebook");
    if (notebook.error().code == Code::Unsupported) return std::unexpected(std::move(notebook).error());
    in.gap(notebook.error(), "notebook");
    return {};
  }
  in.fact("cells", std::to_string(notebook->cells.size()));
  if (!notebook->language.empty()) in.fact("language", notebook->language);
  Judge(in, *notebook).run();
  return {};
}

}  // namespace

const Inspector notebook{
    .name = "notebook",
    .version = "1",
    .rules = kOwnRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
