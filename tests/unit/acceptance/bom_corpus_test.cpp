// Our own bills of material over the labelled corpus: hostile files, benign ones and broken ones, each alone
// and all together, are valid against both schemas.

#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_text.h"
#include "cli/bom.h"
#include "support/support.h"
#include "trust/bom_schema.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

void expect_valid(const std::string& path, std::string_view version) {
  const test::StoppedClock clock;
  cli::BomRequest request;
  request.path = path;
  request.progress = false;
  const auto subject = cli::subject_of(request, clock);
  ASSERT_TRUE(subject) << path << ": " << subject.error().message;
  BomOptions options;
  options.spec_version = version;
  const auto bom = write_bom(*subject, options);
  ASSERT_TRUE(bom) << path << ": " << bom.error().message;
  const auto parsed = parse_json(pretty_json(*bom), Limits{});
  ASSERT_TRUE(parsed) << path << ": " << parsed.error().message;
  const auto problems = validate_bom(parsed->root, version);
  ASSERT_TRUE(problems) << path << ": " << problems.error().message;
  for (const SchemaProblem& problem : *problems)
    ADD_FAILURE() << path << " " << version << problem.place << ": " << problem.message;
  for (const SchemaProblem& problem : broken_references(parsed->root))
    ADD_FAILURE() << path << " " << version << problem.place << ": " << problem.message;
}

TEST(BomCorpus, TheDocumentOfTheWholeCorpusIsValid) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared corpus beside the project";
  for (const std::string_view version : {"1.6", "1.7"}) expect_valid(shared + "/corpus", version);
}

TEST(BomCorpus, TheDocumentOfEachBenignAndAmbiguousFileIsValid) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared corpus beside the project";
  std::size_t files = 0;
  for (const std::string_view folder : {"/corpus/benign", "/corpus/ambiguous"}) {
    for (const auto& entry : std::filesystem::directory_iterator(shared + std::string(folder))) {
      // Validation costs more than the document; every third file shows the same.
      if (files++ % 3 == 0) expect_valid(entry.path().string(), files % 2 == 0 ? "1.6" : "1.7");
    }
  }
  EXPECT_GT(files, 100U);
}

}  // namespace
}  // namespace bulwark::trust
