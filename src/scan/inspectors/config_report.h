#pragma once
// How inspectors of configuration texts report: at a value, with the line that says it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "scan/formats/yaml_source.h"
#include "scan/inspector.h"
#include "scan/mend.h"

namespace bulwark::scan::inspectors {

class ConfigReport {
 public:
  // `text`: what the offsets of all values lie in; must outlive this.
  ConfigReport(Inspection& in, std::string_view text) : in_(in), text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
      lines_.push_back(at + 1);
  }

  [[nodiscard]] Inspection& inspection() const { return in_; }
  [[nodiscard]] std::string_view text() const { return text_; }

  // The evidence is the line of the value.
  void at(const Rule& rule, const Document& value, std::string message, std::optional<Severity> severity = {},
          std::vector<Edit> edits = {}) const {
    at_offset(rule, value.offset, std::move(message), severity, std::move(edits));
  }
  // At the key instead of its value: where something under it is missing.
  void at_key(const Rule& rule, std::string_view key, const Document& value, std::string message,
              std::optional<Severity> severity = {}, std::vector<Edit> edits = {}) const {
    at_offset(rule, offset_of_key(text_, key, value), std::move(message), severity, std::move(edits));
  }
  void at_offset(const Rule& rule, std::uint64_t offset, std::string message,
                 std::optional<Severity> severity = {}, std::vector<Edit> edits = {}) const {
    report(rule, offset, std::move(message), std::string(line_around(text_, offset)), severity,
           std::move(edits));
  }
  // The fix of a plain true or false: `on` in its place.
  [[nodiscard]] std::vector<Edit> switched(const Document& value, bool on) const {
    return mend_switch(text_of(in_.bytes()), value.offset, on);
  }
  // The line holds a secret: `shown` is what may be said of it.
  void secret(const Rule& rule, const Document& value, std::string message, std::string shown,
              std::optional<Severity> severity = {}) const {
    report(rule, value.offset, std::move(message), std::move(shown), severity);
  }

 private:
  void report(const Rule& rule, std::uint64_t offset, std::string message, std::string evidence,
              std::optional<Severity> severity, std::vector<Edit> edits = {}) const {
    const auto next = std::ranges::upper_bound(lines_, offset);
    const std::uint64_t start = next == lines_.begin() ? 0 : *std::prev(next);
    in_.report(rule, {.place = {.offset = offset,
                                .line = static_cast<std::uint32_t>(next - lines_.begin() + 1),
                                .column = static_cast<std::uint32_t>(offset - start + 1)},
                      .message = std::move(message),
                      .evidence = std::move(evidence),
                      .severity = severity,
                      .edits = std::move(edits)});
  }

  Inspection& in_;
  std::string_view text_;
  std::vector<std::uint64_t> lines_;  // offsets at which the second line and those after it start
};

}  // namespace bulwark::scan::inspectors
