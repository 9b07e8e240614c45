#include "scan/inspectors/dockerfile_commands.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "base/text.h"
#include "scan/inspectors/dockerfile_rules.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/knowledge/environment_secrets.h"
#include "scan/mend.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;
using Words = std::span<const ShellWord>;

bool among(std::string_view word, std::span<const std::string_view> names) {
  return std::ranges::find(names, word) != names.end();
}

const ShellWord* option(Words words, std::initializer_list<std::string_view> names) {
  for (const ShellWord& word : words.subspan(words.empty() ? 0 : 1)) {
    const std::string_view name = std::string_view(word.text).substr(0, word.text.find('='));
    if (std::ranges::find(names, name) != names.end()) return &word;
  }
  return nullptr;
}

// `--name value` or `--name=value`: the value, empty if there is none.
std::string_view option_value(Words words, const ShellWord& named) {
  if (const std::size_t equals = named.text.find('='); equals != std::string::npos)
    return std::string_view(named.text).substr(equals + 1);
  const auto at = static_cast<std::size_t>(&named - words.data()) + 1;
  return at < words.size() ? std::string_view(words[at].text) : std::string_view();
}

bool has_word(Words words, std::string_view text) {
  return std::ranges::any_of(words, [&](const ShellWord& word) { return word.text == text; });
}

bool is_download(std::string_view program) {
  return program == "curl" || program == "wget" || program == "aria2c" || program == "fetch";
}

bool is_commit(std::string_view text) {
  return text.size() == 40 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "https://huggingface.co/x/resolve/<40 hex>/model.bin": the commit is in the path.
bool names_commit(std::string_view url) {
  return std::ranges::any_of(split(url, '/'), [](std::string_view part) { return is_commit(part); });
}

class RunJudge {
 public:
  RunJudge(Inspection& in, const RunCommands& run) : in_(in), run_(run) {
    for (const SimpleCommand& command : run.commands) programs_.push_back(without_wrappers(command.words));
  }

  void judge() {
    for (std::size_t i = 0; i < run_.commands.size(); ++i) {
      judge_variables(run_.commands[i]);
      judge_sudo(run_.commands[i]);
      const Words words = programs_[i];
      if (words.empty()) continue;
      const std::string program = program_of(words[0].text);
      judge_pipe(i, program);
      judge_substitution(i, program, words);
      judge_tls(program, words);
      judge_signatures(program, words);
      judge_pip(words);
      judge_model_download(program, words);
      judge_credential_command(program, words);
    }
  }

 private:
  void report(const Rule& rule, const ShellWord& at, std::string message, Words words,
              std::optional<Severity> severity = {}, std::vector<Edit> edits = {}) {
    in_.report(rule, {.place = run_.place(at),
                      .text = text_of(in_.bytes()),
                      .message = std::move(message),
                      .evidence = quoted_command(words),
                      .severity = severity,
                      .edits = std::move(edits)});
  }

  // NAME=value in front of a command, or exported.
  void judge_variables(const SimpleCommand& command) {
    std::vector<const ShellWord*> settings;
    for (const ShellWord& word : command.assignments) settings.push_back(&word);
    if (!command.words.empty() && (command.words[0].text == "export" || command.words[0].text == "env" ||
                                   command.words[0].text == "declare"))
      for (const ShellWord& word : std::span(command.words).subspan(1)) settings.push_back(&word);
    for (const ShellWord* word : settings) {
      const std::string_view name = assigned_name(word->text);
      if (name.empty()) continue;
      const std::string_view value = std::string_view(word->text).substr(name.size() + 1);
      judge_build_variable(in_, name, value, run_.place(*word));
      if (is_literal_credential(name, value))
        in_.report(kBakedSecret,
                   {.place = run_.place(*word),
                    .text = text_of(in_.bytes()),
                    .message = "the value of " + std::string(name) +
                               " stays in the history of the image; write `RUN --mount=type=secret,id=" +
                               lower(name) + "` and read /run/secrets/" + lower(name),
                    .evidence = std::string(name) + "=" + masked_secret(value)});
    }
  }

  void judge_sudo(const SimpleCommand& command) {
    for (const ShellWord& word : command.words) {
      const std::string program = program_of(word.text);
      if (program == "sudo") {
        report(kSudoOrSsh, word, "sudo is used in the build; drop it and run the command before `USER`",
               command.words);
        return;
      }
      // Behind the wrappers that may stand before it, not among the arguments of another program.
      constexpr std::string_view kBefore[] = {"env", "nohup", "time", "exec", "command"};
      if (assigned_name(word.text).empty() && !among(program, kBefore)) return;
    }
  }

  // Reads a program from standard input when nothing else is named.
  static bool runs_its_input(std::string_view program, Words words) {
    constexpr std::string_view kShells[] = {"sh", "bash", "zsh", "dash", "ash", "ksh"};
    const bool script = program.starts_with("python") || program == "perl" || program == "ruby" ||
                        program == "node" || program == "php";
    if (!among(program, kShells) && !script) return false;
    for (const ShellWord& word : words.subspan(1)) {
      const std::string_view text = word.text;
      if (text == "-" || text == "-s" || text == "--" || text == "/dev/stdin") return true;
      const bool has_code =
          text.starts_with('-') && !text.starts_with("--") && text.size() > 1 &&
          (text.find('c') != std::string_view::npos || text.find('m') != std::string_view::npos ||
           (script && text.find_first_of("en") != std::string_view::npos));
      if (has_code) return false;
      if (!text.starts_with('-')) return false;
    }
    return true;
  }

  void judge_pipe(std::size_t index, const std::string& program) {
    if (!is_download(program) || !run_.commands[index].piped_into_next) return;
    const std::uint32_t pipeline = run_.commands[index].pipeline;
    for (std::size_t i = index + 1; i < run_.commands.size(); ++i) {
      if (run_.commands[i].pipeline != pipeline) continue;
      const Words words = programs_[i];
      if (!words.empty() && runs_its_input(program_of(words[0].text), words)) {
        report(kPipedDownload, programs_[index][0],
               "what " + program + " downloads is run by " + program_of(words[0].text) +
                   " unseen; write it to a file and check it with `sha256sum -c` first",
               programs_[index]);
        return;
      }
      if (!run_.commands[i].piped_into_next) return;
    }
  }

  // sh -c "$(curl …)", eval "$(wget …)", bash <(curl …), source <(curl …)
  void judge_substitution(std::size_t index, const std::string& program, Words words) {
    constexpr std::string_view kRunners[] = {"sh",   "bash",   "zsh", "dash",   "ash",
                                             "eval", "source", ".",   "python", "python3"};
    if (!among(program, kRunners)) return;
    for (std::size_t i = index + 1; i < run_.commands.size(); ++i) {
      const SimpleCommand& inner = run_.commands[i];
      const bool inside = inner.depth > run_.commands[index].depth && inner.offset < end_of(words);
      if (!inside) return;
      if (programs_[i].empty() || !is_download(program_of(programs_[i][0].text))) continue;
      const std::string_view shown = words.back().text;
      if (shown.find("$(") == std::string_view::npos && shown.find('`') == std::string_view::npos &&
          shown.find("<(") == std::string_view::npos)
        continue;
      report(kPipedDownload, words[0],
             program + " runs what is downloaded unseen; download to a file and check it first", words);
      return;
    }
  }

  static std::uint64_t end_of(Words words) { return words.back().offset + words.back().length; }

  void judge_tls(const std::string& program, Words words) {
    const ShellWord* off = nullptr;
    if (program == "curl") off = curl_insecure(words);
    if (program == "wget") off = option(words, {"--no-check-certificate"});
    if (is_pip(words)) off = option(words, {"--trusted-host"});
    if (program == "git") off = git_unverified(words);
    if (program == "npm" || program == "yarn" || program == "pnpm") off = npm_unverified(words);
    if (program == "conda" || program == "mamba")
      off = has_word(words, "ssl_verify") && has_word(words, "false") ? &words[0]
                                                                      : option(words, {"--insecure", "-k"});
    constexpr std::string_view kYums[] = {
        "yum", "dnf", "tdnf", "microdnf", "yum-config-manager", "dnf-config-manager"};
    if (among(program, kYums)) off = yum_unverified(words);
    if (program == "apt-get" || program == "apt") off = apt_unverified(words);
    if (off == nullptr) return;
    report(kTlsOff, *off, "`" + off->text + "` switches off the check of the server's certificate; drop it",
           words, {}, without_switch(program, *off, words));
  }

  // The command without the option that was found. Those that take a setting back elsewhere are left alone.
  [[nodiscard]] std::vector<Edit> without_switch(const std::string& program, const ShellWord& off,
                                                 Words words) const {
    const std::string_view text = text_of(in_.bytes());
    constexpr std::string_view kWhole[] = {"-k", "--insecure", "--proxy-insecure", "--no-check-certificate"};
    if (among(off.text, kWhole)) return drop_word(text, run_.place(off).offset, off.text);
    if (program == "curl") {
      std::string rest = off.text;
      rest.erase(rest.find('k'), 1);
      return mend_word(text, run_.place(off).offset, off.text, rest);
    }
    if (!is_pip(words)) return {};
    std::vector<Edit> edits;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const bool joined = words[i].text.starts_with("--trusted-host=");
      if (!joined && (words[i].text != "--trusted-host" || i + 1 == words.size())) continue;
      for (const ShellWord& word : words.subspan(i, joined ? 1 : 2)) {
        const std::vector<Edit> dropped = drop_word(text, run_.place(word).offset, word.text);
        if (dropped.empty()) return {};
        edits.push_back(dropped.front());
      }
    }
    return edits;
  }

  // -k alone or in a cluster such as -fkSL, but not as the argument of another letter.
  static const ShellWord* curl_insecure(Words words) {
    constexpr std::string_view kWithValue = "oHdXuAebcFmTrwxyzYCDEKPQtU";
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string_view text = words[i].text;
      if (text == "--insecure" || text == "--proxy-insecure") return &words[i];
      if (!text.starts_with('-') || text.starts_with("--")) continue;
      for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == 'k') return &words[i];
        if (kWithValue.find(text[at]) == std::string_view::npos) continue;
        if (at + 1 == text.size()) ++i;  // the value is the next word
        break;
      }
    }
    return nullptr;
  }

  static bool is_false(std::string_view value) {
    const std::string low = lower(trim(value));
    return low == "false" || low == "0" || low == "no" || low == "off";
  }

  static const ShellWord* git_unverified(Words words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string low = lower(words[i].text);
      if (low.starts_with("http.sslverify=") && is_false(low.substr(15))) return &words[i];
      if (low == "http.sslverify" && i + 1 < words.size() && is_false(words[i + 1].text)) return &words[i];
    }
    return nullptr;
  }

  static const ShellWord* npm_unverified(Words words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string low = lower(words[i].text);
      if ((low.starts_with("strict-ssl=") && is_false(low.substr(11))) || low == "--no-strict-ssl" ||
          (low.starts_with("--strict-ssl=") && is_false(low.substr(13))))
        return &words[i];
      const bool separate = low == "strict-ssl" || low == "--strict-ssl";
      const bool sets = low.starts_with("--") || has_word(words, "set");
      if (separate && sets && i + 1 < words.size() && is_false(words[i + 1].text)) return &words[i];
    }
    return nullptr;
  }

  // --setopt=sslverify=0, --setopt "sslverify = false", --setopt=repo.sslverify=no
  static const ShellWord* yum_unverified(Words words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string low = lower(words[i].text);
      const std::size_t at = low.find("sslverify");
      if (at == std::string::npos) continue;
      std::string_view rest = trim(std::string_view(low).substr(at + 9));
      if (rest.starts_with('=')) rest.remove_prefix(1);
      if (is_false(rest)) return &words[i];
    }
    return nullptr;
  }

  static const ShellWord* apt_unverified(Words words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string low = lower(words[i].text);
      const std::size_t at = low.find("verify-peer=");
      if (at != std::string::npos && is_false(std::string_view(low).substr(at + 12))) return &words[i];
    }
    return nullptr;
  }

  void judge_signatures(const std::string& program, Words words) {
    const ShellWord* off = nullptr;
    if (program == "apt" || program == "apt-get" || program == "aptitude")
      off = option(words, {"--allow-unauthenticated", "--force-yes"});
    if (program == "apk") off = option(words, {"--allow-untrusted"});
    if (program == "rpm")
      off = option(words, {"--nosignature", "--nodigest", "--noverify", "--nofiledigest"});
    if (program == "yum" || program == "dnf" || program == "tdnf" || program == "microdnf")
      off = option(words, {"--nogpgcheck", "--no-gpgchecks"});
    if (program == "zypper") off = option(words, {"--no-gpg-checks"});
    if (off != nullptr)
      report(kSignaturesOff, *off,
             "`" + off->text + "` installs packages whose signature nobody checks; drop it", words);
  }

  static bool is_pip(Words words) {
    const std::string program = program_of(words[0].text);
    if (program.starts_with("pip") && (program.size() == 3 || (program[3] >= '0' && program[3] <= '9')))
      return true;
    if (program == "uv") return words.size() > 1 && words[1].text == "pip";
    return program.starts_with("python") && words.size() > 2 && words[1].text == "-m" &&
           words[2].text == "pip";
  }

  void judge_pip(Words words) {
    if (!is_pip(words)) return;
    if (const ShellWord* extra = option(words, {"--extra-index-url"}))
      judge_build_variable(in_, "PIP_EXTRA_INDEX_URL", option_value(words, *extra), run_.place(*extra));
    const auto install = std::ranges::find(words, "install", &ShellWord::text);
    if (install == words.end()) return;
    std::string unpinned;
    const ShellWord* first = nullptr;
    constexpr std::string_view kValued[] = {"-r",
                                            "--requirement",
                                            "-c",
                                            "--constraint",
                                            "-i",
                                            "--index-url",
                                            "--extra-index-url",
                                            "-f",
                                            "--find-links",
                                            "-t",
                                            "--target",
                                            "--prefix",
                                            "--root",
                                            "--trusted-host",
                                            "--python-version",
                                            "--platform",
                                            "--abi",
                                            "--timeout",
                                            "--retries",
                                            "--cache-dir",
                                            "--progress-bar",
                                            "--proxy",
                                            "--cert",
                                            "-e",
                                            "--editable",
                                            "--python",
                                            "--log",
                                            "--implementation",
                                            "--no-binary",
                                            "--only-binary",
                                            "--config-settings",
                                            "--build-option",
                                            "--global-option",
                                            "--src",
                                            "--upgrade-strategy",
                                            "--root-user-action",
                                            "--index-strategy",
                                            "--group",
                                            "--torch-backend",
                                            "-p",
                                            "--override",
                                            "--build-constraint",
                                            "--exclude-newer",
                                            "--default-index",
                                            "--index",
                                            "--link-mode"};
    for (auto word = std::next(install); word != words.end(); ++word) {
      const std::string_view text = word->text;
      if (text == "-c" || text.starts_with("--constraint") || text.starts_with("--require-hashes") ||
          text == "--build-constraint" || text.starts_with("--override"))
        return;
      if (text.starts_with('-')) {
        if (among(text, kValued) && std::next(word) != words.end()) ++word;
        continue;
      }
      if (!is_unpinned_package(text)) continue;
      if (first == nullptr) first = &*word;
      if (unpinned.size() < 100) unpinned += (unpinned.empty() ? "" : ", ") + std::string(text);
    }
    if (first == nullptr) return;
    const std::string name = first->text.substr(0, first->text.find_first_of("<>=~! ;@"));
    report(kUnpinnedPip, *first,
           unpinned + ": not pinned; write `" + name + "==VERSION` with the version that you have tested",
           words);
  }

  static bool is_unpinned_package(std::string_view text) {
    // The installer itself is renewed everywhere; it installs nothing by that.
    constexpr std::string_view kTools[] = {"pip", "setuptools", "wheel", "uv"};
    const std::string_view name = text.substr(0, text.find_first_of("<>=~![ ;@"));
    if (among(lower(name), kTools)) return false;
    const bool starts =
        !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
                          (text[0] >= '0' && text[0] <= '9'));
    if (!starts || text.find('$') != std::string_view::npos || text.find("://") != std::string_view::npos)
      return false;
    if (text.find('/') != std::string_view::npos || text.ends_with(".whl") || text.ends_with(".gz") ||
        text.ends_with(".zip") || text.find(" @ ") != std::string_view::npos)
      return false;
    const std::size_t pin = text.find("==");
    return pin == std::string_view::npos || text.find('*', pin) != std::string_view::npos;
  }

  static bool is_model_file(std::string_view url) {
    constexpr std::string_view kEndings[] = {
        ".bin",   ".pt",     ".pth",  ".pkl", ".pickle", ".safetensors", ".gguf",   ".ckpt", ".onnx",   ".h5",
        ".keras", ".joblib", ".ggml", ".mar", ".nemo",   ".tflite",      ".engine", ".npz",  ".msgpack"};
    url = url.substr(0, url.find_first_of("?#"));
    return std::ranges::any_of(kEndings, [&](std::string_view ending) { return url.ends_with(ending); });
  }

  // Something in the same RUN compares a digest or a signature.
  [[nodiscard]] bool checks_digest() const {
    constexpr std::string_view kChecks[] = {"sha256sum", "sha512sum", "sha384sum", "sha1sum", "b2sum",
                                            "shasum",    "b3sum",     "cosign",    "gpg",     "gpgv",
                                            "minisign",  "md5sum",    "bulwark"};
    return std::ranges::any_of(programs_, [&](Words words) {
      if (words.empty()) return false;
      const std::string program = program_of(words[0].text);
      return among(program, kChecks) || (program == "openssl" && has_word(words, "dgst"));
    });
  }

  [[nodiscard]] bool checks_out_commit() const {
    return std::ranges::any_of(programs_, [](Words words) {
      return words.size() > 2 && program_of(words[0].text) == "git" &&
             std::ranges::any_of(words, [](const ShellWord& word) { return is_commit(word.text); });
    });
  }

  void judge_model_download(const std::string& program, Words words) {
    const ShellWord* model = nullptr;
    std::string advice = "check it with `sha256sum -c` in the same RUN";
    if (is_download(program)) {
      for (const ShellWord& word : words.subspan(1))
        if (word.text.find("://") != std::string::npos && is_model_file(word.text) &&
            !names_commit(word.text))
          model = &word;
    } else if ((program == "huggingface-cli" || program == "hf") && has_word(words, "download")) {
      const ShellWord* revision = option(words, {"--revision"});
      const std::string_view commit =
          revision != nullptr ? option_value(words, *revision) : std::string_view();
      const bool dataset = option(words, {"--repo-type"}) != nullptr && has_word(words, "dataset");
      if (!is_commit(commit) && commit.find('$') == std::string_view::npos && !dataset) model = &words[0];
      advice = "add `--revision COMMIT`";
    } else if (program == "git" && words.size() > 2 && !checks_out_commit()) {
      const bool lfs = words[1].text == "lfs" &&
                       (words[2].text == "pull" || words[2].text == "clone" || words[2].text == "fetch");
      const bool hub = words[1].text == "clone" && std::ranges::any_of(words, [](const ShellWord& word) {
                         return word.text.starts_with("https://huggingface.co/") &&
                                !word.text.starts_with("https://huggingface.co/datasets/") &&
                                !word.text.starts_with("https://huggingface.co/spaces/");
                       });
      if (lfs || hub) model = &words[0];
      advice = "check out one commit: `git checkout COMMIT`";
    }
    if (model == nullptr || checks_digest()) return;
    report(kUncheckedModel, *model, "nobody checks what is downloaded here; " + advice, words);
  }

  // Commands that write a credential into the image: `aws configure set`, `gcloud auth
  // activate-service-account` …
  void judge_credential_command(const std::string& program, Words words) {
    const auto starts = [&](std::initializer_list<std::string_view> expected) {
      if (words.size() <= expected.size()) return false;
      std::size_t i = 1;
      return std::ranges::all_of(expected, [&](std::string_view text) { return words[i++].text == text; });
    };
    const bool writes = (program == "gcloud" && starts({"auth", "activate-service-account"})) ||
                        (program == "aws" && starts({"configure", "set"})) ||
                        ((program == "huggingface-cli" || program == "hf") &&
                         (starts({"login"}) || starts({"auth", "login"}))) ||
                        (program == "wandb" && starts({"login"})) ||
                        (program == "docker" && starts({"login"}));
    if (!writes) return;
    for (const ShellWord& word : words.subspan(1)) {
      const std::size_t dollar = word.text.find('$');
      if (dollar == std::string::npos) continue;
      std::string_view name = std::string_view(word.text).substr(dollar + 1);
      if (name.starts_with('{')) name.remove_prefix(1);
      name = name.substr(
          0, name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"));
      if (!names_credential(name) && !names_credential_file(name)) continue;
      report(kBakedSecret, word,
             "the credential in $" + std::string(name) +
                 " is written into a layer; use `RUN --mount=type=secret` and a path below /run/secrets",
             words, Severity::Low);
      return;
    }
  }

  Inspection& in_;
  const RunCommands& run_;
  std::vector<Words> programs_;  // of every command, wrappers removed
};

// Indexes of vendors that hold nothing but the vendor's own packages. The public index is none: as the second
// of two it is where a private name is looked for.
bool is_vendor_index(std::string_view url) {
  constexpr std::string_view kHosts[] = {
      "https://download.pytorch.org/", "https://storage.googleapis.com/jax-releases/",
      "https://wheels.vllm.ai/", "https://flashinfer.ai/whl/", "https://abetlen.github.io/llama-cpp-python/"};
  const std::string_view host = url.substr(0, url.find('/', std::string_view("https://").size()));
  return (url.starts_with("https://") && host.ends_with(".nvidia.com")) ||
         std::ranges::any_of(kHosts, [&](std::string_view known) { return url.starts_with(known); });
}

}  // namespace

void judge_run(Inspection& in, const RunCommands& run, int nested) {
  RunJudge(in, run).judge();
  if (nested <= 0) return;
  for (const SimpleCommand& command : run.commands) {
    const Words words = without_wrappers(command.words);
    const ShellWord* text = words.empty() ? nullptr : shell_text(words);
    if (text == nullptr) continue;
    const ShellScript script = parse_shell(text->text);
    const bool exact = text->length == text->text.size() + 2;
    const RunCommands inner{script.commands, [&](const ShellWord& word) {
                              ShellWord outer = *text;
                              if (exact) outer.offset += 1 + word.offset;
                              return run.place(outer);
                            }};
    judge_run(in, inner, nested - 1);
  }
}

void judge_build_variable(Inspection& in, std::string_view name, std::string_view value, Place place) {
  const std::string low = lower(value);
  const bool off = low == "0" || low == "false" || low == "no" || low == "off";
  // Git reads any value of GIT_SSL_NO_VERIFY as yes, an empty one as well.
  const bool unverified =
      name == "GIT_SSL_NO_VERIFY" || (name == "PIP_TRUSTED_HOST" && !value.empty()) ||
      (name == "PYTHONHTTPSVERIFY" && low == "0") || (name == "NODE_TLS_REJECT_UNAUTHORIZED" && low == "0") ||
      (lower(name) == "npm_config_strict_ssl" && off) || (name == "CONDA_SSL_VERIFY" && off) ||
      (name == "UV_INSECURE_HOST" && !value.empty());
  if (unverified)
    in.report(kTlsOff, {.place = place,
                        .text = text_of(in.bytes()),
                        .message = std::string(name) + " switches off the check of certificates; drop it",
                        .evidence = std::string(name) + "=" + std::string(value)});
  if (name != "PIP_EXTRA_INDEX_URL" && name != "UV_EXTRA_INDEX_URL") return;
  for (const std::string_view url : words(value)) {
    if (is_vendor_index(url)) continue;
    const bool known = url.find('$') == std::string_view::npos;
    in.report(kExtraIndex,
              {.place = place,
               .text = text_of(in.bytes()),
               .message = "packages may come from either index; write `--index-url " + std::string(url) +
                          "` alone, with an index that proxies the public one",
               .evidence = std::string(url),
               .severity = known ? Severity::High : Severity::Medium});
    return;
  }
}

}  // namespace bulwark::scan
