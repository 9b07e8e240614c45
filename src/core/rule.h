#pragma once
// A rule: a thing that we look for. Its text lives beside the code that raises it; docs/rules/ is printed
// from it.

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulwark {

enum class Severity : std::uint8_t {
  Info,      // worth knowing, never refuses
  Low,       // unusual; look when convenient
  Medium,    // hold: nobody has vouched for this
  High,      // refuse: hostile or dangerous unless proved otherwise
  Critical,  // refuse: code runs, data leaves, or the check itself is attacked
};

[[nodiscard]] std::string_view name_of(Severity severity);  // "info" … "critical"
[[nodiscard]] std::optional<Severity> severity_from(std::string_view name);

// All texts are string literals and live for ever.
struct Rule {
  std::string_view id;  // BW-<AREA>-<NNN>, never reused or renumbered
  std::string_view title;
  Severity severity;
  std::string_view atlas;                  // MITRE ATLAS technique ids, separated by blanks
  std::string_view why;                    // what an attacker gains; one or two sentences
  std::string_view fix;                    // what to do now, in the imperative
  std::string_view controls = "SC-MODEL";  // Bulwark controls that this rule implements, separated by blanks
};

}  // namespace bulwark
