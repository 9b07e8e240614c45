// Dockerfiles: what the image runs as, where it comes from, what is left inside, and what the build trusts.

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <set>

#include "base/glob.h"
#include "base/text.h"
#include "scan/formats/dockerfile.h"
#include "scan/formats/image_reference.h"
#include "scan/inspectors/dockerfile_commands.h"
#include "scan/inspectors/dockerfile_rules.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"
#include "scan/inspectors/service_settings.h"
#include "scan/inspectors/siblings.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr auto kRules = both(both(kDockerfileRules, kLaunchRules), kSettingRules);

Match recognises(Bytes content) {
  return looks_like_dockerfile(text_of(content)) ? Match::Weak : Match::No;
}

Match recognises_file(std::string_view path, Bytes content) {
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  constexpr std::string_view kOther[] = {".md",   ".rst",          ".txt",  ".sh", ".py",   ".yml", ".yaml",
                                         ".json", ".dockerignore", ".html", ".j2", ".tmpl", ".lock"};
  if (std::ranges::any_of(kOther, [&](std::string_view ending) { return name.ends_with(ending); }))
    return Match::No;
  // dockerfile.cpp is about Dockerfiles; Dockerfile.go may be one, if it reads like one.
  constexpr std::string_view kSource[] = {".cpp", ".cc", ".h",  ".hpp", ".c",    ".go",  ".js", ".ts",
                                          ".rs",  ".rb", ".cs", ".kt",  ".java", ".tsv", ".csv"};
  if (std::ranges::any_of(kSource, [&](std::string_view ending) { return name.ends_with(ending); }))
    return recognises(content);
  const bool named = name == "dockerfile" || name == "containerfile" || name.starts_with("dockerfile.") ||
                     name.starts_with("containerfile.") || name.starts_with("dockerfile-") ||
                     name.starts_with("dockerfile_") || name.ends_with(".dockerfile") ||
                     name.ends_with(".containerfile");
  return named ? Match::Weak : Match::No;
}

Place place_at(std::uint64_t offset) {
  return {.offset = offset};
}

bool is_root(std::string_view user) {
  const std::string_view name = trim(user.substr(0, user.find(':')));
  return name == "root" || (!name.empty() && name.find_first_not_of('0') == std::string_view::npos);
}

// Images whose makers have set an ordinary user.
bool has_ordinary_user(const std::string& image) {
  constexpr std::string_view kPrefixes[] = {"jupyter/",
                                            "quay.io/jupyter/",
                                            "apache/airflow",
                                            "bitnami/",
                                            "docker.io/bitnami/",
                                            "cgr.dev/",
                                            "grafana/grafana",
                                            "rayproject/",
                                            "quay.io/keycloak/",
                                            "apache/spark",
                                            "pytorch/torchserve",
                                            "mcr.microsoft.com/windows",
                                            "mcr.microsoft.com/dotnet/framework",
                                            "selenium/",
                                            "kubeflownotebookswg/",
                                            "ghcr.io/mlflow/unprivileged",
                                            "nginxinc/nginx-unprivileged",
                                            "jenkins/jenkins",
                                            "registry.access.redhat.com/ubi8/python",
                                            "registry.access.redhat.com/ubi9/python",
                                            "ghcr.io/astral-sh/nonroot"};
  if (std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return image.starts_with(prefix); }))
    return true;
  return image.find("nonroot") != std::string::npos || image.find("rootless") != std::string::npos ||
         image.find("unprivileged") != std::string::npos;
}

// Ports of interfaces that run code or change models, and what tells that the image has that server.
struct AdminPort {
  int port;
  std::string_view server;
  std::string_view mark;  // empty: nothing else uses the port
};
constexpr AdminPort kAdminPorts[] = {{8081, "TorchServe's management API", "torchserve"},
                                     {8082, "TorchServe's metrics", "torchserve"},
                                     {8265, "Ray's dashboard and Jobs API", ""},
                                     {10001, "Ray's client server", ""},
                                     {8888, "Jupyter", ""},
                                     {5000, "MLflow", "mlflow"},
                                     {6006, "TensorBoard", "tensorboard"},
                                     {4040, "Spark's web interface", "spark"}};

class DockerfileJudge {
 public:
  DockerfileJudge(Inspection& in, const Dockerfile& file) : in_(in), file_(file) {}

  void judge() {
    collect_environments();
    collect_copied();
    for (const DockerInstruction& instruction : file_.instructions) judge_instruction(instruction);
    for (std::size_t stage = 0; stage < file_.stages.size(); ++stage) {
      judge_base(stage);
      judge_start(stage);
    }
    if (file_.stages.empty()) return;
    judge_user(file_.stages.size() - 1);
    for (std::size_t stage = 0; stage < file_.stages.size(); ++stage)
      judge_settings(in_, settings_of(file_.stages[stage]));
  }

 private:
  [[nodiscard]] std::string_view text() const { return text_of(in_.bytes()); }
  [[nodiscard]] std::string_view line_of(const DockerInstruction& instruction) const {
    return text().substr(instruction.offset, std::min<std::uint64_t>(instruction.length, 200));
  }

  void report(const Rule& rule, std::uint64_t offset, std::string message, std::string_view evidence,
              std::optional<Severity> severity = {}) {
    in_.report(rule, {.place = place_at(offset),
                      .text = text_of(in_.bytes()),
                      .message = std::move(message),
                      .evidence = std::string(evidence),
                      .severity = severity});
  }

  void judge_instruction(const DockerInstruction& instruction) {
    const std::string& keyword = instruction.keyword;
    if (keyword == "RUN") judge_run_instruction(instruction);
    if (keyword == "ENV" || keyword == "ARG") judge_variables(instruction);
    if (keyword == "COPY" || keyword == "ADD") judge_copy(instruction);
    if (keyword == "EXPOSE" && instruction.stage + 1 >= file_.stages.size()) judge_expose(instruction);
  }

  // --- FROM

  void judge_base(std::size_t index) {
    const DockerStage& stage = file_.stages[index];
    const DockerInstruction& from = file_.instructions[stage.from];
    if (stage.parent || stage.written.empty()) return;
    const std::string image = expanded(file_, kBeforeStages, stage.written);
    if (lower(image) == "scratch" || image.empty()) return;
    // What only the build knows may be the tag or the digest; before the last slash it is neither.
    const std::size_t unknown = image.rfind(kUnknownValue);
    if (unknown != std::string::npos && (image.rfind('/') == std::string::npos || unknown > image.rfind('/')))
      return;
    std::string known = image;
    std::ranges::replace(known, kUnknownValue, 'x');
    const auto reference = parse_image_reference(known);
    if (!reference || reference->pinned()) return;
    const std::uint64_t offset = from.words.empty() ? from.offset : from.words[0].offset;
    if (reference->mutable_tag())
      report(kMutableBase, offset,
             stage.written +
                 (reference->tag.empty() ? " has no tag, so latest is taken" : " moves with every release") +
                 "; write `FROM " + without_tag(stage.written) + ":VERSION@sha256:DIGEST` instead",
             line_of(from));
    report(kUnpinnedBase, offset,
           stage.written + " can be pushed again; write `FROM " +
               (reference->tag.empty() ? without_tag(stage.written) + ":VERSION" : stage.written) +
               "@sha256:DIGEST` instead",
           line_of(from));
  }

  static std::string without_tag(std::string_view image) {
    const std::size_t slash = image.rfind('/');
    const std::size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
    return std::string(image.substr(0, colon));
  }

  // --- USER

  // The last USER of the stage or of those it continues.
  [[nodiscard]] const DockerInstruction* user_of(std::size_t stage) const {
    for (std::optional<std::size_t> at = stage; at; at = file_.stages[*at].parent)
      if (const DockerInstruction* found = last(*at, "USER")) return found;
    return nullptr;
  }

  [[nodiscard]] const DockerInstruction* last(std::size_t stage, std::string_view keyword) const {
    const DockerInstruction* found = nullptr;
    for (std::size_t i = file_.stages[stage].from; i < file_.instructions.size(); ++i) {
      const DockerInstruction& one = file_.instructions[i];
      if (one.stage != stage) break;
      if (one.keyword == keyword && !one.on_build) found = &one;
    }
    return found;
  }

  void judge_user(std::size_t stage) {
    if (gives_up_root(stage)) return;
    if (const DockerInstruction* user = user_of(stage)) {
      const std::string name = user->words.empty() ? "" : expanded(file_, user->stage, user->words[0].text);
      if (is_root(name))
        report(kRootUser, user->offset, "the last USER is " + name + "; write `USER 10001` instead",
               line_of(*user));
      return;
    }
    std::size_t root = stage;
    while (file_.stages[root].parent) root = *file_.stages[root].parent;
    const DockerStage& base = file_.stages[root];
    if (!base.image) return;  // only the build knows what it is
    if (has_ordinary_user(*base.image)) return;
    const bool runs = last(stage, "CMD") != nullptr || last(stage, "ENTRYPOINT") != nullptr;
    if (*base.image == "scratch" && !runs) return;  // carries files, starts nothing
    const DockerInstruction& from = file_.instructions[file_.stages[stage].from];
    report(kRootUser, from.offset,
           "no USER in the last stage, so it runs as root; add `USER 10001` before CMD", line_of(from));
  }

  // The entry point itself changes to another account: gosu, su-exec, setpriv.
  [[nodiscard]] bool gives_up_root(std::size_t stage) const {
    for (const std::string_view keyword : {"ENTRYPOINT", "CMD"}) {
      const DockerInstruction* start = last(stage, keyword);
      if (start == nullptr) continue;
      for (const ShellWord& word : words_of(*start)) {
        const std::string program = program_of(word.text);
        if (program == "gosu" || program == "su-exec" || program == "setpriv" || program == "s6-setuidgid")
          return true;
      }
    }
    return false;
  }

  // --- ENV, ARG

  void judge_variables(const DockerInstruction& instruction) {
    const bool argument = instruction.keyword == "ARG";
    const auto& words = instruction.words;
    const bool old_form = !words.empty() && words[0].text.find('=') == std::string::npos &&
                          words.size() > 1 && (!argument || is_value(words[1].text));
    if (old_form) {
      std::string value;
      for (std::size_t i = 1; i < words.size(); ++i) value += (i > 1 ? " " : "") + words[i].text;
      return judge_variable(instruction, words[0].text, value, true, words[0].offset);
    }
    for (const ShellWord& word : words) {
      const std::size_t equals = word.text.find('=');
      const bool has_value = equals != std::string::npos;
      judge_variable(instruction, word.text.substr(0, equals), has_value ? word.text.substr(equals + 1) : "",
                     has_value, word.offset);
    }
  }

  // `ARG NAME value` is not valid, but it is what its author meant; `ARG A B` names two.
  static bool is_value(std::string_view text) {
    return text.find_first_of("0123456789") == 0 || text == "true" || text == "false";
  }

  void judge_variable(const DockerInstruction& instruction, const std::string& name, const std::string& value,
                      bool has_value, std::uint64_t offset) {
    judge_build_variable(in_, name, value, place_at(offset));
    judge_secret(instruction, name, value, has_value, offset);
    const std::string low = lower(value);
    const bool on = low == "1" || low == "true" || low == "yes";
    if (instruction.keyword == "ENV" && on &&
        (name == "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD" || name == "TRUST_REMOTE_CODE" ||
         name == "HF_TRUST_REMOTE_CODE"))
      report(kUnsafeStart, offset, name + " is set for whatever the image runs; drop it", name + "=" + value);
  }

  void judge_secret(const DockerInstruction& instruction, const std::string& name, const std::string& value,
                    bool has_value, std::uint64_t offset) {
    const std::string advice =
        "; use `RUN --mount=type=secret,id=" + lower(name) + "` in the build and the environment at run time";
    if (names_credential_file(name) && has_value && is_copied(value)) {
      report(kBakedSecret, offset, "the file that " + name + " names is copied into the image" + advice,
             name + "=" + value, Severity::Medium);
    }
    if (!names_credential(name) || names_credential_file(name)) return;
    const SecretValue kind = secret_value(value);
    if (kind == SecretValue::Literal) {
      report(kBakedSecret, offset, "the value of " + name + " stays in the image" + advice,
             name + "=" + masked_secret(value));
    } else if (!has_value || kind == SecretValue::Placeholder || kind == SecretValue::Reference) {
      // Nothing is given away yet, but whoever fills it in bakes it into the image's history.
      if (instruction.keyword == "ARG" || has_value)
        report(kBakedSecret, offset,
               "whatever " + name + " is built with stays in the image's history" + advice,
               name + (has_value ? "=" + value : ""), Severity::Low);
    }
  }

  void collect_copied() {
    for (const DockerInstruction& one : file_.instructions) {
      if ((one.keyword != "COPY" && one.keyword != "ADD") || one.words.size() < 2 ||
          one.flag("--from") != nullptr)
        continue;
      std::string target = one.words.back().text;
      if (target.starts_with("./")) target = target.substr(1);
      if (!target.starts_with('/') || target == "/") continue;
      if (!target.ends_with('/')) target += '/';
      copied_.insert(std::move(target));
    }
  }

  // The file lies below the target of a COPY of whole folders.
  [[nodiscard]] bool is_copied(std::string_view path) const {
    constexpr std::size_t kDeepest = 64;
    std::string wanted(path.substr(0, 4096));
    if (wanted.starts_with("./")) wanted = wanted.substr(1);
    if (!wanted.starts_with('/')) wanted = "/" + wanted;
    std::size_t slash = wanted.find('/', 1);
    for (std::size_t depth = 0; slash != std::string::npos && depth < kDeepest; ++depth) {
      if (copied_.contains(std::string_view(wanted).substr(0, slash + 1))) return true;
      slash = wanted.find('/', slash + 1);
    }
    return false;
  }

  // --- COPY, ADD

  void judge_copy(const DockerInstruction& instruction) {
    for (const DockerHeredoc& heredoc : instruction.heredocs)
      in_.child(heredoc.target.empty() ? heredoc.delimiter : heredoc.target,
                in_.bytes().subspan(heredoc.offset, heredoc.length));
    if (!instruction.heredocs.empty() || instruction.words.empty()) return;
    const auto& words = instruction.words;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      const std::string& source = words[i].text;
      if (is_credential_file(source))
        report(
            kBakedSecret, words[i].offset,
            source + " is copied into the image; name it in .dockerignore and use `RUN --mount=type=secret`",
            line_of(instruction));
      if (instruction.keyword == "ADD") judge_add(instruction, words[i]);
      judge_whole_context(instruction, words[i]);
    }
    const ShellWord& target = words.back();
    const std::size_t dollar = target.text.find('$');
    if (words.size() > 1 && dollar != std::string::npos) {
      std::string_view name = std::string_view(target.text).substr(dollar + 1);
      if (name.starts_with('{')) name = name.substr(1, name.find('}') - 1);
      if (names_credential_file(name))
        report(kBakedSecret, target.offset,
               "a file of credentials is copied to $" + std::string(name) +
                   "; use `RUN --mount=type=secret` instead",
               line_of(instruction), Severity::Medium);
    }
  }

  // COPY . .: everything beside the Dockerfile that .dockerignore does not name.
  void judge_whole_context(const DockerInstruction& instruction, const ShellWord& source) {
    if (source.text != "." && source.text != "./" && source.text != "*" && source.text != "./*") return;
    if (instruction.flag("--from") != nullptr) return;
    const Siblings siblings(in_);
    constexpr std::string_view kFiles[] = {
        ".env",   ".netrc",     "kaggle.json",          ".pypirc",
        "id_rsa", "id_ed25519", "service-account.json", "credentials.json"};
    for (const std::string_view file : kFiles) {
      if (!siblings.has(file) || is_ignored(siblings, file)) continue;
      report(kBakedSecret, source.offset,
             "`" + source.text + "` copies " + std::string(file) +
                 ", which lies beside, into the image; name it in .dockerignore",
             line_of(instruction),
             instruction.stage + 1 == file_.stages.size() ? Severity::High : Severity::Medium);
    }
  }

  // Patterns as people write them; `!` takes a file back.
  [[nodiscard]] bool is_ignored(const Siblings& siblings, std::string_view file) {
    if (!siblings.has(".dockerignore")) return false;
    const auto content = siblings.read(".dockerignore", in_);
    if (!content) return false;
    bool ignored = false;
    for (const std::string_view raw : split(text_of(content->bytes), '\n')) {
      std::string_view line = trim(raw);
      if (line.empty() || line.starts_with('#')) continue;
      const bool again = line.starts_with('!');
      if (again) line.remove_prefix(1);
      for (const std::string_view prefix : {"./", "/", "**/"})
        if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
      if (matches_glob(line, file)) ignored = !again;
    }
    return ignored;
  }

  void judge_add(const DockerInstruction& instruction, const ShellWord& source) {
    const std::string& name = source.text;
    const bool remote = name.starts_with("http://") || name.starts_with("https://");
    if (remote && instruction.flag("--checksum") == nullptr) {
      report(kAddUrl, source.offset,
             "nothing checks what " + name + " returns; add `--checksum=sha256:DIGEST`",
             line_of(instruction));
      return;
    }
    constexpr std::string_view kArchives[] = {".tar",    ".tar.gz", ".tgz",     ".tar.bz2", ".tbz2",
                                              ".tar.xz", ".txz",    ".tar.zst", ".gz"};
    const bool archive =
        std::ranges::any_of(kArchives, [&](std::string_view ending) { return name.ends_with(ending); });
    if (!remote && !archive && name.find("://") == std::string::npos && !name.starts_with("git@") &&
        name.find('$') == std::string::npos)
      report(kAddUrl, source.offset, "ADD where COPY does the same; write `COPY` instead",
             line_of(instruction), Severity::Info);
  }

  // --- EXPOSE

  void judge_expose(const DockerInstruction& instruction) {
    for (const ShellWord& word : instruction.words) {
      const std::string ports = expanded(file_, instruction.stage, word.text);
      const std::string_view range = std::string_view(ports).substr(0, ports.find('/'));
      const std::size_t dash = range.find('-');
      const int first = number(range.substr(0, dash));
      const int end = dash == std::string_view::npos ? first : number(range.substr(dash + 1));
      if (first < 0 || end < first) continue;
      if (first <= 22 && 22 <= end)
        report(kSudoOrSsh, word.offset,
               "port 22 is SSH; drop it from `" + std::string(trim(line_of(instruction))) + "`",
               line_of(instruction));
      for (const AdminPort& admin : kAdminPorts)
        if (first <= admin.port && admin.port <= end)
          report(kAdminPort, word.offset,
                 "port " + std::to_string(admin.port) + " is " + std::string(admin.server) +
                     "; drop it from `EXPOSE`",
                 line_of(instruction), is_other_server(admin) ? Severity::Low : Severity::Medium);
    }
  }

  static int number(std::string_view text) {
    int value = -1;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    return ec == std::errc() && end == text.data() + text.size() ? value : -1;
  }

  // Flask and its like use the same ports, and the file says so.
  [[nodiscard]] bool is_other_server(const AdminPort& admin) {
    if (admin.mark.empty()) return false;
    const auto known = other_servers_.find(admin.port);
    if (known != other_servers_.end()) return known->second;
    const std::string all = lower(text().substr(0, 65536));
    constexpr std::string_view kOthers[] = {"flask",     "gunicorn", "uvicorn", "fastapi",  "node",
                                            "npm",       "java",     "dotnet",  "nginx",    "golang",
                                            "streamlit", "registry", "app.py",  "serve.py", "server.py"};
    const bool other = all.find(admin.mark) == std::string::npos &&
                       std::ranges::any_of(
                           kOthers, [&](std::string_view one) { return all.find(one) != std::string::npos; });
    other_servers_[admin.port] = other;
    return other;
  }

  // --- RUN, CMD, ENTRYPOINT

  [[nodiscard]] Place place_of(const ShellWord& word) const { return place_at(word.offset); }

  void judge_run_instruction(const DockerInstruction& run) {
    if (run.exec_form) {
      SimpleCommand command;
      command.words = run.words;
      const std::array commands = {command};
      judge_run(in_, {commands, [this](const ShellWord& word) { return place_of(word); }});
      judge_launch(run.stage, run.words);
      return;
    }
    judge_run_script(run, run.arguments, run.arguments_offset);
    for (const DockerHeredoc& heredoc : run.heredocs) {
      // `RUN python3 <<EOF` hands it to another interpreter.
      const std::string_view first = trim(run.arguments);
      const bool shell = first.starts_with("<<") || first.starts_with("sh ") || first.starts_with("bash ");
      if (shell) judge_run_script(run, text().substr(heredoc.offset, heredoc.length), heredoc.offset);
    }
  }

  void judge_run_script(const DockerInstruction& run, std::string_view script, std::uint64_t base) {
    const ShellScript shell = parse_shell(script);
    if (shell.cut) in_.gap(GapReason::Limit, "RUN has more commands than are followed", place_at(run.offset));
    judge_run(in_, {shell.commands, [base](const ShellWord& word) { return place_at(base + word.offset); }});
    judge_script(in_, script, base, {.words = {}, .environment = environment(run.stage), .place = {}});
  }

  // Words of CMD or ENTRYPOINT; in the shell form those of the last command, which is the one that stays.
  [[nodiscard]] static std::vector<ShellWord> words_of(const DockerInstruction& start) {
    if (start.exec_form) return start.words;
    std::vector<ShellWord> all;
    for (SimpleCommand& command : parse_shell(start.arguments).commands)
      for (ShellWord& word : command.words) {
        word.offset += start.arguments_offset;
        all.push_back(std::move(word));
      }
    return all;
  }

  void judge_start(std::size_t stage) {
    const DockerInstruction* entry = last(stage, "ENTRYPOINT");
    const DockerInstruction* command = last(stage, "CMD");
    for (const DockerInstruction* one : {entry, command}) {
      if (one == nullptr) continue;
      for (const ShellWord& word : words_of(*one)) {
        const std::string_view option = std::string_view(word.text).substr(0, word.text.find('='));
        const bool trusts = option == "--trust-remote-code" || option == "--trust_remote_code";
        const std::string value =
            lower(option.size() < word.text.size() ? word.text.substr(option.size() + 1) : "");
        if ((trusts && value != "false" && value != "0") || word.text.starts_with("TRUST_REMOTE_CODE=1"))
          report(kUnsafeStart, word.offset, "code of the model's repository is run; drop `" + word.text + "`",
                 line_of(*one));
        if (program_of(word.text) == "sshd")
          report(kSudoOrSsh, word.offset, "the image offers SSH; use `docker exec` or `kubectl exec` instead",
                 line_of(*one));
      }
    }
    // `ENTRYPOINT ["mlflow"]` and `CMD ["server", …]` are one command line.
    std::vector<ShellWord> words;
    if (entry != nullptr && entry->exec_form) words = entry->words;
    if (command != nullptr && command->exec_form && (entry == nullptr || entry->exec_form))
      words.insert(words.end(), command->words.begin(), command->words.end());
    judge_launch(stage, words);
    for (const DockerInstruction* one : {entry, entry == nullptr ? command : nullptr})
      if (one != nullptr && !one->exec_form) {
        judge_script(in_, one->arguments, one->arguments_offset,
                     {.words = {},
                      .environment = environment(stage),
                      .place = {},
                      .reachable = true,
                      .remote_code_judged = true});
      }
  }

  void judge_launch(std::size_t stage, std::span<const ShellWord> words) {
    if (words.empty()) return;
    judge_command_line(in_, {.words = words,
                             .environment = environment(stage),
                             .place = [this](const ShellWord& word) { return place_of(word); },
                             .reachable = true,
                             .remote_code_judged = true});
  }

  // ENV of the stage.
  [[nodiscard]] std::vector<Setting> settings_of(const DockerStage& stage) const {
    std::vector<Setting> settings;
    for (const DockerVariable& variable : stage.variables) {
      // BW-DF-014 speaks about it.
      if (variable.argument || variable.name.ends_with("TRUST_REMOTE_CODE")) continue;
      settings.push_back({variable.name, variable.value, place_at(variable.offset)});
    }
    return settings;
  }

  // What launch lines of a stage see, inherited variables included. A parent comes before its child.
  void collect_environments() {
    for (const DockerStage& stage : file_.stages) {
      std::vector<Setting> known;
      if (stage.parent) known = environments_[*stage.parent];
      for (Setting& setting : launch_environment(settings_of(stage))) known.push_back(std::move(setting));
      environments_.push_back(launch_environment(known));
    }
  }

  [[nodiscard]] std::span<const Setting> environment(std::size_t stage) const {
    return stage < environments_.size() ? std::span<const Setting>(environments_[stage])
                                        : std::span<const Setting>();
  }

  Inspection& in_;
  const Dockerfile& file_;
  std::vector<std::vector<Setting>> environments_;  // of each stage
  std::set<std::string, std::less<>> copied_;       // folders that COPY fills, with a slash at the end
  std::map<int, bool> other_servers_;               // by port: is_other_server
};

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  if (text.find('\0') != std::string_view::npos) return fail(Code::Unsupported, "no text");
  const Dockerfile file = TRY(parse_dockerfile(text, in.limits()));
  if (file.stages.empty()) return fail(Code::Unsupported, "no FROM");
  in.fact("base image", file.stages.back().written);
  DockerfileJudge(in, file).judge();
  return {};
}

}  // namespace

const Inspector dockerfile{
    .name = "dockerfile",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
