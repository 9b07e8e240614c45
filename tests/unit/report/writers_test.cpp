#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/document.h"
#include "report/reference.h"
#include "report/run.h"
#include "support/golden.h"
#include "support/json_schema.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

constexpr Rule kExecutes{
    .id = "BW-TEST-001",
    .title = "file runs a command when it is loaded",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why = "Whoever loads the file runs the command with all rights of the loading process.",
    .fix = "Do not load the file; ask for safetensors.",
};
constexpr Rule kUnknown{
    .id = "BW-TEST-002",
    .title = "file calls something that nobody vouched for",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why = "What the callable does at load time is not known to be harmless.",
    .fix = "Read the callable, then allow it by policy.",
};
constexpr Rule kNote{
    .id = "BW-TEST-003",
    .title = "file was written by an old tool",
    .severity = Severity::Info,
    .atlas = "AML.T0011.000",
    .why = "Old formats have fewer checks than new ones.",
    .fix = "Convert the file.",
};

// A run with every kind of row, and hostile texts where they can stand.
Report sample() {
  Report report;
  report.findings = {
      {&kExecutes,
       Severity::Critical,
       "models/evil.pt",
       {"evil/data.pkl"},
       {.offset = 21},
       "calls os.system",
       "os.system(\"touch marker\")",
       "os.system"},
      {&kUnknown,
       Severity::Medium,
       "models/evil.pt",
       {},
       {.offset = 7},
       "calls shop.Basket",
       "shop.Basket()",
       "shop.Basket"},
      {&kNote, Severity::Info, "models/evil.pt", {}, {}, "written by tool 0.1", "", ""},
      {&kUnknown,
       Severity::Medium,
       "models/template.json",
       {},
       {.offset = 3, .line = 2, .column = 5},
       "uses <b>|pipes|</b> and @names",
       "a|b `c`",
       "x.y"},
  };
  report.gaps = {
      {GapReason::Encrypted, "models/locked.zip", {"a\xff.bin"}, {.offset = 44}, "member is encrypted"},
      {GapReason::Unreadable, "models/pipe", {}, {}, "FIFO: reading it could block for ever"},
  };
  report.inspected = {
      {"models/evil.pt", {}, 1234, {"zip", "torch"}, {{"weights_only", "refuses: os.system"}}, ""},
      {"models/evil.pt",
       {"evil/data.pkl"},
       99,
       {"pickle"},
       {},
       "   2  from os import system\n  33  os.system(\"touch marker\")\n"},
      {"models/good.safetensors", {}, 5000000, {"safetensors"}, {}, ""},
      {"models/locked.zip", {}, 200, {"zip"}, {}, ""},
      {"models/template.json", {}, 80, {}, {}, ""},
  };
  report.normalise();
  return report;
}

policy::Policy sample_policy() {
  policy::Policy policy;
  policy.allowed.push_back({.subject = "shop.Basket", .reason = "our own class", .line = 3});
  policy.allowed.push_back({.rule = "BW-TEST-003",
                            .reason = "old",
                            .expires = std::chrono::year(2020) / std::chrono::May / 4,
                            .line = 9});
  return policy;
}

struct Judged {
  Report report = sample();
  policy::Verdict verdict =
      policy::decide(sample_policy(), report, std::chrono::year(2026) / std::chrono::November / 20);

  [[nodiscard]] report::Run run() const {
    return {.report = report,
            .verdict = verdict,
            .version = "0.1.0",
            .files = 5,
            .digests = {{"models/evil.pt", std::string(64, 'a')}},
            .working_folder = "/work"};
  }
};

Document parsed(const std::string& text) {
  auto document = parse_json(text, Limits{});
  EXPECT_TRUE(document) << document.error().message << "\n" << text;
  return document ? std::move(document->root) : Document{};
}

TEST(Golden, TextShowsTheWorstFirstAndWhatToDo) {
  expect_golden("report/all.txt", report::write_text(Judged().run()));
}

TEST(Golden, TextInColour) {
  const Judged judged;
  report::Run run = judged.run();
  run.colour = true;
  run.columns = 72;
  run.verbose = true;
  expect_golden("report/colour.txt", report::write_text(run));
}

TEST(Golden, JsonSarifAndMarkdown) {
  const Judged judged;
  expect_golden("report/all.json", report::write_json(judged.run()));
  expect_golden("report/all.sarif", report::write_sarif(judged.run()));
  expect_golden("report/all.md", report::write_markdown(judged.run()));
}

TEST(Json, FitsItsSchema) {
  const Document schema =
      parsed(read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/report.schema.json"));
  EXPECT_EQ(schema_complaints(schema, parsed(report::write_json(Judged().run()))), "");
}

TEST(Json, SchemaRefusesWhatIsWrong) {
  const Document schema =
      parsed(read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/report.schema.json"));
  EXPECT_NE(schema_complaints(schema, parsed("{}")), "");
  std::string text = report::write_json(Judged().run());
  text.replace(text.find("\"medium\""), 8, "\"medial\"");
  EXPECT_NE(schema_complaints(schema, parsed(text)), "");
}

TEST(Json, EveryFindingNamesTheUmbrellaTechnique) {
  const Document root = parsed(report::write_json(Judged().run()));
  const Document* findings = root.find("findings");
  ASSERT_NE(findings, nullptr);
  ASSERT_EQ(findings->list.size(), 4U);
  for (const Document& finding : findings->list) {
    const Document* atlas = finding.find("atlas");
    ASSERT_NE(atlas, nullptr);
    EXPECT_EQ(atlas->list.back().string, "AML.T0010.003");
  }
}

TEST(Sarif, FitsTheStandardsSchema) {
  const std::string path = shared_folder() + "/vectors/schemas/sarif/sarif-schema-2.1.0.json";
  if (shared_folder().empty()) GTEST_SKIP() << "the schema is not here";
  const Document schema = parsed(read_file(path));
  EXPECT_EQ(schema_complaints(schema, parsed(report::write_sarif(Judged().run()))), "");
}

TEST(Sarif, AllowedFindingsAreSuppressedAndNotLost) {
  const std::string text = report::write_sarif(Judged().run());
  EXPECT_NE(text.find("\"justification\": \"our own class\""), std::string::npos);
}

TEST(Sarif, NotesBaselinesAndFixesFitTheStandardsSchema) {
  Report report;
  report.findings = {
      {&kExecutes, Severity::Critical, "a.py", {}, {.offset = 9, .line = 2, .column = 1}, "m", {}, {}},
      {&kExecutes, Severity::Critical, "b.py", {}, {.offset = 9, .line = 2, .column = 1}, "m", {}, {}},
      {&kExecutes, Severity::Critical, "c.py", {}, {.offset = 9, .line = 2, .column = 1}, "m", {}, {}}};
  report.findings[0].waiver = Waiver{.reason = "our own file", .until = "2027-01-31", .line = 2};
  report.findings[2].edits = {{9, "load", "safe_load"}, {20, "", ", weights_only=True"}};
  policy::Baseline baseline;
  baseline.accepted.push_back(
      {.fingerprint = policy::fingerprints_of(report)[1], .reason = "until the rewrite"});
  const policy::Verdict verdict = policy::decide({}, report, std::chrono::year(2026) / 1 / 1, baseline);
  EXPECT_EQ(verdict.findings[0].allowed_by, policy::AllowedBy::Note);
  EXPECT_EQ(verdict.findings[1].allowed_by, policy::AllowedBy::Baseline);
  const std::string text =
      report::write_sarif({.report = report, .verdict = verdict, .version = "1", .working_folder = "/work"});
  for (const std::string_view part : {"\"inSource\"", "\"external\"", "\"our own file\"",
                                      "\"until the rewrite\"", "\"fixes\"", "\"safe_load\""})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  if (shared_folder().empty()) GTEST_SKIP() << "the schema is not here";
  const Document schema =
      parsed(read_file(shared_folder() + "/vectors/schemas/sarif/sarif-schema-2.1.0.json"));
  EXPECT_EQ(schema_complaints(schema, parsed(text)), "");
}

TEST(Sarif, PathsAreRelativeAndEncoded) {
  Report report;
  report.findings = {{&kUnknown, Severity::Medium, "/work/a b.pkl", {}, {}, "m", "", ""},
                     {&kUnknown, Severity::Medium, "/other/c.pkl", {}, {}, "m", "", ""}};
  const policy::Verdict verdict = policy::decide({}, report, std::chrono::year(2026) / 1 / 1);
  const std::string text =
      report::write_sarif({.report = report, .verdict = verdict, .version = "1", .working_folder = "/work"});
  EXPECT_NE(text.find("\"uri\": \"a%20b.pkl\""), std::string::npos);
  EXPECT_NE(text.find("\"uri\": \"file:///other/c.pkl\""), std::string::npos);
}

TEST(Markdown, HostileTextStartsNoMarkupAndCallsNobody) {
  const std::string text = report::write_markdown(Judged().run());
  EXPECT_EQ(text.find("<b>"), std::string::npos);
  EXPECT_EQ(text.find("@names"), std::string::npos);
}

TEST(Text, WithoutColourHasNoEscapes) {
  EXPECT_EQ(report::write_text(Judged().run()).find('\x1b'), std::string::npos);
}

TEST(Writers, EmptyRunIsAcceptedInEveryFormat) {
  const Report report;
  const policy::Verdict verdict = policy::decide({}, report, std::chrono::year(2026) / 1 / 1);
  for (const report::Writer& writer : report::writers())
    EXPECT_FALSE(writer.write({.report = report, .verdict = verdict, .version = "1"}).empty()) << writer.name;
}

}  // namespace
}  // namespace bulwark::test
