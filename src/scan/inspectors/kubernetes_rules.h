#pragma once
// Rules over Kubernetes manifests, KServe and Kubeflow/Argo objects included.

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kPrivileged{
    .id = "BW-K8-001",
    .title = "privileged container",
    .severity = Severity::Critical,
    .atlas = "AML.T0105",
    .why =
        "A privileged container has every device and capability of its node: whoever runs code in it owns "
        "the node "
        "and every model and credential on it.",
    .fix = "Remove `privileged: true`; grant the single device or capability that is needed.",
    .controls = "SC-CONF",
};
inline constexpr Rule kEscalation{
    .id = "BW-K8-002",
    .title = "container may gain privileges",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why =
        "Without `allowPrivilegeEscalation: false` a set-uid program in the image turns code execution into "
        "root.",
    .fix = "Set `allowPrivilegeEscalation: false` in the container's securityContext.",
    .controls = "SC-CONF",
};
inline constexpr Rule kRoot{
    .id = "BW-K8-003",
    .title = "container may run as root",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why =
        "Root in the container is root for the kernel: an escape or a mounted volume gives the node's files.",
    .fix =
        "Set `runAsNonRoot: true` and a `runAsUser` above 0, in the pod's or the container's "
        "securityContext.",
    .controls = "SC-CONF",
};
inline constexpr Rule kHostNamespace{
    .id = "BW-K8-004",
    .title = "pod shares a namespace of its node",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why =
        "With the node's process, IPC or network namespace a container reads other workloads' memory and "
        "traffic "
        "and reaches services that listen on loopback only.",
    .fix = "Remove hostPID, hostIPC and hostNetwork.",
    .controls = "SC-CONF",
};
inline constexpr Rule kRuntimeSocket{
    .id = "BW-K8-005",
    .title = "socket of the container runtime is mounted",
    .severity = Severity::Critical,
    .atlas = "AML.T0105",
    .why = "Whoever may write to the socket starts a privileged container, which is root on the node.",
    .fix = "Remove the mount; build images with a rootless builder, read metrics from the kubelet.",
    .controls = "SC-CONF",
};
inline constexpr Rule kHostPath{
    .id = "BW-K8-006",
    .title = "sensitive or writable directory of the node is mounted",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why =
        "A writable hostPath lets a container change its node or plant files for the next pod; /etc, /proc "
        "or the "
        "kubelet's directory give away its credentials.",
    .fix = "Use a persistent volume; where the node's files must be read, mount them with `readOnly: true`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kWritableRoot{
    .id = "BW-K8-007",
    .title = "root filesystem of the container is writable",
    .severity = Severity::Medium,
    .atlas = "AML.T0018",
    .why =
        "An attacker with code execution replaces the model or the serving code in place and stays "
        "unnoticed.",
    .fix = "Set `readOnlyRootFilesystem: true` and mount an emptyDir where the server has to write.",
    .controls = "SC-CONF",
};
inline constexpr Rule kCapabilities{
    .id = "BW-K8-008",
    .title = "capabilities are kept or dangerous ones added",
    .severity = Severity::Medium,
    .atlas = "AML.T0105",
    .why =
        "NET_RAW spoofs traffic of neighbours, SYS_ADMIN, SYS_MODULE and SYS_PTRACE are ways out of the "
        "container.",
    .fix = "Set `capabilities: {drop: [ALL]}` and add back only what the program needs.",
    .controls = "SC-CONF",
};
inline constexpr Rule kImage{
    .id = "BW-K8-009",
    .title = "image is not pinned",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004",
    .why =
        "A tag can be moved: the next restart runs whatever the registry, or who took it over, serves then.",
    .fix = "Name the image by digest: `image: name:tag@sha256:<digest>`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kLiteralSecret{
    .id = "BW-K8-010",
    .title = "secret is written into the manifest",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why = "Everyone who reads the repository or the pod's description has the credential.",
    .fix = "Revoke it, put the new one into a Secret and mount that as a file.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kSecretInEnvironment{
    .id = "BW-K8-011",
    .title = "secret reaches the container as an environment variable",
    .severity = Severity::Low,
    .atlas = "AML.T0055",
    .why = "Environments are inherited by every child process and end up in crash reports and debug pages.",
    .fix = "Mount the Secret as a file.",
    .controls = "SC-CONF",
};
inline constexpr Rule kServiceAccount{
    .id = "BW-K8-012",
    .title = "pod gets the token of the default service account",
    .severity = Severity::Medium,
    .atlas = "AML.T0091.000",
    .why =
        "Code that runs in the pod speaks to the cluster's API with a token that all pods of the namespace "
        "share.",
    .fix =
        "Set `automountServiceAccountToken: false`, or name a service account of its own with the rights it "
        "needs.",
    .controls = "SC-CONF",
};
inline constexpr Rule kClusterAdmin{
    .id = "BW-K8-013",
    .title = "cluster-admin is bound",
    .severity = Severity::Critical,
    .atlas = "AML.T0012",
    .why = "Code execution in one pod with this account is the whole cluster.",
    .fix = "Bind a role that lists the verbs and resources the workload needs.",
    .controls = "SC-CONF",
};
inline constexpr Rule kWildcardRole{
    .id = "BW-K8-014",
    .title = "role grants everything by a wildcard",
    .severity = Severity::High,
    .atlas = "AML.T0012",
    .why = "`*` covers secrets, pods and whatever is installed later.",
    .fix = "List the API groups, resources and verbs.",
    .controls = "SC-CONF",
};
inline constexpr Rule kPowerfulRole{
    .id = "BW-K8-015",
    .title = "role can read secrets or start pods",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why =
        "Who reads secrets has every credential of the namespace; who starts pods or execs into them has "
        "every "
        "service account and volume of it.",
    .fix = "Remove the rule, or restrict it to the named objects with resourceNames.",
    .controls = "SC-CONF",
};
inline constexpr Rule kNoLimits{
    .id = "BW-K8-016",
    .title = "container has no CPU or memory limit",
    .severity = Severity::Medium,
    .atlas = "AML.T0029",
    .why = "A few expensive requests take the node's memory and stop the neighbours, too.",
    .fix = "Set `resources.limits` for cpu and memory.",
    .controls = "SC-CONF",
};
inline constexpr Rule kNotIsolated{
    .id = "BW-K8-017",
    .title = "no NetworkPolicy selects the pod",
    .severity = Severity::Medium,
    .atlas = "AML.T0025",
    .why = "Every pod of the cluster reaches the model, and code in the pod sends model and data anywhere.",
    .fix =
        "Add a NetworkPolicy whose podSelector matches the pod's labels, with the ingress and egress it "
        "needs.",
    .controls = "SC-CONF",
};
inline constexpr Rule kExposed{
    .id = "BW-K8-018",
    .title = "model or registry service is exposed",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Registries, notebooks, dashboards and management APIs on these ports have no authentication of "
        "their own "
        "by default.",
    .fix = "Use `type: ClusterIP` and put an authenticating gateway with TLS in front.",
    .controls = "SC-CONF",
};
inline constexpr Rule kSeccomp{
    .id = "BW-K8-019",
    .title = "seccomp profile is not set",
    .severity = Severity::Low,
    .atlas = "AML.T0105",
    .why = "Without a profile all system calls of the kernel are open to an exploit.",
    .fix = "Set `seccompProfile: {type: RuntimeDefault}` in the pod's securityContext.",
    .controls = "SC-CONF",
};
inline constexpr Rule kGitSync{
    .id = "BW-K8-020",
    .title = "git-sync with unsafe settings",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why =
        "git-sync runs the program that --git names, and what it fetches over http can be replaced on the "
        "way: "
        "both put code into the pod.",
    .fix = "Remove --git and GITSYNC_GIT, fetch over https or ssh, and use a release of version 4.",
    .controls = "SC-CONF",
};
inline constexpr Rule kEscalatingRole{
    .id = "BW-K8-021",
    .title = "role can raise its own rights or intercept the API",
    .severity = Severity::High,
    .atlas = "AML.T0012",
    .why =
        "escalate, bind and impersonate hand out any right; who changes admission webhooks sees and rewrites "
        "every "
        "object, secrets included.",
    .fix = "Remove these verbs and resources from the role.",
    .controls = "SC-CONF",
};
inline constexpr Rule kProcMount{
    .id = "BW-K8-022",
    .title = "/proc is unmasked",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why = "Unmasked /proc files change the kernel of the node from within the container.",
    .fix = "Remove `procMount: Unmasked`.",
    .controls = "SC-CONF",
};

inline constexpr Rule kPlainStorage{
    .id = "BW-KS-001",
    .title = "model is fetched over plain http",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why = "Anyone on the way replaces the model; a pickled one runs code in the server.",
    .fix = "Use https, or a bucket with TLS, and sign the model.",
    .controls = "SC-CONF",
};
inline constexpr Rule kPlainBucket{
    .id = "BW-KS-002",
    .title = "bucket is read without TLS or without verifying it",
    .severity = Severity::High,
    .atlas = "AML.T0010.003",
    .why = "Anyone on the way replaces the model and reads the bucket's credentials.",
    .fix = "Set serving.kserve.io/s3-usehttps and serving.kserve.io/s3-verifyssl to \"1\".",
    .controls = "SC-CONF",
};
inline constexpr Rule kAnonymousBucket{
    .id = "BW-KS-003",
    .title = "bucket is read anonymously",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why =
        "A bucket that anyone may read is often one that others may write, and nobody sees who took the "
        "model.",
    .fix = "Remove serving.kserve.io/s3-useanoncredential and give the service account read rights.",
    .controls = "SC-CONF",
};
inline constexpr Rule kTrustsRemoteCode{
    .id = "BW-KS-004",
    .title = "server runs code of the model repository",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why = "With --trust_remote_code the server imports and runs Python files that come with the model.",
    .fix = "Remove the flag; use an architecture the server knows, or read the code and pin the revision.",
    .controls = "SC-CONF",
};
inline constexpr Rule kPickleFormat{
    .id = "BW-KS-005",
    .title = "served model format is a pickle",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why = "The server unpickles what the bucket holds: whoever can write there runs code in the cluster.",
    .fix = "Export the model to ONNX, XGBoost JSON, LightGBM text or skops, and sign it.",
    .controls = "SC-CONF",
};
inline constexpr Rule kNoMesh{
    .id = "BW-KS-006",
    .title = "service mesh is switched off for the model server",
    .severity = Severity::Medium,
    .atlas = "AML.T0049",
    .why =
        "Without the sidecar there is no mutual TLS and no authorisation policy: any pod asks the model "
        "directly.",
    .fix = "Remove the annotation sidecar.istio.io/inject: \"false\".",
    .controls = "SC-CONF",
};

inline constexpr Rule kWorkflowAccount{
    .id = "BW-KF-001",
    .title = "workflow runs with the default service account",
    .severity = Severity::High,
    .atlas = "AML.T0012",
    .why =
        "Its steps have the rights of everything else in the namespace; they need those of the executor "
        "only.",
    .fix = "Set `spec.serviceAccountName` to an account with a role for workflowtaskresults alone.",
    .controls = "SC-CONF",
};
inline constexpr Rule kWorkflowRoot{
    .id = "BW-KF-002",
    .title = "workflow step may run as root",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why = "Steps run code of many hands; as root they reach the node through one escape or volume.",
    .fix = "Set `spec.securityContext: {runAsNonRoot: true}` on the workflow.",
    .controls = "SC-CONF",
};
inline constexpr Rule kWorkflowInjection{
    .id = "BW-KF-003",
    .title = "parameter is pasted into a script",
    .severity = Severity::Critical,
    .atlas = "AML.T0050",
    .why =
        "Argo pastes the text before the shell or interpreter reads it: whoever starts the workflow, or "
        "names a "
        "file or a run, adds commands.",
    .fix = "Pass the parameter through `env` and use \"$NAME\" in the script.",
    .controls = "SC-CONF",
};
inline constexpr Rule kNoAuthentication{
    .id = "BW-KF-005",
    .title = "Kubeflow trusts a header or a static password",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Who reaches the service inside the mesh sets the user id header and is that user; Dex's published "
        "default "
        "password opens the dashboard.",
    .fix =
        "Add an AuthorizationPolicy that lets only the gateway set the header; replace staticPasswords by an "
        "identity provider.",
    .controls = "SC-CONF",
};

}  // namespace bulwark::scan::inspectors
