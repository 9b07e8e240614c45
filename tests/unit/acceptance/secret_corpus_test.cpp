// Precision and recall on the seeded corpus of tests/support/secret_corpus.cpp.
//
// BULWARK_SECRET_TABLE=FILE writes the table of docs/secrets.md; without it the committed table must be
// fresh.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "scan/secrets/search.h"
#include "support/secret_corpus.h"
#include "support/support.h"

namespace bulwark {
namespace {

constexpr std::uint64_t kSeed = 20'261'120;
constexpr std::size_t kFiles = 2'000;

struct Count {
  int seeded = 0;
  int found = 0;
};

struct Score {
  std::map<std::string, Count> kinds;
  std::map<std::string, int> false_alarms;  // by detector
  int raised = 0;
  int right = 0;
};

Score score(bool show) {
  Score total;
  for (const test::SeededFile& file : test::secret_corpus(kSeed, kFiles)) {
    const auto found = scan::secrets::find_secrets(file.text, file.path);
    std::set<std::size_t> met;
    for (const auto& hit : found->hits) {
      ++total.raised;
      bool right = false;
      for (std::size_t i = 0; i < file.secrets.size(); ++i) {
        const auto& seeded = file.secrets[i];
        if (hit.secret.begin >= seeded.end || hit.secret.end <= seeded.begin) continue;
        met.insert(i);
        right = true;
      }
      total.right += right ? 1 : 0;
      if (right) continue;
      ++total.false_alarms[std::string(hit.detector->name)];
      if (show)
        std::cout << "FALSE " << hit.detector->name << " " << file.path << " "
                  << file.text.substr(hit.secret.begin > 30 ? hit.secret.begin - 30 : 0, 90) << '\n';
    }
    for (std::size_t i = 0; i < file.secrets.size(); ++i) {
      Count& count = total.kinds[file.secrets[i].kind];
      ++count.seeded;
      count.found += met.contains(i) ? 1 : 0;
      if (show && !met.contains(i))
        std::cout << "MISSED " << file.secrets[i].kind << " " << file.path << " "
                  << file.text.substr(file.secrets[i].begin > 30 ? file.secrets[i].begin - 30 : 0, 90)
                  << '\n';
    }
  }
  return total;
}

std::string percent(int part, int whole) {
  std::ostringstream text;
  text.precision(1);
  text << std::fixed << (whole == 0 ? 100.0 : 100.0 * part / whole) << " %";
  return text.str();
}

std::string table_of(const Score& score) {
  Count all;
  std::ostringstream out;
  out << "| kind | seeded | found | recall |\n|---|---|---|---|\n";
  for (const auto& [kind, count] : score.kinds) {
    out << "| " << kind << " | " << count.seeded << " | " << count.found << " | "
        << percent(count.found, count.seeded) << " |\n";
    all.seeded += count.seeded;
    all.found += count.found;
  }
  out << "| **all** | " << all.seeded << " | " << all.found << " | " << percent(all.found, all.seeded)
      << " |\n\n"
      << "Findings: " << score.raised << ", false ones: " << score.raised - score.right << ", precision "
      << percent(score.right, score.raised) << ".\n";
  return out.str();
}

TEST(SecretCorpus, PrecisionAndRecallAreAboveTheBar) {
  const Score result = score(std::getenv("BULWARK_SECRET_SHOW") != nullptr);
  const std::string table = table_of(result);
  std::cout << table;
  Count all;
  for (const auto& [kind, count] : result.kinds) {
    all.seeded += count.seeded;
    all.found += count.found;
  }
  EXPECT_GE(result.right * 100, result.raised * 97);
  EXPECT_GE(all.found * 100, all.seeded * 97);
  if (const char* path = std::getenv("BULWARK_SECRET_TABLE")) {
    std::ofstream(path) << table;
    return;
  }
#ifndef __clang__  // it evaluates operands in another order, so the generator writes another corpus
  EXPECT_NE(test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/secrets.md").find(table),
            std::string::npos)
      << "write the table into docs/secrets.md: BULWARK_SECRET_TABLE=FILE unit_acceptance";
#endif
}

}  // namespace
}  // namespace bulwark
