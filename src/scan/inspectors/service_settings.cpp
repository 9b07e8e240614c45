#include "scan/inspectors/service_settings.h"

#include <algorithm>

#include "base/text.h"
#include "scan/inspectors/torchserve_settings.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

bool is_true(std::string_view value) {
  const std::string low = lower(trim(value));
  return low == "true" || low == "1" || low == "yes" || low == "on";
}

class SettingsJudge {
 public:
  SettingsJudge(Inspection& in, std::span<const Setting> settings) : in_(in), settings_(settings) {
    for (const Setting& setting : settings)
      has_credentials_ |=
          setting.name == "MLFLOW_TRACKING_PASSWORD" || setting.name == "MLFLOW_TRACKING_TOKEN";
  }

  void judge() {
    for (const Setting& setting : settings_) {
      judge_airflow(setting);
      judge_mlflow(setting);
      judge_torchserve(setting);
      judge_language_models(setting);
      judge_vector_stores(setting);
    }
  }

 private:
  void report(const Rule& rule, const Setting& setting, std::string message) {
    in_.report(rule, {.place = setting.place,
                      .text = text_of(in_.bytes()),
                      .message = std::move(message),
                      .evidence = setting.name + "=" + setting.value});
  }

  // AIRFLOW__SECTION__KEY
  void judge_airflow(const Setting& setting) {
    if (!setting.name.starts_with("AIRFLOW__")) return;
    const std::string name = lower(std::string_view(setting.name).substr(9));
    const std::size_t middle = name.find("__");
    if (middle == std::string::npos) return;
    const std::string written = setting.name + "=" + setting.value;
    judge_airflow_setting(
        in_, {std::string_view(name).substr(0, middle), std::string_view(name).substr(middle + 2),
              default_of(setting.value), written, setting.place});
  }

  void judge_mlflow(const Setting& setting) {
    const std::string_view name = setting.name;
    const std::string_view value = default_of(setting.value);
    if (name == "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE" && is_true(value))
      report(kMlflowMiddleware, setting, "drop MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE");
    if ((name == "MLFLOW_SERVER_ALLOWED_HOSTS" || name == "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS") &&
        value == "*")
      report(kMlflowWildcard, setting, std::string(name) + " is *; name your own hosts");
    if (name == "MLFLOW_TRACKING_INSECURE_TLS" && is_true(value))
      report(kMlflowPlainHttp, setting, "certificates are not checked; drop MLFLOW_TRACKING_INSECURE_TLS");
    if (name == "MLFLOW_TRACKING_URI") judge_tracking_uri(setting, value);
  }

  void judge_tracking_uri(const Setting& setting, std::string_view uri) {
    if (!uri.starts_with("http://")) return;
    const std::string_view rest = uri.substr(7);
    std::string_view host = rest.substr(0, rest.find('/'));
    const std::size_t at = host.rfind('@');
    const bool in_uri =
        at != std::string_view::npos && host.substr(0, at).find(':') != std::string_view::npos;
    if (at != std::string_view::npos) host = host.substr(at + 1);
    const bool credentials = in_uri || has_credentials_;
    if (!credentials || is_loopback(host.substr(0, host.find(':')))) return;
    in_.report(kMlflowPlainHttp,
               {.place = setting.place,
                .text = text_of(in_.bytes()),
                .message = "credentials go over http; write `" + setting.name + "=https://" +
                           std::string(host) + "` instead",
                .evidence = setting.name + "=http://" + (in_uri ? "…@" : "") + std::string(host)});
  }

  // TorchServe reads TS_… variables as keys of config.properties.
  void judge_torchserve(const Setting& setting) {
    if (!setting.name.starts_with("TS_")) return;
    const std::string key = lower(std::string_view(setting.name).substr(3));
    judge_torchserve_setting(
        in_, {key, default_of(setting.value), setting.name + "=" + setting.value, setting.place});
  }

  void judge_language_models(const Setting& setting) {
    const std::string_view name = setting.name;
    const std::string_view value = default_of(setting.value);
    const bool remote_code = name == "TRUST_REMOTE_CODE" || name == "HF_TRUST_REMOTE_CODE" ||
                             name == "VLLM_TRUST_REMOTE_CODE" || name == "HF_HUB_TRUST_REMOTE_CODE";
    if (remote_code && is_true(value))
      report(kRemoteCode, setting, "code of the model's repository is run; drop " + std::string(name));
    constexpr std::string_view kSwitches[] = {"VLLM_ALLOW_INSECURE_SERIALIZATION",
                                              "VLLM_ALLOW_RUNTIME_LORA_UPDATING", "VLLM_SERVER_DEV_MODE"};
    if (std::ranges::find(kSwitches, name) != std::end(kSwitches) && is_true(value))
      report(kDangerousSwitch, setting, std::string(name) + " is for development only; drop it");
  }

  // Anybody who reaches Chroma may then empty it with one request.
  void judge_vector_stores(const Setting& setting) {
    const bool reset = setting.name == "ALLOW_RESET" || setting.name == "CHROMA_ALLOW_RESET";
    if (reset && is_true(default_of(setting.value)))
      report(kDangerousSwitch, setting,
             "anybody who reaches Chroma can delete all collections; drop " + setting.name);
  }

  Inspection& in_;
  std::span<const Setting> settings_;
  bool has_credentials_ = false;
};

}  // namespace

void judge_settings(Inspection& in, std::span<const Setting> settings) {
  SettingsJudge(in, settings).judge();
}

}  // namespace bulwark::scan
