#pragma once
// The rules of signatures, manifests and attestations.

#include <span>

#include "core/rule.h"

namespace bulwark::trust {

inline constexpr Rule kSignatureWrong{
    .id = "BW-SIG-001",
    .title = "The signature does not verify",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.003 AML.T0018",
    .why =
        "The statement about this model was changed after it was signed, or somebody else signed it: nothing "
        "that it says can be relied on.",
    .fix = "Do not load the model. Fetch it and its signature again from the publisher, and compare the key.",
    .controls = "RG-SIGN DP-ADMIT",
};
inline constexpr Rule kBundleMalformed{
    .id = "BW-SIG-002",
    .title = "The signature file cannot be read",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "A file that contradicts its format proves nothing; two readers may understand it differently, and "
        "that difference is where an attack hides.",
    .fix = "Fetch the signature again. If it is still broken, ask the publisher to sign anew.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kSignerUnexpected{
    .id = "BW-SIG-003",
    .title = "Signed by somebody else",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.003 AML.T0058",
    .why = "A correct signature of a stranger is what an impersonated publisher has to offer.",
    .fix = "Compare the signer that is named here with the one you trust. Do not simply pass the other key.",
    .controls = "RG-SIGN RG-TRUST",
};
inline constexpr Rule kCertificateUntrusted{
    .id = "BW-SIG-004",
    .title = "The certificate chain does not hold",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.003",
    .why =
        "The signing certificate does not lead to an authority that was named, was not valid at the time, or "
        "was not made for signing.",
    .fix =
        "Ask the publisher for a signature with a valid certificate. Name an authority only if you trust all "
        "that it signs.",
    .controls = "RG-SIGN RG-TRUST",
};
inline constexpr Rule kEvidenceMissing{
    .id = "BW-SIG-005",
    .title = "The evidence of a keyless signature does not hold",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.003",
    .why =
        "A keyless signature counts only if a trusted time lies in the minutes for which its certificate "
        "was valid, and if a public log shows it to everybody. Without both, a stolen or forged certificate "
        "would do.",
    .fix = "Have the model signed again, with a client that records the log entry and the time.",
    .controls = "RG-SIGN LG-LEDGER",
};
inline constexpr Rule kStatementForeign{
    .id = "BW-SIG-006",
    .title = "Something else was signed",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "The signature is correct, but over a statement of another kind: a signed test result or build "
        "record says nothing about the files of a model.",
    .fix = "Give the signature that belongs to the model, or verify the statement with `--attestation`.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kManifestContradictory{
    .id = "BW-SIG-007",
    .title = "The signed manifest breaks the rules of its format",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "A manifest with a name twice, a digest of another algorithm, shards with holes or no file at all "
        "can "
        "pass one verifier and mean something else to the next.",
    .fix = "Ask the publisher to sign with a tool that follows OpenSSF Model Signing 1.0.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kManifestPath{
    .id = "BW-SIG-008",
    .title = "The signed manifest names a path out of the model",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.003",
    .why =
        "A path with `..` or from the root makes a verifier read, and a downloader write, files that are not "
        "part of the model.",
    .fix =
        "Treat the signer as hostile or broken. Do not unpack the model with tools that follow the manifest.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kManifestIgnore{
    .id = "BW-SIG-009",
    .title = "The signed manifest excludes too much",
    .severity = Severity::High,
    .atlas = "AML.T0010.003 AML.T0018.002",
    .why =
        "An exclusion of the whole model, by pattern, or of a file that is signed as well leaves room for a "
        "file "
        "that nobody vouches for.",
    .fix = "Ask the publisher to name every excluded path exactly.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kRootDigestWrong{
    .id = "BW-SIG-010",
    .title = "The root digest is not that of the files",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "Other documents refer to a model by its root digest. If it does not follow from the files, "
        "approvals and "
        "results of one model can be attached to another.",
    .fix = "Ask the publisher to sign anew.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kFileChanged{
    .id = "BW-SIG-011",
    .title = "A signed file was changed",
    .severity = Severity::Critical,
    .atlas = "AML.T0018 AML.T0010.003",
    .why = "Its bytes are not those that were signed: damaged on the way, or manipulated weights or code.",
    .fix = "Do not load the model. Fetch the file again; if it still differs, tell the publisher.",
    .controls = "RG-SIGN DP-INTEG",
};
inline constexpr Rule kFileMissing{
    .id = "BW-SIG-012",
    .title = "A signed file is missing",
    .severity = Severity::High,
    .atlas = "AML.T0018 AML.T0010.003",
    .why =
        "What is left is not what was signed: loaders fall back to other files, other formats or defaults.",
    .fix = "Fetch the model completely.",
    .controls = "RG-SIGN DP-INTEG",
};
inline constexpr Rule kFileUnsigned{
    .id = "BW-SIG-013",
    .title = "A file that nobody signed",
    .severity = Severity::High,
    .atlas = "AML.T0018.002 AML.T0010.003",
    .why =
        "Loaders pick up files by name: a `handler.py`, a pickle beside the safetensors or a configuration "
        "is "
        "enough to take over the model without touching a signed byte.",
    .fix =
        "Remove the file. If it belongs there, exclude it with `--ignore-paths`, or accept all of them with "
        "`--ignore-unsigned-files`.",
    .controls = "RG-SIGN DP-INTEG",
};
inline constexpr Rule kFileIgnored{
    .id = "BW-SIG-014",
    .title = "A file that the signature leaves out is present",
    .severity = Severity::Low,
    .atlas = "AML.T0018.002 AML.T0010.003",
    .why =
        "The signer, or you, excluded this path, so its bytes can be anything. A signed exclusion can hide "
        "code "
        "that the loader runs.",
    .fix = "Remove it before the model is used, or look at it with `bulwark scan`.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kLinkPresent{
    .id = "BW-SIG-015",
    .title = "A symbolic link in a model that was signed without",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "A link can point to bytes that change, or out of the model; the signature says that there is none.",
    .fix = "Remove the link, or replace it by the file.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kLinkLeaves{
    .id = "BW-SIG-016",
    .title = "A followed link leaves the model",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why =
        "The bytes are those that were signed, now; but they lie where others may write, and are not copied "
        "with the model.",
    .fix = "Put the file into the model and sign it without `--allow-symlinks`.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kLegacySignature{
    .id = "BW-SIG-017",
    .title = "A signature of release 0.2.0",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why =
        "That release signed a faulty encoding of the statement, with SHA-256 whatever the key, and recorded "
        "neither exclusions nor a root digest. It is accepted only with `--legacy-v0.2`.",
    .fix = "Ask the publisher to sign the model again.",
    .controls = "RG-SIGN",
};
inline constexpr Rule kCertificateTimeLenient{
    .id = "BW-SIG-018",
    .title = "A certificate was judged by the time at which it was issued",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why =
        "With `--cert-time=issue` a certificate never expires: who finds an old key can sign with it for "
        "ever.",
    .fix = "Have the model signed with a valid certificate, or with a timestamp.",
    .controls = "RG-SIGN RG-TRUST",
};

inline constexpr Rule kRecordsUnbound{
    .id = "BW-SIG-020",
    .title = "The record manifest does not belong to the data set",
    .severity = Severity::High,
    .atlas = "AML.T0059 AML.T0010.002",
    .why =
        "Without the hashes that were signed nobody can say which records changed; with others in their "
        "place the "
        "wrong ones are named.",
    .fix = "Fetch the signature, its .dataset and its .records file again, together.",
    .controls = "DA-PROV RG-SIGN",
};
inline constexpr Rule kRecordsChanged{
    .id = "BW-SIG-021",
    .title = "Records were changed",
    .severity = Severity::Critical,
    .atlas = "AML.T0059 AML.T0020 AML.T0010.002",
    .why =
        "A few flipped labels or rewritten rows are enough to teach a model a back door, and nothing else "
        "about the "
        "file looks different.",
    .fix = "Compare the named records with the original before anything is trained on them.",
    .controls = "DA-PROV DA-POISON",
};
inline constexpr Rule kRecordsAdded{
    .id = "BW-SIG-022",
    .title = "Records were added",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059 AML.T0010.002",
    .why = "Poisoned samples are most easily brought in as new rows among many.",
    .fix = "Look at the named records. If they are wanted, have the data set signed again by its owner.",
    .controls = "DA-PROV DA-POISON",
};
inline constexpr Rule kRecordsRemoved{
    .id = "BW-SIG-023",
    .title = "Records were removed",
    .severity = Severity::High,
    .atlas = "AML.T0059 AML.T0010.002",
    .why =
        "Leaving out the samples of a group or a class shifts what a model learns as surely as adding false "
        "ones.",
    .fix = "Restore them, or have the data set signed again by its owner.",
    .controls = "DA-PROV",
};
inline constexpr Rule kRecordsMoved{
    .id = "BW-SIG-024",
    .title = "Records stand in another order",
    .severity = Severity::High,
    .atlas = "AML.T0059 AML.T0020",
    .why =
        "The order in which samples are seen changes what is learnt, and a split by position puts test "
        "records into the training set.",
    .fix = "Restore the signed order.",
    .controls = "DA-PROV",
};
inline constexpr Rule kSourceSplit{
    .id = "BW-SIG-025",
    .title = "The same source delivered other bytes before",
    .severity = Severity::High,
    .atlas = "AML.T0010.002 AML.T0020 AML.T0019",
    .why =
        "Whoever buys a lapsed domain or breaks into a mirror shows one data set to the reviewers and "
        "another to "
        "the training (split view).",
    .fix = "Ask the publisher whether there is a new version. If so, accept it with `--accept-source`.",
    .controls = "DA-PROV RG-TRUST",
};

inline constexpr Rule kSubjectForeign{
    .id = "BW-SIG-030",
    .title = "The attestation is about something else",
    .severity = Severity::High,
    .atlas = "AML.T0010.003 AML.T0018",
    .why =
        "Good results of one model, attached to another, are the simplest way past a gate that only looks "
        "whether "
        "there is an attestation.",
    .fix = "Give the artifact that was attested, or get an attestation for this one.",
    .controls = "RG-SIGN RG-ADMIT",
};
inline constexpr Rule kPredicateContradictory{
    .id = "BW-SIG-031",
    .title = "The attestation does not say what its type asks for",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "A required field that is missing, or a training parameter that nobody knows, can hide what was "
        "really "
        "done.",
    .fix =
        "Have it made anew by a tool that knows the type; docs/formats/training-provenance.md lists the "
        "parameters "
        "of training.",
    .controls = "RG-SIGN TR-ISOL",
};
inline constexpr Rule kPredicateNegative{
    .id = "BW-SIG-032",
    .title = "What is attested is a failure",
    .severity = Severity::Medium,
    .atlas = "AML.T0018",
    .why = "The attestation is genuine, and it says that the tests failed.",
    .fix = "Read what failed before anything is decided on it.",
    .controls = "RG-ADMIT",
};
inline constexpr Rule kBuilderUnexpected{
    .id = "BW-SIG-033",
    .title = "Built by a builder that is not believed",
    .severity = Severity::High,
    .atlas = "AML.T0010.003 AML.T0010.001",
    .why =
        "A signer speaks for its own builder only. Provenance that names another one is either a mistake or "
        "an "
        "attempt to pass a laptop for the isolated platform.",
    .fix = "Compare the builder that is named with the one you expect of this signer.",
    .controls = "RG-TRUST TR-ISOL",
};

// All of them, in order of id.
[[nodiscard]] std::span<const Rule* const> rules();

}  // namespace bulwark::trust
