#pragma once
// The plug-in point of the command line: a Verb is one file in cli/commands/ and one line in
// cli/commands/list.h. It declares its options as data; only cli/options.cpp knows the library that reads
// them.

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/random.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace bulwark::cli {

// The same for every verb that judges.
enum Exit : int {
  kAccepted = 0,    // accepted and complete
  kRefused = 1,     // by findings or policy
  kIncomplete = 2,  // something could not be looked at, and the policy refuses that
  kUsage = 3,       // usage, configuration or environment
  kInternal = 4,
};

struct Flag {
  std::string_view name;   // "format" for --format
  char letter = 0;         // short form; 0: none
  std::string_view value;  // "FILE"; empty: a switch
  std::string_view help;
  std::string_view choices = {};  // separated by blanks; empty: any
  bool repeats = false;
  std::string_view group = {};  // heading in the help, of this flag and those after it
};

// What was given. Flags that were not given have no entry.
struct Arguments {
  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>, std::less<>> flags;

  [[nodiscard]] bool has(std::string_view flag) const { return flags.find(flag) != flags.end(); }
  // The last value, or `fallback`.
  [[nodiscard]] std::string text(std::string_view flag, std::string_view fallback = {}) const {
    const auto found = flags.find(flag);
    return found == flags.end() || found->second.empty() ? std::string(fallback) : found->second.back();
  }
  [[nodiscard]] std::vector<std::string> all(std::string_view flag) const {
    const auto found = flags.find(flag);
    return found == flags.end() ? std::vector<std::string>() : found->second;
  }
};

// What the outside world gives to a verb.
struct World {
  const Clock& clock;
  std::chrono::year_month_day today;
  FileSystem& files;  // for what we keep: keys, store, ledger
  Random& random;
  const WallClock& wall;
};

struct Verb {
  std::string_view name;
  std::string_view summary;        // one line for `bulwark --help`
  std::string_view operands = {};  // "PATH…"; empty: takes none
  std::string_view operands_help = {};
  std::span<const Flag> flags = {};
  std::string_view examples = {};  // lines shown below the options
  int (*run)(const Arguments&, const World&) = nullptr;
};

[[nodiscard]] std::span<const Verb* const> verbs();

// Machine output goes to standard output, everything else to standard error.
[[nodiscard]] bool print(std::string_view text);
void complain(std::string_view text);  // "bulwark: text\n"

}  // namespace bulwark::cli
