// How exact the recognisers are on the seeded corpus. BULWARK_PII_TEXTS: texts for every kind (default 12;
// the figures of docs/pii.md were made with 400); BULWARK_PII_TABLE: prints them; BULWARK_PII_ERRORS: and the
// errors.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "assay/pii/find.h"
#include "support/pii_generator.h"

namespace bulwark::test {
namespace {

struct Figures {
  std::uint64_t planted = 0, found = 0, wrong = 0;
  [[nodiscard]] double precision() const {
    return found + wrong == 0 ? 1 : double(found) / double(found + wrong);
  }
  [[nodiscard]] double recall() const { return planted == 0 ? 1 : double(found) / double(planted); }
};

std::size_t texts_each() {
  const char* given = std::getenv("BULWARK_PII_TEXTS");
  return given == nullptr ? 12 : static_cast<std::size_t>(std::strtoul(given, nullptr, 10));
}

bool overlaps_half(const assay::pii::Span& span, const Planted& gold) {
  const std::size_t begin = std::max(span.offset, gold.offset);
  const std::size_t end = std::min(span.offset + span.length, gold.offset + gold.length);
  return end > begin && (end - begin) * 2 >= gold.length;
}

std::map<std::string, Figures> measure(std::uint64_t seed, std::size_t each) {
  const bool errors = std::getenv("BULWARK_PII_ERRORS") != nullptr;
  std::map<std::string, Figures> figures;
  for (const PiiText& text : pii_corpus(seed, each)) {
    const auto spans = assay::pii::find_personal_data(text.text);
    for (const Planted& gold : text.planted) {
      ++figures[gold.kind].planted;
      const bool hit = std::ranges::any_of(
          spans, [&](const auto& span) { return span.kind->id == gold.kind && overlaps_half(span, gold); });
      if (hit) ++figures[gold.kind].found;
      if (!hit && errors) std::cout << "missed " << gold.kind << ": " << text.text << "\n";
    }
    for (const auto& span : spans) {
      const bool right = std::ranges::any_of(text.planted, [&](const Planted& gold) {
        return span.kind->id == gold.kind && overlaps_half(span, gold);
      });
      if (right) continue;
      ++figures[std::string(span.kind->id)].wrong;
      if (errors)
        std::cout << "wrong " << span.kind->id << " '" << text.text.substr(span.offset, span.length)
                  << "': " << text.text << "\n";
    }
  }
  return figures;
}

TEST(PiiCorpus, PrecisionAndRecallHold) {
  const auto figures = measure(20261120, texts_each());
  if (std::getenv("BULWARK_PII_TABLE") != nullptr)
    for (const auto& [kind, f] : figures)
      std::cout << "| " << kind << " | " << f.planted << " | " << f.precision() << " | " << f.recall()
                << " |\n";
  for (const std::string_view kind : pii_corpus_kinds()) {
    const Figures& f = figures.at(std::string(kind));
    const double precision = kind == "phone" ? 0.90 : kind == "url" ? 0.95 : 0.99;
    const double recall = kind == "phone" ? 0.85 : kind == "url" ? 0.95 : 0.99;
    EXPECT_GE(f.precision(), precision) << kind;
    EXPECT_GE(f.recall(), recall) << kind;
  }
}

TEST(PiiCorpus, HasFiftyTemplatesAndRulesOfItsOwnAgree) {
  EXPECT_GE(pii_corpus_templates(), 50U);
  for (const std::string_view kind : pii_corpus_kinds())
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const std::string value = pii_plain_value(seed, kind);
      if (value.empty()) continue;
      EXPECT_EQ(assay::pii::classify(kind, value), assay::pii::Verdict::Match) << kind << " " << value;
    }
}

// Kinds whose rule catches every change of one digit (all of them, or those of the check's own system).
TEST(PiiCorpus, EveryChangedDigitIsRefusedWhereTheRulePromisesIt) {
  for (const std::string_view kind :
       {"pan",     "iban",     "us_aba",     "ca_sin",         "uk_nhs",
        "de_idnr", "hr_oib",   "es_nif",     "es_nie",         "nl_bsn",
        "fi_hetu", "pl_pesel", "no_fnr",     "dk_cpr",         "se_personnummer",
        "ch_ahv",  "gr_amka",  "in_aadhaar", "cn_resident_id", "au_tfn",
        "au_abn",  "il_id",    "za_id",      "us_npi",         "imei",
        "tr_tckn", "fr_nir"})
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const std::string value = pii_plain_value(seed, kind);
      ASSERT_FALSE(value.empty()) << kind;
      for (std::size_t at = 0; at < value.size(); ++at)
        for (char digit = '0'; digit <= '9'; ++digit) {
          if (value[at] < '0' || value[at] > '9' || digit == value[at]) continue;
          std::string changed = value;
          changed[at] = digit;
          EXPECT_NE(assay::pii::classify(kind, changed), assay::pii::Verdict::Match)
              << kind << " " << value << " " << changed;
        }
    }
}

}  // namespace
}  // namespace bulwark::test
