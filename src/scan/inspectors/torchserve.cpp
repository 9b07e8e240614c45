// TorchServe's config.properties.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"
#include "scan/inspectors/torchserve_settings.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kRules = {kTorchServeManagement, kTorchServeUrls,      kTorchServeToken,
                               kTorchServeModelApi,   kTorchServePlainHttp, kTorchServeSizes};
constexpr std::string_view kKeys[] = {
    "inference_address", "management_address",          "metrics_address",  "model_store",
    "load_models",       "disable_token_authorization", "enable_model_api", "install_py_dep_per_model"};

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 16384)));
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view said = trim(line);
    const std::string_view key = trim(said.substr(0, said.find_first_of("=: ")));
    if (key.size() < said.size() && std::ranges::find(kKeys, key) != std::end(kKeys)) return Match::Weak;
  }
  return Match::No;
}

Result<void> inspect(Inspection& in) {
  const std::vector<TextSetting> settings = read_properties(text_of(in.bytes()));
  const bool known = std::ranges::any_of(settings, [](const TextSetting& setting) {
    return std::ranges::find(kKeys, setting.key) != std::end(kKeys);
  });
  if (!known) return fail(Code::Unsupported, "no TorchServe configuration");
  const bool names_urls = std::ranges::find(settings, "allowed_urls", &TextSetting::key) != settings.end();
  for (const TextSetting& setting : settings)
    judge_torchserve_setting(in, {setting.key,
                                  setting.value,
                                  setting.key + "=" + setting.value,
                                  {.offset = setting.offset},
                                  setting.value_offset});
  if (!names_urls)
    report_at(in, kTorchServeUrls, {.offset = settings.front().offset},
              "allowed_urls is missing, and the default is every URL; add "
              "`allowed_urls=https://models.example.com/.*`",
              settings.front().key + "=" + settings.front().value);
  return {};
}

}  // namespace

const Inspector torchserve{
    .name = "torchserve",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
