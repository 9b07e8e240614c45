#include "ledger/rules.h"

#include <array>

namespace bulwark::ledger {
namespace {

constexpr Rule kRolledBack{
    .id = "BW-LOG-001",
    .title = "The ledger was rolled back",
    .severity = Severity::Critical,
    .atlas = "AML.T0107",
    .why =
        "It is shorter than it was seen to be: an older copy was put in its place, and what was decided "
        "since then "
        "is gone.",
    .fix =
        "Treat every decision after the shorter checkpoint as undone. Restore the ledger from a copy that "
        "leads to "
        "the remembered checkpoint, and find out who can write to its disk.",
    .controls = "LG-LEDGER",
};
constexpr Rule kForked{
    .id = "BW-LOG-002",
    .title = "The ledger was forked",
    .severity = Severity::Critical,
    .atlas = "AML.T0107",
    .why = "Its key has signed two histories: somebody was shown one, and somebody else the other.",
    .fix = "Keep both checkpoints: together they prove it. Revoke the log's key and start a new log.",
    .controls = "LG-LEDGER",
};
constexpr Rule kTruncated{
    .id = "BW-LOG-003",
    .title = "Entries of the ledger are missing",
    .severity = Severity::Critical,
    .atlas = "AML.T0107",
    .why =
        "The signed checkpoint covers entries that are not there: whoever took them away wants a decision "
        "forgotten.",
    .fix =
        "Run `bulwark ledger fsck`; what its journal still holds is restored. Restore the rest from a copy.",
    .controls = "LG-LEDGER",
};
constexpr Rule kEdited{
    .id = "BW-LOG-004",
    .title = "The ledger was edited",
    .severity = Severity::Critical,
    .atlas = "AML.T0107",
    .why =
        "An entry or a hash contradicts the signed checkpoint: a decision was rewritten after it was made.",
    .fix = "Believe none of the named entries. Restore them from a copy that leads to the signed root.",
    .controls = "LG-LEDGER",
};
constexpr Rule kUnsigned{
    .id = "BW-LOG-005",
    .title = "The ledger's checkpoint is not signed by its key",
    .severity = Severity::Critical,
    .atlas = "AML.T0107",
    .why = "Anybody could have written this history: nothing binds it to the log that you trust.",
    .fix = "Compare the key and the origin that you gave with those of the log's owner.",
    .controls = "LG-LEDGER",
};
constexpr Rule kUnreadable{
    .id = "BW-LOG-006",
    .title = "The ledger cannot be read",
    .severity = Severity::High,
    .atlas = "AML.T0107",
    .why = "Without a checkpoint and the files that it covers no decision can be shown.",
    .fix = "Run `bulwark ledger fsck`: what can be derived from the journal and the entries is made again.",
    .controls = "LG-LEDGER",
};

constexpr auto kRules =
    std::to_array<const Rule*>({&kRolledBack, &kForked, &kTruncated, &kEdited, &kUnsigned, &kUnreadable});

}  // namespace

const Rule* rule_of(Fault fault) {
  switch (fault) {
    case Fault::RolledBack: return &kRolledBack;
    case Fault::Forked: return &kForked;
    case Fault::Truncated: return &kTruncated;
    case Fault::Edited: return &kEdited;
    case Fault::WrongOrigin:
    case Fault::BadSignature: return &kUnsigned;
    case Fault::Unreadable:
    case Fault::Damaged: break;
  }
  return &kUnreadable;
}

std::span<const Rule* const> rules() {
  return kRules;
}

}  // namespace bulwark::ledger
