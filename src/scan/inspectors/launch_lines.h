#pragma once
// Command lines that start a server of a machine-learning platform: mlflow, jupyter, ray, torchserve,
// tritonserver, vLLM and its like. The one judge for wherever a command line stands: Dockerfile, compose
// file, manifest, script, unit.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/shell_words.h"
#include "scan/inspector.h"

namespace bulwark::scan {

// An environment variable that is set for a service.
struct Setting {
  std::string name, value;
  Place place = {};
};

struct CommandLine {
  std::span<const ShellWord> words;  // the program first
  std::span<const Setting> environment = {};
  // Where a word stands in the artifact.
  std::function<Place(const ShellWord&)> place;
  // False: nobody outside of the machine or pod reaches what it listens on (a compose service without
  // published ports), so addresses are not judged.
  bool reachable = true;
  // Raised instead of BW-LS-001 where another check owns that line (BW-DF-014, BW-KS-004). Null: BW-LS-001.
  const Rule* remote_code = nullptr;
  bool remote_code_judged = false;  // the caller has looked for it in any command, not only in known servers
};

// Raises rules of kLaunchRules (server_rules.h). Looks through `exec`, `sudo`, `env`, `nohup`, `python -m`,
// `uv run` and the like, and into the text of `sh -c`.
void judge_command_line(Inspection& in, const CommandLine& line);

// Judges every command of a shell script. The options of `line` apply to each; its words are not used. Its
// place maps words of the script; without one the script lies in the artifact at `base`.
void judge_script(Inspection& in, std::string_view script, std::uint64_t base, const CommandLine& line);

// The few of these variables that decide how a server is judged, each once: what is in effect.
[[nodiscard]] std::vector<Setting> launch_environment(std::span<const Setting> environment);

// Inspection::report for the artifact's own text: a place that is an offset becomes line and column there.
void report_at(Inspection& in, const Rule& rule, Place place, std::string message, std::string evidence,
               std::optional<Severity> severity = {}, std::vector<Edit> edits = {});

// What the shell runs in the end: `words` without `sudo -E`, `exec`, `env A=1`, `timeout 5` and the like in
// front.
[[nodiscard]] std::span<const ShellWord> without_wrappers(std::span<const ShellWord> words);

// The text that `sh -c` runs, or null if `words` are no such command.
[[nodiscard]] const ShellWord* shell_text(std::span<const ShellWord> words);

// The command as one line for evidence, values of secret options masked; at most 200 bytes.
[[nodiscard]] std::string quoted_command(std::span<const ShellWord> words);

// The program that an image starts when its command holds options only: "vllm/vllm-openai" -> vllm serve.
// Empty for every other image.
[[nodiscard]] std::vector<ShellWord> implied_program(std::string_view image);

// Where a server listens.
[[nodiscard]] bool is_loopback(std::string_view host);
[[nodiscard]] bool is_every_interface(std::string_view host);
// "${HOST:-0.0.0.0}" -> "0.0.0.0"; everything else as it is.
[[nodiscard]] std::string_view default_of(std::string_view value);

}  // namespace bulwark::scan
