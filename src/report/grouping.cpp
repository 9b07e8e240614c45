#include "report/grouping.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"

namespace bulwark::report {
namespace {

constexpr std::array<std::string_view, 4> kStandings = {"accepted", "hold", "incomplete", "refused"};

bool stands(const policy::JudgedFinding& judged) {
  return judged.allowed_by == policy::AllowedBy::Nobody;
}

Standing standing_of(const Run& run, const FileGroup& file) {
  Standing standing = Standing::Accepted;
  for (const std::size_t index : file.findings) {
    const policy::JudgedFinding& judged = run.verdict.findings[index];
    if (judged.refuses) return Standing::Refused;
    if (stands(judged) && judged.severity >= Severity::Medium) standing = Standing::Hold;
  }
  for (const std::size_t index : file.gaps)
    if (run.verdict.gap_refuses[index]) return Standing::Incomplete;
  return standing;
}

}  // namespace

std::string_view name_of(Standing standing) {
  return kStandings[std::to_underlying(standing)];
}

std::vector<FileGroup> files_of(const Run& run) {
  std::map<std::string_view, FileGroup> files;
  for (const Inspected& about : run.report.inspected) files[about.path].artifacts.push_back(&about);
  for (std::size_t i = 0; i < run.report.findings.size(); ++i)
    files[run.report.findings[i].path].findings.push_back(i);
  for (std::size_t i = 0; i < run.report.gaps.size(); ++i) files[run.report.gaps[i].path].gaps.push_back(i);

  std::vector<FileGroup> groups;
  for (auto& [path, file] : files) {
    file.path = path;
    std::ranges::stable_sort(file.findings, [&](std::size_t a, std::size_t b) {
      return run.verdict.findings[a].severity > run.verdict.findings[b].severity;
    });
    file.standing = standing_of(run, file);
    groups.push_back(std::move(file));
  }
  return groups;
}

Totals totals_of(const Run& run) {
  Totals totals;
  for (const policy::JudgedFinding& judged : run.verdict.findings) {
    if (stands(judged)) {
      ++totals.findings[std::to_underlying(judged.severity)];
    } else {
      ++totals.allowed;
    }
  }
  totals.gaps = run.report.gaps.size();
  for (const FileGroup& file : files_of(run)) ++totals.files[std::to_underlying(file.standing)];
  totals.artifacts = run.report.inspected.size();
  for (const Inspected& about : run.report.inspected)
    if (about.origin.empty()) totals.bytes += about.size;
  return totals;
}

std::string place_text(const std::vector<std::string>& origin, const Place& place) {
  std::string text;
  for (const std::string& member : origin) text += (text.empty() ? "" : " > ") + printable(member);
  std::string position;
  if (place.line != 0) {
    position = "line " + std::to_string(place.line);
    if (place.column != 0) position += ", column " + std::to_string(place.column);
  } else if (place.offset != kNoOffset) {
    position = "byte " + std::to_string(place.offset);
  }
  if (text.empty() || position.empty()) return text + position;
  return text + ", " + position;
}

}  // namespace bulwark::report
