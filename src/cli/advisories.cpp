#include "cli/advisories.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "cli/verb.h"
#include "os/files.h"
#include "os/mapping.h"
#include "os/walk.h"
#include "scan/advisories/layout.h"
#include "scan/advisories/source.h"

namespace bulwark::cli {
namespace {

constexpr std::size_t kShownProblems = 5;

std::int64_t seconds_of(std::chrono::year_month_day day) {
  return std::chrono::sys_days(day).time_since_epoch().count() * std::int64_t{86'400};
}

Result<void> add_source(const std::string& source, scan::AdvisoryCompiler& compiler,
                        std::vector<scan::ImportProblem>& problems) {
  struct stat about{};
  if (stat(source.c_str(), &about) != 0)
    return fail(Code::NotFound, "no file or directory '" + printable(source, 1000) + "'");
  const bool directory = S_ISDIR(about.st_mode);
  for (const os::WalkEntry& entry : os::walk(source, {})) {
    if (entry.kind != os::Found::File || (directory && !scan::holds_advisories(entry.path))) continue;
    const auto mapping = os::Mapping::open(entry.path, !directory);
    if (mapping) {
      scan::add_advisories(entry.path, (*mapping)->bytes(), Limits{}, compiler, problems);
    } else {
      problems.push_back({entry.path, mapping.error().message});
    }
  }
  return {};
}

void complain_about(const std::vector<scan::ImportProblem>& problems) {
  for (std::size_t i = 0; i < problems.size() && i < kShownProblems; ++i)
    complain("not imported: " + printable(problems[i].where, 200) + ": " + printable(problems[i].why, 200));
  if (problems.size() > kShownProblems)
    complain("not imported: " + std::to_string(problems.size() - kShownProblems) + " more");
}

Result<std::vector<std::uint8_t>> compile(const std::vector<std::string>& sources,
                                          std::chrono::year_month_day today,
                                          scan::AdvisoryCompiler& compiler) {
  std::vector<scan::ImportProblem> problems;
  for (const std::string& source : sources) TRY(add_source(source, compiler, problems));
  complain_about(problems);
  if (compiler.kept() == 0)
    return fail(Code::InvalidInput, "no advisory in '" + printable(sources.front(), 1000) + "'");
  return compiler.finish(seconds_of(today));
}

Result<std::unique_ptr<OpenAdvisories>> opened(std::shared_ptr<const void> keeps, Bytes bytes) {
  const scan::AdvisoryDatabase database = TRY(scan::AdvisoryDatabase::open(bytes));
  return std::make_unique<OpenAdvisories>(OpenAdvisories{std::move(keeps), database});
}

}  // namespace

std::string advisory_path() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  if (data != nullptr && *data == '/') return std::string(data) + "/bulwark/advisories.db";
  if (home != nullptr && *home == '/') return std::string(home) + "/.local/share/bulwark/advisories.db";
  return {};
}

Result<std::unique_ptr<OpenAdvisories>> open_advisories(const std::string& source,
                                                        std::chrono::year_month_day today) {
  const std::string path = source.empty() ? advisory_path() : source;
  struct stat about{};
  if (path.empty() || stat(path.c_str(), &about) != 0) {
    if (source.empty()) return std::unique_ptr<OpenAdvisories>();
    return fail(Code::NotFound, "no file or directory '" + printable(path, 1000) + "'");
  }
  if (!S_ISDIR(about.st_mode)) {
    auto mapping = TRY(os::Mapping::open(path, true));
    const Bytes bytes = mapping->bytes();
    if (source.empty() || has_magic(bytes, scan::advisory_file::kMagic)) {
      auto open = opened(std::move(mapping), bytes);
      if (!open) return std::unexpected(std::move(open).error().within(path));
      return open;
    }
  }
  scan::AdvisoryCompiler compiler;
  auto file = TRY(compile({path}, today, compiler));
  auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(file));
  const Bytes bytes(*owned);
  return opened(std::move(owned), bytes);
}

Result<std::string> import_advisories(const std::vector<std::string>& sources,
                                      std::chrono::year_month_day today) {
  const std::string path = advisory_path();
  if (path.empty())
    return fail(Code::NotFound, "no place for the advisory database: set HOME or XDG_DATA_HOME");
  scan::AdvisoryCompiler compiler;
  const auto file = TRY(compile(sources, today, compiler));
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  if (failed) return fail(Code::Unavailable, "cannot make the folder of " + path + ": " + failed.message());
  TRY(os::write_durably(path, text_of(file)));
  const scan::AdvisoryDatabase database = TRY(scan::AdvisoryDatabase::open(file));
  return "imported " + std::to_string(database.advisories()) + " advisories for " +
         std::to_string(database.packages()) + " packages (newest of " + scan::date_of(database.newest()) +
         ", " + std::to_string(compiler.withdrawn()) + " withdrawn ones left out) into " + path + ", " +
         human_size(file.size()) + "\n";
}

}  // namespace bulwark::cli
