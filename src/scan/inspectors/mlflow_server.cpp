// basic_auth.ini of an MLflow server.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kRules = {kMlflowDefaultPassword, kMlflowWriteForAll};

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 16384)));
  const bool mine = text.find("[mlflow]") != std::string_view::npos &&
                    (text.find("admin_password") != std::string_view::npos ||
                     text.find("default_permission") != std::string_view::npos);
  return mine ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  for (const TextSetting& setting : read_ini(text_of(in.bytes()), IniDialect::Python)) {
    const Place place{.offset = setting.offset};
    constexpr std::string_view kKnown[] = {"password1234", "password", "admin", "mlflow"};
    if (setting.key == "admin_password" && std::ranges::find(kKnown, setting.value) != std::end(kKnown))
      report_at(in, kMlflowDefaultPassword, place,
                "the administrator's password is the one of the manual; set your own before the first start",
                "admin_password = …");
    const std::string permission = lower(setting.value);
    if (setting.key == "default_permission" && (permission == "edit" || permission == "manage"))
      report_at(in, kMlflowWriteForAll, place,
                "every account may " + permission + "; write `default_permission = READ` instead",
                setting.key + " = " + setting.value);
  }
  return {};
}

}  // namespace

const Inspector mlflow_server{
    .name = "mlflow_server",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
