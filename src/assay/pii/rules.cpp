#include "assay/rules.h"

#include <algorithm>
#include <array>

#include "assay/pii/find.h"
#include "assay/pii/rules.h"
#include "base/one_of.h"

namespace bulwark::assay {
namespace {

constexpr std::string_view kTechniques = "AML.T0057 AML.T0024.000 AML.T0036";
constexpr std::string_view kAnonymise =
    "Leave the column out, or make a copy without it: `bulwark assay --suggest` writes a plan, `--anonymise` "
    "carries it out.";

constexpr Rule kAuthentication{
    .id = "BW-PII-001",
    .title = "sensitive authentication data of payment cards",
    .severity = Severity::Critical,
    .atlas = kTechniques,
    .why =
        "Track data, verification codes and PIN blocks let anybody pay; PCI DSS forbids keeping them after "
        "authorisation, sealed or not. A model that learns them gives them away.",
    .fix = "Delete them here and where they came from, and tell whoever answers for card data.",
    .controls = "DA-PII"};
constexpr Rule kCard{
    .id = "BW-PII-002",
    .title = "payment card numbers",
    .severity = Severity::High,
    .atlas = kTechniques,
    .why =
        "Card numbers in training data put the whole pipeline under PCI DSS, and models recite rare strings.",
    .fix =
        "Truncate, tokenise or leave out the column (`bulwark assay --suggest`); a hash without a key is "
        "undone by trying.",
    .controls = "DA-PII"};
constexpr Rule kBank{.id = "BW-PII-003",
                     .title = "bank accounts and wallets",
                     .severity = Severity::High,
                     .atlas = kTechniques,
                     .why = "Account numbers name their owner to the bank and to whoever defrauds both.",
                     .fix = kAnonymise,
                     .controls = "DA-PII"};
constexpr Rule kNational{.id = "BW-PII-004",
                         .title = "national identity, tax and document numbers",
                         .severity = Severity::High,
                         .atlas = kTechniques,
                         .why =
                             "One number follows a person for life and opens accounts in their name; a model "
                             "that has seen it can repeat it.",
                         .fix = kAnonymise,
                         .controls = "DA-PII"};
constexpr Rule kHealth{
    .id = "BW-PII-005",
    .title = "health identifiers and diagnoses",
    .severity = Severity::High,
    .atlas = kTechniques,
    .why =
        "Records and diagnoses are protected by HIPAA and GDPR art. 9; membership in the training set alone "
        "tells that somebody was ill.",
    .fix = kAnonymise,
    .controls = "DA-PII"};
constexpr Rule kContact{
    .id = "BW-PII-006",
    .title = "e-mail addresses, telephone and fax numbers",
    .severity = Severity::Medium,
    .atlas = kTechniques,
    .why =
        "Language models have been made to recite addresses and numbers of people from their training data.",
    .fix = kAnonymise,
    .controls = "DA-PII"};
constexpr Rule kPerson{
    .id = "BW-PII-007",
    .title = "names, addresses and birth dates of people",
    .severity = Severity::Medium,
    .atlas = kTechniques,
    .why =
        "Name, place and birth date together single out nearly everybody and join data sets that were apart.",
    .fix = kAnonymise,
    .controls = "DA-PII"};
constexpr Rule kOnline{
    .id = "BW-PII-008",
    .title = "network addresses, devices, vehicles and places",
    .severity = Severity::Medium,
    .atlas = kTechniques,
    .why = "They lead back to a household or a person and its movements (GDPR recital 30).",
    .fix = kAnonymise,
    .controls = "DA-PII"};
constexpr Rule kSpecial{
    .id = "BW-PII-009",
    .title = "special categories of personal data (GDPR art. 9)",
    .severity = Severity::High,
    .atlas = kTechniques,
    .why =
        "Religion, origin, health, opinions, union membership and sex life may be processed on few grounds "
        "only, "
        "and a model that learns them discriminates by them.",
    .fix = "Have a person look: is it about people, and on which ground? Else leave the column out.",
    .controls = "DA-PII"};
constexpr Rule kTraces{
    .id = "BW-PII-010",
    .title = "dates, ages, postcodes and web addresses that narrow people down",
    .severity = Severity::Low,
    .atlas = kTechniques,
    .why = "HIPAA's Safe Harbor counts them as identifiers: harmless alone, together they single out.",
    .fix =
        "Generalise them to years, bands and the first digits of the postcode if the data are about people.",
    .controls = "DA-PII"};
constexpr Rule kBiometric{
    .id = "BW-PII-011",
    .title = "biometric data by name",
    .severity = Severity::High,
    .atlas = kTechniques,
    .why = "A face or a fingerprint cannot be changed once it has leaked; GDPR art. 9 and HIPAA protect it.",
    .fix = "Keep templates out of training data that does not need them; protect them as keys.",
    .controls = "DA-PII"};

constexpr std::array<const Rule*, 11> kRules = {&kAuthentication, &kCard,    &kBank,     &kNational,
                                                &kHealth,         &kContact, &kPerson,   &kOnline,
                                                &kSpecial,        &kTraces,  &kBiometric};

}  // namespace

std::span<const Rule* const> pii_rules() {
  return kRules;
}

namespace pii {

Raised rule_of(KindIndex kind, Decision decision) {
  const Recogniser& recogniser = *recognisers()[kind];
  const auto raised = [](const Rule& rule) { return Raised{.rule = &rule, .severity = rule.severity}; };
  if (recogniser.id == "pan") return raised(kCard);
  if (recogniser.id == "biometric") return raised(kBiometric);
  if (recogniser.id == "special_category")
    return {.rule = &kSpecial, .severity = decision == Decision::Column ? Severity::High : Severity::Low};
  if (is_one_of(recogniser.id, {"bitcoin", "ethereum"})) return raised(kBank);
  if (is_one_of(recogniser.id, {"date", "age", "url", "postcode", "uk_postcode", "ca_postcode", "card_expiry",
                                "bic", "us_aba", "udi"}))
    return raised(kTraces);
  switch (recogniser.family) {
    case Family::Payment: return raised(kBank);
    case Family::Authentication: return raised(kAuthentication);
    case Family::NationalId: return raised(kNational);
    case Family::Health: return raised(kHealth);
    case Family::Contact: return raised(kContact);
    case Family::Person:
    case Family::Time: return raised(kPerson);
    case Family::Place: return raised(recogniser.id == "coordinates" ? kOnline : kPerson);
    case Family::Online:
    case Family::Device:
    case Family::Vehicle: return raised(kOnline);
    case Family::Special: return raised(kSpecial);
  }
  return raised(kTraces);
}

}  // namespace pii
}  // namespace bulwark::assay
