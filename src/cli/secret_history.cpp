#include "cli/secret_history.h"

#include <array>

#include "os/git_history.h"
#include "os/interrupt.h"
#include "scan/inspectors/list.h"

namespace bulwark::cli {
namespace {

constexpr std::array<const scan::Inspector*, 1> kSecretsOnly = {&scan::inspectors::secrets};
constexpr std::size_t kShownDigits = 12;

class HistoryScan {
 public:
  HistoryScan(const scan::Engine& engine, const std::string& path, Report& report)
      : engine_(engine), path_(path), report_(report) {}

  bool look_at(const os::Commit& commit, std::string_view name, Bytes content) {
    const scan::Artifact artifact{
        .path = path_,
        .origin = {"commit " + commit.id.substr(0, kShownDigits) + " of " + commit.date, std::string(name)},
        .bytes = content,
        .keeps = nullptr};
    Report found = engine_.scan(artifact);
    found.inspected
        .clear();  // a repository has a hundred thousand versions; only what was found is of interest
    report_.append(std::move(found));
    return !os::interrupted();
  }

 private:
  const scan::Engine& engine_;
  const std::string& path_;
  Report& report_;
};

void search(const std::string& path, const scan::Engine& engine, Report& report) {
  HistoryScan scan(engine, path, report);
  const os::HistoryVisitor visitor{.blob = [&](const os::Commit& commit, std::string_view name,
                                               Bytes content) { return scan.look_at(commit, name, content); },
                                   .message =
                                       [&](const os::Commit& commit, std::string_view text) {
                                         return scan.look_at(commit, "commit message", bytes_of(text));
                                       }};
  const auto summary = os::walk_history(path, {}, visitor);
  const auto gap = [&](GapReason reason, std::string why) {
    report.gaps.push_back({reason, path, {}, {}, std::move(why)});
  };
  if (!summary) return gap(gap_reason_from(summary.error().code), "history: " + summary.error().message);
  if (!summary->complete)
    gap(GapReason::Limit,
        "history: only the first " + std::to_string(summary->commits) + " commits were searched");
  if (summary->too_large > 0)
    gap(GapReason::Limit, "history: " + std::to_string(summary->too_large) +
                              " versions are missing or larger than is searched");
}

}  // namespace

void scan_history(const ScanRequest& request, const Limits& limits, const scan::Options& options,
                  const Clock& clock, ScanResult& result) {
  const scan::Engine engine(kSecretsOnly, limits, options, clock);
  for (const std::string& path : request.paths)
    if (path != "-") search(path, engine, result.report);
  result.report.normalise();
}

}  // namespace bulwark::cli
