#include "scan/inspectors/airflow_rules.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "base/text.h"
#include "scan/knowledge/environment_secrets.h"
#include "scan/mend.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

bool is_true(std::string_view value) {
  const std::string low = lower(value);
  return low == "true" || low == "1" || low == "t" || low == "yes" || low == "on";
}

bool matches_everything(std::string_view pattern) {
  for (const std::string_view item : words(pattern))
    if (item == ".*" || item == "*" || item == ".+" || item == "^.*$" || item == ".*.*") return true;
  return false;
}

bool has_backend(std::string_view list, std::string_view name) {
  return std::ranges::any_of(split(list, ','), [&](std::string_view item) { return trim(item) == name; });
}

void judge_secret_key(Inspection& in, const AirflowSetting& setting) {
  const SecretValue kind = secret_value(setting.value);
  const bool empty = setting.value.empty();
  if (!empty && setting.value != "temporary_key" && kind != SecretValue::Literal &&
      kind != SecretValue::Placeholder)
    return;
  in.report(kAirflowKeys,
            {.place = setting.place,
             .text = text_of(in.bytes()),
             .message = empty ? "secret_key is empty"
                              : "secret_key is written down; use `secret_key_cmd` or a secret store instead",
             .evidence = std::string(setting.key) + " = " + (empty ? "" : masked_secret(setting.value))});
}

}  // namespace

void judge_public_role(Inspection& in, std::string_view role, std::string_view written, Place place) {
  const std::string low = lower(role);
  if (low != "admin" && low != "op" && low != "user" && low != "viewer") return;
  const Severity severity = low == "admin"    ? Severity::Critical
                            : low == "viewer" ? Severity::Medium
                                              : Severity::High;
  in.report(kAirflowAnonymous, {.place = place,
                                .text = text_of(in.bytes()),
                                .message = "everyone is " + std::string(role) +
                                           " without a login; write `AUTH_ROLE_PUBLIC = "
                                           "'Public'` instead",
                                .evidence = std::string(written),
                                .severity = severity});
}

void judge_airflow_setting(Inspection& in, const AirflowSetting& setting) {
  const std::string_view key = setting.key;
  const std::string_view value = setting.value;
  const auto report = [&](const Rule& rule, std::string message, std::vector<Edit> edits = {}) {
    in.report(rule, {.place = setting.place,
                     .text = text_of(in.bytes()),
                     .message = std::move(message),
                     .evidence = std::string(setting.written),
                     .edits = std::move(edits)});
  };
  const auto off = [&] { return mend_switch(text_of(in.bytes()), setting.value_offset, false); };
  if ((key == "auth_backends" || key == "auth_backend") &&
      (has_backend(value, "airflow.api.auth.backend.default") ||
       has_backend(value, "airflow.providers.fab.auth_manager.api.auth.backend.default")))
    report(kAirflowOpenApi,
           "the API is open to everyone; write `auth_backends = "
           "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth` instead");
  if (key == "auth_role_public") judge_public_role(in, value, setting.written, setting.place);
  if (key == "expose_config" && is_true(value))
    report(kAirflowExposedConfig, "configuration is shown; write `expose_config = False` instead", off());
  if (key == "fernet_key" && setting.section == "core" &&
      (value.empty() || value == "cryptography_not_found_storing_passwords_in_plain_text"))
    report(kAirflowKeys, "fernet_key is empty: connections and variables are stored in clear text");
  if (key == "secret_key" && (setting.section == "webserver" || setting.section == "api"))
    judge_secret_key(in, setting);
  if (key == "load_examples" && is_true(value))
    report(kAirflowExamples, "write `load_examples = False` instead", off());
  if (key == "enable_xcom_pickling" && is_true(value))
    report(kAirflowPickling, "results of tasks are unpickled; write `enable_xcom_pickling = False` instead",
           off());
  if ((key == "allowed_deserialization_classes" || key == "allowed_deserialization_classes_regexp") &&
      matches_everything(value))
    report(kAirflowPickling,
           "every class may be deserialised; name yours: `allowed_deserialization_classes = my_package.*`");
}

}  // namespace bulwark::scan
