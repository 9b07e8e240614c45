#pragma once
// What Dockerfiles do to the images that come out of them, and to the machine that builds them.

#include <array>

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kRootUser{
    .id = "BW-DF-001",
    .title = "image runs as root",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why =
        "Code that breaks out of the service is root in the container and one kernel defect away from the "
        "host.",
    .fix = "Create an account and end the last stage with `USER 10001` (any number but 0).",
    .controls = "SC-CONF",
};
inline constexpr Rule kMutableBase{
    .id = "BW-DF-002",
    .title = "base image is named by a tag that moves",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004",
    .why =
        "The next build takes whatever the registry then calls latest, including what an attacker has "
        "pushed.",
    .fix = "Name a version and pin its digest: `FROM image:1.2.3@sha256:…`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kUnpinnedBase{
    .id = "BW-DF-003",
    .title = "base image is not pinned by digest",
    .severity = Severity::Low,
    .atlas = "AML.T0010.004",
    .why = "A version tag can be pushed again with other content.",
    .fix = "Add the digest that you have tested: `FROM image:1.2.3@sha256:…`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kBakedSecret{
    .id = "BW-DF-004",
    .title = "secret is baked into the image",
    .severity = Severity::Critical,
    .atlas = "AML.T0055",
    .why =
        "ENV, ARG and copied files stay in the layers and the history of the image: whoever pulls it has the "
        "secret.",
    .fix =
        "Revoke the secret; give it to the build with `RUN --mount=type=secret` and to the container at run "
        "time.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kPipedDownload{
    .id = "BW-DF-005",
    .title = "build runs code straight from the network",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why =
        "Whoever controls the server or the way to it runs commands in the build and owns every image of it.",
    .fix = "Download to a file, compare its SHA-256 with one you have written down, then run it.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTlsOff{
    .id = "BW-DF-006",
    .title = "certificate checks are switched off",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "Anybody on the way can answer instead of the server and put other code into the image.",
    .fix = "Remove the switch; add the certificate of your own authority to the image instead.",
    .controls = "SC-CONF",
};
inline constexpr Rule kSignaturesOff{
    .id = "BW-DF-007",
    .title = "signatures of system packages are ignored",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "A mirror or whoever is on the way can replace a package, and it is installed as root.",
    .fix = "Remove the option and import the repository's signing key.",
    .controls = "SC-CONF",
};
inline constexpr Rule kUnpinnedPip{
    .id = "BW-DF-008",
    .title = "pip installs whatever version is newest",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why = "A release of a taken-over project is in the next image without anybody having decided so.",
    .fix = "Pin with `==`, or install from a lock file: `pip install --require-hashes -r requirements.txt`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kExtraIndex{
    .id = "BW-DF-009",
    .title = "pip mixes a second package index with the public one",
    .severity = Severity::High,
    .atlas = "AML.T0011.001",
    .why =
        "pip takes the highest version of either: who registers your private name on the public index is "
        "installed.",
    .fix = "Use one index that proxies the other: `--index-url https://packages.example.com/simple`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kUncheckedModel{
    .id = "BW-DF-010",
    .title = "model is downloaded at build time without a digest",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why =
        "Whatever the address serves at the moment becomes the model; pickled formats run code when loaded.",
    .fix = "Name a commit (`--revision COMMIT`) or compare the file with `sha256sum -c` in the same RUN.",
    .controls = "SC-CONF",
};
inline constexpr Rule kAddUrl{
    .id = "BW-DF-011",
    .title = "ADD fetches from the network or unpacks",
    .severity = Severity::Low,
    .atlas = "AML.T0010.001",
    .why = "ADD checks nothing about what a URL returns, and unpacks local archives.",
    .fix = "Use COPY for files; for URLs `ADD --checksum=sha256:…`, or curl with a check of the digest.",
    .controls = "SC-CONF",
};
inline constexpr Rule kSudoOrSsh{
    .id = "BW-DF-012",
    .title = "image uses sudo or offers SSH",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why = "sudo leaves a way to root in the image, SSH a second way in that nobody watches.",
    .fix = "Run what needs root before `USER`, and use `docker exec` or `kubectl exec` instead of SSH.",
    .controls = "SC-CONF",
};
inline constexpr Rule kAdminPort{
    .id = "BW-DF-013",
    .title = "administrative port of a machine-learning server is exposed",
    .severity = Severity::Medium,
    .atlas = "AML.T0049",
    .why =
        "Who publishes the ports of the image also publishes an interface that runs code or changes models.",
    .fix = "EXPOSE the inference port only.",
    .controls = "SC-CONF",
};
inline constexpr Rule kUnsafeStart{
    .id = "BW-DF-014",
    .title = "container starts with remote code or unsafe loading allowed",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why = "The Python files or pickles of a model repository run inside the service.",
    .fix = "Drop the option; review the code and pin its commit if the model cannot do without.",
    .controls = "SC-CONF",
};

inline constexpr std::array kDockerfileRules = {
    kRootUser,    kMutableBase, kUnpinnedBase,   kBakedSecret, kPipedDownload, kTlsOff,    kSignaturesOff,
    kUnpinnedPip, kExtraIndex,  kUncheckedModel, kAddUrl,      kSudoOrSsh,     kAdminPort, kUnsafeStart};

}  // namespace bulwark::scan::inspectors
