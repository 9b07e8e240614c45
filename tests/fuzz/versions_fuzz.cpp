// Two versions and a range, separated by line feeds: the order must be one (total, antisymmetric), the normal
// form must be its own normal form.

#include <cstdlib>

#include "base/text.h"
#include "scan/formats/versions/debian.h"
#include "scan/formats/versions/pep440.h"
#include "scan/formats/versions/semver.h"

using namespace bulwark;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_order(std::strong_ordering (*compare)(std::string_view, std::string_view), std::string_view a,
                 std::string_view b) {
  require((compare(a, b) <=> 0) == (0 <=> compare(b, a)));
  require(compare(a, a) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  const auto lines = split(text_of(Bytes(data, size)), '\n');
  const std::string_view a = lines[0];
  const std::string_view b = lines.size() > 1 ? lines[1] : std::string_view();
  const std::string_view range = lines.size() > 2 ? lines[2] : b;
  check_order(scan::compare_python, a, b);
  check_order(scan::compare_semver, a, b);
  check_order(scan::compare_debian, a, b);
  (void)scan::matches_npm_range(range, a);
  if (const auto clauses = scan::parse_specifiers(range)) (void)scan::matches(*clauses, a);
  if (const auto version = scan::parse_pep440(a)) {
    const std::string normal = version->normalised();
    const auto again = scan::parse_pep440(normal);
    require(again && again->normalised() == normal && scan::compare(*version, *again) == 0);
  }
  return 0;
}
