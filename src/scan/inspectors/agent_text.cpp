// What is wrong with a text that a model reads: hidden characters, orders, and orders in hidden places.

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "scan/formats/hidden_text.h"
#include "scan/inspectors/agent_rules.h"
#include "scan/knowledge/instructions.h"

namespace bulwark::scan::inspectors {
namespace {

struct Source {
  Inspection& in;
  std::string_view text;
  std::uint64_t offset;
  bool exact;
  std::string_view name;
  AgentText kind;

  void report(const Rule& rule, std::uint64_t at, std::string message, std::string evidence,
              std::optional<Severity> severity = {}, std::vector<Edit> edits = {}) const {
    in.report(rule, {.place = {.offset = exact ? offset + at : offset},
                     .text = text_of(in.bytes()),
                     .message = std::move(message),
                     .evidence = std::move(evidence),
                     .severity = severity,
                     .edits = std::move(edits)});
  }
};

// Takes the characters of a run out; of directions all of the line, since they only work together.
std::vector<Edit> without(const Source& source, const HiddenRun& run) {
  if (!source.exact) return {};
  const std::string_view text = source.text;
  const auto edit = [&](std::size_t at, std::size_t size) {
    return Edit{source.offset + at, std::string(text.substr(at, size)), ""};
  };
  std::size_t at = run.offset;
  if (run.kind != HiddenKind::Bidi) {
    for (std::uint32_t i = 0; i < run.characters && at < text.size(); ++i) at += character_at(text, at).size;
    return {edit(run.offset, at - run.offset)};
  }
  std::vector<Edit> edits;
  if (const std::size_t before = text.rfind('\n', at); before != std::string_view::npos) {
    at = before + 1;
  } else {
    at = 0;
  }
  while (at < text.size() && text[at] != '\n') {
    const Character character = character_at(text, at);
    if (changes_direction(character.code)) edits.push_back(edit(at, character.size));
    at += character.size;
  }
  return edits;
}

void judge_hidden(const Source& source) {
  for (const HiddenRun& run : hidden_runs(source.text)) {
    std::string message = std::string(source.name) + " holds " + std::to_string(run.characters) + " " +
                          std::string(name_of(run.kind));
    if (!run.says.empty()) message += " that spell a text";
    source.report(run.kind == HiddenKind::Bidi ? kTextDirection : kHiddenCharacters, run.offset, message,
                  run.says, {}, without(source, run));
  }
}

// What weighs how much depends on who wrote the text for whom: a rules file may order the agent about, a
// tool's description may not.
Severity weight(const Instruction& found, AgentText kind) {
  if (!found.disguise.empty()) return Severity::High;
  switch (found.kind) {
    case InstructionKind::Secrecy:
    case InstructionKind::Exfiltration:
    case InstructionKind::Harvest:
    case InstructionKind::Jailbreak:
    case InstructionKind::Spread: return Severity::High;
    case InstructionKind::Override:
    case InstructionKind::Role: return kind == AgentText::ToolDescription ? Severity::High : Severity::Medium;
    case InstructionKind::Hijack:
      return kind == AgentText::ToolDescription ? Severity::Medium : Severity::Low;
    case InstructionKind::Command: return Severity::Medium;
  }
  return Severity::Medium;
}

// Parts of a Markdown or HTML text that rendering leaves out, as [first, last) in order.
std::vector<std::pair<std::size_t, std::size_t>> unseen_parts(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t at = 0; (at = text.find("<!--", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find("-->", at), text.size());
    parts.emplace_back(at, end);
    at = end;
  }
  for (const std::string_view style :
       {"display:none", "display: none", "visibility:hidden", "visibility: hidden", "font-size:0",
        "font-size: 0", "opacity:0", "opacity: 0", "color:white", "color: white", "color:#fff",
        "color: #fff"}) {
    for (std::size_t at = 0; (at = text.find(style, at)) != std::string_view::npos;) {
      const std::size_t end = std::min(text.find("</", at), text.size());
      parts.emplace_back(at, end);
      at = std::max(end, at + 1);
    }
  }
  std::ranges::sort(parts);
  return parts;
}

bool lies_in(const std::vector<std::pair<std::size_t, std::size_t>>& parts, std::uint64_t offset) {
  return std::ranges::any_of(parts,
                             [&](const auto& part) { return part.first <= offset && offset < part.second; });
}

// One finding for each rule: a poisoned text repeats itself, and its reader needs the worst of it.
struct Worst {
  Severity severity = Severity::Info;
  const Instruction* found = nullptr;
  std::set<std::string_view> says;

  void add(const Instruction& instruction, Severity weighs) {
    says.insert(name_of(instruction.kind));
    if (found != nullptr && weighs <= severity) return;
    severity = weighs;
    found = &instruction;
  }
};

void judge_orders(const Source& source) {
  const std::vector<Instruction> found = instructions_in(source.text);
  const auto unseen = unseen_parts(source.text);
  const Rule& open_rule = source.kind == AgentText::ToolDescription ? kPoisonedTool : kPoisonedInstructions;
  std::map<const Rule*, Worst> by_rule;
  for (const Instruction& instruction : found) {
    if (instruction.mentioned) continue;
    const Severity weighs = weight(instruction, source.kind);
    const bool hidden = weighs >= Severity::Medium && lies_in(unseen, instruction.offset);
    by_rule[hidden ? &kHiddenByMarkup : &open_rule].add(instruction, hidden ? Severity::High : weighs);
  }
  for (const auto& [rule, worst] : by_rule) {
    std::string message(source.name);
    std::string_view separator = " ";
    for (const std::string_view what : worst.says) {
      message.append(separator).append(what);
      separator = ", ";
    }
    if (!worst.found->disguise.empty()) message += " (written as " + std::string(worst.found->disguise) + ")";
    source.report(*rule, worst.found->offset, message, worst.found->quote, worst.severity);
  }
}

}  // namespace

void judge_agent_text(Inspection& in, std::string_view text, std::uint64_t offset, bool exact, AgentText kind,
                      std::string_view name) {
  const Source source{in, text, offset, exact, name, kind};
  judge_hidden(source);
  judge_orders(source);
}

}  // namespace bulwark::scan::inspectors
