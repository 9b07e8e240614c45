// jupyter_server_config.py and its JSON twin: who may open the notebook server.

#include <algorithm>
#include <array>
#include <map>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"
#include "scan/mend.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kRules = {kJupyterNoToken, kJupyterOpen, kJupyterCrossSite, kJupyterRoot,
                               kJupyterUnauthenticated};
constexpr std::string_view kClasses[] = {"ServerApp",        "NotebookApp",
                                         "IdentityProvider", "PasswordIdentityProvider",
                                         "LabApp",           "SingleUserNotebookApp"};

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 65536)));
  for (const std::string_view name : kClasses) {
    const bool python = holds_text(text, "c." + std::string(name) + ".");
    const bool json = text.starts_with('{') && holds_text(text, "\"" + std::string(name) + "\"");
    if (python || json) return Match::Weak;
  }
  return Match::No;
}

// Trait name -> the last setting of it, whichever class it is set for.
using Traits = std::map<std::string, TextSetting, std::less<>>;

Traits python_traits(std::string_view source) {
  Traits traits;
  for (TextSetting& setting : read_python_settings(source)) {
    const auto parts = split(setting.key, '.');
    if (parts.size() != 3 || std::ranges::find(kClasses, parts[1]) == std::end(kClasses)) continue;
    const std::string trait(parts[2]);
    traits.insert_or_assign(trait, std::move(setting));
  }
  return traits;
}

Traits json_traits(const Document& root) {
  Traits traits;
  for (const std::string_view name : kClasses) {
    const Document* settings = root.find(name);
    if (settings == nullptr) continue;
    for (const auto& [key, value] : settings->map) {
      TextSetting setting;
      setting.key = "c." + std::string(name) + "." + key;
      setting.value =
          value.kind == Document::Kind::Boolean ? (value.boolean ? "True" : "False") : value.string;
      setting.offset = setting.value_offset = value.offset;
      traits.insert_or_assign(key, std::move(setting));
    }
  }
  return traits;
}

class TraitsJudge {
 public:
  TraitsJudge(Inspection& in, const Traits& traits) : in_(in), traits_(traits) {}

  void judge() {
    const TextSetting* token = find("token");
    if (token != nullptr && token->value.empty() && !set("password") && !set("hashed_password") &&
        !set("identity_provider_class"))
      report(kJupyterNoToken, *token, "token is empty and no password is set; remove the line");
    const TextSetting* ip = find("ip");
    const bool everywhere = ip != nullptr && is_every_interface(ip->value);
    if (everywhere && !set("certfile"))
      report(
          kJupyterOpen, *ip,
          "server listens on " + ip->value + " without TLS; write `" + ip->key + " = '127.0.0.1'` instead");
    if (const TextSetting* off = on("disable_check_xsrf"))
      report(kJupyterCrossSite, *off, "write `" + off->key + " = False` instead", switched_off(*off));
    if (const TextSetting* origin = find("allow_origin"); origin != nullptr && origin->value == "*")
      report(
          kJupyterCrossSite, *origin,
          "every origin is allowed; write `" + origin->key + " = 'https://hub.example.com'` with your own");
    const TextSetting* pattern = find("allow_origin_pat");
    if (pattern != nullptr &&
        (pattern->value == ".*" || pattern->value == "(.*)" || pattern->value == "^.*$"))
      report(kJupyterCrossSite, *pattern, "the pattern allows every origin");
    if (const TextSetting* root = on("allow_root"))
      report(kJupyterRoot, *root, "write `" + root->key + " = False` instead", switched_off(*root));
    const bool remote = everywhere || on("allow_remote_access") != nullptr;
    if (const TextSetting* open = on("allow_unauthenticated_access"); open != nullptr && remote)
      report(kJupyterUnauthenticated, *open, "write `" + open->key + " = False` instead",
             switched_off(*open));
  }

 private:
  [[nodiscard]] const TextSetting* find(std::string_view trait) const {
    const auto found = traits_.find(trait);
    return found == traits_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool set(std::string_view trait) const {
    const TextSetting* found = find(trait);
    return found != nullptr && !found->value.empty() && found->value != "None";
  }
  [[nodiscard]] const TextSetting* on(std::string_view trait) const {
    const TextSetting* found = find(trait);
    return found != nullptr && (found->value == "True" || found->value == "1") ? found : nullptr;
  }
  [[nodiscard]] std::vector<Edit> switched_off(const TextSetting& setting) const {
    return mend_switch(text_of(in_.bytes()), setting.value_offset, false);
  }
  void report(const Rule& rule, const TextSetting& setting, std::string message,
              std::vector<Edit> edits = {}) {
    report_at(in_, rule, {.offset = setting.offset}, std::move(message),
              setting.key + " = '" + setting.value + "'", {}, std::move(edits));
  }

  Inspection& in_;
  const Traits& traits_;
};

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  Traits traits;
  if (looks_like_json(in.bytes())) {
    const auto config = parse_json_config(text, in.limits());
    if (!config || !config->documents.front().is_map())
      return fail(Code::Unsupported, "no Jupyter configuration");
    traits = json_traits(config->documents.front());
  } else {
    traits = python_traits(text);
  }
  if (traits.empty()) return fail(Code::Unsupported, "no Jupyter configuration");
  TraitsJudge(in, traits).judge();
  return {};
}

}  // namespace

const Inspector jupyter{
    .name = "jupyter",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
