#pragma once
// What a compose file gives its services, and to whom it offers them.

#include <array>

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kPrivilegedService{
    .id = "BW-DC-001",
    .title = "compose service is privileged",
    .severity = Severity::Critical,
    .atlas = "AML.T0105",
    .why = "A privileged container has every device and capability of the host: leaving it is one command.",
    .fix = "Drop `privileged: true` and add the one device or capability that is needed.",
    .controls = "SC-CONF",
};
inline constexpr Rule kDockerSocket{
    .id = "BW-DC-002",
    .title = "compose service has the container engine's socket",
    .severity = Severity::Critical,
    .atlas = "AML.T0105",
    .why =
        "Who reaches the socket starts containers with the host's disk in them; read-only mounts do not "
        "help.",
    .fix = "Remove the mount; put a proxy that allows single calls in front if a tool needs the engine.",
    .controls = "SC-CONF",
};
inline constexpr Rule kServiceHostNamespace{
    .id = "BW-DC-003",
    .title = "compose service shares a namespace of the host",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why = "It sees the host's processes or memory, or reaches services that listen on the host only.",
    .fix = "Remove the line; publish ports, and use `shm_size` for shared memory.",
    .controls = "SC-CONF",
};
inline constexpr Rule kLiteralPassword{
    .id = "BW-DC-004",
    .title = "compose file holds a password",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why = "Whoever reads the repository has the password of the running service.",
    .fix = "Use `secrets:` with a file, or `${NAME:?}` from an environment that is not in the repository.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kDefaultCredential{
    .id = "BW-DC-005",
    .title = "compose service has a default password",
    .severity = Severity::Critical,
    .atlas = "AML.T0012",
    .why = "The pair is printed in the manual and is the first that anybody tries.",
    .fix = "Set a generated password through `secrets:` and change it in the service that runs.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kPublishedPort{
    .id = "BW-DC-006",
    .title = "administrative or data port is published on all interfaces",
    .severity = Severity::High,
    .atlas = "AML.T0049",
    .why =
        "Docker opens the port past the host's firewall; databases and dashboards there often ask for "
        "nothing.",
    .fix = "Publish on the loopback interface, `127.0.0.1:HOST:CONTAINER`, or not at all.",
    .controls = "SC-CONF",
};
inline constexpr Rule kServiceNoLimits{
    .id = "BW-DC-007",
    .title = "inference service has no resource limits",
    .severity = Severity::Low,
    .atlas = "AML.T0029",
    .why = "A few large requests take the memory of the whole host.",
    .fix = "Set `deploy.resources.limits` (or `mem_limit` and `cpus`).",
    .controls = "SC-CONF",
};

inline constexpr std::array kComposeRules = {kPrivilegedService, kDockerSocket,      kServiceHostNamespace,
                                             kLiteralPassword,   kDefaultCredential, kPublishedPort,
                                             kServiceNoLimits};

}  // namespace bulwark::scan::inspectors
