// Files that start servers: shell scripts, systemd units, Procfiles, Makefiles, environment files.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/service_settings.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr auto kRules = both(kLaunchRules, kSettingRules);

enum class Form : std::uint8_t { None, Script, Unit, Procfile, Makefile, Environment };

bool is_script(std::string_view text) {
  if (!text.starts_with("#!")) return false;
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.find("sh") != std::string_view::npos && line.find("python") == std::string_view::npos;
}

Form form_of_name(std::string_view path) {
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  if (name.ends_with(".sh") || name.ends_with(".bash")) return Form::Script;
  if (name.ends_with(".service")) return Form::Unit;
  if (name == "procfile" || name.starts_with("procfile.")) return Form::Procfile;
  if (name == "makefile" || name == "gnumakefile" || name.ends_with(".mk")) return Form::Makefile;
  if (name == ".env" || name.starts_with(".env.") || name.ends_with(".env")) return Form::Environment;
  return Form::None;
}

Form form_of(std::string_view path, std::string_view text) {
  if (is_script(text)) return Form::Script;
  const Form named = form_of_name(path);
  if (named != Form::None) return named;
  const std::string_view beginning = text.substr(0, 4096);
  const bool unit = beginning.find("[Service]") != std::string_view::npos &&
                    beginning.find("ExecStart=") != std::string_view::npos;
  return unit ? Form::Unit : Form::None;
}

Match recognises(Bytes content) {
  return form_of({}, text_of(content.first(std::min<std::size_t>(content.size(), 4096)))) == Form::None
             ? Match::No
             : Match::Weak;
}

Match recognises_file(std::string_view path, Bytes) {
  return form_of_name(path) == Form::None ? Match::No : Match::Weak;
}

// Variables that a script exports on lines of their own.
std::vector<Setting> exported(std::string_view script) {
  std::vector<Setting> settings;
  for (const SimpleCommand& command : parse_shell(script).commands) {
    const bool exports = !command.words.empty() && command.words[0].text == "export";
    if (!exports && !command.words.empty()) continue;
    const auto add = [&](const ShellWord& word) {
      const std::string_view name = assigned_name(word.text);
      if (!name.empty())
        settings.push_back({std::string(name), word.text.substr(name.size() + 1), {.offset = word.offset}});
    };
    if (exports) {
      for (const ShellWord& word : command.words) add(word);
    } else {
      for (const ShellWord& word : command.assignments) add(word);
    }
  }
  return settings;
}

void judge_shell(Inspection& in, std::string_view text) {
  const std::vector<Setting> settings = exported(text);
  judge_settings(in, settings);
  judge_script(in, text, 0, {.words = {}, .environment = settings, .place = {}});
}

void judge_unit(Inspection& in, std::string_view text) {
  const std::vector<TextSetting> unit = read_ini(text, IniDialect::Systemd);
  std::vector<Setting> settings;
  for (const TextSetting& line : unit) {
    if (line.key != "Environment") continue;
    // `Environment="A=1" B=2`
    for (const SimpleCommand& command : parse_shell(line.value).commands)
      for (const std::vector<ShellWord>& words : {command.assignments, command.words})
        for (const ShellWord& word : words)
          if (const std::string_view name = assigned_name(word.text); !name.empty())
            settings.push_back({std::string(name),
                                word.text.substr(name.size() + 1),
                                {.offset = line.value_offset + word.offset}});
  }
  judge_settings(in, settings);
  for (const TextSetting& line : unit) {
    if (!line.key.starts_with("ExecStart")) continue;
    const std::size_t prefix = std::min(line.value.find_first_not_of("@-:+!"), line.value.size());
    judge_script(in, std::string_view(line.value).substr(prefix), line.value_offset + prefix,
                 {.words = {}, .environment = settings, .place = {}});
  }
}

// `name: command`
void judge_procfile(Inspection& in, std::string_view text) {
  std::size_t at = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && !line.starts_with('#'))
      judge_script(in, line.substr(colon + 1), at + colon + 1, {.words = {}, .environment = {}, .place = {}});
    at += line.size() + 1;
  }
}

// Recipe lines start with a tab; a backslash continues them.
void judge_makefile(Inspection& in, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (text[at] == '\t') {
      while (end > at && text[end - 1] == '\\' && end < text.size())
        end = std::min(text.find('\n', end + 1), text.size());
      std::size_t begin = at + 1;
      while (begin < end && (text[begin] == '@' || text[begin] == '-' || text[begin] == '+')) ++begin;
      judge_script(in, text.substr(begin, end - begin), begin, {.words = {}, .environment = {}, .place = {}});
    }
    at = end + 1;
  }
}

void judge_environment(Inspection& in, std::string_view text) {
  std::vector<Setting> settings;
  for (TextSetting& line : read_environment_file(text))
    settings.push_back({std::move(line.key), std::move(line.value), {.offset = line.offset}});
  judge_settings(in, settings);
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const Artifact& artifact = in.artifact();
  const std::string_view path =
      artifact.origin.empty() ? std::string_view(artifact.path) : artifact.origin.back();
  if (text.substr(0, 4096).find('\0') != std::string_view::npos) return fail(Code::Unsupported, "no text");
  switch (form_of(path, text)) {
    case Form::None: return fail(Code::Unsupported, "no launch script");
    case Form::Script: judge_shell(in, text); break;
    case Form::Unit: judge_unit(in, text); break;
    case Form::Procfile: judge_procfile(in, text); break;
    case Form::Makefile: judge_makefile(in, text); break;
    case Form::Environment: judge_environment(in, text); break;
  }
  return {};
}

}  // namespace

const Inspector launch_scripts{
    .name = "launch_scripts",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
