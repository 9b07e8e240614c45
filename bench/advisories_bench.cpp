// The advisory database at full size: 250,000 synthetic advisories, compiled, written, mapped and asked about
// 100,000 packages. usage: advisories_bench [FOLDER]   (the database is left there; default: the working
// directory)

#include <chrono>
#include <cstdio>
#include <random>
#include <string>

#include "os/files.h"
#include "os/mapping.h"
#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"
#include "scan/engine.h"

namespace bulwark {
namespace {

constexpr int kAdvisories = 250'000;
constexpr int kPackages = 100'000;  // of the requirements file; one in four has advisories
constexpr int kNamed = 100'000;     // packages that advisories speak about

class RealClock : public Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string version(std::mt19937_64& random) {
  return std::to_string(random() % 5) + "." + std::to_string(random() % 20) + "." +
         std::to_string(random() % 10);
}

// As real ones are made: one range, mostly of an early fix, and for one in three an enumeration.
scan::Advisory synthetic(int number, std::mt19937_64& random) {
  scan::Advisory advisory;
  advisory.id = "GHSA-" + std::to_string(number);
  advisory.aliases = {"CVE-2026-" + std::to_string(number)};
  advisory.summary = "a weakness of the usual length for a line that sums up what an attacker can do with it";
  advisory.modified = 1'790'000'000 + number;
  advisory.severity = Severity::High;
  const bool python = number % 2 == 0;
  scan::AffectedPackage package{.ecosystem = python ? "PyPI" : "npm",
                                .name = "package-" + std::to_string(random() % kNamed),
                                .versions = {},
                                .ranges = {}};
  package.ranges.push_back(
      {scan::AdvisoryRange::Type::Ecosystem,
       {{scan::AdvisoryEvent::Kind::Introduced, "0"}, {scan::AdvisoryEvent::Kind::Fixed, version(random)}}});
  if (number % 3 == 0)
    for (int i = 0; i < 30; ++i) package.versions.push_back(version(random));
  advisory.affected.push_back(std::move(package));
  return advisory;
}

std::string requirements(std::mt19937_64& random) {
  std::string text;
  for (int i = 0; i < kPackages; ++i) {
    const bool known = i % 4 == 0;
    text += (known ? "package-" : "other-") + std::to_string(random() % kNamed) + "==" + version(random) +
            " --hash=sha256:00\n";
  }
  return text;
}

int run(const std::string& folder) {
  std::mt19937_64 random(1);
  auto start = std::chrono::steady_clock::now();
  scan::AdvisoryCompiler compiler;
  for (int i = 0; i < kAdvisories; ++i) compiler.add(synthetic(i, random));
  const auto file = compiler.finish(1'790'000'000);
  if (!file) return 1;
  std::printf("compiled %d advisories: %.2f s, %.1f MiB\n", kAdvisories, seconds_since(start),
              static_cast<double>(file->size()) / 1048576.0);
  const std::string path = folder + "/advisories.db";
  if (!os::write_durably(path, text_of(*file))) return 1;

  start = std::chrono::steady_clock::now();
  const auto mapping = os::Mapping::open(path, true);
  if (!mapping) return 1;
  const auto database = scan::AdvisoryDatabase::open((*mapping)->bytes());
  if (!database) return 1;
  std::printf("mapped, checked and ready: %.1f ms\n", seconds_since(start) * 1000);

  const std::string text = requirements(random);
  const RealClock clock;
  for (const bool with : {false, true}) {
    const scan::Options options{.advisories = with ? &*database : nullptr};
    const scan::Engine engine(scan::builtin_inspectors(), {}, options, clock);
    start = std::chrono::steady_clock::now();
    const Report report =
        engine.scan({.path = "requirements.txt", .origin = {}, .bytes = bytes_of(text), .keeps = nullptr});
    std::printf("%d packages %s: %.3f s, %zu findings shown\n", kPackages,
                with ? "looked up" : "read and judged alone", seconds_since(start), report.findings.size());
  }
  return 0;
}

}  // namespace
}  // namespace bulwark

int main(int argc, char** argv) {
  return bulwark::run(argc > 1 ? argv[1] : ".");
}
