#pragma once
// Rules about agents and their tools, and the judgement of texts that a model will read as instructions.

#include <array>
#include <string_view>

#include "base/document.h"
#include "core/rule.h"
#include "scan/inspector.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kHiddenCharacters{
    .id = "BW-AGT-001",
    .title = "text for a model holds characters that no person sees",
    .severity = Severity::High,
    .atlas = "AML.T0068 AML.T0081",
    .why =
        "A reviewer sees a harmless file; the model reads the tags, selectors or zero-width characters and "
        "follows what they spell (rules-file backdoor).",
    .fix = "Remove the characters, ask who wrote them, and review what the agent did since.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kTextDirection{
    .id = "BW-AGT-002",
    .title = "text for a model is shown in another order than it is read",
    .severity = Severity::Medium,
    .atlas = "AML.T0068",
    .why = "Bidirectional overrides let a line look like one instruction and be another (CVE-2021-42574).",
    .fix = "Remove the control characters; close every isolate on its own line.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kPoisonedTool{
    .id = "BW-AGT-003",
    .title = "tool description gives orders to the model",
    .severity = Severity::High,
    .atlas = "AML.T0110 AML.T0104 AML.T0051.001",
    .why =
        "Descriptions go into the context of every conversation: orders in them run with the rights of the "
        "user, even if the tool is never called (tool poisoning).",
    .fix = "Do not load the tool. A description says what a tool does, its arguments and its result.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kPoisonedInstructions{
    .id = "BW-AGT-004",
    .title = "instruction file turns the agent against its user",
    .severity = Severity::High,
    .atlas = "AML.T0081 AML.T0051.001",
    .why =
        "Rules, skills and prompts of a repository are obeyed by the agent of everybody who opens it; these "
        "hide actions, send data away or read credentials.",
    .fix = "Remove the passage and look in the history for who added it.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kHiddenByMarkup{
    .id = "BW-AGT-005",
    .title = "instructions stand where a rendered page does not show them",
    .severity = Severity::High,
    .atlas = "AML.T0068 AML.T0081",
    .why = "Comments and invisible elements are left out of what reviewers see and are read by the model.",
    .fix = "Remove the passage, or write it where people can read it.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kUnpinnedTool{
    .id = "BW-AGT-006",
    .title = "tool is fetched without a pinned version",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.005 AML.T0109",
    .why =
        "Whatever the publisher, or who took the account over, uploads next runs with the agent's rights at "
        "the next start (postmark-mcp added a hidden BCC in a patch release).",
    .fix = "Name the exact version or digest, and approve each new one.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kRemoteTool{
    .id = "BW-AGT-007",
    .title = "tool server is reached over an unprotected or throw-away address",
    .severity = Severity::High,
    .atlas = "AML.T0010.005 AML.T0086",
    .why = "Whoever stands between reads the conversation and answers in the tool's name.",
    .fix = "Use https with a name that the provider owns.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kAgentSecret{
    .id = "BW-AGT-008",
    .title = "agent configuration holds a credential",
    .severity = Severity::High,
    .atlas = "AML.T0083 AML.T0055",
    .why = "The agent, every tool beside it and everybody with the repository can read it.",
    .fix = "Revoke it, and refer to an environment variable or the client's input prompt instead.",
    .controls = "SC-AGENT SC-SECRET",
};
inline constexpr Rule kWideRights{
    .id = "BW-AGT-009",
    .title = "agent or tool may do more than its task needs",
    .severity = Severity::Medium,
    .atlas = "AML.T0053 AML.T0112.000",
    .why = "An instruction that slips into the context can use every right that is there.",
    .fix = "List the single commands, folders and tools that the task needs.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kNoApproval{
    .id = "BW-AGT-010",
    .title = "nobody is asked before the agent acts",
    .severity = Severity::High,
    .atlas = "AML.T0081 AML.T0053",
    .why = "With approval switched off one injected sentence is enough to run commands.",
    .fix = "Remove the setting; approve single read-only tools by name if you must.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kUnapproved{
    .id = "BW-AGT-011",
    .title = "agent text was never approved",
    .severity = Severity::Medium,
    .atlas = "AML.T0110 AML.T0081 AML.T0010.005",
    .why =
        "A lock stands for what somebody has read; a tool or rules file beside it is obeyed all the same, "
        "and "
        "nobody has looked at it.",
    .fix = "Read the text; if it is right, approve it with --write-lock.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kChangedTool{
    .id = "BW-AGT-012",
    .title = "agent text is not what was approved",
    .severity = Severity::High,
    .atlas = "AML.T0109 AML.T0110 AML.T0081",
    .why =
        "A tool or rule that was reviewed once has another text now: the way a trusted tool becomes hostile "
        "after everybody looked.",
    .fix = "Read the difference; if it is right, approve it again with --write-lock.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kApprovedIsGone{
    .id = "BW-AGT-013",
    .title = "approved agent text is gone",
    .severity = Severity::Info,
    .atlas = "AML.T0081",
    .why = "An approval that nothing fits any more would fit whatever comes back under the name.",
    .fix = "Write the lock again with --write-lock if it is meant to be gone.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kShellServer{
    .id = "BW-AGT-014",
    .title = "tool server is started through a shell command",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.005 AML.T0050",
    .why = "The line runs at every start of the client; what it downloads or chains is not reviewed.",
    .fix = "Start the program itself with its arguments.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kProjectHook{
    .id = "BW-AGT-015",
    .title = "opening the project runs a command",
    .severity = Severity::Medium,
    .atlas = "AML.T0081 AML.T0050",
    .why = "Hooks and folder tasks run on the machine of everybody who opens the repository with the client.",
    .fix = "Read the command; keep such settings out of shared repositories.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kToolContract{
    .id = "BW-AGT-016",
    .title = "tool asks for, or claims, something that does not fit it",
    .severity = Severity::Medium,
    .atlas = "AML.T0110 AML.T0085.001",
    .why =
        "A parameter for the conversation collects it; a writing tool that says it only reads is called "
        "without asking.",
    .fix = "Ask the publisher; refuse parameters that the task does not need.",
    .controls = "SC-AGENT",
};
inline constexpr Rule kLookAlikeTool{
    .id = "BW-AGT-017",
    .title = "tool name mixes letters of several scripts",
    .severity = Severity::High,
    .atlas = "AML.T0110 AML.T0074",
    .why = "It looks like another tool's name, so that calls meant for that one reach this one.",
    .fix = "Refuse the tool.",
    .controls = "SC-AGENT",
};
inline constexpr std::array kAgentRules = {
    kHiddenCharacters, kTextDirection, kPoisonedTool, kPoisonedInstructions, kHiddenByMarkup, kUnpinnedTool,
    kRemoteTool,       kAgentSecret,   kWideRights,   kNoApproval,           kUnapproved,     kChangedTool,
    kApprovedIsGone,   kShellServer,   kProjectHook,  kToolContract,         kLookAlikeTool};

// Which texts are an agent's; src/scan/agent_texts.h hands the same ones over for approval.
// A file that agents obey by its name: AGENTS.md, .cursor/rules/…
[[nodiscard]] bool is_instruction_file(std::string_view path, Bytes content);
// JSON that may define servers or tools.
[[nodiscard]] bool may_configure_agents(Bytes content);
// A map from names to tool servers, by the key under which it stands and its path in the document.
[[nodiscard]] bool is_server_list(std::string_view key, std::string_view path);
// The definition of one tool.
[[nodiscard]] bool is_tool(const Document& map);

// Who reads a text as what.
enum class AgentText { ToolDescription, Instructions };

// Reports what `text` hides and orders. `offset`: where it stands in the artifact; `exact`: whether byte i of
// `text` is byte offset + i of the artifact (else everything is reported at `offset`). `name` says whose text
// it is: "tool 'add'".
void judge_agent_text(Inspection& in, std::string_view text, std::uint64_t offset, bool exact, AgentText kind,
                      std::string_view name);

}  // namespace bulwark::scan::inspectors
