// For people: file by file, worst first; why and what to do once per rule; last what was and was not seen.

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "report/atlas.h"
#include "report/grouping.h"
#include "report/run.h"

namespace bulwark::report {
namespace {

// More findings of one rule in one file only repeat themselves; json has them all.
constexpr std::size_t kShownPerRule = 3;
constexpr unsigned kWidest = 120;  // longer lines are hard to read

enum class Paint : std::uint8_t { Plain, Bold, Faint, Red, Magenta, Yellow, Cyan, Green };

constexpr std::array<std::string_view, 8> kCodes = {"",           "\x1b[1m",  "\x1b[2m",  "\x1b[1;31m",
                                                    "\x1b[1;35m", "\x1b[33m", "\x1b[36m", "\x1b[32m"};

Paint paint_of(Severity severity) {
  constexpr std::array kPaints = {Paint::Faint, Paint::Cyan, Paint::Yellow, Paint::Red, Paint::Magenta};
  return kPaints[std::to_underlying(severity)];
}
Paint paint_of(Standing standing) {
  constexpr std::array kPaints = {Paint::Green, Paint::Yellow, Paint::Yellow, Paint::Red};
  return kPaints[std::to_underlying(standing)];
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return result;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many = {}) {
  const std::string plural = many.empty() ? std::string(one) + "s" : std::string(many);
  return std::to_string(count) + " " + (count == 1 ? std::string(one) : plural);
}

// Width on screen: continuation bytes of UTF-8 take no column.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

class Page {
 public:
  explicit Page(const Run& run) : run_(run), columns_(std::min(run.columns, kWidest)) {}

  std::string take() {
    const std::vector<FileGroup> files = files_of(run_);
    const bool only_one = files.size() == 1;
    for (const FileGroup& file : files)
      if (only_one || run_.verbose || is_worth_showing(file)) show(file, only_one || run_.verbose);
    for (const std::string& warning : run_.verdict.warnings) out_ += "policy: " + warning + "\n";
    summary();
    return std::move(out_);
  }

 private:
  bool is_worth_showing(const FileGroup& file) const {
    return file.standing != Standing::Accepted || !file.gaps.empty() ||
           std::ranges::any_of(
               file.findings,
               [&](std::size_t i) { return run_.verdict.findings[i].severity > Severity::Info; }) ||
           std::ranges::any_of(file.artifacts, [](const Inspected* about) { return !about->trace.empty(); });
  }

  std::string painted(std::string_view text, Paint paint) const {
    if (!run_.colour || paint == Paint::Plain) return std::string(text);
    return std::string(kCodes[std::to_underlying(paint)]) + std::string(text) + "\x1b[0m";
  }

  void show(const FileGroup& file, bool everything) {
    out_ += painted(printable(file.path, 1000), Paint::Bold) + "  " +
            painted(upper(name_of(file.standing)), paint_of(file.standing));
    const std::string about = described(file);
    if (!about.empty()) out_ += "  " + painted(about, Paint::Faint);
    out_ += "\n";
    findings(file, everything);
    for (const std::size_t index : file.gaps) gap(index);
    advice(file);
    trace(file);
    out_ += "\n";
  }

  // "zip, torch; 3 members, 1.2 MiB"
  std::string described(const FileGroup& file) const {
    std::string text;
    if (file.artifacts.empty()) return text;
    const Inspected& top = *file.artifacts.front();
    if (!top.origin.empty()) return text;
    for (const std::string& format : top.formats) text += (text.empty() ? "" : ", ") + format;
    if (text.empty()) text = "no known format";
    if (top.size != 0) text += "; " + human_size(top.size);
    if (file.artifacts.size() > 1) text += ", " + counted(file.artifacts.size() - 1, "part") + " inside";
    const auto digest = run_.digests.find(std::string(file.path));
    if (digest != run_.digests.end()) text += "; sha256 " + digest->second;
    return text;
  }

  void findings(const FileGroup& file, bool everything) {
    std::set<const Rule*> done;
    std::size_t hidden = 0;
    for (const std::size_t index : file.findings) {
      const Rule* rule = run_.report.findings[index].rule;
      if (!everything && run_.verdict.findings[index].severity == Severity::Info) {
        ++hidden;
        continue;
      }
      if (!done.insert(rule).second) continue;
      std::vector<std::size_t> alike;
      for (const std::size_t other : file.findings)
        if (run_.report.findings[other].rule == rule) alike.push_back(other);
      for (std::size_t i = 0; i < std::min(alike.size(), kShownPerRule); ++i) finding(alike[i]);
      if (alike.size() > kShownPerRule)
        line("", std::to_string(alike.size() - kShownPerRule) + " more of " + std::string(rule->id) +
                     " in this file (--format json shows all)");
      explanation(*rule, run_.verdict.findings[index]);
    }
    if (hidden > 0) line("", counted(hidden, "note") + " of severity info not shown (-v shows them)");
  }

  void finding(std::size_t index) {
    const Finding& found = run_.report.findings[index];
    const policy::JudgedFinding& judged = run_.verdict.findings[index];
    constexpr std::size_t kColumn = 10;
    const std::string severity = upper(bulwark::name_of(judged.severity));
    out_ += "  " +
            painted(severity, judged.allowed_by == policy::AllowedBy::Nobody ? paint_of(judged.severity)
                                                                             : Paint::Faint) +
            std::string(kColumn - severity.size(), ' ');
    wrapped(found.message, 12, painted(found.rule->id, Paint::Faint), found.rule->id.size());
    const std::string place = place_text(found.origin, found.place);
    if (!place.empty()) line("where", place);
    if (!found.evidence.empty() && found.evidence != found.message) line("code", found.evidence);
    if (judged.allowed_by != policy::AllowedBy::Nobody)
      line("allowed",
           "by " + std::string(policy::name_of(judged.allowed_by)) + ": " + judged.allowed_because);
  }

  void explanation(const Rule& rule, const policy::JudgedFinding& judged) {
    if (judged.severity == Severity::Info || !explained_.insert(&rule).second) return;
    line("why", rule.why);
    line("do", rule.fix);
    std::string techniques;
    for (const std::string_view id : techniques_of(rule))
      techniques +=
          (techniques.empty() ? "" : "; ") + std::string(id) + " " + std::string(technique_name(id));
    line("ATLAS", techniques, Paint::Faint);
  }

  void gap(std::size_t index) {
    const Gap& gap = run_.report.gaps[index];
    const std::string place = place_text(gap.origin, gap.place);
    out_ += "  " + painted("NOT SEEN", Paint::Yellow) + "  ";
    wrapped(std::string(bulwark::name_of(gap.reason)) + ": " + gap.why, 12, {}, 0);
    if (!place.empty()) line("where", place);
  }

  // Whether torch's restricted loader would take the file; what a pickle's user most wants to know.
  void advice(const FileGroup& file) {
    std::set<std::string> answers;
    for (const Inspected* about : file.artifacts)
      for (const auto& [key, value] : about->facts)
        if (key == "weights_only") answers.insert(value);
    for (const std::string& answer : answers) line("", "torch.load(weights_only=True): " + answer);
  }

  void trace(const FileGroup& file) {
    for (const Inspected* about : file.artifacts) {
      if (about->trace.empty()) continue;
      line("trace", place_text(about->origin, {}));
      std::string_view program = about->trace;
      while (program.ends_with('\n')) program.remove_suffix(1);
      for (const std::string_view row : split(program, '\n')) out_ += "    " + printable(row, 2000) + "\n";
    }
  }

  // "            label   text, wrapped"
  void line(std::string_view label, std::string_view text, Paint paint = Paint::Plain) {
    constexpr std::size_t kLabel = 9;
    std::string start(12, ' ');
    if (!label.empty()) start += painted(label, Paint::Faint) + std::string(kLabel - label.size(), ' ');
    out_ += start;
    wrapped(text, label.empty() ? 12 : 12 + kLabel, {}, 0, paint);
  }

  // Writes words up to the last column; `tail` (of `tail_width` columns) ends the first line.
  void wrapped(std::string_view text, std::size_t indent, const std::string& tail, std::size_t tail_width,
               Paint paint = Paint::Plain) {
    std::size_t room = columns_ > indent + tail_width + 30 ? columns_ - indent - tail_width - 2 : 30;
    std::string row;
    bool first = true;
    const auto flush = [&] {
      out_ += painted(row, paint);
      if (first && !tail.empty()) out_ += "  " + tail;
      out_ += "\n";
      first = false;
      row.clear();
      room = columns_ > indent + 30 ? columns_ - indent : 30;
    };
    for (const std::string_view word : words(text)) {
      if (!row.empty() && width_of(row) + 1 + width_of(word) > room) {
        flush();
        out_ += std::string(indent, ' ');
      }
      row += (row.empty() ? "" : " ") + std::string(word);
    }
    flush();
  }

  void summary() {
    const Totals totals = totals_of(run_);
    const policy::Outcome outcome = run_.verdict.outcome;
    const Paint paint = outcome == policy::Outcome::Accepted  ? Paint::Green
                        : outcome == policy::Outcome::Refused ? Paint::Red
                                                              : Paint::Yellow;
    out_ += painted(upper(policy::name_of(outcome)), paint) + "  " + counted(run_.files, "file");
    const std::size_t inside = totals.artifacts > run_.files ? totals.artifacts - run_.files : 0;
    if (inside > 0) out_ += " and " + counted(inside, "part") + " inside";
    out_ += ", " + human_size(totals.bytes) + ":";
    std::string parts;
    constexpr std::array<std::string_view, 5> kWords = {"info", "low", "medium", "high", "critical"};
    for (std::size_t i = kWords.size(); i-- > 0;)
      if (totals.findings[i] > 0)
        parts +=
            (parts.empty() ? " " : ", ") + std::to_string(totals.findings[i]) + " " + std::string(kWords[i]);
    if (totals.allowed > 0)
      parts += (parts.empty() ? " " : ", ") + std::to_string(totals.allowed) + " allowed";
    out_ += (parts.empty() ? " no findings" : parts) + "; ";
    out_ += totals.gaps == 0 ? "everything was seen\n"
                             : counted(totals.gaps, "gap") + " (not everything was seen)\n";
  }

  const Run& run_;
  const std::size_t columns_;
  std::string out_;
  std::set<const Rule*> explained_;
};

}  // namespace

std::string write_text(const Run& run) {
  return Page(run).take();
}

}  // namespace bulwark::report
