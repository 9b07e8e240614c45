// Reading and comparing bills of material that somebody made.

#include "trust/bom_read.h"

#include <gtest/gtest.h>

#include "trust/bom_diff.h"
#include "trust/bom_schema.h"

namespace bulwark::trust {
namespace {

Document parsed(std::string_view text) {
  auto document = parse_json(text, Limits{});
  EXPECT_TRUE(document) << document.error().message;
  return document ? std::move(document->root) : Document();
}

// "added component library x", "changed component y field: a -> b"
std::vector<std::string> differences(std::string_view before, std::string_view after) {
  std::vector<std::string> lines;
  for (const BomDifference& each : diff_boms(parsed(before), parsed(after))) {
    std::string line = std::string(name_of(each.kind)) + " " + each.what + " " + each.name;
    if (!each.field.empty()) line += " " + each.field + ": " + each.before + " -> " + each.after;
    lines.push_back(line);
  }
  return lines;
}

TEST(BomRead, TakesWhatItKnowsAndRefusesWhatContradictsItself) {
  EXPECT_TRUE(read_bom(R"({"bomFormat":"CycloneDX","specVersion":"1.5","x-unknown":{"a":1}})"));
  EXPECT_EQ(read_bom("<bom/>").error().code, Code::Unsupported);
  EXPECT_EQ(read_bom(R"({"spdxVersion":"SPDX-2.3"})").error().code, Code::Unsupported);
  EXPECT_EQ(read_bom(R"({"bomFormat":"CycloneDX","specVersion":"1.4"})").error().code, Code::Unsupported);
  EXPECT_EQ(read_bom(R"({"bomFormat":"Cyclone","specVersion":"1.6"})").error().code, Code::InvalidInput);
  EXPECT_EQ(read_bom("[]").error().code, Code::InvalidInput);
  EXPECT_EQ(read_bom("{").error().code, Code::InvalidInput);
  // Two readers would see two versions of one library.
  const auto twice = read_bom(R"({"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"version":2})");
  ASSERT_FALSE(twice);
  EXPECT_TRUE(twice.error().message.contains("'version' comes twice"));
}

TEST(BomRead, ReferencesThatLeadNowhereAreFound) {
  const Document bom = parsed(
      R"({"components":[{"bom-ref":"a"},{"bom-ref":"a"}],"dependencies":[{"ref":"a","dependsOn":["b"]}],)"
      R"("vulnerabilities":[{"affects":[{"ref":"c"},{"ref":"urn:cdx:1/1#x"}]}]})");
  std::vector<std::string> found;
  for (const SchemaProblem& problem : broken_references(bom)) found.push_back(problem.message);
  EXPECT_EQ(found,
            (std::vector<std::string>{"the bom-ref 'a' is used twice", "nothing here has the bom-ref 'b'",
                                      "nothing here has the bom-ref 'c'"}));
}

TEST(BomDiff, OrderTimeAndNumberingDoNotCount) {
  EXPECT_TRUE(
      differences(
          R"({"serialNumber":"1","metadata":{"timestamp":"a"},"components":[{"type":"file","name":"a"},)"
          R"({"type":"file","name":"b","bom-ref":"1"}]})",
          R"({"serialNumber":"2","metadata":{"timestamp":"b"},"components":[)"
          R"({"type":"file","name":"b","bom-ref":"2"},{"type":"file","name":"a"}]})")
          .empty());
}

TEST(BomDiff, NamesWhatChangedFieldByField) {
  EXPECT_EQ(
      differences(
          R"({"metadata":{"component":{"type":"machine-learning-model","name":"m","modelCard":)"
          R"({"modelParameters":{"task":"a"}}}},"components":[)"
          R"({"type":"library","name":"n","version":"1","purl":"pkg:pypi/n@1"},)"
          R"({"type":"file","name":"w","hashes":[{"alg":"SHA-256","content":"00"}]},{"type":"file","name":"old"}],)"
          R"("vulnerabilities":[{"id":"CVE-1","analysis":{"state":"in_triage"},"affects":[{"ref":"x"}]}],)"
          R"("dependencies":[{"ref":"m","dependsOn":["n"]}]})",
          R"({"metadata":{"component":{"type":"machine-learning-model","name":"m","modelCard":)"
          R"({"modelParameters":{"task":"b"}},"licenses":[{"license":{"id":"MIT"}}]}},"components":[)"
          R"({"type":"library","name":"n","version":"2","purl":"pkg:pypi/n@2"},)"
          R"({"type":"file","name":"w","hashes":[{"alg":"SHA-256","content":"11"}]},{"type":"file","name":"new"}],)"
          R"("vulnerabilities":[{"id":"CVE-1","analysis":{"state":"exploitable"},"affects":[{"ref":"x"}]}],)"
          R"("dependencies":[{"ref":"m","dependsOn":["o"]}]})"),
      (std::vector<std::string>{
          "added component file new", "removed component file old",
          "changed component file w hashes[SHA-256]: 00 -> 11",
          "changed component library pkg:pypi/n purl: pkg:pypi/n@1 -> pkg:pypi/n@2",
          "changed component library pkg:pypi/n version: 1 -> 2",
          "changed component machine-learning-model m licenses.license.id:  -> MIT",
          "changed component machine-learning-model m modelCard.modelParameters.task: a -> b",
          "changed vulnerability CVE-1 of x analysis.state: in_triage -> exploitable",
          "removed dependency m -> n", "added dependency m -> o"}));
}

TEST(BomDiff, TwoVersionsOfOneLibraryArePaired) {
  EXPECT_EQ(differences(R"({"components":[{"type":"library","name":"n","version":"1"},)"
                        R"({"type":"library","name":"n","version":"2"}]})",
                        R"({"components":[{"type":"library","name":"n","version":"1"}]})"),
            (std::vector<std::string>{"removed component library n"}));
}

}  // namespace
}  // namespace bulwark::trust
