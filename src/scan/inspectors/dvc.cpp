// DVC's .dvc/config: from where data sets and models are fetched, and with which credentials.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kPlainHttp{
    .id = "BW-DVC-001",
    .title = "data and models are fetched over plain http",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0010.002",
    .why =
        "Whoever stands between the storage and the training changes what is trained on. DVC's digests are "
        "MD5 and say "
        "nothing about who made the data.",
    .fix = "Name the storage by `https://`, or use ssh, s3 or another encrypted protocol.",
    .controls = "SC-CONF",
};
constexpr Rule kUnverified{
    .id = "BW-DVC-002",
    .title = "certificate of the data storage is not checked",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0010.002",
    .why = "Anybody on the way can pretend to be the storage and hand out other data and models.",
    .fix = "Remove the line; name your own authority with `ssl_verify = /path/to/ca.pem`.",
    .controls = "SC-CONF",
};
constexpr Rule kCredential{
    .id = "BW-DVC-003",
    .title = "credential of the data storage is in the shared configuration",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why =
        "The file is in version control: everybody who has the repository, now or later, can change the "
        "data.",
    .fix = "Revoke it; set the new one with `dvc remote modify --local`, which version control leaves out.",
    .controls = "SC-CONF SC-SECRET",
};
constexpr std::array kRules = {kPlainHttp, kUnverified, kCredential};

Match recognises_file(std::string_view path, Bytes content) {
  const bool named = path == ".dvc/config" || path.ends_with("/.dvc/config") || path == ".dvc/config.local" ||
                     path.ends_with("/.dvc/config.local");
  return named && !content.empty() ? Match::Weak : Match::No;
}

bool is_off(std::string_view value) {
  const std::string low = lower(trim(value));
  return low == "false" || low == "0" || low == "no" || low == "off";
}

bool is_credential_key(std::string_view key) {
  constexpr std::array<std::string_view, 9> kKeys = {
      "secret_access_key",    "password",       "connection_string",
      "account_key",          "sas_token",      "client_secret",
      "gdrive_client_secret", "oss_key_secret", "session_token"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

bool is_remote_address(std::string_view url) {
  if (!url.starts_with("http://")) return false;
  std::string_view host = url.substr(7);
  host = host.substr(0, host.find_first_of("/:"));
  return !is_loopback(host);
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  if (text.substr(0, 4096).contains('\0')) return fail(Code::Unsupported, "no text");
  const std::string_view path =
      in.artifact().origin.empty() ? std::string_view(in.artifact().path) : in.artifact().origin.back();
  const bool shared = !path.ends_with(".local");
  // Indented like git's files, which is no continuation there.
  for (const TextSetting& setting : read_ini(text, IniDialect::Systemd)) {
    const Place place{.offset = setting.offset};
    const std::string line = setting.key + " = " + setting.value;
    const bool address = setting.key == "url" || setting.key == "endpointurl";
    if (address && is_remote_address(setting.value))
      report_at(in, kPlainHttp, place,
                "write `" + setting.key + " = https://" + setting.value.substr(7) + "`", line);
    const bool unverified = (setting.key == "ssl_verify" && is_off(setting.value)) ||
                            (setting.key == "use_ssl" && is_off(setting.value));
    if (unverified) report_at(in, kUnverified, place, "drop `" + line + "`", line);
    if (shared && is_credential_key(setting.key) && secret_value(setting.value) == SecretValue::Literal)
      report_at(in, kCredential, place,
                setting.key + " is written down; set it with `dvc remote modify --local` instead",
                setting.key + " = " + masked_secret(setting.value));
  }
  return {};
}

}  // namespace

const Inspector dvc{
    .name = "dvc",
    .version = "1",
    .rules = kRules,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
