// The public cases of gitleaks (restated in ../shared/vectors): a hit must be found, a miss must not be found
// by the detector whose rule it names. A stricter count is printed: misses about which no detector says
// anything.

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "base/document.h"
#include "base/encoding.h"
#include "base/text.h"
#include "scan/secrets/search.h"
#include "support/support.h"

namespace bulwark {
namespace {

using scan::secrets::find_every_secret;

struct Case {
  std::string name, rule, text;
  bool hit = false;
};

std::vector<Case> cases() {
  std::vector<Case> read;
  const std::string folder = test::shared_folder();
  if (folder.empty()) return read;
  std::istringstream lines(test::read_file(folder + "/vectors/misconfig/gitleaks/cases.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto parsed = parse_json(line, Limits{});
    if (!parsed) continue;
    const Document& row = parsed->root;
    read.push_back({std::string(row.text("case")), std::string(row.text("rule")),
                    decode_base64(row.text("text_b64"), Base64::Standard).value_or(""),
                    row.text("expect") == "hit"});
  }
  return read;
}

// Ours that judge what one rule of theirs does.
bool speaks_for(std::string_view detector, std::string_view rule) {
  if (detector == rule) return true;
  static const std::multimap<std::string_view, std::string_view> kOurs = {
      {"vault-service-token", "vault-legacy-token"},
      {"sourcegraph-access-token", "sourcegraph-access-token-hex"},
      {"atlassian-api-token", "atlassian-api-token-v3"},
      {"generic-api-key", "password-literal"},
      {"private-key", "gcp-service-account"},
      {"sidekiq-sensitive-url", "url-credentials"},
  };
  const auto [first, last] = kOurs.equal_range(rule);
  return std::any_of(first, last, [&](const auto& pair) { return pair.second == detector; });
}

TEST(GitleaksCases, HitsAreFoundAndMissesAreNot) {
  const auto all = cases();
  if (all.empty()) GTEST_SKIP() << "../shared/vectors is not there";
  int hits = 0, found_hits = 0, misses = 0, kept_misses = 0, silent_misses = 0;
  for (const Case& one : all) {
    const auto found = find_every_secret(one.text, {});
    ASSERT_TRUE(found.has_value());
    bool said = false;
    std::string detectors;
    for (const auto& hit : found->hits) {
      said = said || speaks_for(hit.detector->name, one.rule);
      detectors += " " + std::string(hit.detector->name);
    }
    if (one.hit) {
      ++hits;
      found_hits += found->hits.empty() ? 0 : 1;
      if (!said) std::cout << "hit " << one.name << ": not by its own rule, but by" << detectors << '\n';
    } else {
      ++misses;
      kept_misses += said ? 0 : 1;
      silent_misses += found->hits.empty() ? 1 : 0;
      if (!found->hits.empty()) std::cout << "miss " << one.name << ": raised" << detectors << '\n';
    }
  }
  std::cout << "hits " << found_hits << "/" << hits << ", misses " << kept_misses << "/" << misses
            << " (silent " << silent_misses << ")\n";
  EXPECT_EQ(found_hits, hits);
  EXPECT_EQ(kept_misses, misses);
}

}  // namespace
}  // namespace bulwark
