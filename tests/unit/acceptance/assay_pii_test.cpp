// The check digit vectors and card shapes of the reference folder: every verdict must match.

#include <gtest/gtest.h>

#include <string>

#include "assay/pii/find.h"
#include "base/document.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

Result<ParsedDocument> reference(const std::string& name) {
  return parse_json(read_file(shared_folder() + "/reference/pii/" + name), Limits{});
}

TEST(AssayPii, CheckDigitsOfTheReferenceAreJudgedAlike) {
  if (shared_folder().empty()) GTEST_SKIP() << "no shared folder";
  const auto cases = reference("check_digits.json");
  ASSERT_TRUE(cases.has_value());
  for (const Document& entry : cases->root.list) {
    const auto verdict = assay::pii::classify(entry.text("id"), entry.text("value"));
    ASSERT_TRUE(verdict.has_value()) << entry.text("id");
    EXPECT_EQ(*verdict == assay::pii::Verdict::Match, entry.find("valid")->boolean)
        << entry.text("id") << " " << entry.text("value");
  }
  EXPECT_GE(cases->root.list.size(), 70U);
}

TEST(AssayPii, EveryCardShapeIsFound) {
  if (shared_folder().empty()) GTEST_SKIP() << "no shared folder";
  const auto cases = reference("pan_shapes.json");
  ASSERT_TRUE(cases.has_value());
  for (const Document& entry : cases->root.list) {
    const std::string text = "card " + std::string(entry.text("pan")) + " end";
    const auto spans = assay::pii::find_personal_data(text);
    ASSERT_EQ(spans.size(), 1U) << entry.text("shape");
    EXPECT_EQ(spans[0].kind->id, "pan");
    EXPECT_EQ(text.substr(spans[0].offset, spans[0].length), entry.text("pan"));
  }
}

}  // namespace
}  // namespace bulwark::test
