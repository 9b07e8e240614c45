// Apache Airflow: airflow.cfg, webserver_config.py, and pipelines that hand a trigger's parameters to a
// shell.

#include <algorithm>
#include <array>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/python/lexer.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/airflow_rules.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kTemplatedShell{
    .id = "BW-AF-007",
    .title = "Airflow pipeline puts trigger parameters into a shell command",
    .severity = Severity::High,
    .atlas = "AML.T0050",
    .why = "Whoever may trigger the pipeline, in the page or through the API, runs commands on the worker.",
    .fix =
        "Pass the value through `env={\"NAME\": \"{{ dag_run.conf['name'] }}\"}` and use \"$NAME\" in the "
        "command.",
    .controls = "SC-CONF SC-CODE",
};
constexpr auto kRules = both(kAirflowRules, std::array{kTemplatedShell});

constexpr std::size_t kTokens = 400'000;
constexpr std::size_t kBeginning = 65536;

bool has(std::string_view text, std::string_view part) {
  return holds_text(text, part);
}

bool is_configuration(std::string_view text) {
  return has(text, "[core]") &&
         (has(text, "dags_folder") || has(text, "[webserver]") || has(text, "[scheduler]"));
}

bool is_pipeline(std::string_view text) {
  return (has(text, "BashOperator") || has(text, "task.bash")) && has(text, "airflow");
}

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), kBeginning)));
  const bool mine = is_configuration(text) || has(text, "AUTH_ROLE_PUBLIC") || is_pipeline(text);
  return mine ? Match::Weak : Match::No;
}

Match recognises_file(std::string_view path, Bytes) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "airflow.cfg" || name == "webserver_config.py" ? Match::Weak : Match::No;
}

std::string_view line_at(std::string_view text, std::uint64_t offset) {
  return trim(text.substr(offset, std::min<std::size_t>(text.find('\n', offset) - offset, 200)));
}

// `{{ … }}` that reads what a trigger may send.
bool takes_parameters(std::string_view command) {
  for (std::size_t at = command.find("{{"); at != std::string_view::npos; at = command.find("{{", at + 2)) {
    const std::string_view inside = command.substr(at, command.find("}}", at) - at);
    const bool parameter = has(inside, "dag_run.conf") || has(inside, "params.") || has(inside, "params[");
    if (parameter && !has(inside, "quote")) return true;
  }
  return false;
}

// @task.bash, @task.bash(…)
bool is_bash_task(const std::vector<python::Token>& tokens, std::size_t at) {
  return at + 3 < tokens.size() && tokens[at + 1].word("task") && tokens[at + 2].is(".") &&
         tokens[at + 3].word("bash");
}

// bash_command="…" of a BashOperator, and what a function under @task.bash returns.
void judge_pipeline(Inspection& in, std::string_view source) {
  const auto tokens = python::tokens_of(source, kTokens);
  bool bash_task = false;
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].is("@")) bash_task = is_bash_task(tokens, i);
    const bool argument = tokens[i].word("bash_command") && tokens[i + 1].is("=");
    const bool returned = bash_task && tokens[i].word("return");
    if (!argument && !returned) continue;
    std::size_t at = argument ? i + 2 : i + 1;
    while (at < tokens.size() && tokens[at].is("(")) ++at;
    std::string command;
    for (; at < tokens.size() && tokens[at].kind == python::Kind::String; ++at)
      command += python::literal_of(tokens[at].text).text;
    if (takes_parameters(command))
      report_at(in, kTemplatedShell, {.offset = tokens[i].offset},
                "parameters of the trigger reach the shell; pass them through `env=` and quote \"$NAME\"",
                command);
  }
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  if (!is_utf8(text.substr(0, 4096)) && has(text.substr(0, 4096), std::string_view("\0", 1)))
    return fail(Code::Unsupported, "no text");
  const std::string_view beginning = text.substr(0, kBeginning);
  if (is_pipeline(beginning)) judge_pipeline(in, text);
  if (is_configuration(beginning)) {
    for (const TextSetting& setting : read_ini(text, IniDialect::Python))
      judge_airflow_setting(in, {setting.section,
                                 setting.key,
                                 setting.value,
                                 line_at(text, setting.offset),
                                 {.offset = setting.offset},
                                 setting.value_offset});
  } else {
    for (const TextSetting& setting : read_python_settings(text))
      if (setting.key == "AUTH_ROLE_PUBLIC")
        judge_public_role(in, setting.value, line_at(text, setting.offset), {.offset = setting.offset});
  }
  return {};
}

}  // namespace

const Inspector airflow{
    .name = "airflow",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
