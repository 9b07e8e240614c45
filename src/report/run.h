#pragma once
// What the writers of this folder print: one run of `bulwark scan`, judged.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/report.h"
#include "policy/policy.h"

namespace bulwark::report {

struct Run {
  const Report& report;
  const policy::Verdict& verdict;                   // of exactly that report
  std::string_view version;                         // of Bulwark
  std::size_t files = 0;                            // files that were opened
  std::map<std::string, std::string> digests = {};  // path -> SHA-256, for `--digest`
  std::string working_folder = {};                  // absolute; makes URIs relative. Empty: leave them
  bool colour = false;                              // text only
  unsigned columns = 100;                           // text only
  bool verbose = false;                             // text only: also what was accepted
};

// A way to write a run. Output is the same for the same run, byte by byte.
struct Writer {
  std::string_view name;  // of --format
  std::string_view summary;
  std::string (*write)(const Run&);
};

// Every format, in the order of the help text.
[[nodiscard]] std::span<const Writer> writers();
[[nodiscard]] const Writer* find_writer(std::string_view name);

[[nodiscard]] std::string write_text(const Run& run);
[[nodiscard]] std::string write_json(const Run& run);
[[nodiscard]] std::string write_sarif(const Run& run);
[[nodiscard]] std::string write_markdown(const Run& run);

}  // namespace bulwark::report
