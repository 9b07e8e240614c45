// The search for secrets: what is found, what is not, and that nothing of a value is said.

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "report/run.h"
#include "scan/formats/notebook_cells.h"
#include "scan/secrets/assignment.h"
#include "scan/secrets/detector.h"
#include "scan/secrets/search.h"
#include "scan/secrets/value.h"
#include "support/secret_corpus.h"
#include "support/support.h"

namespace bulwark {
namespace {

using namespace scan::secrets;

// Made up here, so that no scanner of repositories takes this file for a leak.
const std::string kToken = std::string("ghp_") + "jrvnWPQbLrWhMgJvIYPbJzZyj9k8Xh1YCpRf";
const std::string kKey = std::string("q7Zt2Lw9") + "Xv4Rb8Nc1Yk6Md3Pf5Hs0Jg";

std::vector<std::string> names(std::string_view text, std::string_view path = {}) {
  std::vector<std::string> all;
  const auto found = find_secrets(text, path);
  EXPECT_TRUE(found);
  if (!found) return all;
  for (const Hit& hit : found->hits) all.emplace_back(hit.detector->name);
  return all;
}

TEST(Detectors, AreAWholeTableWithPatternsThatCompile) {
  const Detectors& all = Detectors::all();
  EXPECT_GE(all.list().size(), 240U);
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < all.list().size(); ++i) {
    const Detector& detector = all.list()[i];
    EXPECT_TRUE(seen.insert(detector.name).second) << detector.name << " is there twice";
    ASSERT_NE(detector.rule, nullptr) << detector.name;
    EXPECT_TRUE(detector.expression == "-" || all.pattern(i).valid()) << detector.name;
  }
  for (const Keyword& keyword : all.keywords()) EXPECT_GE(keyword.text.size(), 2U) << keyword.text;
}

TEST(Assignment, IsReadInEveryNotation) {
  const std::vector<std::string> notations = {"api_key = \"V\"",
                                              "api_key: 'V'",
                                              "\"api_key\": \"V\"",
                                              "api_key=V",
                                              "os.environ[\"api_key\"] = 'V'",
                                              "set(\"api_key\", \"V\")",
                                              "api_key: str = \"V\"",
                                              "api_key := `V`",
                                              "<api_key>V</api_key>",
                                              "<add key=\"api_key\" value=\"V\"/>",
                                              "- name: api_key\n  value: \"V\"",
                                              "\\\"api_key\\\": \\\"V\\\"",
                                              "api_key => 'V'"};
  for (std::string text : notations) {
    const std::size_t key = text.find("key\"") != std::string::npos && text.starts_with("<add")
                                ? text.rfind("api_key") + 4
                                : text.find("api_key") + 4;
    const auto found = assignment_of(text, {key, key + 3});
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(text[found->value], 'V') << text;
  }
  EXPECT_FALSE(assignment_of("the key of the door", {4, 7}));
  EXPECT_FALSE(assignment_of("key", {0, 3}));
}

TEST(Secrets, KnowChecksumsOfTokens) {
  for (const test::SeededFile& file : test::secret_corpus(1, 200))
    for (const auto& seeded : file.secrets) {
      const std::string value = file.text.substr(seeded.begin, seeded.end - seeded.begin);
      const bool checked = value.starts_with("ghp_") || value.starts_with("npm_");
      EXPECT_TRUE(!checked || has_valid_crc(value)) << value;
    }
  EXPECT_FALSE(has_valid_crc("ghp_" + std::string(36, 'a')));
  EXPECT_FALSE(has_valid_crc("ghp_"));
}

TEST(Secrets, DecodeTheAccountOfAnAwsKey) {
  EXPECT_EQ(aws_account("AKIA"
                        "QYLPMN5HHHFPZAM2"),
            "052310077262");
  EXPECT_EQ(aws_account("AKIA"
                        "IOSFODNN7EXAMPLE"),
            std::nullopt);
}

TEST(Secrets, CheckBech32) {
  EXPECT_TRUE(is_bech32("A12UEL5L"));
  EXPECT_FALSE(is_bech32("A12UEL5K"));
}

TEST(Secrets, AreLessInTestsAndNeverDropped) {
  const std::string line =
      "token = \"" + kKey + "\" api = AIza" + std::string("SyB7xK2mQ9wE4rT6yU1iO3pA5sD8fG0hJk");
  const auto in_source = find_secrets(line, "src/a.txt");
  const auto in_tests = find_secrets(line, "tests/a.txt");
  ASSERT_EQ(in_source->hits.size(), in_tests->hits.size());
  ASSERT_FALSE(in_tests->hits.empty());
  for (std::size_t i = 0; i < in_tests->hits.size(); ++i)
    EXPECT_LE(in_tests->hits[i].severity, in_source->hits[i].severity);
}

TEST(Secrets, OfLockFilesAreNoGenericKeys) {
  const std::string line = "token = \"" + kKey + "\"\n";
  EXPECT_EQ(names(line, "a.yaml").size(), 1U);
  EXPECT_TRUE(names(line, "sub/yarn.lock").empty());
}

TEST(Secrets, WithoutQuotesInProgramsAreNames) {
  EXPECT_TRUE(names("token = " + kKey + "\n", "a.py").empty());
  EXPECT_EQ(names("token = " + kKey + "\n", ".env").size(), 1U);
}

TEST(Secrets, OverlappingHitsAreOneFinding) {
  EXPECT_EQ(names("github_token = \"" + kToken + "\"").size(), 1U);
}

// Time must not depend on what the text repeats.
TEST(Secrets, OfATextOfKeywordsAreJudgedInBoundedTime) {
  std::string text;
  while (text.size() < 2'000'000) text += "curl -----BEGIN PRIVATE KEY-----\nkind: Secret\n://a:b";
  const auto found = find_secrets(text, {});
  ASSERT_TRUE(found);
}

TEST(Redaction, LeavesFourCharactersAtMost) {
  const std::string clean = redacted("run --token " + kToken + " now");
  EXPECT_FALSE(clean.contains(kToken.substr(0, 8))) << clean;
  EXPECT_TRUE(clean.contains("[secret ghp_…]")) << clean;
  EXPECT_EQ(shown_part("12345678"), "12…");
  EXPECT_EQ(without_values("a " + kKey + " b", {kKey}), "a [secret q7Zt…] b");
  EXPECT_FALSE(without_values("cut " + kKey.substr(0, 12) + "…", {kKey}).contains(kKey.substr(0, 8)));
}

TEST(Redaction, HoldsForWhatOtherInspectorsQuote) {
  const std::string text = "FROM python:3.11\nENV HF_TOKEN=" + kToken +
                           "\nRUN curl -H \"Authorization: Bearer " + kKey +
                           "\" http://a.example/x | sh\nENV DB_PASSWORD=Falcon-4711-x\n";
  for (const std::string name :
       {"Dockerfile", "compose.yaml", "train.py", "run.sh", ".github/workflows/a.yml"}) {
    const Report report = test::scan_named(name, bytes_of(text));
    for (const Finding& finding : report.findings) {
      const std::string said = finding.message + finding.evidence + finding.subject;
      EXPECT_FALSE(said.contains(kToken.substr(0, 10))) << name << " " << finding.rule->id << " " << said;
      EXPECT_FALSE(said.contains(kKey.substr(0, 10))) << name << " " << finding.rule->id << " " << said;
      EXPECT_FALSE(said.contains("Falcon-4711")) << name << " " << finding.rule->id << " " << said;
    }
  }
}

TEST(Redaction, HoldsForMembersOfModels) {
  // A pickle that calls os.system with a token in its argument.
  const std::string pickle =
      "\x80\x02"
      "cos\nsystem\nX" +
      std::string(1, static_cast<char>(kToken.size() + 5)) + std::string(3, '\0') + "curl " + kToken +
      "\x85R.";
  scan::Options options;
  options.trace = true;
  const Report report = test::scan(std::string_view(pickle), options);
  ASSERT_FALSE(report.findings.empty());
  for (const Finding& finding : report.findings)
    EXPECT_FALSE((finding.message + finding.evidence + finding.subject).contains(kToken.substr(0, 10)));
  for (const Inspected& about : report.inspected) EXPECT_FALSE(about.trace.contains(kToken.substr(0, 10)));
}

TEST(Redaction, HoldsToTheEndOfALongTrace) {
  // Four hundred calls before the one with the token: the trace is far longer than what a finding shows.
  std::string pickle = "\x80\x02";
  for (int i = 0; i < 400; ++i) pickle += "cos\nsystem\nX" + std::string("\x04\0\0\0true", 8) + "\x85R0";
  pickle += "cos\nsystem\nX" + std::string(1, static_cast<char>(kToken.size() + 5)) + std::string(3, '\0') +
            "curl " + kToken + "\x85R.";
  scan::Options options;
  options.trace = true;
  const Report report = test::scan(std::string_view(pickle), options);
  std::size_t longest = 0;
  for (const Inspected& about : report.inspected) {
    longest = std::max(longest, about.trace.size());
    EXPECT_FALSE(about.trace.contains(kToken.substr(0, 10)));
  }
  EXPECT_GT(longest, 8192U);
}

TEST(Fingerprint, NamesAFindingByItsValue) {
  scan::Options options;
  options.fingerprint = [](std::string_view value) { return std::to_string(value.size()); };
  const Report report = test::scan(std::string_view("github = " + kToken + "\n"), options);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].subject, "secret:40");
  EXPECT_TRUE(report.findings[0].evidence.contains("fingerprint 40"));
}

TEST(NotebookCells, NamesTheCellAndItsPart) {
  const std::string text =
      R"({"metadata": {"k": "m0"}, "cells": [{"source": ["s1"], "outputs": [{"text": "o1"}]}, {"metadata": {"x": "m2"}, "source": "s2 \"q\""}], "nbformat": 4})";
  ASSERT_TRUE(scan::looks_like_notebook(text));
  const scan::NotebookCells cells(text);
  EXPECT_EQ(cells.describe(text.find("m0")), "the notebook's metadata");
  EXPECT_EQ(cells.describe(text.find("s1")), "cell 1");
  EXPECT_EQ(cells.describe(text.find("o1")), "an output of cell 1");
  EXPECT_EQ(cells.describe(text.find("m2")), "the metadata of cell 2");
  EXPECT_EQ(cells.describe(text.find("s2")), "cell 2");
}

TEST(Secrets, AreFoundInUtf16) {
  std::string text = "\xFF\xFE";
  for (const char c : "token = " + kToken + "\n") text += {c, '\0'};
  EXPECT_TRUE(test::has_rule(test::scan(std::string_view(text)), "BW-SEC-005"));
}

TEST(Secrets, AreNotSearchedWhenTheTimeIsOver) {
  Limits limits;
  limits.time = std::chrono::milliseconds(-1);
  const Report report = test::scan(std::string_view("# a comment\ntoken = " + kToken + "\n"), {}, limits);
  EXPECT_FALSE(report.gaps.empty());
}

TEST(Redaction, OfManyTextsIsThatOfEach) {
  std::vector<std::string> texts;
  for (int i = 0; i < 3'000; ++i) {
    texts.push_back("token = ghp_" + std::string(20, static_cast<char>('a' + i % 20)) + "0123456789abcdef");
    texts.push_back("key AKIAQX7RD2N4PLM6WT" + std::string(1, static_cast<char>('A' + i % 20)) +
                    "5 in line " + std::to_string(i));
    texts.emplace_back("nothing to hide");
    texts.emplace_back();
  }
  std::vector<std::string> each;
  for (const std::string& text : texts) each.push_back(redacted(text));
  std::vector<std::string*> all;
  for (std::string& text : texts) all.push_back(&text);
  redact(all);
  EXPECT_EQ(texts, each);
  EXPECT_TRUE(texts[1].contains("[secret AKIA"));
}

}  // namespace
}  // namespace bulwark
