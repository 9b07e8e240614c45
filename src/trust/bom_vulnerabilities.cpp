// "vulnerabilities": what advisories say about libraries, and what the scanner found in files. Analysis
// states are those of VEX: nobody has triaged what only a tool has seen, but code that runs on loading needs
// no triage.

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

std::string severity_of(Severity severity) {
  return severity == Severity::Info ? "info" : std::string(name_of(severity));
}

// Findings that repeat an advisory, or say that none was looked up.
bool repeats_advisories(std::string_view rule) {
  return rule == "BW-DP-001" || rule == "BW-DP-006" || rule == "BW-DP-008" || rule == "BW-DP-009";
}

std::string where(const Finding& finding) {
  std::string text;
  for (const std::string& member : finding.origin)
    text += (text.empty() ? "" : " > ") + printable(member, 200);
  if (finding.place.line > 0) {
    text += (text.empty() ? "" : ", ") + std::string("line ") + std::to_string(finding.place.line);
  } else if (finding.place.offset != kNoOffset) {
    text += (text.empty() ? "" : ", ") + std::string("offset ") + std::to_string(finding.place.offset);
  }
  return text;
}

BomVulnerability from_finding(const Finding& finding, const std::set<std::string_view>& files) {
  const Rule& rule = *finding.rule;
  BomVulnerability found;
  found.id = rule.id;
  found.source = "Bulwark";
  found.severity = severity_of(finding.severity);
  found.description = finding.message;
  found.detail = std::string(rule.why);
  found.recommendation = std::string(rule.fix);
  if (finding.waiver) {
    found.state = "not_affected";
    found.state_detail = "accepted in the file itself: " + printable(finding.waiver->reason, 500);
    if (!finding.waiver->until.empty()) found.state_detail += " (until " + finding.waiver->until + ")";
  } else if (finding.severity >= Severity::High) {
    found.state = "exploitable";
    found.state_detail = "found in the bytes of this very artifact";
  } else {
    found.state = "in_triage";
    found.state_detail = "found by a tool; nobody has judged it yet";
  }
  if (files.contains(finding.path)) found.affects.push_back(file_ref(finding.path));
  if (!rule.atlas.empty()) found.properties.emplace_back("atlas", rule.atlas);
  if (const std::string place = where(finding); !place.empty()) found.properties.emplace_back("place", place);
  if (!finding.evidence.empty()) found.properties.emplace_back("evidence", finding.evidence);
  return found;
}

BomVulnerability from_match(const scan::AdvisoryMatch& match, const LibraryFacts& library) {
  BomVulnerability found;
  found.id = match.ids.front();
  found.aliases.assign(match.ids.begin() + 1, match.ids.end());
  found.source = "OSV";
  found.source_url = "https://osv.dev/vulnerability/" + purl_encoded(found.id);
  if (match.severity) found.severity = severity_of(*match.severity);
  found.description = printable(match.summary, 1'000);
  if (!match.fixed.empty())
    found.recommendation = "Use " + library.package.name + " " + match.fixed + " or later.";
  found.affects.push_back(library_ref(library));
  if (match.malicious) {
    found.state = "exploitable";
    found.state_detail = "the package itself is malicious";
    if (found.severity.empty()) found.severity = "critical";
  } else {
    found.state = "in_triage";
    found.state_detail = match.not_evaluated ? "whether this version is affected could not be told"
                                             : "the version is affected; whether the model reaches the "
                                               "weakness was not judged";
  }
  return found;
}

}  // namespace

Result<std::vector<BomVulnerability>> vulnerabilities_of(const BomSubject& subject,
                                                         const scan::AdvisoryDatabase* advisories) {
  std::vector<BomVulnerability> out;
  if (advisories != nullptr) {
    std::map<std::string, std::size_t> by_id;
    for (const LibraryFacts& library : subject.libraries) {
      const scan::Dependency& package = library.package;
      const auto matches = TRY(advisories->matches(package.ecosystem, package.name, package.version));
      for (const scan::AdvisoryMatch& match : matches) {
        const auto [at, fresh] = by_id.emplace(match.ids.front(), out.size());
        if (fresh) {
          out.push_back(from_match(match, library));
        } else {
          out[at->second].affects.push_back(library_ref(library));
        }
      }
    }
    for (BomVulnerability& each : out) {
      std::ranges::sort(each.affects);
      const auto repeated = std::ranges::unique(each.affects);
      each.affects.erase(repeated.begin(), repeated.end());
    }
  }
  std::set<std::string_view> files;
  for (const BomFile& file : subject.files) files.insert(file.path);
  for (const Finding& finding : subject.report.findings) {
    // Notes are worth knowing and no weakness.
    if (finding.severity == Severity::Info || repeats_advisories(finding.rule->id)) continue;
    out.push_back(from_finding(finding, files));
  }
  return out;
}

}  // namespace bulwark::trust
