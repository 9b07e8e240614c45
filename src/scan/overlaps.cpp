#include "scan/overlaps.h"

#include <map>
#include <string>
#include <vector>

namespace bulwark::scan {
namespace {

// Raised by the search for secrets, which reads every text.
bool is_searched(const Finding& finding) {
  return finding.rule->id.starts_with("BW-SEC-") || finding.rule->id == "BW-NB-001";
}

bool is_of_place(const Finding& finding) {
  return !is_searched(finding) && finding.rule->controls.find("SC-SECRET") != std::string_view::npos;
}

void lower_to_note(Finding& finding, const Finding& instead) {
  finding.severity = Severity::Info;
  finding.message += "; it counts as " + std::string(instead.rule->id);
}

}  // namespace

void settle_secrets(std::span<Report* const> reports) {
  std::map<std::uint32_t, std::vector<Finding*>> searched;  // by line
  for (Report* report : reports)
    for (Finding& finding : report->findings)
      if (is_searched(finding) && finding.place.line != 0) searched[finding.place.line].push_back(&finding);
  if (searched.empty()) return;
  for (Report* report : reports) {
    for (Finding& finding : report->findings) {
      if (!is_of_place(finding) || finding.severity == Severity::Info) continue;
      const auto same_line = searched.find(finding.place.line);
      if (same_line == searched.end()) continue;
      for (Finding* secret : same_line->second) {
        if (secret->severity == Severity::Info) continue;
        if (secret->severity > finding.severity)
          lower_to_note(finding, *secret);
        else
          lower_to_note(*secret, finding);
        break;  // two secrets in one line are two defects
      }
    }
  }
}

}  // namespace bulwark::scan
