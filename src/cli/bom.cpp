#include "cli/bom.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "cli/scan_paths.h"
#include "os/files.h"
#include "os/mapping.h"
#include "trust/bom_describe.h"
#include "trust/bom_readers.h"

namespace bulwark::cli {
namespace {

std::string name_of(const std::string& path) {
  std::error_code failed;
  std::filesystem::path whole = std::filesystem::weakly_canonical(path, failed);
  if (failed) whole = path;
  const std::string name = whole.filename().string();
  return printable(name.empty() ? whole.string() : name, 200);
}

bool is_directory(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

// Paths of a scan as the document shows them: relative to what was given.
class Below {
 public:
  Below(std::string start, bool folder) : start_(std::move(start)), folder_(folder) {
    while (start_.size() > 1 && start_.ends_with('/')) start_.pop_back();
  }
  [[nodiscard]] std::string relative(const std::string& path) const {
    if (!folder_) return path.substr(path.rfind('/') + 1);
    if (path.size() > start_.size() && path.starts_with(start_)) {
      const std::size_t at = start_.ends_with('/') ? start_.size() : start_.size() + 1;
      return path.substr(std::min(at, path.size()));
    }
    return path == start_ || path == start_ + "/" ? std::string() : path;
  }
  [[nodiscard]] std::string absolute(const std::string& relative) const {
    return folder_ ? start_ + (start_.ends_with('/') ? "" : "/") + relative : start_;
  }

 private:
  std::string start_;
  bool folder_;
};

std::string member_name(const std::vector<std::string>& origin) {
  std::string text;
  for (const std::string& member : origin) text += (text.empty() ? "" : " > ") + printable(member, 100);
  return text;
}

void take_inspected(const Inspected& inspected, trust::BomFile& file) {
  const std::size_t limit = trust::BomLimits{}.facts_per_file;
  if (inspected.origin.empty()) {
    file.size = inspected.size;
    for (const std::string& format : inspected.formats)
      if (std::ranges::find(file.formats, format) == file.formats.end()) file.formats.push_back(format);
  } else {
    for (const std::string& format : inspected.formats) ++file.members[format];
  }
  for (const auto& [key, value] : inspected.facts) {
    const std::string text = inspected.origin.empty() ? value : member_name(inspected.origin) + ": " + value;
    const std::pair<std::string, std::string> fact(key, text);
    if (file.facts.size() < limit && std::ranges::find(file.facts, fact) == file.facts.end())
      file.facts.push_back(fact);
  }
}

std::vector<trust::BomFile> files_of(const ScanResult& result, const Below& below) {
  std::map<std::string, trust::BomFile> files;
  for (const auto& [path, digest] : result.digests) {
    trust::BomFile& file = files[below.relative(path)];
    file.path = below.relative(path);
    file.sha256 = digest;
    struct stat about{};
    if (stat(path.c_str(), &about) == 0) file.size = static_cast<std::uint64_t>(about.st_size);
  }
  for (const Inspected& inspected : result.report.inspected) {
    const auto found = files.find(below.relative(inspected.path));
    if (found != files.end()) take_inspected(inspected, found->second);
  }
  for (const Gap& gap : result.report.gaps) {
    const auto found = files.find(below.relative(gap.path));
    if (found == files.end()) continue;
    const std::string member = member_name(gap.origin);
    found->second.gaps.push_back((member.empty() ? "" : member + ": ") + gap.why);
  }
  std::vector<trust::BomFile> sorted;
  for (auto& [path, file] : files) sorted.push_back(std::move(file));
  return sorted;
}

Report relative_report(Report report, const Below& below) {
  for (Finding& finding : report.findings) finding.path = below.relative(finding.path);
  for (Gap& gap : report.gaps) gap.path = below.relative(gap.path);
  report.inspected.clear();  // files and models have taken what they need
  return report;
}

ScanRequest scan_request(const BomRequest& request, const std::string& path) {
  ScanRequest scan;
  scan.paths = {path};
  scan.walk.exclude = request.exclude;
  // A repository's history is no part of the model, and OpenSSF Model Signing leaves it out, too.
  scan.walk.exclude.emplace_back(".git");
  scan.walk.exclude.emplace_back(".git/**");
  scan.jobs = request.jobs;
  scan.digest = true;
  scan.progress = request.progress;
  return scan;
}

// A data set that was named on the command line: a file, or a folder with the digest of all its files.
Result<trust::DatasetFacts> dataset_at(const BomRequest& request, const std::string& path,
                                       const scan::Engine& engine) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0)
    return fail(Code::NotFound, "--dataset: no file or directory '" + printable(path, 1000) + "'");
  const bool folder = S_ISDIR(about.st_mode);
  const ScanResult result = scan_paths(scan_request(request, path), engine);
  const std::vector<trust::BomFile> files = files_of(result, Below(path, folder));
  trust::DatasetFacts found;
  found.name = name_of(path);
  found.role = "training";
  found.from = "--dataset";
  found.sha256 = folder          ? trust::root_digest(files, "")
                 : files.empty() ? std::string()
                                 : files.front().sha256;
  for (const trust::BomFile& file : files) found.bytes += file.size;
  return found;
}

// A data set that the facts describe and that is given here, too, is one.
void add_dataset(trust::DatasetFacts dataset, std::vector<trust::DatasetFacts>& list) {
  for (trust::DatasetFacts& known : list) {
    if (known.name != dataset.name) continue;
    known.sha256 = dataset.sha256;
    known.bytes = dataset.bytes;
    return;
  }
  list.push_back(std::move(dataset));
}

Result<trust::ModelFacts> declared_facts(const BomRequest& request) {
  trust::ModelFacts declared;
  if (request.facts.empty()) return declared;
  const std::string text = TRY(os::read_text(request.facts, trust::BomLimits{}.text_bytes));
  const std::string name = request.facts.substr(request.facts.rfind('/') + 1);
  if (auto read = trust::read_declared(text, name, declared); !read)
    return std::unexpected(std::move(read).error().within(request.facts));
  return declared;
}

// The folder as a clone: where it came from, and at which commit.
void take_repository(const std::string& folder, trust::ModelFacts& facts) {
  constexpr std::uint64_t kBytes = 1 << 20;
  const auto config = os::read_text(folder + "/.git/config", kBytes);
  if (!config) return;
  std::string commit;
  if (const auto head = os::read_text(folder + "/.git/HEAD", kBytes)) {
    commit = trim(*head);
    constexpr std::string_view kRef = "ref: refs/heads/";
    if (const std::string branch(commit.starts_with(kRef) ? commit.substr(kRef.size()) : std::string());
        !branch.empty() && !path_escapes(branch)) {
      const auto tip = os::read_text(folder + "/.git/refs/heads/" + branch, kBytes);
      commit = tip ? std::string(trim(*tip)) : std::string();
    }
  }
  trust::read_repository(*config, commit, facts);
}

}  // namespace

Result<trust::BomSubject> subject_of(const BomRequest& request, const Clock& clock) {
  struct stat about{};
  if (stat(request.path.c_str(), &about) != 0)
    return fail(Code::NotFound, "no file or directory '" + printable(request.path, 1000) + "'");
  trust::ModelFacts declared = TRY(declared_facts(request));
  const scan::Options options{.advisories = request.advisories, .now = request.now};
  const Limits limits;
  const scan::Engine engine(scan::builtin_inspectors(), limits, options, clock);
  for (const std::string& path : request.datasets) {
    trust::DatasetFacts dataset = TRY(dataset_at(request, path, engine));
    add_dataset(std::move(dataset), declared.datasets);
  }

  if (is_directory(request.path)) take_repository(request.path, declared);
  const Below below(request.path, is_directory(request.path));
  ScanResult result = scan_paths(scan_request(request, request.path), engine);
  trust::BomSubject subject;
  subject.name = name_of(request.path);
  subject.folder = is_directory(request.path);
  subject.files = files_of(result, below);
  subject.report = relative_report(std::move(result.report), below);

  const trust::FileAccess access{
      .read =
          [&](const std::string& path, const std::function<void(Bytes)>& use) {
            // What cannot be opened now could not be scanned either: a gap says so.
            if (const auto mapping = os::Mapping::open(below.absolute(path), true)) use((*mapping)->bytes());
          },
      .graph =
          [&](const std::string& path, Bytes content) {
            return engine.graph({.path = path, .origin = {}, .bytes = content, .keeps = {}});
          }};
  trust::describe(subject, declared, access);
  if (subject.models.size() != 1) {
    if (!request.facts.empty())
      return fail(Code::InvalidInput,
                  "--facts speaks of one model, but " + std::to_string(subject.models.size()) + " are in " +
                      printable(request.path, 500) + "; give the path of the one that is meant");
    subject.datasets = std::move(declared.datasets);
  }
  return subject;
}

}  // namespace bulwark::cli
