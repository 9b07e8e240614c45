#pragma once
// Rules about the servers of a machine-learning platform. They are raised wherever such a server is
// configured: in its own file, on its command line (launch_lines.h) or through its environment
// (service_settings.h).

#include <array>

#include "core/rule.h"
#include "scan/inspectors/shared_rules.h"

namespace bulwark::scan::inspectors {

// --- MLflow

inline constexpr Rule kMlflowOpen{
    .id = "BW-ML-001",
    .title = "MLflow server listens on all interfaces without an authentication app",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Whoever reaches the port reads and replaces experiments, models and artifacts; MLflow asks nobody "
        "who "
        "they are unless an app does.",
    .fix =
        "Bind 127.0.0.1 behind a proxy that authenticates, or start the server with `--app-name basic-auth`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMlflowDefaultPassword{
    .id = "BW-ML-002",
    .title = "MLflow administrator has the default password",
    .severity = Severity::Critical,
    .atlas = "AML.T0012",
    .why = "The password is printed in the manual: anybody becomes administrator of the registry.",
    .fix = "Set a password of your own before the first start and change it with `mlflow.server.auth`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMlflowMiddleware{
    .id = "BW-ML-003",
    .title = "MLflow's security middleware is switched off",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Without it any web page in a user's browser can talk to the server: DNS rebinding and cross-site "
        "requests.",
    .fix = "Leave the middleware on and name your hosts with `--allowed-hosts`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMlflowWildcard{
    .id = "BW-ML-004",
    .title = "MLflow accepts every host name or origin",
    .severity = Severity::Medium,
    .atlas = "AML.T0049",
    .why = "A wildcard lets any web page read the answers of the server through a visitor's browser.",
    .fix = "List the host names and origins that you use.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMlflowWriteForAll{
    .id = "BW-ML-005",
    .title = "MLflow lets every account write by default",
    .severity = Severity::Medium,
    .atlas = "AML.T0018",
    .why = "Any account may change any model that nobody has restricted, including those in production.",
    .fix = "Write `default_permission = READ` (or NO_PERMISSIONS) and grant EDIT by experiment or model.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMlflowPlainHttp{
    .id = "BW-ML-006",
    .title = "MLflow credentials travel unprotected",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why =
        "Over http, or with certificates unchecked, whoever is on the way reads the password and may replace "
        "models.",
    .fix =
        "Use an https:// tracking URI with a certificate that clients trust; drop "
        "MLFLOW_TRACKING_INSECURE_TLS.",
    .controls = "SC-CONF",
};
inline constexpr Rule kMlflowArtifacts{
    .id = "BW-ML-007",
    .title = "MLflow serves a local or public artifact root to everyone",
    .severity = Severity::Medium,
    .atlas = "AML.T0035",
    .why =
        "The proxy hands out and takes in artifacts with the server's own rights, for anybody who reaches "
        "it.",
    .fix = "Put authentication in front and keep artifacts in a private bucket.",
    .controls = "SC-CONF",
};

// --- Jupyter

inline constexpr Rule kJupyterNoToken{
    .id = "BW-JU-001",
    .title = "Jupyter runs without authentication",
    .severity = Severity::Critical,
    .atlas = "AML.T0049",
    .why = "With an empty token and no password, opening the page is a shell on the machine.",
    .fix = "Remove the empty token (Jupyter then makes one), or set a hashed password.",
    .controls = "SC-CONF",
};
inline constexpr Rule kJupyterOpen{
    .id = "BW-JU-002",
    .title = "Jupyter listens on all interfaces without TLS",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "The token crosses the network in clear text, and the server is offered to everyone who reaches the "
        "port.",
    .fix = "Bind 127.0.0.1 and tunnel, or set `certfile` and `keyfile`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kJupyterCrossSite{
    .id = "BW-JU-003",
    .title = "Jupyter accepts requests of other web sites",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why = "A page in the user's browser can then run code in the notebook server with the user's session.",
    .fix = "Leave the XSRF check on and name the one origin that you need in `allow_origin`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kJupyterRoot{
    .id = "BW-JU-004",
    .title = "Jupyter may run as root",
    .severity = Severity::Medium,
    .atlas = "AML.T0105",
    .why = "Whoever runs a cell owns the container or the machine.",
    .fix = "Start Jupyter as an ordinary user and drop `allow_root`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kJupyterUnauthenticated{
    .id = "BW-JU-005",
    .title = "Jupyter extensions may answer without authentication",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Handlers of extensions that forgot to ask for a login are open to everyone who reaches the server.",
    .fix = "Write `c.ServerApp.allow_unauthenticated_access = False`.",
    .controls = "SC-CONF",
};

// --- Ray

inline constexpr Rule kRayDashboard{
    .id = "BW-RY-001",
    .title = "Ray dashboard and Jobs API are reachable without authentication",
    .severity = Severity::Critical,
    .atlas = "AML.T0049",
    .why = "The Jobs API runs any command on the cluster for whoever reaches it (CVE-2023-48022, ShadowRay).",
    .fix =
        "Bind `--dashboard-host=127.0.0.1`, or set RAY_AUTH_MODE=token (Ray 2.52 and later) and filter the "
        "port.",
    .controls = "SC-CONF",
};
inline constexpr Rule kRayClient{
    .id = "BW-RY-002",
    .title = "Ray client port is offered",
    .severity = Severity::High,
    .atlas = "AML.T0050",
    .why = "The client protocol runs pickled functions on the cluster and knows no login.",
    .fix = "Do not publish port 10001; submit jobs through an authenticated gateway.",
    .controls = "SC-CONF",
};
inline constexpr Rule kRayRemoteCode{
    .id = "BW-RY-003",
    .title = "Ray runtime environment takes code that can change",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why = "Every worker downloads and runs what the URL or the package name means at that moment.",
    .fix = "Name an archive of one commit, and pin packages with ==.",
    .controls = "SC-CONF",
};

// --- TorchServe

inline constexpr Rule kTorchServeManagement{
    .id = "BW-TS-001",
    .title = "TorchServe's management API listens on all interfaces",
    .severity = Severity::Critical,
    .atlas = "AML.T0049",
    .why =
        "The management API registers models, and a model is code: whoever reaches it runs programs "
        "(ShellTorch, "
        "CVE-2023-43654).",
    .fix = "Write `management_address=http://127.0.0.1:8081`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTorchServeUrls{
    .id = "BW-TS-002",
    .title = "TorchServe registers models from any URL",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why =
        "Unless allowed_urls says otherwise, a registration may name any file or web address, and its "
        "handler runs.",
    .fix = "Name your own model store: `allowed_urls=https://models.example.com/.*`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTorchServeToken{
    .id = "BW-TS-003",
    .title = "TorchServe's token authorisation is switched off",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why = "The keys that protect management and inference are no longer asked for.",
    .fix = "Remove the switch; clients read the key from key_file.json.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTorchServeModelApi{
    .id = "BW-TS-004",
    .title = "TorchServe lets clients register and remove models",
    .severity = Severity::High,
    .atlas = "AML.T0018",
    .why = "A client of the management port can put another model, with its own code, in place of yours.",
    .fix = "Write `enable_model_api=false` and list the models in `load_models`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTorchServePlainHttp{
    .id = "BW-TS-005",
    .title = "TorchServe answers inference in clear text",
    .severity = Severity::Medium,
    .atlas = "AML.T0040",
    .why = "Requests and answers can be read and changed on the way, and nothing limits who asks.",
    .fix = "Write `inference_address=https://…` with a key, or bind 127.0.0.1 behind a proxy that has one.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTorchServeSizes{
    .id = "BW-TS-006",
    .title = "TorchServe takes payloads or queues without a sensible limit",
    .severity = Severity::Medium,
    .atlas = "AML.T0029",
    .why = "A few requests of that size fill the memory and stop the service for everyone.",
    .fix = "Set max_request_size to what your inputs need and keep job_queue_size near 100.",
    .controls = "SC-CONF",
};

// --- Triton

inline constexpr Rule kTritonControl{
    .id = "BW-TR-001",
    .title = "Triton loads models at run time for anybody",
    .severity = Severity::High,
    .atlas = "AML.T0018",
    .why =
        "Models carry code (Python, TensorFlow and custom backends); whoever may load one runs it in the "
        "server.",
    .fix =
        "Use `--model-control-mode=none`, or restrict model-repository with `--http-restricted-api` and "
        "`--grpc-restricted-protocol`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTritonPythonBackend{
    .id = "BW-TR-002",
    .title = "Triton runs Python from a model repository",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why = "model.py runs with the server's rights: whoever can write to the repository owns the server.",
    .fix = "Mount the repository read-only (`:ro`), review model.py, and sign the directory.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTritonAdmin{
    .id = "BW-TR-003",
    .title = "Triton's administrative protocols are open",
    .severity = Severity::Medium,
    .atlas = "AML.T0007",
    .why =
        "Shared memory, model configuration, statistics and trace settings answer everyone who can ask for "
        "inference.",
    .fix =
        "Add `--http-restricted-api=shared-memory,model-config,statistics,trace:KEY=SECRET` and the same for "
        "gRPC.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTritonPlainGrpc{
    .id = "BW-TR-004",
    .title = "Triton speaks gRPC without TLS",
    .severity = Severity::Medium,
    .atlas = "AML.T0040",
    .why = "Inputs and predictions can be read and changed on the way, and nothing proves who the client is.",
    .fix = "Add `--grpc-use-ssl=true` with a certificate, or bind `--grpc-address=127.0.0.1`.",
    .controls = "SC-CONF",
};

// --- Servers of language models: vLLM, Text Generation Inference, SGLang, LMDeploy

inline constexpr Rule kRemoteCode{
    .id = "BW-LS-001",
    .title = "language-model server runs code of the model's repository",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why = "With trust-remote-code the Python files beside the weights are imported by the server.",
    .fix =
        "Drop the option; if the architecture needs it, review the code and pin it with `--code-revision`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kNoApiKey{
    .id = "BW-LS-002",
    .title = "language-model server answers everyone on all interfaces",
    .severity = Severity::Medium,
    .atlas = "AML.T0049 AML.T0040",
    .why = "Whoever reaches the port uses the model at your cost and probes it without a name.",
    .fix = "Set an API key through the environment, or bind 127.0.0.1 behind a gateway that authenticates.",
    .controls = "SC-CONF",
};
inline constexpr Rule kLocalMedia{
    .id = "BW-LS-003",
    .title = "language-model server reads local files for its clients",
    .severity = Severity::Medium,
    .atlas = "AML.T0037",
    .why = "A request may name any file below that path as an image or a video, and the model describes it.",
    .fix = "Drop `--allowed-local-media-path`, or name a directory that holds nothing else.",
    .controls = "SC-CONF",
};
inline constexpr Rule kKeyOnCommandLine{
    .id = "BW-LS-004",
    .title = "API key of a language-model server stands on its command line",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why = "It is in version control, in the image and in every process list.",
    .fix = "Pass it through the environment from a secret store: `VLLM_API_KEY`.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kRegistryPassword{
    .id = "BW-LS-008",
    .title = "password of a registry stands on a command line",
    .severity = Severity::High,
    .atlas = "AML.T0055 AML.T0010.004",
    .why =
        "Whoever reads the file, the log or the process list pushes images in this name, and the next "
        "deployment runs them.",
    .fix = "Revoke the password; write `docker login --password-stdin <<< \"$REGISTRY_PASSWORD\"`.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kUnpinnedModel{
    .id = "BW-LS-005",
    .title = "language-model server takes whatever revision the hub has",
    .severity = Severity::Low,
    .atlas = "AML.T0010.003",
    .why = "The owner of the repository, or who has taken it over, decides at every start what you serve.",
    .fix = "Add `--revision` with the commit that you have examined.",
    .controls = "SC-CONF",
};
inline constexpr Rule kDangerousSwitch{
    .id = "BW-LS-006",
    .title = "language-model server has a dangerous development switch on",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0049",
    .why = "The switch lets clients load adapters, call internals, or send pickled objects.",
    .fix = "Remove the variable in every deployment.",
    .controls = "SC-CONF",
};
inline constexpr Rule kPickledWeights{
    .id = "BW-LS-007",
    .title = "language-model server is told to load pickled weights",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why = "A pickle runs code while it is loaded; safetensors cannot.",
    .fix = "Convert the weights and use `--load-format safetensors`.",
    .controls = "SC-CONF",
};

// What judge_command_line may raise.
inline constexpr std::array kLaunchRules = {kMlflowOpen,       kMlflowMiddleware,   kMlflowWildcard,
                                            kMlflowArtifacts,  kJupyterNoToken,     kJupyterOpen,
                                            kJupyterCrossSite, kJupyterRoot,        kJupyterUnauthenticated,
                                            kRayDashboard,     kRayClient,          kRayRemoteCode,
                                            kTorchServeToken,  kTorchServeModelApi, kTritonControl,
                                            kTritonAdmin,      kTritonPlainGrpc,    kRemoteCode,
                                            kNoApiKey,         kLocalMedia,         kKeyOnCommandLine,
                                            kUnpinnedModel,    kDangerousSwitch,    kPickledWeights,
                                            kMovingSource,     kRegistryPassword};

// Arrays of rules, one behind the other.
template <std::size_t A, std::size_t B>
constexpr std::array<Rule, A + B> both(const std::array<Rule, A>& a, const std::array<Rule, B>& b) {
  std::array<Rule, A + B> all{};
  for (std::size_t i = 0; i < A; ++i) all[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) all[A + i] = b[i];
  return all;
}

}  // namespace bulwark::scan::inspectors
