#include <gtest/gtest.h>

#include "assay/anonymise/plan.h"
#include "support/support.h"

namespace bulwark::assay::anonymise {
namespace {

std::string error_of(std::string_view text) {
  const auto plan = read_plan(text);
  return plan ? "no error" : plan.error().message;
}

constexpr std::string_view kWhole = R"(version: 1
key: env:ANON_KEY
columns:
  card: {do: ff1, keep_first: 6, check: luhn}
  iban: {do: ff1, check: iban}
  ssn: {do: tokenise, style: shape, domain: person}
  email: {do: hash, length: 32}
  name: redact
  phone: {do: mask, keep_last: 2}
  pan: truncate
  site: {do: replace, surrogate: url}
  note: {do: replace, tag: <NOTE>}
  visit: {do: date_shift, days: 90, subject: ssn}
  born: {do: generalise, date: year}
  zip: {do: generalise, zip: 3}
  age: {do: generalise, age: 10}
  income: {do: generalise, band: {width: 1000, least: 0, most: 100000}}
  city: {do: generalise, map: {Lyon: France, Berlin: Germany}, otherwise: elsewhere}
  weight: {do: noise, mechanism: discrete-gaussian, scale: 2.5, step: 0.1}
  secret: suppress
  row: drop
  diagnosis: {do: keep, reason: the study is about it}
quasi_identifiers: [zip, age, born]
population: 1000000
k_anonymity:
  k: 5
  split: relaxed
  suppress_at_most: 0.02
  sensitive:
    - {column: diagnosis, distinct: 2, entropy: 1.5, closeness: 0.4}
counts:
  - {name: by-city, by: {city: [Lyon, Berlin]}, epsilon: 0.5, delta: 1e-6, subject: ssn, at_most: 2}
)";

TEST(AnonymisationPlan, ReadsEveryOperator) {
  const auto plan = read_plan(kWhole);
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_EQ(plan->columns.size(), 19U);
  const auto& card = std::get<Encrypt>(plan->find("card")->action);
  EXPECT_EQ(card.alphabet, "digits");
  EXPECT_EQ(card.check, CheckDigit::Luhn);
  EXPECT_EQ(plan->find("card")->line, 4U);
  EXPECT_EQ(plan->find("ssn")->domain, "person");
  EXPECT_EQ(std::get<Generalise>(plan->find("city")->action).parents.at("Lyon"), "France");
  EXPECT_TRUE(plan->k_anonymity->relaxed);
  EXPECT_EQ(plan->k_anonymity->sensitive.front().distinct, 2U);
  EXPECT_EQ(plan->counts.front().epsilon, "0.5");
  EXPECT_EQ(plan->find("nothing"), nullptr);
}

TEST(AnonymisationPlan, TheExampleOfItsPageReads) {
  const std::string page = test::read_file(BULWARK_SOURCE_DIR "/docs/formats/anonymisation-plan.md");
  constexpr std::string_view kFence = "```yaml\n";
  const std::size_t begin = page.find(kFence) + kFence.size();
  const auto plan = read_plan(std::string_view(page).substr(begin, page.find("```\n", begin) - begin));
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_EQ(plan->columns.size(), 6U);
}

TEST(AnonymisationPlan, SaysLineAndNearestWord) {
  EXPECT_EQ(error_of("version: 1\ncolumns:\n  a: redct\n"),
            "line 3: unknown operator 'redct'; did you mean 'redact'?");
  EXPECT_EQ(error_of("version: 1\ncolums: {}\n"), "line 2: unknown key 'colums'; did you mean 'columns'?");
  EXPECT_EQ(error_of("version: 1\ncolumns:\n  a: {do: mask, keep_lst: 4}\n"),
            "line 3: unknown key 'keep_lst'; did you mean 'keep_last'?");
  EXPECT_EQ(error_of("version: 1\ncolumns:\n  a: {do: ff1, alphabet: digts, key: k}\n"),
            "line 3: unknown alphabet 'digts'; did you mean 'digits'?");
}

TEST(AnonymisationPlan, RefusesWhatWouldNotProtect) {
  EXPECT_TRUE(error_of("version: 1\nkey: k\ncolumns:\n  a: {do: hash, algorithm: sha256}\n")
                  .starts_with("line 4: a hash without a key is undone by trying all values"));
  EXPECT_TRUE(error_of("version: 1\ncolumns:\n  a: hash\n").contains("needs a key"));
  EXPECT_TRUE(error_of("version: 1\ncolumns:\n  a: keep\n").contains("needs a 'reason'"));
  EXPECT_TRUE(error_of("version: 1\ncolumns:\n  a: {do: keep, reason: ' '}\n").contains("empty"));
  EXPECT_TRUE(error_of("version: 1\ncolumns:\n  a: {do: truncate, keep_first: 12}\n").contains("0 to 8"));
  EXPECT_TRUE(error_of("version: 1\nquasi_identifiers: [a]\nk_anonymity: {k: 1}\n").contains("from 2"));
  EXPECT_TRUE(error_of("version: 1\nk_anonymity: {k: 5}\n").contains("needs 'quasi_identifiers'"));
  EXPECT_TRUE(error_of("version: 1\ncounts: [{name: x, by: {a: [b]}, epsilon: 0}]\n").contains("above 0"));
  EXPECT_TRUE(error_of("version: 1\ncounts: [{name: ../x, by: {a: [b]}, epsilon: 1}]\n").contains("'name'"));
}

TEST(AnonymisationPlan, RefusesWhatIsNoPlan) {
  for (const std::string_view text :
       {"", "[]", "version: 2", "version: 1\n---\nversion: 1", "version: 1\ncolumns: []",
        "version: 1\ncolumns: {a: {do: [x]}}", "version: 1\ncolumns: {a: redact, a: drop}",
        "version: 1\ncolumns: {a: {}}", "{", "version: 1\npopulation: -1",
        "version: 1\nquasi_identifiers: [a, a]", "version: 1\ncolumns: {a: {do: noise, scale: .nan}}",
        "version: 1\ncolumns: {a: {do: generalise, band: 0}}",
        "version: 1\ncolumns: {a: {do: generalise, band: 5, zip: 3}}"})
    EXPECT_FALSE(read_plan(text).has_value()) << text;
  PlanLimits small;
  small.bytes = 10;
  EXPECT_EQ(read_plan("version: 1\ncolumns: {}", small).error().code, Code::LimitReached);
}

TEST(AnonymisationPlan, RefusesColumnsThatAreNotThere) {
  const auto plan = read_plan("version: 1\ncolumns:\n  emial: redact\n");
  ASSERT_TRUE(plan.has_value());
  const auto checked = check_columns(*plan, {"name", "email"});
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().message, "line 3: the data have no column 'emial'; did you mean 'email'?");
  const auto dropped = read_plan("version: 1\ncolumns: {a: drop}\nquasi_identifiers: [a]\n");
  EXPECT_FALSE(check_columns(*dropped, {"a"}).has_value());
}

}  // namespace
}  // namespace bulwark::assay::anonymise
