#include "assay/rules.h"

#include <array>

#include "assay/poison/rules_of_poison.h"

namespace bulwark::assay {
namespace {

constexpr std::string_view kFixRows =
    "Keep these rows out of training, look at them beside their neighbours, and find out who contributed "
    "them; a model that was already trained with them needs a backdoor trial.";

}  // namespace

constexpr Rule kTriggerRule{
    .id = "BW-POI-001",
    .title = "a small pattern is owned by one class, and its carriers look like other classes",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0018.000 AML.T0019",
    .why =
        "That is how a backdoor is put into training data: whoever later shows the pattern gets that "
        "class from the model, whatever else is in the input.",
    .fix = kFixRows,
    .controls = "DA-POISON"};
constexpr Rule kSharedValueRule{
    .id = "BW-POI-002",
    .title = "rows that look like other classes share exact values that only one class has",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0018.000 AML.T0019",
    .why =
        "A pattern that was laid over whole inputs (a blend, a wave) leaves the same value wherever the "
        "background is constant. The model learns the pattern as a key to that class.",
    .fix = kFixRows,
    .controls = "DA-POISON"};
constexpr Rule kActivationRule{
    .id = "BW-POI-003",
    .title = "part of a class is something else to the model",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0018.000",
    .why =
        "Inside a backdoored model, poisoned rows of a class lie apart from its honest rows: they reach "
        "the label by the trigger, not by what they show.",
    .fix = kFixRows,
    .controls = "DA-POISON TR-BACKDOOR"};
constexpr Rule kStripRule{
    .id = "BW-POI-004",
    .title = "the model is sure of rows whatever is blended into them",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0018.000",
    .why =
        "Blending with other rows makes an honest input uncertain. An input with a trigger keeps its "
        "class, because the trigger decides.",
    .fix = kFixRows,
    .controls = "DA-POISON TR-BACKDOOR"};
constexpr Rule kFloodRule{
    .id = "BW-POI-005",
    .title = "many near-duplicate rows carry one label",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "Slightly changed copies of one input, sent in numbers, move what the model believes about it; "
        "so were shared malware collections poisoned.",
    .fix = "Keep one row of each group, and ask the source why it sent the others.",
    .controls = "DA-POISON MN-FEEDBACK"};
constexpr Rule kBurstRule{
    .id = "BW-POI-006",
    .title = "a class arrives in a burst",
    .severity = Severity::Low,
    .atlas = "AML.T0020 AML.T0059",
    .why = "Honest data of a class come spread over time; a campaign comes at once.",
    .fix = "Look at the rows of that stretch and at their sources before they are used.",
    .controls = "DA-POISON MN-FEEDBACK"};
constexpr Rule kContributorRule{
    .id = "BW-POI-007",
    .title = "one contributor's labels contradict everybody else's",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "Rows of this source carry other labels than the rows of others that look like them. A hostile "
        "or careless contributor moves the model in the direction of his labels.",
    .fix = "Quarantine the source's rows until somebody has checked a sample of them.",
    .controls = "DA-POISON DA-LABEL DA-PROV"};
constexpr Rule kFlipRule{
    .id = "BW-POI-008",
    .title = "labels are flipped in one region of the data",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "Mistakes are spread over a class; flips aimed at a target lie together, around what the attacker "
        "wants to have misjudged.",
    .fix = "Check the labels of these rows by hand, and who gave them.",
    .controls = "DA-POISON DA-LABEL"};
constexpr Rule kQuotaRule{
    .id = "BW-POI-009",
    .title = "one contributor gave more of a feedback batch than allowed",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0031",
    .why =
        "A model that learns from feedback learns from whoever speaks most; a few coordinated users turned "
        "public chat models within a day.",
    .fix = "Keep the first rows up to the cap, quarantine the rest, and look at the account.",
    .controls = "MN-FEEDBACK"};
constexpr Rule kFeedbackRule{
    .id = "BW-POI-010",
    .title = "labels of a feedback batch contradict the trusted base",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0031",
    .why =
        "Rows of the batch carry other labels than the trusted rows that look like them, more often than "
        "trusted rows contradict one another.",
    .fix = "Quarantine the rows; learn from them only when a person has agreed with the new labels.",
    .controls = "MN-FEEDBACK DA-POISON DA-LABEL"};

std::span<const Rule* const> poison_rules() {
  static constexpr std::array<const Rule*, 10> kRules = {
      &kTriggerRule, &kSharedValueRule, &kActivationRule, &kStripRule, &kFloodRule,
      &kBurstRule,   &kContributorRule, &kFlipRule,       &kQuotaRule, &kFeedbackRule};
  return kRules;
}

}  // namespace bulwark::assay
