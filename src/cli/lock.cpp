#include "cli/lock.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "os/files.h"
#include "scan/inspectors/agent_rules.h"

namespace bulwark::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kName = "bulwark.lock";
constexpr std::uint64_t kLargest = std::uint64_t{32} << 20;

fs::path absolute(const std::string& path) {
  std::error_code error;
  const fs::path full = fs::absolute(path, error);
  return (error ? fs::path(path) : full).lexically_normal();
}

// Paths in a lock start at its own folder, so that it fits wherever the repository lies.
std::string path_in_lock(const std::string& path, const std::string& lock) {
  const fs::path folder = absolute(lock).parent_path();
  const fs::path full = absolute(path);
  const fs::path relative = full.lexically_relative(folder);
  return printable((relative.empty() ? full : relative).generic_string(), 4000);
}

bool exists(const std::string& path) {
  struct stat about{};
  return lstat(path.c_str(), &about) == 0;
}

bool is_directory(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

Result<Lock> read_lock(const std::string& path) {
  const std::string text = TRY(os::read_text(path, kLargest));
  auto approvals = policy::read_approvals(text);
  if (!approvals) return std::unexpected(std::move(approvals).error().within(path));
  return Lock{path, std::move(*approvals)};
}

std::string called(const FoundText& found) {
  const scan::ApprovableText& text = found.text;
  return text.kind == "instructions" ? "the instruction file" : text.kind + " '" + text.name + "'";
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " line" + (count == 1 ? "" : "s") + " " + std::string(what);
}

Finding finding(const Rule& rule, const std::string& path, std::uint32_t line, std::string message) {
  Finding out;
  out.rule = &rule;
  out.severity = rule.severity;
  out.path = path;
  out.place = {.line = line, .column = line == 0 ? 0U : 1U};
  out.message = printable(message, 400);
  return out;
}

using Key = std::tuple<std::string, std::string, std::string>;

class Comparison {
 public:
  Comparison(const Lock& lock, Report& report) : lock_(lock), report_(report) {
    for (const policy::Approval& approval : lock.approvals)
      approvals_.emplace(Key{approval.path, approval.kind, approval.name}, &approval);
  }

  void look(const FoundText& found) {
    const policy::AgentText text{path_in_lock(found.path, lock_.path), found.text.kind, found.text.name,
                                 found.text.text};
    const auto approval = approvals_.find(Key{text.path, text.kind, text.name});
    seen_.emplace(text.path, text.kind, text.name);
    const auto difference = policy::compare(text, approval == approvals_.end() ? nullptr : approval->second);
    if (!difference) {
      report_.gaps.push_back({GapReason::Unreadable, found.path, {}, {}, difference.error().message});
      return;
    }
    if (difference->approved == policy::Approved::Never) {
      add(found, scan::inspectors::kUnapproved, called(found) + " is not in " + lock_.path);
    } else if (difference->approved == policy::Approved::Changed) {
      changed(found, *difference);
    }
  }

  // An approved text of a file that was looked at, or is not there any more.
  void gone(const std::set<std::string>& scanned) {
    for (const auto& [key, approval] : approvals_) {
      if (seen_.contains(key)) continue;
      const fs::path there = absolute(lock_.path).parent_path() / approval->path;
      if (!scanned.contains(approval->path) && exists(there.string())) continue;
      report_.findings.push_back(
          finding(scan::inspectors::kApprovedIsGone, lock_.path, approval->line,
                  (approval->name.empty() ? std::string("the instruction file")
                                          : approval->kind + " '" + approval->name + "'") +
                      " of " + approval->path + " was approved and is gone"));
    }
  }

 private:
  void add(const FoundText& found, const Rule& rule, std::string message, const std::string& evidence = {}) {
    Finding out = finding(rule, found.path, found.text.line, std::move(message));
    out.evidence = printable(evidence);
    out.subject = printable(found.text.name);
    report_.findings.push_back(std::move(out));
  }

  void changed(const FoundText& found, const policy::Difference& difference) {
    std::string said = called(found) + " is not what was approved: ";
    if (difference.added.empty() && difference.removed == 0) {
      said += "its lines stand in another order";
    } else {
      said += counted(difference.added.size(), "added") + ", " + counted(difference.removed, "removed");
    }
    std::string shown;
    for (const std::string_view line : difference.added) {
      if (trim(line).empty()) continue;
      shown.append(shown.empty() ? "+ " : " + ").append(trim(line));
      if (shown.size() > 400) break;
    }
    add(found, scan::inspectors::kChangedTool, std::move(said), shown);
  }

  const Lock& lock_;
  Report& report_;
  std::map<Key, const policy::Approval*> approvals_;
  std::set<Key> seen_;
};

}  // namespace

Result<std::optional<Lock>> find_lock(const std::string& named, const std::vector<std::string>& operands,
                                      Report& report) {
  if (!named.empty()) {
    Lock lock = TRY(read_lock(named));
    return std::optional(std::move(lock));
  }
  std::vector<std::string> places;
  for (const std::string& operand : operands)
    if (operand != "-" && is_directory(operand)) places.push_back((fs::path(operand) / kName).string());
  places.emplace_back(kName);
  for (const std::string& place : places) {
    if (!exists(place)) continue;
    auto lock = read_lock(place);
    if (lock) return std::optional(std::move(*lock));
    report.gaps.push_back({GapReason::Malformed,
                           place,
                           {},
                           {},
                           "the lock cannot be read: " + printable(lock.error().message, 300)});
    return std::optional<Lock>();
  }
  return std::optional<Lock>();
}

void compare_with_lock(const Lock& lock, ScanResult& result) {
  Comparison comparison(lock, result.report);
  std::set<std::string> scanned;
  for (const Inspected& about : result.report.inspected)
    if (about.origin.empty()) scanned.insert(path_in_lock(about.path, lock.path));
  for (const FoundText& found : result.agent_texts) comparison.look(found);
  comparison.gone(scanned);
  result.report.normalise();
}

Result<void> write_lock(const std::string& path, const ScanResult& result) {
  std::vector<policy::AgentText> texts;
  texts.reserve(result.agent_texts.size());
  for (const FoundText& found : result.agent_texts)
    texts.push_back({path_in_lock(found.path, path), found.text.kind, found.text.name, found.text.text});
  const std::string text = TRY(policy::write_approvals(std::move(texts)));
  return os::write_durably(path, text);
}

}  // namespace bulwark::cli
