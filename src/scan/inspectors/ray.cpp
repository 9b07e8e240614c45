// Ray in Python (`ray.init`) and in YAML: cluster files of the autoscaler, Serve configurations, RayCluster
// resources.

#include <algorithm>
#include <array>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/python/lexer.h"
#include "scan/formats/yaml_source.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/ray_environment.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kRules = kLaunchRules;
constexpr std::size_t kTokens = 400'000;

std::string_view beginning(Bytes content) {
  return text_of(content.first(std::min<std::size_t>(content.size(), 65536)));
}

bool is_python(std::string_view text) {
  if (!holds_text(text, "dashboard_host") && !holds_text(text, "runtime_env")) return false;
  return std::ranges::any_of(split(text, '\n'), [](std::string_view line) {
    const std::string_view statement = trim(line);
    return statement.starts_with("import ray") || statement.starts_with("from ray");
  });
}

bool is_yaml(std::string_view text) {
  for (const std::string_view key :
       {"rayStartParams:", "head_start_ray_commands:", "runtime_env:", "runtimeEnvYAML:"})
    if (holds_text(text, key)) return true;
  return false;
}

Match recognises(Bytes content) {
  const std::string_view text = beginning(content);
  return is_python(text) || (is_yaml(text) && looks_like_yaml(content)) ? Match::Weak : Match::No;
}

bool asks_for_token(std::string_view text) {
  const std::size_t at = text.find("RAY_AUTH_MODE");
  return at != std::string_view::npos && text.substr(at, 64).find("token") != std::string_view::npos;
}

void judge_dashboard(Inspection& in, std::uint64_t offset, std::string evidence) {
  report_at(in, kRayDashboard, {.offset = offset},
            "dashboard and Jobs API listen on every interface; bind 127.0.0.1, or set RAY_AUTH_MODE=token",
            std::move(evidence));
}

// runtime_env={"working_dir": "https://…", "pip": ["x"]}: strings by the key before them.
void judge_runtime_env(Inspection& in, const std::vector<python::Token>& tokens, std::size_t at) {
  int open = 0;
  std::string key;
  for (; at < tokens.size(); ++at) {
    const python::Token& token = tokens[at];
    if (token.is("{") || token.is("[") || token.is("(")) ++open;
    if (token.is("}") || token.is("]") || token.is(")")) --open;
    if (open <= 0) return;
    if (token.kind != python::Kind::String) continue;
    const std::string text = python::literal_of(token.text).text;
    if (at + 1 < tokens.size() && tokens[at + 1].is(":")) {
      key = text;
    } else if ((key == "working_dir" || key == "py_modules") && is_changing_archive(text)) {
      report_at(in, kRayRemoteCode, {.offset = token.offset},
                key + " comes from " + text + ", which can change", text);
    } else if (key == "pip" || key == "packages" || key == "uv") {
      const bool pinned = text.find("==") != std::string::npos || text.find('/') != std::string::npos ||
                          text.ends_with(".txt");
      if (!pinned)
        report_at(in, kRayRemoteCode, {.offset = token.offset},
                  "package " + text + " is not pinned; write `" + text + "==VERSION`", text);
    }
  }
}

void judge_python(Inspection& in, std::string_view source) {
  const bool token_mode = asks_for_token(source);
  const auto tokens = python::tokens_of(source, kTokens);
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!tokens[i + 1].is("=")) continue;
    if (tokens[i].word("dashboard_host") && tokens[i + 2].kind == python::Kind::String && !token_mode &&
        is_every_interface(python::literal_of(tokens[i + 2].text).text))
      judge_dashboard(in, tokens[i].offset, "dashboard_host=" + std::string(tokens[i + 2].text));
    if (tokens[i].word("runtime_env") && tokens[i + 2].is("{")) judge_runtime_env(in, tokens, i + 2);
  }
}

void judge_yaml(Inspection& in, const Document& root, std::string_view text) {
  const bool token_mode = asks_for_token(text);
  for_each_value(root, [&](const ConfigValue& at) {
    const Document& value = *at.value;
    if (at.key == "dashboard-host" && is_every_interface(value.string) && !token_mode)
      judge_dashboard(in, value.offset, "dashboard-host: " + value.string);
    const bool commands = at.key == "head_start_ray_commands" || at.key == "worker_start_ray_commands";
    if (commands && value.is_string()) {
      for (const SimpleCommand& command : parse_shell(value.string).commands)
        judge_command_line(in,
                           {.words = command.words, .environment = {}, .place = [&](const ShellWord& word) {
                              return Place{.offset = offset_of_piece(text, value, word.text)};
                            }});
    }
    if (at.key == "runtime_env" && value.is_map())
      for (const ChangingSource& source : changing_sources(value))
        report_at(in, kRayRemoteCode, place_of(*source.value), source.message, source.value->string);
    if (at.key == "runtimeEnvYAML" && value.is_string()) {
      const auto inner = parse_yaml(value.string, in.limits());
      if (!inner || inner->empty()) return;
      for (const ChangingSource& source : changing_sources(inner->front()))
        report_at(in, kRayRemoteCode, place_of(value), source.message, source.value->string);
    }
  });
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  if (is_python(beginning(in.bytes()))) {
    judge_python(in, text);
    return {};
  }
  const auto documents = parse_yaml_stream(text, in.limits());
  if (!documents) return fail(Code::Unsupported, "no YAML");  // what is broken YAML says so elsewhere
  for (const Document& document : *documents) judge_yaml(in, document, text);
  return {};
}

}  // namespace

const Inspector ray{
    .name = "ray",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
