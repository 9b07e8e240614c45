#include "cli/fix.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "os/files.h"

namespace bulwark::cli {
namespace {

constexpr std::uint64_t kLargest = std::uint64_t{16} << 20;  // of a text that somebody edits
constexpr std::size_t kContext = 3;
constexpr std::size_t kShownColumns = 2000;

// A replacement by rename would turn a link into a file, and would leave the other names of the file behind.
Result<mode_t> mode_of_plain_file(const std::string& path) {
  struct stat about{};
  if (lstat(path.c_str(), &about) != 0) return fail(Code::NotFound, "it is gone");
  if (!S_ISREG(about.st_mode)) return fail(Code::Unsupported, "it is no plain file");
  if (about.st_nlink > 1) return fail(Code::Unsupported, "it has several names (hard links)");
  return about.st_mode;
}

// Edits of several findings may say the same; those that overlap otherwise cannot both be right.
std::string apply(const std::string& text, std::vector<Edit> edits, std::size_t& conflicts) {
  std::ranges::stable_sort(edits, {}, &Edit::offset);
  std::string out;
  std::size_t done = 0;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const Edit& edit = edits[i];
    if (i > 0 && edit.offset == edits[i - 1].offset && edit.before == edits[i - 1].before &&
        edit.after == edits[i - 1].after)
      continue;
    const bool as_scanned =
        edit.offset <= text.size() && text.compare(edit.offset, edit.before.size(), edit.before) == 0;
    if (edit.offset < done || !as_scanned) {
      ++conflicts;
      continue;
    }
    out.append(text, done, edit.offset - done).append(edit.after);
    done = edit.offset + edit.before.size();
  }
  return out.append(text, done);
}

struct FileEdits {
  std::vector<Edit> edits;
  std::size_t findings = 0;
};

Result<void> fix_file(const std::string& path, const FileEdits& wanted, bool dry, Fixes& fixes) {
  const mode_t mode = TRY(mode_of_plain_file(path));
  const std::string before = TRY(os::read_text(path, kLargest));
  std::size_t conflicts = 0;
  const std::string after = apply(before, wanted.edits, conflicts);
  if (conflicts > 0)
    return fail(Code::InvalidInput, "its text is not what was scanned, or two fixes overlap; scan it again");
  if (!dry) {
    TRY(os::write_durably(path, after));
    if (chmod(path.c_str(), mode & 07777) != 0)
      return fail(Code::Unavailable, "cannot restore its permissions");
  }
  fixes.diff += unified_diff(path, before, after);
  fixes.findings += wanted.findings;
  ++fixes.files;
  return {};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

void append_lines(std::string& out, char mark, const std::vector<std::string_view>& lines, std::size_t from,
                  std::size_t to) {
  for (std::size_t i = from; i < to; ++i)
    out.append(1, mark).append(printable(lines[i], kShownColumns)).append("\n");
}

std::string range(std::size_t from, std::size_t to) {
  return std::to_string(from == to ? from : from + 1) + "," + std::to_string(to - from);
}

// Lines [a, a_end) of the old text became [b, b_end) of the new one.
struct Change {
  std::size_t a, a_end, b, b_end;
};

// Fixes keep the order of lines, so walking both texts together finds every change: at a difference, the
// nearest pair of equal lines ends it.
std::vector<Change> changes_of(const std::vector<std::string_view>& a,
                               const std::vector<std::string_view>& b) {
  constexpr std::size_t kReach = 64;  // lines that one fix may add or remove
  std::vector<Change> changes;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i;
      ++j;
      continue;
    }
    std::size_t di = a.size() - i;
    std::size_t dj = b.size() - j;
    for (std::size_t sum = 1; sum <= kReach && di + dj > sum; ++sum) {
      for (std::size_t x = 0; x <= sum; ++x) {
        const std::size_t y = sum - x;
        if (i + x >= a.size() || j + y >= b.size() || a[i + x] != b[j + y]) continue;
        di = x;
        dj = y;
        break;
      }
    }
    changes.push_back({i, i + di, j, j + dj});
    i += di;
    j += dj;
  }
  return changes;
}

}  // namespace

std::string unified_diff(const std::string& path, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const std::vector<std::string_view> a = lines_of(before);
  const std::vector<std::string_view> b = lines_of(after);
  const std::vector<Change> changes = changes_of(a, b);
  const std::string name = printable(path, kShownColumns);
  std::string out = "--- " + name + "\n+++ " + name + "\n";
  for (std::size_t first = 0; first < changes.size();) {
    std::size_t last = first;
    while (last + 1 < changes.size() && changes[last + 1].a - changes[last].a_end <= 2 * kContext) ++last;
    const std::size_t lead = std::min(changes[first].a, kContext);
    const std::size_t a_end = std::min(changes[last].a_end + kContext, a.size());
    const std::size_t b_end = std::min(changes[last].b_end + kContext, b.size());
    out += "@@ -" + range(changes[first].a - lead, a_end) + " +" + range(changes[first].b - lead, b_end) +
           " @@\n";
    std::size_t at = changes[first].a - lead;
    for (std::size_t i = first; i <= last; ++i) {
      append_lines(out, ' ', a, at, changes[i].a);
      append_lines(out, '-', a, changes[i].a, changes[i].a_end);
      append_lines(out, '+', b, changes[i].b, changes[i].b_end);
      at = changes[i].a_end;
    }
    append_lines(out, ' ', a, at, a_end);
    first = last + 1;
  }
  return out;
}

Fixes apply_fixes(const Report& report, bool dry) {
  std::map<std::string, FileEdits> by_path;
  for (const Finding& finding : report.findings) {
    if (finding.edits.empty() || !finding.origin.empty() || finding.path == "-") continue;
    FileEdits& wanted = by_path[finding.path];
    wanted.edits.insert(wanted.edits.end(), finding.edits.begin(), finding.edits.end());
    ++wanted.findings;
  }
  Fixes fixes;
  for (const auto& [path, wanted] : by_path) {
    const auto fixed = fix_file(path, wanted, dry, fixes);
    if (!fixed)
      fixes.refused.push_back(printable(path, 1000) + " was left as it is: " + fixed.error().message);
  }
  return fixes;
}

}  // namespace bulwark::cli
