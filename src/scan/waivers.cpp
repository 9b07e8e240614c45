#include "scan/waivers.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/date.h"
#include "base/text.h"

namespace bulwark::scan {
namespace {

constexpr Rule kNoGood{
    .id = "BW-SUP-001",
    .title = "note that ignores findings has no effect",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "Somebody meant to accept a risk, but nobody will know which, why and until when.",
    .fix = "Write `bulwark: ignore BW-AREA-NNN the reason until YYYY-MM-DD`; the date may be left out.",
    .controls = "SC-CODE SC-CONF",
};
constexpr std::array kRules = {kNoGood};

constexpr std::string_view kMark = "bulwark:";
constexpr std::string_view kVerb = "ignore";

struct Note {
  std::vector<std::string_view> rules;
  Waiver waiver;
  std::uint32_t speaks_of = 0;  // line
  std::uint64_t offset = 0;
  std::string_view wrong;  // why it has no effect; empty: it has
};

bool is_rule_id(std::string_view word) {
  if (!word.starts_with("BW-") || word.size() < 8) return false;
  const std::string_view digits = word.substr(word.size() - 3);
  return word[word.size() - 4] == '-' &&
         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

// What is left of the comment: without its end, and without the end of a line of a notebook's JSON.
std::string_view without_end(std::string_view text) {
  for (const std::string_view end : {"\\n", "-->", "*/", "#}"}) text = text.substr(0, text.find(end));
  while (!text.empty() && std::string_view(" \t\r\",").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text;
}

bool only_comment_marks(std::string_view text) {
  return text.find_first_not_of(" \t\"#/*-;<!%{") == std::string_view::npos;
}

// `rest`: what follows the mark on its line. Empty if it is no note but a sentence about Bulwark.
std::optional<Note> read_note(std::string_view rest) {
  rest = without_end(trim(rest));
  if (!rest.starts_with(kVerb)) return {};
  rest.remove_prefix(kVerb.size());
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return {};
  Note note;
  while (true) {
    rest = trim(rest);
    while (rest.starts_with(',')) rest = trim(rest.substr(1));
    const std::size_t end = std::min(rest.find_first_of(" \t,"), rest.size());
    if (!is_rule_id(rest.substr(0, end))) break;
    note.rules.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  const std::size_t until = rest.rfind("until ");
  if (until != std::string_view::npos && (until == 0 || rest[until - 1] == ' ')) {
    const std::string_view date = trim(rest.substr(until + 6));
    if (date_from(date)) {
      note.waiver.until = date;
      rest = trim(rest.substr(0, until));
    } else if (!date.empty() && date.front() >= '0' && date.front() <= '9') {
      note.wrong = "its date does not exist; write until YYYY-MM-DD";
    }
  }
  note.waiver.reason = printable(rest);
  if (note.rules.empty()) note.wrong = "it names no rule";
  if (note.wrong.empty() && rest.empty()) note.wrong = "it gives no reason";
  return note;
}

std::vector<Note> notes_in(std::string_view text) {
  std::vector<Note> notes;
  std::vector<std::size_t> waiting;  // notes that speak of the next line
  std::uint32_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const std::size_t at = line.find(kMark);
    auto note = at == std::string_view::npos ? std::nullopt : read_note(line.substr(at + kMark.size()));
    if (!note) {
      if (trim(line).empty()) continue;
      for (const std::size_t index : waiting) notes[index].speaks_of = number;
      waiting.clear();
      continue;
    }
    note->waiver.line = number;
    note->offset = static_cast<std::uint64_t>(line.data() - text.data()) + at;
    if (only_comment_marks(line.substr(0, at))) {
      waiting.push_back(notes.size());
    } else {
      note->speaks_of = number;
    }
    notes.push_back(std::move(*note));
  }
  return notes;
}

// A hostile model that comes with code must not be able to speak for itself.
bool can_be_waived(const Finding& finding) {
  const std::vector<std::string_view> controls = words(finding.rule->controls);
  return finding.origin.empty() && finding.place.line != 0 &&
         std::ranges::none_of(controls,
                              [](std::string_view id) { return id == "SC-MODEL" || id == "SC-ARCH"; });
}

}  // namespace

std::span<const Rule> waiver_rules() {
  return kRules;
}

void apply_waivers(std::string_view text, const std::string& path, std::vector<Finding>& findings) {
  // Nearly every text has no findings, and nearly every other has no notes.
  if (std::ranges::none_of(findings, can_be_waived) || text.find(kMark) == std::string_view::npos) return;
  const std::vector<Note> notes = notes_in(text);
  for (Finding& finding : findings) {
    if (!can_be_waived(finding)) continue;
    const auto note = std::ranges::find_if(notes, [&](const Note& candidate) {
      return candidate.wrong.empty() && candidate.speaks_of == finding.place.line &&
             std::ranges::find(candidate.rules, finding.rule->id) != candidate.rules.end();
    });
    if (note != notes.end()) finding.waiver = note->waiver;
  }
  for (const Note& note : notes) {
    if (note.wrong.empty()) continue;
    Finding finding;
    finding.rule = &kNoGood;
    finding.severity = kNoGood.severity;
    finding.path = path;
    finding.place = {.offset = note.offset, .line = note.waiver.line, .column = 1};
    finding.message =
        "the note in line " + std::to_string(note.waiver.line) + " has no effect: " + std::string(note.wrong);
    findings.push_back(std::move(finding));
  }
}

}  // namespace bulwark::scan
