// Files that agents obey: rules, skills, custom commands, prompts (AGENTS.md, CLAUDE.md, .cursor/rules,
// SKILL.md …).

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/agent_rules.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

// Names by which clients find such files; '/' at the end: everything of that kind below the folder.
constexpr auto kNames = std::to_array<std::string_view>({"agents.md",
                                                         "agent.md",
                                                         "claude.md",
                                                         "claude.local.md",
                                                         "gemini.md",
                                                         "qwen.md",
                                                         "skill.md",
                                                         "skills.md",
                                                         ".cursorrules",
                                                         ".windsurfrules",
                                                         ".clinerules",
                                                         ".roorules",
                                                         ".goosehints",
                                                         ".aider.conf.md",
                                                         "conventions.md",
                                                         "copilot-instructions.md",
                                                         "system_prompt.txt",
                                                         "system_prompt.md",
                                                         "system-prompt.txt",
                                                         "system-prompt.md",
                                                         "llms.txt",
                                                         "replit.md",
                                                         ".rules"});
constexpr auto kFolders = std::to_array<std::string_view>(
    {".cursor/rules/", ".claude/commands/", ".claude/agents/", ".claude/skills/", ".claude/rules/",
     ".windsurf/rules/", ".clinerules/", ".roo/rules", ".github/instructions/", ".github/prompts/",
     ".github/chatmodes/", ".github/agents/", ".amazonq/rules/", ".continue/rules/", ".kiro/steering/",
     ".junie/", ".trae/rules/", ".gemini/commands/", ".codex/prompts/"});
constexpr auto kEndings = std::to_array<std::string_view>(
    {".mdc", ".prompt.md", ".prompty", ".instructions.md", ".chatmode.md", ".agent.md"});

constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 20;  // what a context can hold is far less

bool is_text(Bytes content) {
  const std::string_view start = text_of(content.first(std::min<std::size_t>(content.size(), 4096)));
  return start.find('\0') == std::string_view::npos;
}

bool ends_with_name(std::string_view path, std::string_view name) {
  return path.ends_with(name) && (path.size() == name.size() || path[path.size() - name.size() - 1] == '/');
}

Match recognises_file(std::string_view path, Bytes content) {
  return is_instruction_file(path, content) ? Match::Weak : Match::No;
}

// "allowed-tools: Bash, Read": a skill that may run anything.
void judge_front_matter(Inspection& in, std::string_view text) {
  if (!text.starts_with("---")) return;
  const auto config = parse_yaml_config(text, in.limits());
  if (!config) return;  // `config` reads it too, and says what is wrong with it
  const Document& root = config->documents.front();
  for (const std::string_view key : {"allowed-tools", "allowed_tools", "tools"}) {
    const Document* value = root.find(key);
    if (value == nullptr) continue;
    std::vector<std::string_view> tools;
    if (value->is_list()) {
      for (const Document& tool : value->list) tools.push_back(tool.string);
    } else {
      tools = split(value->string, ',');
    }
    for (const std::string_view entry : tools) {
      const std::string_view tool = trim(entry);
      if (tool != "*" && tool != "Bash" && tool != "Bash(*)" && tool != "Bash(*:*)" && tool != "Shell")
        continue;
      in.report(kWideRights,
                {.place = {.offset = value->offset, .line = value->line, .column = value->column},
                 .message = "the file lets the agent run any command (" + std::string(key) + ")",
                 .evidence = std::string(tool)});
    }
  }
}

Result<void> inspect(Inspection& in) {
  if (in.bytes().size() > kMostBytes)
    return fail(Code::LimitReached, "instruction file of more than 4 MiB: the rest was not read", kMostBytes);
  const std::string_view text = text_of(in.bytes());
  judge_front_matter(in, text);
  judge_agent_text(in, text, 0, true, AgentText::Instructions, "the instruction file");
  return {};
}

}  // namespace

bool is_instruction_file(std::string_view path, Bytes content) {
  const std::string name = lower(path);
  const bool named =
      std::ranges::any_of(kNames, [&](std::string_view known) { return ends_with_name(name, known); }) ||
      std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); }) ||
      std::ranges::any_of(kFolders,
                          [&](std::string_view folder) { return name.find(folder) != std::string::npos; });
  return named && is_text(content);
}

const Inspector agent_instructions{
    .name = "agent_instructions",
    .version = "1",
    .rules = kAgentRules,
    .family = "text",
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
