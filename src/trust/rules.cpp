#include "trust/rules.h"

#include <array>

namespace bulwark::trust {
namespace {

constexpr auto kRules = std::to_array<const Rule*>({
    &kSignatureWrong,        &kBundleMalformed,
    &kSignerUnexpected,      &kCertificateUntrusted,
    &kEvidenceMissing,       &kStatementForeign,
    &kManifestContradictory, &kManifestPath,
    &kManifestIgnore,        &kRootDigestWrong,
    &kFileChanged,           &kFileMissing,
    &kFileUnsigned,          &kFileIgnored,
    &kLinkPresent,           &kLinkLeaves,
    &kLegacySignature,       &kCertificateTimeLenient,
    &kRecordsUnbound,        &kRecordsChanged,
    &kRecordsAdded,          &kRecordsRemoved,
    &kRecordsMoved,          &kSourceSplit,
    &kSubjectForeign,        &kPredicateContradictory,
    &kPredicateNegative,     &kBuilderUnexpected,
});

}  // namespace

std::span<const Rule* const> rules() {
  return kRules;
}

}  // namespace bulwark::trust
