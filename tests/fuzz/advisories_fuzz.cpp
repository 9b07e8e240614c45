// An advisory (JSON or YAML) that is evaluated, compiled, opened and asked again: the database must give the
// same answer. The same bytes are also opened as a database, with their checksum put right so that the tables
// are reached.

#include <cstdlib>
#include <vector>

#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"
#include "scan/advisories/layout.h"

using namespace bulwark;

namespace {

void ask_the_compiled(scan::Advisory advisory) {
  if (advisory.withdrawn) return;
  scan::AdvisoryCompiler compiler;
  compiler.add(advisory);
  const auto file = compiler.finish(0);
  if (!file) return;
  const auto database = scan::AdvisoryDatabase::open(*file);
  if (!database) std::abort();
  for (const scan::AffectedPackage& package : advisory.affected) {
    const auto matches = database->matches(package.ecosystem, package.name, "1.0");
    if (!matches) std::abort();
    if (scan::affects(package, "1.0") != scan::Affects::No && matches->empty()) std::abort();
  }
}

void open_as_database(Bytes input) {
  std::vector<std::uint8_t> file(input.begin(), input.end());
  if (file.size() < scan::advisory_file::kHeader) return;
  const auto put = [&](std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) file[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  for (std::size_t i = 0; i < scan::advisory_file::kMagic.size(); ++i)
    file[i] = static_cast<std::uint8_t>(scan::advisory_file::kMagic[i]);
  put(8, file.size());
  put(16, scan::advisory_file::checksum(Bytes(file).subspan(scan::advisory_file::kChecked)));
  const auto database = scan::AdvisoryDatabase::open(file);
  if (!database) return;
  (void)database->matches("PyPI", "torch", "1.0");
  (void)database->matches("PyPI", "torch", "");
  (void)database->is_legitimate("npm", "a");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  Limits limits;
  limits.document_bytes = 1 << 20;
  limits.document_nodes = 20'000;
  if (auto advisory = scan::read_advisory(text_of(input), limits)) ask_the_compiled(std::move(*advisory));
  open_as_database(input);
  return 0;
}
