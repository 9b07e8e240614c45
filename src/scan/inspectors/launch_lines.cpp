#include "scan/inspectors/launch_lines.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "scan/inspectors/launch_options.h"
#include "scan/inspectors/server_rules.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan {
namespace {

// `sh -c "sh -c '…'"`: real ones need one level.
constexpr int kNested = 3;

bool among(std::string_view word, std::span<const std::string_view> names) {
  return std::ranges::find(names, word) != names.end();
}

// Programs that run the rest of their line, and their options that take a word of their own.
struct Wrapper {
  std::string_view name;
  std::string_view options_with_value;  // separated by blanks
  std::size_t operands = 0;             // words of its own that are no options: the seconds of `timeout 5`
};
constexpr Wrapper kWrappers[] = {{"exec", "-a"},
                                 {"sudo", "-u -g -h -p -C -r -t -T"},
                                 {"nohup", ""},
                                 {"env", "-u -C -S --unset --chdir"},
                                 {"setsid", ""},
                                 {"nice", "-n"},
                                 {"time", "-o -f"},
                                 {"timeout", "-s -k --signal", 1},
                                 {"tini", "-p -e"},
                                 {"dumb-init", "-r"},
                                 {"gosu", "", 1},
                                 {"su-exec", "", 1},
                                 {"catatonit", ""},
                                 {"stdbuf", "-i -o -e"},
                                 {"command", ""},
                                 {"numactl", ""},
                                 {"xvfb-run", "-e -f -n -p -s"},
                                 {"chroot", "", 1},
                                 {"opentelemetry-instrument", ""},
                                 {"start.sh", ""},
                                 {"nsys", ""},
                                 {"catchsegv", ""},
                                 {"unbuffer", ""},
                                 {"s6-setuidgid", "", 1}};

std::size_t skip_wrapper(std::span<const ShellWord> words, const Wrapper& wrapper) {
  const std::vector<std::string_view> valued = bulwark::words(wrapper.options_with_value);
  std::size_t at = 1;
  while (at < words.size()) {
    const std::string_view word = words[at].text;
    if (word == "--") {
      ++at;
      break;
    }
    if (word.starts_with('-') && word.size() > 1) {
      at += std::size_t{among(word, valued) ? 2U : 1U};
    } else if (!assigned_name(word).empty() && wrapper.operands == 0) {
      ++at;
    } else {
      break;
    }
  }
  return std::min(at + wrapper.operands, words.size());
}

// `uv run X`, `poetry run X`, `conda run -n env X`, `pipenv run X`.
std::size_t skip_runner(std::span<const ShellWord> words) {
  constexpr std::string_view kRunners[] = {"uv",     "poetry", "conda", "mamba", "micromamba",
                                           "pipenv", "pdm",    "hatch", "rye"};
  if (words.size() < 3 || !among(program_of(words[0].text), kRunners) || words[1].text != "run") return 0;
  constexpr std::string_view kValued[] = {"-n",     "--name",      "-p",         "--prefix",
                                          "--with", "--python",    "--project",  "--extra",
                                          "--cwd",  "--directory", "--env-file", "--group"};
  std::size_t at = 2;
  while (at < words.size() && words[at].text.starts_with('-')) {
    if (words[at].text == "--") return at + 1;
    at += std::size_t{among(words[at].text, kValued) ? 2U : 1U};
  }
  return at;
}

bool is_shell(std::string_view program) {
  constexpr std::string_view kShells[] = {"sh", "bash", "zsh", "dash", "ksh", "ash"};
  return among(program, kShells);
}

bool is_python(std::string_view program) {
  return program.starts_with("python") || program.starts_with("pypy");
}

// Variables that LaunchOptions::setting is asked for.
constexpr std::string_view kLaunchVariables[] = {"MLFLOW_HOST", "RAY_AUTH_MODE", "VLLM_API_KEY", "API_KEY"};

// `environment` is short: launch_environment has been here.
std::vector<Setting> with_assignments(std::span<const Setting> environment, const SimpleCommand& command) {
  std::vector<Setting> all(environment.begin(), environment.end());
  for (const ShellWord& word : command.assignments) {
    const std::string_view name = assigned_name(word.text);
    if (among(name, kLaunchVariables))
      all.push_back({std::string(name), word.text.substr(name.size() + 1), {}});
  }
  return all;
}

void judge_words(Inspection& in, const CommandLine& line, int depth);

void judge_shell_text(Inspection& in, const CommandLine& line, const ShellWord& text, int depth) {
  const ShellScript script = parse_shell(text.text);
  // If nothing in it was escaped, its words stand where they seem to: behind the quote.
  const bool exact = text.length == text.text.size() + 2;
  for (const SimpleCommand& command : script.commands) {
    CommandLine inner = line;
    inner.words = command.words;
    inner.place = [&](const ShellWord& word) {
      ShellWord outer = text;
      if (exact) outer.offset += 1 + word.offset;
      return line.place(outer);
    };
    const std::vector<Setting> environment = with_assignments(line.environment, command);
    inner.environment = environment;
    judge_words(in, inner, depth - 1);
  }
}

// `python -m vllm.entrypoints.openai.api_server …`: the module is the program.
void judge_module(Inspection& in, const CommandLine& line, std::span<const ShellWord> words, std::size_t at) {
  const std::string_view module = words[at].text;
  const LaunchOptions options(in, line, words.subspan(at + 1));
  if (module.starts_with("vllm.entrypoints") || module == "sglang.launch_server")
    judge_vllm(options, words[at]);
  if (module == "mlflow") judge_mlflow(options);
  if (module == "jupyter" || module == "jupyterlab" || module == "notebook" || module == "jupyter_server")
    judge_jupyter(options);
  if (module == "ray.scripts.scripts") judge_ray(options);
}

void judge_program(Inspection& in, const CommandLine& line, std::span<const ShellWord> words) {
  const std::string program = program_of(words[0].text);
  const LaunchOptions options(in, line, words.subspan(1));
  if (program == "mlflow") judge_mlflow(options);
  if (program == "jupyter" || program.starts_with("jupyter-") || program.starts_with("start-notebook") ||
      program.starts_with("start-singleuser"))
    judge_jupyter(options);
  if (program == "ray") judge_ray(options);
  if (program == "torchserve") judge_torchserve(options);
  if (program == "tritonserver") judge_triton(options, words[0]);
  if (program == "vllm" && words.size() > 1 && words[1].text == "serve") judge_vllm(options, words[0]);
  if (program == "text-generation-launcher") judge_tgi(options, words[0]);
  if (program == "lmdeploy" && words.size() > 2 && words[1].text == "serve") judge_vllm(options, words[0]);
}

// pip install -r https://…: whoever serves the list chooses the packages.
void judge_remote_list(Inspection& in, const CommandLine& line, std::span<const ShellWord> words) {
  const auto has = [&](std::string_view text) {
    return std::ranges::any_of(words, [&](const ShellWord& word) { return word.text == text; });
  };
  const std::string program = program_of(words[0].text);
  if (!program.starts_with("pip") && program != "uv" && !(is_python(program) && has("pip"))) return;
  if (!has("install") && !has("sync")) return;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string_view value = words[i].text;
    if (value == "-r" || value == "--requirement" || value == "-c" || value == "--constraint") {
      if (i + 1 == words.size()) return;
      value = words[i + 1].text;
    } else if (value.starts_with("--requirement=") || value.starts_with("--constraint=")) {
      value.remove_prefix(value.find('=') + 1);
    } else if (value.starts_with("-rhttp")) {
      value.remove_prefix(2);
    } else {
      continue;
    }
    if (!value.starts_with("http://") && !value.starts_with("https://")) continue;
    report_at(in, inspectors::kMovingSource, line.place(words[i]),
              "the list of packages is whatever " + printable(value, 100) +
                  " holds at that moment; keep it in the repository, with `--require-hashes`",
              quoted_command(words));
  }
}

// docker login -u name -p password
void judge_registry_login(Inspection& in, const CommandLine& line, std::span<const ShellWord> words) {
  constexpr std::string_view kClients[] = {"docker", "podman", "buildah", "skopeo",
                                           "oras",   "helm",   "nerdctl"};
  const std::string program = program_of(words[0].text);
  if (std::ranges::find(kClients, program) == std::end(kClients)) return;
  const auto login = std::ranges::find(words, "login", &ShellWord::text);
  if (login == words.end()) return;
  for (std::size_t i = static_cast<std::size_t>(login - words.begin()) + 1; i < words.size(); ++i) {
    const std::string_view word = words[i].text;
    std::string_view value;
    if ((word == "-p" || word == "--password") && i + 1 < words.size())
      value = words[i + 1].text;
    else if (word.starts_with("--password="))
      value = word.substr(word.find('=') + 1);
    if (value.empty() || secret_value(value) != SecretValue::Literal) continue;
    report_at(in, inspectors::kRegistryPassword, line.place(words[i]),
              "the password stands on the command line; write `--password-stdin` instead",
              program + " login -p " + masked_secret(value));
    in.conceal(value);
  }
}

void judge_words(Inspection& in, const CommandLine& line, int depth) {
  const std::span<const ShellWord> words = without_wrappers(line.words);
  if (words.empty() || depth < 0) return;
  const std::string program = program_of(words[0].text);
  judge_remote_list(in, line, words);
  judge_registry_login(in, line, words);
  if (const ShellWord* text = shell_text(words)) return judge_shell_text(in, line, *text, depth);
  if (is_python(program)) {
    for (std::size_t i = 1; i + 1 < words.size() && words[i].text.starts_with('-'); ++i)
      if (words[i].text == "-m") return judge_module(in, line, words, i + 1);
    return;
  }
  judge_program(in, line, words);
}

std::string canonical(std::string_view name) {
  std::string out(name);
  if (out.starts_with("--") && out.find('.') == std::string::npos) std::ranges::replace(out, '_', '-');
  return out;
}

}  // namespace

std::optional<LaunchOption> LaunchOptions::find(std::initializer_list<std::string_view> names) const {
  std::optional<LaunchOption> found;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const std::string_view word = words_[i].text;
    if (!word.starts_with('-') || word.size() < 2) continue;
    const std::size_t equals = word.find('=');
    const std::string name = canonical(word.substr(0, equals));
    if (std::ranges::find(names, name) == names.end()) continue;
    LaunchOption option;
    option.word = &words_[i];
    if (equals != std::string_view::npos) {
      option.value = word.substr(equals + 1);
      option.has_value = true;
    } else if (i + 1 < words_.size() && !words_[i + 1].text.starts_with('-')) {
      option.value = words_[i + 1].text;
      option.has_value = true;
    }
    found = std::move(option);
  }
  return found;
}

std::optional<LaunchOption> LaunchOptions::enabled(std::initializer_list<std::string_view> names) const {
  auto found = find(names);
  if (!found) return std::nullopt;
  const std::string value = lower(found->value);
  const bool off = found->has_value && (value == "false" || value == "0" || value == "no" || value == "off");
  return off ? std::nullopt : found;
}

bool LaunchOptions::has_word(std::string_view text) const {
  return std::ranges::any_of(words_, [&](const ShellWord& word) { return word.text == text; });
}

const Setting* LaunchOptions::setting(std::string_view name) const {
  for (std::size_t i = line_.environment.size(); i-- > 0;)
    if (line_.environment[i].name == name) return &line_.environment[i];
  return nullptr;
}

void LaunchOptions::report(const Rule& rule, const ShellWord& at, std::string message,
                           std::optional<Severity> severity) const {
  report_at(in_, rule, line_.place(at), std::move(message), quoted_command(line_.words), severity);
}

std::span<const ShellWord> without_wrappers(std::span<const ShellWord> words) {
  for (;;) {
    if (words.empty()) return words;
    const std::string program = program_of(words[0].text);
    const auto* wrapper = std::ranges::find(kWrappers, program, &Wrapper::name);
    const std::size_t skipped =
        wrapper != std::end(kWrappers) ? skip_wrapper(words, *wrapper) : skip_runner(words);
    if (skipped == 0) return words;
    words = words.subspan(skipped);
  }
}

const ShellWord* shell_text(std::span<const ShellWord> words) {
  if (words.empty() || !is_shell(program_of(words[0].text))) return nullptr;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string_view word = words[i].text;
    if (!word.starts_with('-') || word.starts_with("--")) continue;
    if (word.ends_with('c')) return &words[i + 1];
  }
  return nullptr;
}

void judge_command_line(Inspection& in, const CommandLine& line) {
  const std::vector<Setting> known = launch_environment(line.environment);
  CommandLine one = line;
  one.environment = known;
  judge_words(in, one, kNested);
}

std::vector<Setting> launch_environment(std::span<const Setting> environment) {
  std::vector<Setting> kept;
  for (const std::string_view name : kLaunchVariables)
    for (std::size_t i = environment.size(); i-- > 0;) {
      if (environment[i].name != name) continue;
      kept.push_back(environment[i]);
      break;
    }
  return kept;
}

void judge_script(Inspection& in, std::string_view script, std::uint64_t base, const CommandLine& line) {
  const std::vector<Setting> known = launch_environment(line.environment);
  for (const SimpleCommand& command : parse_shell(script).commands) {
    if (command.words.empty()) continue;
    CommandLine one = line;
    one.words = command.words;
    if (!line.place)
      one.place = [base](const ShellWord& word) { return Place{.offset = base + word.offset}; };
    const std::vector<Setting> environment = with_assignments(known, command);
    one.environment = environment;
    judge_command_line(in, one);
  }
}

void report_at(Inspection& in, const Rule& rule, Place place, std::string message, std::string evidence,
               std::optional<Severity> severity, std::vector<Edit> edits) {
  in.report(rule, {.place = place,
                   .text = text_of(in.bytes()),
                   .message = std::move(message),
                   .evidence = std::move(evidence),
                   .severity = severity,
                   .edits = std::move(edits)});
}

std::string quoted_command(std::span<const ShellWord> words) {
  constexpr std::size_t kLongest = 200;
  std::string out;
  bool secret = false;
  for (const ShellWord& word : words) {
    if (out.size() > kLongest) break;
    const std::string_view text = word.text;
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const bool names_secret =
        (name.starts_with('-') || equals != std::string_view::npos) && names_credential(name);
    out += out.empty() ? "" : " ";
    if (secret && !text.starts_with('-') && secret_value(text) != SecretValue::Reference) {
      out += masked_secret(text);
    } else if (names_secret && equals != std::string_view::npos && equals + 1 < text.size() &&
               secret_value(text.substr(equals + 1)) == SecretValue::Literal) {
      out += std::string(text.substr(0, equals + 1)) + masked_secret(text.substr(equals + 1));
    } else if (text.empty()) {
      out += "''";
    } else if (const std::string_view password = password_in_url(text); !password.empty()) {
      const auto at = static_cast<std::size_t>(password.data() - text.data());
      out += std::string(text.substr(0, at)) + masked_secret(password);
      out += text.substr(at + password.size());
    } else {
      out += text;
    }
    secret = names_secret && equals == std::string_view::npos;
  }
  return out;
}

std::vector<ShellWord> implied_program(std::string_view image) {
  std::vector<ShellWord> words;
  const auto add = [&](std::string_view text) {
    words.emplace_back();
    words.back().text = text;
  };
  if (image.find("vllm/vllm-openai") != std::string_view::npos) {
    add("vllm");
    add("serve");
  }
  if (image.find("huggingface/text-generation-inference") != std::string_view::npos)
    add("text-generation-launcher");
  return words;
}

std::string_view default_of(std::string_view value) {
  if (!value.starts_with("${") || !value.ends_with('}')) return value;
  const std::size_t dash = value.find('-');
  return dash == std::string_view::npos ? value : value.substr(dash + 1, value.size() - dash - 2);
}

bool is_loopback(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host == "localhost" || host.starts_with("127.") || host == "::1" || host == "0:0:0:0:0:0:0:1" ||
         host.starts_with("unix:") || host.starts_with('/');
}

bool is_every_interface(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host == "0.0.0.0" || host == "*" || host == "::" || host == "0" || host == "0:0:0:0:0:0:0:0";
}

}  // namespace bulwark::scan
