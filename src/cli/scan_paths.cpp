#include "cli/scan_paths.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/parallel.h"
#include "cli/directory.h"
#include "cli/progress.h"
#include "crypto/digest.h"
#include "os/files.h"
#include "os/interrupt.h"
#include "os/mapping.h"

namespace bulwark::cli {
namespace {

struct Job {
  os::WalkEntry entry;
  bool given = false;                        // named by the user: a link is followed
  const scan::Package* directory = nullptr;  // of a file: its siblings; of a directory: its files
};

struct Outcome {
  Report report;
  std::string digest;
  std::vector<scan::ApprovableText> agent_texts;
};

void add_gap(Report& report, GapReason reason, const std::string& path, std::string why) {
  report.gaps.push_back({reason, path, {}, {}, std::move(why)});
}

void scan_bytes(const Job& job, Bytes bytes, std::shared_ptr<const void> keeps, const scan::Engine& engine,
                Outcome& out) {
  const scan::Artifact artifact{
      .path = job.entry.path, .origin = {}, .bytes = bytes, .keeps = std::move(keeps)};
  out.report = engine.scan(artifact, job.directory);
}

void keep_digest(const Job& job, Result<std::string> digest, Outcome& out) {
  if (digest) {
    out.digest = std::move(*digest);
  } else {
    add_gap(out.report, GapReason::Unreadable, job.entry.path, digest.error().message);
  }
}

Outcome scan_stdin(const Job& job, const ScanRequest& request, const scan::Engine& engine) {
  Outcome out;
  auto content = os::read_stream(STDIN_FILENO, request.stdin_limit);
  if (!content) {
    add_gap(out.report, gap_reason_from(content.error().code), job.entry.path,
            "standard input: " + content.error().message);
    return out;
  }
  auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(*content));
  const Bytes bytes(*owned);
  scan_bytes(job, bytes, owned, engine, out);
  if (request.digest) keep_digest(job, crypto::sha256(bytes), out);
  return out;
}

void keep_agent_texts(const Job& job, Bytes bytes, Outcome& out) {
  auto texts = scan::approvable_texts(job.entry.path, bytes, Limits{});
  if (texts) {
    out.agent_texts = std::move(*texts);
  } else {
    add_gap(out.report, gap_reason_from(texts.error().code), job.entry.path, texts.error().message);
  }
}

Outcome scan_file(const Job& job, const ScanRequest& request, const scan::Engine& engine) {
  Outcome out;
  const auto mapping = os::Mapping::open(job.entry.path, job.given);
  if (!mapping) {
    add_gap(out.report, GapReason::Unreadable, job.entry.path, mapping.error().message);
    return out;
  }
  scan_bytes(job, (*mapping)->bytes(), *mapping, engine, out);
  if (request.agent_texts) keep_agent_texts(job, (*mapping)->bytes(), out);
  if (request.digest) {
    keep_digest(job, crypto::sha256([&](const auto& each) { (*mapping)->for_each_piece(each); }), out);
  }
  if ((*mapping)->changed())
    add_gap(out.report, GapReason::Changed, job.entry.path,
            "the file changed while it was read; scan it again");
  return out;
}

// What a directory's inspection finds inside one of its files is said of that file: every directory above
// that reads it says the same, and so may the file's own inspection.
template <class Row>
void name_by_file(std::vector<Row>& rows, const scan::Package& directory) {
  for (Row& row : rows) {
    if (row.origin.empty() || directory.find(row.origin.front()) == nullptr) continue;
    row.path += (row.path.ends_with('/') ? "" : "/") + row.origin.front();
    row.origin.erase(row.origin.begin());
  }
}

Outcome scan_directory(const Job& job, const scan::Engine& engine) {
  Outcome out;
  out.report = engine.scan_directory(job.entry.path, *job.directory);
  name_by_file(out.report.findings, *job.directory);
  name_by_file(out.report.gaps, *job.directory);
  name_by_file(out.report.inspected, *job.directory);
  return out;
}

Outcome run_job(const Job& job, const ScanRequest& request, const scan::Engine& engine) {
  switch (job.entry.kind) {
    case os::Found::File:
      return job.entry.path == "-" ? scan_stdin(job, request, engine) : scan_file(job, request, engine);
    case os::Found::Directory: return scan_directory(job, engine);
    case os::Found::Unreadable: break;
  }
  Outcome out;
  add_gap(out.report, GapReason::Unreadable, job.entry.path, job.entry.why);
  return out;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::vector<Job> jobs_of(const ScanRequest& request) {
  std::vector<Job> jobs;
  std::set<std::string> seen;
  for (const std::string& path : request.paths) {
    if (path == "-") {
      if (seen.insert(path).second) jobs.push_back({.entry = {os::Found::File, path, {}}, .given = true});
      continue;
    }
    for (os::WalkEntry& entry : os::walk(path, request.walk)) {
      const bool given = entry.path == path;
      if (seen.insert(entry.path).second) jobs.push_back({.entry = std::move(entry), .given = given});
    }
  }
  return jobs;
}

// One package per directory, and every job pointed to its own.
std::vector<std::unique_ptr<scan::Package>> packages_of(std::vector<Job>& jobs) {
  struct Names {
    std::vector<std::string> files, folders;
  };
  std::map<std::string, Names> directories;
  const auto key = [](std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  };
  for (const Job& job : jobs)
    if (job.entry.kind == os::Found::Directory) directories[key(job.entry.path)];
  for (const Job& job : jobs) {
    const auto folder = directories.find(key(folder_of(key(job.entry.path))));
    if (folder == directories.end() || job.given) continue;
    const std::string name = job.entry.path.substr(job.entry.path.rfind('/') + 1);
    // A model's code lies in folders below it: each directory above knows the file by its relative name.
    if (job.entry.kind == os::Found::File) {
      for (auto above = folder; above != directories.end();) {
        above->second.files.push_back(
            job.entry.path.substr(above->first.size() + (above->first == "/" ? 0 : 1)));
        const std::string parent = key(folder_of(above->first));
        above = parent == above->first ? directories.end() : directories.find(parent);
      }
    }
    if (job.entry.kind == os::Found::Directory) folder->second.folders.push_back(name);
  }
  std::vector<std::unique_ptr<scan::Package>> packages;
  std::map<std::string, const scan::Package*> by_path;
  for (const auto& [path, names] : directories) {
    packages.push_back(directory_package(path, names.files, names.folders));
    by_path[path] = packages.back().get();
  }
  for (Job& job : jobs) {
    const std::string path = key(job.entry.path);
    auto found = by_path.find(job.entry.kind == os::Found::Directory ? path : key(folder_of(path)));
    // What lies in __pycache__ belongs to the sources in the folder above.
    if (found != by_path.end() && job.entry.kind == os::Found::File &&
        found->first.ends_with("/__pycache__")) {
      const auto above = by_path.find(key(folder_of(found->first)));
      if (above != by_path.end()) found = above;
    }
    if (found != by_path.end() && (!job.given || job.entry.kind == os::Found::Directory))
      job.directory = found->second;
  }
  return packages;
}

}  // namespace

ScanResult scan_paths(const ScanRequest& request, const scan::Engine& engine) {
  std::vector<Job> jobs = jobs_of(request);
  const auto packages = packages_of(jobs);
  std::vector<Outcome> outcomes(jobs.size());
  {
    Progress progress(jobs.size(), request.progress);
    parallel_for(jobs.size(), request.jobs, [&](std::size_t i) {
      if (!os::interrupted()) outcomes[i] = run_job(jobs[i], request, engine);
      progress.step();
    });
  }
  ScanResult result;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].entry.kind == os::Found::File) ++result.files;
    result.report.append(std::move(outcomes[i].report));
    for (scan::ApprovableText& text : outcomes[i].agent_texts)
      result.agent_texts.push_back({jobs[i].entry.path, std::move(text)});
    if (!outcomes[i].digest.empty())
      result.digests.emplace(jobs[i].entry.path, std::move(outcomes[i].digest));
  }
  result.report.normalise();
  return result;
}

}  // namespace bulwark::cli
