#pragma once
// Settings of Apache Airflow, in airflow.cfg, webserver_config.py or AIRFLOW__SECTION__KEY variables.

#include <array>
#include <optional>
#include <string_view>

#include "core/rule.h"
#include "scan/inspector.h"

namespace bulwark::scan {
namespace inspectors {

inline constexpr Rule kAirflowOpenApi{
    .id = "BW-AF-001",
    .title = "Airflow API asks nobody who they are",
    .severity = Severity::Critical,
    .atlas = "AML.T0049",
    .why = "Whoever reaches the web server starts pipelines, reads connections and changes variables.",
    .fix =
        "Write `auth_backends = airflow.providers.fab.auth_manager.api.auth.backend.basic_auth` (or "
        "session).",
    .controls = "SC-CONF",
};
inline constexpr Rule kAirflowAnonymous{
    .id = "BW-AF-002",
    .title = "Airflow gives visitors without a login a role",
    .severity = Severity::Critical,
    .atlas = "AML.T0012",
    .why =
        "AUTH_ROLE_PUBLIC is the role of everyone who opens the page; an Admin runs code through connections "
        "and DAGs.",
    .fix = "Remove AUTH_ROLE_PUBLIC (or set it to 'Public').",
    .controls = "SC-CONF",
};
inline constexpr Rule kAirflowExposedConfig{
    .id = "BW-AF-003",
    .title = "Airflow shows its configuration in the web interface",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why = "The page prints database passwords and the secret key to every user who may open it.",
    .fix = "Write `expose_config = False` (or `non-sensitive-only`).",
    .controls = "SC-CONF",
};
inline constexpr Rule kAirflowKeys{
    .id = "BW-AF-004",
    .title = "Airflow's Fernet or secret key is empty, a default, or written down",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why =
        "Without a Fernet key connections are stored in clear text; who knows the secret key signs sessions "
        "of an Admin.",
    .fix =
        "Generate both keys and give them through `fernet_key_cmd`, `secret_key_cmd` or the environment's "
        "secret store.",
    .controls = "SC-CONF SC-SECRET",
};
inline constexpr Rule kAirflowExamples{
    .id = "BW-AF-005",
    .title = "Airflow loads the example DAGs",
    .severity = Severity::Low,
    .atlas = "AML.T0050",
    .why = "Some of them run what the trigger's parameters say (CVE-2022-24288, CVE-2022-40127).",
    .fix = "Write `load_examples = False`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kAirflowPickling{
    .id = "BW-AF-006",
    .title = "Airflow deserialises whatever tasks hand over",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "A task, or whoever writes to the metadata database, runs code in the scheduler, workers and web "
        "server.",
    .fix =
        "Write `enable_xcom_pickling = False` and name your own classes in allowed_deserialization_classes.",
    .controls = "SC-CONF",
};

inline constexpr std::array kAirflowRules = {kAirflowOpenApi, kAirflowAnonymous, kAirflowExposedConfig,
                                             kAirflowKeys,    kAirflowExamples,  kAirflowPickling};

}  // namespace inspectors

// One setting of Airflow, `section` and `key` in lower case. `written`: the line, as evidence; secrets are
// masked here.
struct AirflowSetting {
  std::string_view section, key, value, written;
  Place place;
  std::uint64_t value_offset = kNoOffset;  // in the artifact, if it is written there as it is
};
void judge_airflow_setting(Inspection& in, const AirflowSetting& setting);
// The role of AUTH_ROLE_PUBLIC.
void judge_public_role(Inspection& in, std::string_view role, std::string_view written, Place place);

}  // namespace bulwark::scan
