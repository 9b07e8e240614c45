// The rates by chance that recognisers state: a seeded experiment with random values of their layouts.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "assay/pii/find.h"
#include "base/text.h"
#include "stats/interval.h"
#include "stats/random.h"

namespace bulwark::assay::pii {
namespace {

std::string random_value(stats::Philox& random, std::string_view layout) {
  std::string out;
  for (const char c : layout) {
    if (c == '9') out += static_cast<char>('0' + random.below(10));
    if (c == 'A') out += static_cast<char>('A' + random.below(26));
    if (c == 'x') out += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.below(36)];
  }
  return out;
}

// BULWARK_PII_TABLE prints the measured rates; with 200,000 values they are those of the descriptors.
TEST(PiiChance, StatedRatesAreNotBelowTheMeasured) {
  const bool print = std::getenv("BULWARK_PII_TABLE") != nullptr;
  const std::size_t values = print ? 200'000 : 3'000;
  for (const Recogniser* kind : recognisers()) {
    if (kind->check_rate == 0 || kind->check == nullptr) continue;
    stats::Philox random(1, stats::stream_key("pii chance"));
    std::vector<std::string_view> layouts = {"9999999999999999"};
    if (!kind->layouts.empty()) layouts = split(kind->layouts, '|');
    if (kind->id == "iban") layouts = {"AA99999999999999999999"};
    std::uint64_t matches = 0;
    std::uint64_t shapes = 0;
    for (std::size_t i = 0; i < values; ++i) {
      const Verdict verdict = kind->check(code_of(random_value(random, layouts.front())));
      shapes += verdict != Verdict::No ? 1U : 0U;
      matches += verdict == Verdict::Match ? 1U : 0U;
    }
    if (print) {
      std::cout << "| " << kind->id << " | " << double(matches) / double(values) << " | " << kind->null_rate
                << " | " << (shapes == 0 ? 0 : double(matches) / double(shapes)) << " | " << kind->check_rate
                << " |\n";
    }
    EXPECT_LE(stats::wilson(matches, values, 0.9999).low, kind->null_rate) << kind->id;
    EXPECT_LE(stats::wilson(matches, shapes, 0.9999).low, kind->check_rate) << kind->id;
  }
}

}  // namespace
}  // namespace bulwark::assay::pii
