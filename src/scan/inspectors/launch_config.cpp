#include "scan/inspectors/launch_config.h"

#include <algorithm>

#include "base/text.h"
#include "scan/inspectors/service_settings.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan::inspectors {
namespace {

std::vector<Setting> environment_of(const Document& container) {
  std::vector<Setting> settings;
  for (const Document& variable : list_under(container, "env")) {
    const Document* value = variable.find("value");
    if (value == nullptr || is_placeholder(value->string)) continue;
    settings.push_back({std::string(variable.text("name")), value->string, {.offset = value->offset}});
  }
  return settings;
}

// Literal credentials (BW-K8-010) and remote code (BW-KS-004) have rules of their own in a manifest.
bool is_judged_elsewhere(const Setting& setting) {
  return is_literal_credential(setting.name, setting.value) ||
         lower(setting.name).ends_with("trust_remote_code");
}

class ContainerJudge {
 public:
  ContainerJudge(const ConfigReport& report, const Document& container)
      : report_(report), container_(container), environment_(environment_of(container)) {}

  void judge(const Rule& remote_code) {
    judge_command();
    if (const Document* source = container_.find("source")) judge_source(*source, remote_code);
    std::erase_if(environment_, is_judged_elsewhere);
    judge_settings(report_.inspection(), environment_);
  }

 private:
  void judge_command() {
    const std::vector<Document>& command = list_under(container_, "command");
    const std::vector<Document>& arguments = list_under(container_, "args");
    std::vector<const Document*> written;
    for (const auto* list : {&command, &arguments})
      for (const Document& word : *list)
        if (!word.is_map() && !word.is_list()) written.push_back(&word);
    if (written.empty()) return;
    std::vector<ShellWord> words;
    // The image's own program is only implied in front of options.
    if (command.empty() && written.front()->string.starts_with('-'))
      words = implied_program(container_.text("image"));
    const std::size_t implied = words.size();
    for (const Document* word : written) {
      words.emplace_back();
      words.back().text = word->string;
      words.back().offset = word->offset;
    }
    // The caller has searched these words for the option, whole scripts among them.
    CommandLine line{.words = words, .environment = environment_, .place = {}, .remote_code_judged = true};
    if (const ShellWord* script = shell_text(without_wrappers(words))) {
      const auto at = static_cast<std::size_t>(script - words.data());
      return judge_script_in(report_, *written[at - implied], line);
    }
    line.place = [&](const ShellWord& word) {
      return Place{.offset = word.offset == 0 ? written.front()->offset : word.offset};
    };
    judge_command_line(report_.inspection(), line);
  }

  // The script of an Argo step: `command` names what runs it.
  void judge_source(const Document& source, const Rule& remote_code) {
    const std::vector<Document>& command = list_under(container_, "command");
    const std::string program = command.empty() ? std::string("sh") : program_of(command.front().string);
    if (!source.is_string() || !program.ends_with("sh")) return;
    judge_script_in(report_, source,
                    {.words = {}, .environment = environment_, .place = {}, .remote_code = &remote_code});
  }

  const ConfigReport& report_;
  const Document& container_;
  std::vector<Setting> environment_;
};

}  // namespace

void judge_script_in(const ConfigReport& report, const Document& script, const CommandLine& options) {
  if (!script.is_string()) return;
  CommandLine line = options;
  std::uint64_t from = script.offset;
  line.place = [&](const ShellWord& word) {
    const std::string_view piece = std::string_view(script.string).substr(word.offset, word.length);
    const std::uint64_t at = offset_of_piece(report.text(), script, piece.substr(0, piece.find('\n')), from);
    // The next word may stand before this one in the same line.
    constexpr std::uint64_t kLine = 512;
    const std::uint64_t back = at > script.offset + kLine ? at - kLine : script.offset;
    const std::size_t end = report.text().substr(0, at).substr(back).rfind('\n');
    from = std::max(from, end == std::string_view::npos ? back : back + end);
    return Place{.offset = at};
  };
  judge_script(report.inspection(), script.string, 0, line);
}

void judge_containers(const ConfigReport& report, const Pod& pod, const Rule& remote_code) {
  for (const Container& container : pod.containers)
    ContainerJudge(report, *container.value).judge(remote_code);
}

}  // namespace bulwark::scan::inspectors
