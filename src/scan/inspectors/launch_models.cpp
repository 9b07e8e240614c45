// Servers that load models: TorchServe, Triton, vLLM, SGLang, LMDeploy, Text Generation Inference.

#include <algorithm>

#include "base/text.h"
#include "scan/inspectors/launch_options.h"
#include "scan/inspectors/server_rules.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

bool is_commit(std::string_view text) {
  return text.size() == 40 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "organisation/model": a repository of the hub, no path and no variable.
bool is_hub_name(std::string_view model) {
  if (model.empty() || model.find_first_of("$:\\{}<> ") != std::string_view::npos) return false;
  if (model.front() == '/' || model.front() == '.' || model.front() == '~') return false;
  return std::ranges::count(model, '/') == 1 && !model.ends_with('/');
}

// `--http-restricted-api=model-repository,statistics:key=value`, any number of them.
bool restricts(const LaunchOptions& options, std::string_view option, std::string_view protocol) {
  const auto words = options.words();
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view value = words[i].text;
    if (!value.starts_with(option)) continue;
    value.remove_prefix(option.size());
    if (value.empty() && i + 1 < words.size()) value = words[i + 1].text;
    if (value.starts_with('=')) value.remove_prefix(1);
    for (const std::string_view name : split(value.substr(0, value.find(':')), ','))
      if (trim(name) == protocol) return true;
  }
  return false;
}

bool is_off(const std::optional<LaunchOption>& option) {
  const std::string value = option ? lower(option->value) : "";
  return value == "false" || value == "0" || value == "off";
}

bool listens_locally(const std::optional<LaunchOption>& address) {
  return address && is_loopback(address->value);
}

void judge_remote_code(const LaunchOptions& options) {
  const auto trusts = options.enabled({"--trust-remote-code"});
  if (!trusts || options.line().remote_code_judged) return;
  const Rule& rule = options.line().remote_code != nullptr ? *options.line().remote_code : kRemoteCode;
  options.report(rule, *trusts->word,
                 "code of the model's repository is run; drop `" + trusts->word->text + "`");
}

void judge_revision(const LaunchOptions& options, const ShellWord* at, std::string_view model) {
  const auto revision = options.find({"--revision"});
  if (at == nullptr || !is_hub_name(model)) return;
  if (revision && (is_commit(revision->value) || revision->value.find('$') != std::string::npos)) return;
  options.report(kUnpinnedModel, *at,
                 "no commit is named for " + std::string(model) + "; add `--revision COMMIT`");
}

void judge_key(const LaunchOptions& options) {
  const auto key = options.find({"--api-key"});
  if (key && secret_value(key->value) == SecretValue::Literal)
    options.report(kKeyOnCommandLine, *key->word,
                   "API key " + masked_secret(key->value) +
                       " stands on the command line; write `--api-key $VLLM_API_KEY`");
}

}  // namespace

void judge_torchserve(const LaunchOptions& options) {
  if (const auto off = options.enabled({"--disable-token-auth", "--disable-token"}))
    options.report(kTorchServeToken, *off->word, "drop `" + off->word->text + "`");
  if (const auto api = options.enabled({"--enable-model-api"}))
    options.report(kTorchServeModelApi, *api->word,
                   "drop `" + api->word->text + "` and list the models with `--models`");
}

void judge_triton(const LaunchOptions& options, const ShellWord& program) {
  const bool http = !is_off(options.find({"--allow-http"}));
  const bool grpc = !is_off(options.find({"--allow-grpc"}));
  const bool local_http = listens_locally(options.find({"--http-address"}));
  const bool local_grpc = listens_locally(options.find({"--grpc-address"}));
  const bool reachable = options.line().reachable;
  const auto open_to = [&](std::string_view protocol) {
    const bool by_http = http && !local_http && !restricts(options, "--http-restricted-api", protocol);
    const bool by_grpc = grpc && !local_grpc && !restricts(options, "--grpc-restricted-protocol", protocol);
    return std::pair(by_http, by_grpc);
  };
  const auto mode = options.find({"--model-control-mode"});
  const bool dynamic = mode && (mode->value == "poll" || mode->value == "explicit");
  if (const auto [by_http, by_grpc] = open_to("model-repository");
      dynamic && (by_http || by_grpc) && reachable)
    options.report(kTritonControl, *mode->word,
                   "models are loaded at run time (" + mode->value + ") for anybody who asks by " +
                       (by_http && by_grpc ? "HTTP or gRPC"
                        : by_http          ? "HTTP"
                                           : "gRPC") +
                       "; write `--model-control-mode=none` instead");
  if (!reachable) return;
  // Without an address every interface is meant, but the pod around the server may be the border.
  const bool said_http = options.find({"--http-address"}).has_value();
  const bool said_grpc = options.find({"--grpc-address"}).has_value();
  for (const std::string_view protocol : {"shared-memory", "model-config", "statistics", "trace"}) {
    const auto [by_http, by_grpc] = open_to(protocol);
    if (!by_http && !by_grpc) continue;
    options.report(
        kTritonAdmin, program,
        "protocol " + std::string(protocol) + " is open to everyone by " +
            (by_http ? "HTTP; add `--http-restricted-api=" : "gRPC; add `--grpc-restricted-protocol=") +
            std::string(protocol) + ":KEY=SECRET`",
        said_http || said_grpc ? Severity::Medium : Severity::Low);
    break;
  }
  if (grpc && !local_grpc && !options.enabled({"--grpc-use-ssl"}))
    options.report(kTritonPlainGrpc, program, "gRPC is served without TLS; add `--grpc-use-ssl=true`",
                   said_grpc ? Severity::Medium : Severity::Low);
}

void judge_vllm(const LaunchOptions& options, const ShellWord& program) {
  judge_remote_code(options);
  judge_key(options);
  const auto host = options.find({"--host", "--server-name"});
  // Without --host vLLM binds every interface, SGLang and LMDeploy do not.
  const bool vllm = program.text.find("vllm") != std::string::npos;
  const bool everywhere = host ? is_every_interface(default_of(host->value)) : vllm;
  const bool has_key =
      options.find({"--api-key", "--api-keys"}) || options.setting("VLLM_API_KEY") != nullptr;
  if (everywhere && !has_key && options.line().reachable)
    options.report(kNoApiKey, host ? *host->word : program,
                   "server listens on every interface and asks for no key; write `--host 127.0.0.1` or set "
                   "VLLM_API_KEY");
  if (const auto media = options.find({"--allowed-local-media-path"}); media && !media->value.empty())
    options.report(kLocalMedia, *media->word,
                   "clients may have files below " + media->value + " read; drop `" + media->word->text + "`",
                   media->value == "/" ? Severity::High : Severity::Medium);
  if (const auto format = options.find({"--load-format"});
      format && (format->value == "pt" || format->value == "npcache"))
    options.report(kPickledWeights, *format->word,
                   "weights are unpickled; write `--load-format safetensors` instead");
  if (const auto model = options.find({"--model", "--model-path"}))
    return judge_revision(options, model->word, model->value);
  const auto words = options.words();
  if (words.size() > 1 && words[0].text == "serve") judge_revision(options, &words[1], words[1].text);
}

void judge_tgi(const LaunchOptions& options, const ShellWord& program) {
  judge_remote_code(options);
  judge_key(options);
  const auto host = options.find({"--hostname"});
  const bool everywhere = !host || is_every_interface(default_of(host->value));
  const bool has_key = options.find({"--api-key"}) || options.setting("API_KEY") != nullptr;
  if (everywhere && !has_key && options.line().reachable)
    options.report(
        kNoApiKey, host ? *host->word : program,
        "server listens on every interface and asks for no key; write `--hostname 127.0.0.1` or set API_KEY");
  if (const auto model = options.find({"--model-id"})) judge_revision(options, model->word, model->value);
}

}  // namespace bulwark::scan
