#pragma once
// The options of one command line, as argparse, click and traitlets read them. Shared by the judges of launch
// lines.

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scan/inspectors/launch_lines.h"

namespace bulwark::scan {

struct LaunchOption {
  const ShellWord* word = nullptr;  // the one that names the option
  std::string value;                // `--a=v` or `--a v`; empty if neither
  bool has_value = false;
};

class LaunchOptions {
 public:
  LaunchOptions(Inspection& in, const CommandLine& line, std::span<const ShellWord> words)
      : in_(in), line_(line), words_(words) {}

  // The last of those options; `_` and `-` in long names are one. A value is taken from `--name=value`, or
  // from the next word unless that starts with `-`.
  [[nodiscard]] std::optional<LaunchOption> find(std::initializer_list<std::string_view> names) const;
  // A switch: present, and not `--name=false`.
  [[nodiscard]] std::optional<LaunchOption> enabled(std::initializer_list<std::string_view> names) const;
  [[nodiscard]] bool has_word(std::string_view text) const;
  // The value of that variable, or null.
  [[nodiscard]] const Setting* setting(std::string_view name) const;

  [[nodiscard]] std::span<const ShellWord> words() const { return words_; }
  [[nodiscard]] const CommandLine& line() const { return line_; }

  void report(const Rule& rule, const ShellWord& at, std::string message,
              std::optional<Severity> severity = {}) const;

 private:
  Inspection& in_;
  const CommandLine& line_;
  std::span<const ShellWord> words_;
};

// One judge for each family of servers; `options.words()` starts behind the program's name.
void judge_mlflow(const LaunchOptions& options);
void judge_jupyter(const LaunchOptions& options);
void judge_ray(const LaunchOptions& options);
void judge_torchserve(const LaunchOptions& options);
void judge_triton(const LaunchOptions& options, const ShellWord& program);
void judge_vllm(const LaunchOptions& options, const ShellWord& program);
void judge_tgi(const LaunchOptions& options, const ShellWord& program);

}  // namespace bulwark::scan
