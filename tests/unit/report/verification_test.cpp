#include "report/verification.h"

#include <gtest/gtest.h>

#include "base/json_text.h"
#include "support/json_schema.h"
#include "support/support.h"
#include "trust/rules.h"

namespace bulwark::report {
namespace {

trust::Verification sample() {
  trust::Verification verification("models/bert");
  verification.pass("signer-key", "the one that was given");
  verification.note("identity", trust::Outcome::NotProved, "a key does not say who holds it");
  verification.note("files", trust::Outcome::Failed, "1 changed");
  verification.find(trust::kFileIgnored, "cache", "is present, but excluded by the signer");
  verification.find(trust::kFileChanged, "evil\x1b[31m", "was changed \xff", "evidence");
  verification.gap(GapReason::Unreadable, "locked", "permission denied");
  verification.close();
  return verification;
}

TEST(VerificationReport, TextShowsTheWorstFirstAndNothingThatDrivesATerminal) {
  const trust::Verification verification = sample();
  const std::string text = verification_text(
      {.verification = verification, .version = "1", .kind = "model", .signature = "s", .method = "key"});
  EXPECT_TRUE(text.starts_with("models/bert: REFUSED\n  ok   signer key  the one that was given\n")) << text;
  EXPECT_NE(text.find("  ?    identity    a key does not"), std::string::npos) << text;
  EXPECT_LT(text.find("BW-SIG-011"), text.find("BW-SIG-014"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("not looked at:\n  unreadable   models/bert/locked: permission denied"),
            std::string::npos);
}

TEST(VerificationReport, JsonFitsItsSchema) {
  const trust::Verification verification = sample();
  const VerificationRun run{
      .verification = verification,
      .version = "1",
      .kind = "model",
      .signature = "s",
      .method = "key",
      .facts = {{"subject", json_map({{"name", json_string("bert")}, {"sha256", json_string("00")}})}}};
  const auto schema = parse_json(
      test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/verify.schema.json"), Limits{});
  const auto json = parse_json(verification_json(run), Limits{});
  ASSERT_TRUE(schema && json);
  EXPECT_EQ(test::schema_complaints(schema->root, json->root), "");
}

TEST(VerificationReport, AGapAloneIsIncomplete) {
  trust::Verification verification("m");
  verification.pass("signature", "holds");
  EXPECT_EQ(verdict_of(verification), "accepted");
  verification.gap(GapReason::Unsupported, {}, "blake3");
  EXPECT_EQ(verdict_of(verification), "incomplete");
}

}  // namespace
}  // namespace bulwark::report
