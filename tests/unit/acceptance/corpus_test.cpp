// The shared corpus of hostile, benign and undecided model files, judged as its README defines the rates.
//
// BULWARK_CORPUS_TABLE=FILE writes the table of docs/detection.md; without it the committed table must be
// fresh.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "support/support.h"

namespace bulwark {
namespace {

struct Sample {
  std::string path, label, technique, format, suite, verified;
  std::vector<std::string> peers;  // D flagged, C clean, E error, S skipped, T timeout, X crashed
  Report report;
};

const std::vector<std::string> kPeers = {"picklescan", "modelscan", "fickling",
                                         "modelaudit", "purser",    "saferpickle"};

const std::vector<Sample>& corpus() {
  static const std::vector<Sample> samples = [] {
    std::vector<Sample> read;
    const std::string folder = test::shared_folder();
    if (folder.empty()) return read;
    std::istringstream manifest(test::read_file(folder + "/corpus/manifest.tsv"));
    std::string row;
    std::getline(manifest, row);
    while (std::getline(manifest, row)) {
      const auto cells = split(row, '\t');
      const auto cell = [&](std::size_t i) { return std::string(cells.at(i)); };
      Sample sample{cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), {}, {}};
      for (std::size_t i = 6; i < cells.size(); ++i) sample.peers.push_back(cell(i));
      sample.report = test::scan(test::read_file(folder + "/corpus/" + sample.path));
      read.push_back(std::move(sample));
    }
    return read;
  }();
  return samples;
}

#define SKIP_WITHOUT_CORPUS() \
  if (corpus().empty()) GTEST_SKIP() << "../shared/corpus is not there"

std::string describe(const Sample& sample) {
  std::string text = sample.path + " (" + sample.technique + ")";
  for (const Finding& f : sample.report.findings)
    text += "\n    " + std::string(f.rule->id) + " " + std::string(name_of(f.severity)) + ": " + f.message;
  for (const Gap& gap : sample.report.gaps)
    text += "\n    gap " + std::string(name_of(gap.reason)) + ": " + gap.why;
  return text;
}

bool is_detected(const Sample& sample) {
  return test::worst(sample.report) >= Severity::High;
}

TEST(Corpus, EveryVerifiedHostileSampleIsRefused) {
  SKIP_WITHOUT_CORPUS();
  for (const Sample& sample : corpus()) {
    if (sample.label != "malicious" || sample.verified != "yes") continue;
    EXPECT_TRUE(is_detected(sample)) << describe(sample);
  }
}

TEST(Corpus, AlmostEveryHostileSampleIsRefused) {
  SKIP_WITHOUT_CORPUS();
  std::size_t all = 0;
  std::size_t detected = 0;
  std::string missed;
  for (const Sample& sample : corpus()) {
    if (sample.label != "malicious") continue;
    ++all;
    detected += is_detected(sample) ? 1U : 0U;
    if (!is_detected(sample)) missed += "\n" + describe(sample);
  }
  EXPECT_GE(detected * 1000, all * 995) << detected << " of " << all << "; missed:" << missed;
}

TEST(Corpus, NoBenignSampleIsRefusedAndFewAreHeld) {
  SKIP_WITHOUT_CORPUS();
  std::size_t all = 0;
  std::size_t held = 0;
  for (const Sample& sample : corpus()) {
    if (sample.label != "benign") continue;
    ++all;
    EXPECT_LT(test::worst(sample.report), Severity::High) << describe(sample);
    const bool at_medium = test::worst(sample.report) >= Severity::Medium;
    held += at_medium ? 1U : 0U;
    if (sample.suite == "adv") {
      EXPECT_FALSE(at_medium) << "written by a real library: " << describe(sample);
    }
    if (!sample.report.complete()) {
      EXPECT_EQ(sample.report.gaps[0].reason, GapReason::Encrypted) << describe(sample);
    }
  }
  EXPECT_LE(held * 100, all * 2);
}

TEST(Corpus, EveryAmbiguousSampleGetsAFindingOrAGap) {
  SKIP_WITHOUT_CORPUS();
  for (const Sample& sample : corpus()) {
    if (sample.label != "ambiguous") continue;
    EXPECT_TRUE(!sample.report.findings.empty() || !sample.report.complete()) << describe(sample);
  }
}

struct Rates {
  std::size_t hostile = 0, detected = 0, benign = 0, refused = 0, held = 0;
  std::vector<std::size_t> peers_detected = std::vector<std::size_t>(kPeers.size());
  std::vector<std::size_t> peers_alarmed = std::vector<std::size_t>(kPeers.size());
};

void count(Rates& rates, const Sample& sample) {
  const bool hostile = sample.label == "malicious";
  (hostile ? rates.hostile : rates.benign) += 1;
  (hostile ? rates.detected : rates.refused) += is_detected(sample) ? 1U : 0U;
  if (!hostile) rates.held += test::worst(sample.report) == Severity::Medium ? 1U : 0U;
  for (std::size_t i = 0; i < kPeers.size() && i < sample.peers.size(); ++i)
    (hostile ? rates.peers_detected : rates.peers_alarmed)[i] += sample.peers[i] == "D" ? 1U : 0U;
}

std::string table_row(const std::string& name, const Rates& r) {
  const auto of = [](std::size_t part, std::size_t all) {
    return all == 0 ? std::string("–") : std::to_string(part) + "/" + std::to_string(all);
  };
  std::string row = "| " + name + " | **" + of(r.detected, r.hostile) + "** | **" + of(r.refused, r.benign) +
                    "** | " + of(r.held, r.benign) + " |";
  for (std::size_t i = 0; i < kPeers.size(); ++i)
    row += " " + of(r.peers_detected[i], r.hostile) + ", " + of(r.peers_alarmed[i], r.benign) + " |";
  return row + "\n";
}

std::string table() {
  std::map<std::string, Rates> formats;
  Rates all;
  for (const Sample& sample : corpus()) {
    if (sample.label == "ambiguous") continue;
    count(formats[sample.format], sample);
    count(all, sample);
  }
  std::string text = "| format | refused hostile | refused benign | held benign |";
  for (const std::string& peer : kPeers) text += " " + peer + " |";
  text += "\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& [format, rates] : formats) text += table_row(format, rates);
  return text + table_row("**all**", all);
}

TEST(Corpus, TableInTheDocumentsIsFresh) {
  SKIP_WITHOUT_CORPUS();
  if (const char* target = std::getenv("BULWARK_CORPUS_TABLE")) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(target) << table();
    return;
  }
  const std::string document = test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/detection.md");
  EXPECT_NE(document.find(table()), std::string::npos) << "run script/detection-table; the table is now:\n"
                                                       << table();
}

}  // namespace
}  // namespace bulwark
