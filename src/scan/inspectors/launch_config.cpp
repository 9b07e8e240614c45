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
    const std::string name(variable.text("name"));
    // What comes from elsewhere is set all the same.
    if (value != nullptr || variable.find("valueFrom") != nullptr)
      settings.push_back({name,
                          value != nullptr ? value->string : "${" + name + "}",
                          {.offset = value != nullptr ? value->offset : variable.offset}});
  }
  return settings;
}

// Literal credentials (BW-K8-010) and remote code (BW-KS-004) have rules of their own in a manifest; that
// they are set still matters to other rules.
void leave_to_others(std::vector<Setting>& settings) {
  std::erase_if(settings, [](const Setting& one) { return lower(one.name).ends_with("trust_remote_code"); });
  for (Setting& one : settings)
    if (is_literal_credential(one.name, one.value)) one.value = "${" + one.name + "}";
}

// Where the lines of a block scalar begin in the text around it. Questions that come in order cost one pass.
class LineWalk {
 public:
  LineWalk(std::string_view text, const Document& script) : text_(text), script_(script) { restart(); }

  // `at`: offset in the script. In a scalar of another kind the start of the scalar.
  std::uint64_t start_of_line(std::uint64_t at) {
    if (!is_block()) return script_.offset;
    if (at < read_) restart();
    const std::string_view string = script_.string;
    for (std::size_t end = string.find('\n', read_); end < at; end = string.find('\n', read_)) {
      read_ = end + 1;
      next_line();
    }
    return source_;
  }

 private:
  // A line of a literal scalar is one of the text; a folded one has more of them there.
  [[nodiscard]] bool is_block() const {
    return script_.offset < text_.size() && (text_[script_.offset] == '|' || text_[script_.offset] == '>');
  }
  void restart() {
    read_ = 0;
    source_ = script_.offset;
    if (is_block()) next_line();
  }
  void next_line() { source_ = std::min(text_.find('\n', source_), text_.size() - 1) + 1; }

  std::string_view text_;
  const Document& script_;
  std::uint64_t read_ = 0;    // the script up to here
  std::uint64_t source_ = 0;  // is the text up to there
};

class ContainerJudge {
 public:
  ContainerJudge(const ConfigReport& report, const Document& container)
      : report_(report), container_(container), environment_(environment_of(container)) {}

  void judge(const Rule& remote_code) {
    judge_command();
    if (const Document* source = container_.find("source")) judge_source(*source, remote_code);
    leave_to_others(environment_);
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
  LineWalk walk(report.text(), script);
  line.place = [&](const ShellWord& word) {
    const std::string_view piece = std::string_view(script.string).substr(word.offset, word.length);
    return Place{.offset = offset_of_piece(report.text(), script, piece.substr(0, piece.find('\n')),
                                           walk.start_of_line(word.offset))};
  };
  judge_script(report.inspection(), script.string, 0, line);
}

void judge_containers(const ConfigReport& report, const Pod& pod, const Rule& remote_code) {
  for (const Container& container : pod.containers)
    ContainerJudge(report, *container.value).judge(remote_code);
}

}  // namespace bulwark::scan::inspectors
