#pragma once
// Rules over the Python code of a repository: sources and notebooks raise the same ones.
//
// BW-PY-101 … 106 are the checks BW-PY-01 … 06 of the table of misconfigurations; 001 … 011 judge code that
// travels with a model (python.cpp).

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kUnsafeLoad{
    .id = "BW-PY-101",
    .title = "code loads a file in a way that can run code from it",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "Pickle and what builds on it (joblib, dill, torch.load, object arrays, yaml.load) call whatever the "
        "file names: whoever can change the file runs commands with the rights of this program.",
    .fix =
        "Load data, not objects: safetensors, torch.load(…, weights_only=True), np.load without "
        "allow_pickle, yaml.safe_load, skops; scan and pin what has to stay a pickle.",
    .controls = "SC-CODE",
};
inline constexpr Rule kTrustRemoteCode{
    .id = "BW-PY-102",
    .title = "code lets a downloaded model bring its own code (trust_remote_code)",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "The Python files of the model's repository are downloaded and imported: its owner, or whoever takes "
        "over the account, runs code here.",
    .fix =
        "Remove trust_remote_code=True and use an architecture of the library; where it must stay, read the "
        "code and pin revision= and code_revision= to the commit that was read.",
    .controls = "SC-CODE",
};
inline constexpr Rule kUnpinnedDownload{
    .id = "BW-PY-103",
    .title = "code downloads a model or dataset without pinning its revision",
    .severity = Severity::Medium,
    .atlas = "AML.T0109",
    .why =
        "Branches and tags of a hub move: tomorrow the same line loads other weights, tokenizers or code "
        "than the ones that were tested.",
    .fix = "Pass revision= with the 40 hexadecimal digits of the commit.",
    .controls = "SC-CODE",
};
inline constexpr Rule kNoTls{
    .id = "BW-PY-104",
    .title = "code switches off the verification of TLS certificates",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "Whoever sits on the way can answer instead of the server and replace models, data and tokens.",
    .fix = "Remove the switch; for an own certificate authority pass its file (verify=\"ca.pem\").",
    .controls = "SC-CODE",
};
inline constexpr Rule kExtracts{
    .id = "BW-PY-105",
    .title = "code unpacks an archive without a filter",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "Members named ../../… or links let an archive write outside of its folder, for example over code "
        "that runs next (CVE-2007-4559).",
    .fix =
        "Write extractall(path, filter=\"data\"): since Python 3.12, and in the security releases before it.",
    .controls = "SC-CODE",
};
inline constexpr Rule kDataByHttp{
    .id = "BW-PY-106",
    .title = "code fetches data or models without any check of what arrives",
    .severity = Severity::Medium,
    .atlas = "AML.T0020",
    .why =
        "Over http anybody on the way can change the data; without a checksum nobody sees that the source "
        "did. Models learn what arrives.",
    .fix = "Fetch by https and compare the SHA-256 of the file with a value kept in the repository.",
    .controls = "SC-CODE",
};
inline constexpr Rule kModelRuns{
    .id = "BW-PY-107",
    .title = "code runs what a language model says",
    .severity = Severity::High,
    .atlas = "AML.T0050 AML.T0051 AML.T0053",
    .why =
        "Text that reaches the prompt (a document, a web page, a user) steers the answer, and the answer is "
        "run as code or as a command: prompt injection becomes code execution.",
    .fix =
        "Let the model choose from a fixed table of functions with typed arguments; run code only in a "
        "sandbox without network and credentials.",
    .controls = "SC-CODE",
};
inline constexpr Rule kInputRuns{
    .id = "BW-PY-108",
    .title = "code runs what its users send",
    .severity = Severity::High,
    .atlas = "AML.T0049 AML.T0050",
    .why = "A request or a typed text is run as code or as a command: its sender runs commands here.",
    .fix =
        "Parse the text (json, ast.literal_eval, a table of allowed commands) and pass arguments as a list "
        "without a shell.",
    .controls = "SC-CODE",
};
inline constexpr Rule kModelSteers{
    .id = "BW-PY-109",
    .title = "what a language model says is used as path, query, address or markup",
    .severity = Severity::Medium,
    .atlas = "AML.T0053 AML.T0051",
    .why =
        "Whoever steers the answer through the prompt chooses which file is read, which rows are changed, "
        "which host is called or which script the reader's browser runs.",
    .fix =
        "Check the value first: resolve paths below one folder, allow hosts by a list, use parameters and a "
        "read-only account in queries, escape markup.",
    .controls = "SC-CODE",
};
inline constexpr Rule kAnyTool{
    .id = "BW-PY-110",
    .title = "agent is given a tool that runs any command or code",
    .severity = Severity::Medium,
    .atlas = "AML.T0053 AML.T0050",
    .why = "One injected sentence in what the agent reads is enough to have the tool run anything.",
    .fix = "Give the agent narrow tools; run code in a container without network, mounts and credentials.",
    .controls = "SC-CODE",
};
inline constexpr Rule kDebugServer{
    .id = "BW-PY-111",
    .title = "code opens a debug or demo server to others",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Debuggers run code for whoever reaches them, and public demo links put an unprotected service on "
        "the internet.",
    .fix = "Remove debug=True and share=True; bind to 127.0.0.1 and publish through a server with sign-in.",
    .controls = "SC-CODE",
};
inline constexpr Rule kCredentialPath{
    .id = "BW-PY-112",
    .title = "code names the path of a credential file",
    .severity = Severity::Low,
    .atlas = "AML.T0055",
    .why = "The path tells where the secret lies, and the code takes it along wherever it runs.",
    .fix = "Take credentials from the environment or a secret manager at run time.",
    .controls = "SC-CODE",
};
inline constexpr Rule kTorchHub{
    .id = "BW-PY-113",
    .title = "code runs the hubconf.py of somebody else's repository (torch.hub)",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000 AML.T0109",
    .why =
        "torch.hub downloads a branch or tag and imports it: its owner runs code here, other code tomorrow.",
    .fix =
        "Name the commit (\"owner/repository:<40 hex digits>\") or vendor the model's code; keep trust_repo "
        "at \"check\".",
    .controls = "SC-CODE",
};
inline constexpr Rule kOperatorLibrary{
    .id = "BW-PY-114",
    .title = "code loads native operators or Python functions into a model runtime",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why =
        "The library's constructor runs at once and its operators run with every inference, outside of all "
        "checks.",
    .fix =
        "Ship the library with a pinned hash and load it by an absolute path that only the administrator can "
        "write.",
    .controls = "SC-CODE",
};
inline constexpr Rule kInstalls{
    .id = "BW-PY-115",
    .title = "code installs or downloads programs while it runs",
    .severity = Severity::Medium,
    .atlas = "AML.T0050 AML.T0011.001",
    .why =
        "What is installed is decided by whoever controls the address on that day, and no lock file sees it.",
    .fix =
        "Declare the dependency with version and hash in the lock file and install it when the image is "
        "built.",
    .controls = "SC-CODE",
};
inline constexpr Rule kHiddenCode{
    .id = "BW-PY-116",
    .title = "code decodes or downloads what it then runs",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.001 AML.T0050",
    .why = "Encoding a payload and running it has one purpose: that nobody sees it before it runs.",
    .fix = "Do not run this file. Find out who committed it, and treat machines that ran it as compromised.",
    .controls = "SC-CODE",
};
inline constexpr Rule kSendsEnvironment{
    .id = "BW-PY-117",
    .title = "code sends the environment over the network",
    .severity = Severity::Critical,
    .atlas = "AML.T0010.001 AML.T0025 AML.T0055",
    .why = "Environment variables hold the credentials of the machine that runs the code.",
    .fix = "Do not run this file; where it has run, rotate every credential of that environment.",
    .controls = "SC-CODE",
};

}  // namespace bulwark::scan::inspectors
