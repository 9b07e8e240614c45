#include "scan/inspectors/pipeline_shell.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/shell_words.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::size_t kMost = 1000;

template <std::size_t N>
bool among(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::ranges::find(list, word) != list.end();
}

bool is_shell(std::string_view program) {
  constexpr std::array<std::string_view, 7> kShells = {"sh", "bash", "zsh", "dash", "ash", "ksh", "pwsh"};
  return among(program, kShells);
}
bool is_interpreter(std::string_view program) {
  return is_shell(program) || program.starts_with("python") || program == "perl" || program == "ruby" ||
         program == "node";
}
bool is_downloader(std::string_view program) {
  return program == "curl" || program == "wget";
}

// The program that a command really starts: without sudo, env and their kind.
std::size_t program_at(const SimpleCommand& command) {
  constexpr std::array<std::string_view, 8> kPrefixes = {"sudo", "env",     "nohup", "exec",
                                                         "time", "command", "doas",  "xargs"};
  std::size_t i = 0;
  while (i < command.words.size() && ((i > 0 && command.words[i].text.starts_with('-')) ||
                                      !assigned_name(command.words[i].text).empty() ||
                                      among(program_of(command.words[i].text), kPrefixes)))
    ++i;
  return i;
}

bool has_word(const SimpleCommand& command, std::string_view word) {
  return std::ranges::any_of(command.words, [&](const ShellWord& w) { return w.text == word; });
}

// "-fsSLk" holds the short option k.
bool has_short_option(const SimpleCommand& command, char letter) {
  return std::ranges::any_of(command.words, [&](const ShellWord& w) {
    return w.text.size() > 1 && w.text[0] == '-' && w.text[1] != '-' &&
           w.text.find(letter) != std::string::npos;
  });
}

class Looker {
 public:
  explicit Looker(std::string_view script) : script_(script), parsed_(parse_shell(script)) {}

  std::vector<ShellSight> look() {
    for (std::size_t i = 0; i < parsed_.commands.size() && seen_.size() < kMost; ++i) look_at(i);
    return std::move(seen_);
  }

 private:
  void saw(ShellAct act, const SimpleCommand& command) {
    const std::string_view rest = script_.substr(std::min<std::size_t>(command.offset, script_.size()));
    seen_.push_back(
        {act, command.offset, std::string(rest.substr(0, std::min<std::size_t>(rest.find('\n'), 80)))});
  }

  void look_at(std::size_t index) {
    const SimpleCommand& command = parsed_.commands[index];
    look_at_assignments(command);
    const std::size_t first = program_at(command);
    const std::string program =
        first < command.words.size() ? program_of(command.words[first].text) : std::string();
    look_at_sockets(command, program);
    look_at_environment_file(command, program);
    if (program.empty()) return;
    if (is_interpreter(program)) {
      if (const SimpleCommand* download = download_for(index))
        saw(ShellAct::RunsDownload, *download);
      else if (substitutes_download(command))
        saw(ShellAct::RunsDownload, command);
    }
    if ((program == "source" || program == "." || program == "eval") && substitutes_download(command))
      saw(ShellAct::RunsDownload, command);
    look_at_tls(command, program);
    look_at_publishing(command, program);
    look_at_evaluation(command, program, first);
  }

  // The earlier command of the same pipeline that downloads, or null.
  [[nodiscard]] const SimpleCommand* download_for(std::size_t index) const {
    for (std::size_t i = index; i-- > 0;) {
      const SimpleCommand& before = parsed_.commands[i];
      if (before.pipeline != parsed_.commands[index].pipeline) return nullptr;
      const std::size_t first = program_at(before);
      if (before.piped_into_next && first < before.words.size() &&
          is_downloader(program_of(before.words[first].text)))
        return &before;
    }
    return nullptr;
  }
  static bool substitutes_download(const SimpleCommand& command) {
    return std::ranges::any_of(command.words, [](const ShellWord& word) {
      constexpr std::array<std::string_view, 6> kOpen = {"$(curl ", "$(wget ", "<(curl ",
                                                         "<(wget ", "`curl ",  "`wget "};
      return std::ranges::any_of(
          kOpen, [&](std::string_view open) { return word.text.find(open) != std::string::npos; });
    });
  }

  void look_at_sockets(const SimpleCommand& command, const std::string& program) {
    bool socket = std::ranges::any_of(command.redirections, [](const Redirection& to) {
      return to.target.text.starts_with("/dev/tcp/") || to.target.text.starts_with("/dev/udp/");
    });
    for (const ShellWord& word : command.words)
      socket = socket || word.text.find("/dev/tcp/") != std::string::npos ||
               word.text.find("/dev/udp/") != std::string::npos;
    // Whether a port is open is often asked in this way; nothing is read or run then.
    const bool probe =
        program == "echo" || program == "true" || program == ":" || program == "timeout" || program == "cat";
    if (socket && !probe) saw(ShellAct::ReverseShell, command);
    if (program == "nc" || program == "ncat" || program == "netcat") {
      if (has_short_option(command, 'e') || has_word(command, "--exec") || has_word(command, "--sh-exec"))
        saw(ShellAct::ReverseShell, command);
    }
    if (program == "socat" && std::ranges::any_of(command.words, [](const ShellWord& word) {
          const std::string text = lower(word.text);
          return text.starts_with("exec:") || text.starts_with("system:");
        }))
      saw(ShellAct::ReverseShell, command);
  }

  void look_at_environment_file(const SimpleCommand& command, const std::string& program) {
    for (const Redirection& to : command.redirections) {
      if (!to.sign.ends_with(">")) continue;
      const std::string target = lower(to.target.text);
      if (target.find("github_env") == std::string::npos && target.find("github_path") == std::string::npos)
        continue;
      bool literal = program == "echo" || program == "printf" || program == "write-output";
      for (const ShellWord& word : command.words)
        literal = literal && !word.expands && word.text.find("${{") == std::string::npos &&
                  word.text.find("$env:") == std::string::npos && word.text.find('%') == std::string::npos;
      if (program == "cat")
        for (const Redirection& from : command.redirections) literal = literal || from.sign.starts_with("<<");
      if (!literal) saw(ShellAct::WritesEnvironment, command);
    }
  }

  void look_at_assignments(const SimpleCommand& command) {
    std::vector<const ShellWord*> words;
    for (const ShellWord& word : command.assignments) words.push_back(&word);
    for (const ShellWord& word : command.words) words.push_back(&word);
    for (const ShellWord* word : words) {
      const std::string_view name = assigned_name(word->text);
      if (name.empty()) continue;
      const std::string value = lower(std::string_view(word->text).substr(name.size() + 1));
      const bool on = value == "1" || value == "true" || value == "yes";
      if ((name == "GIT_SSL_NO_VERIFY" && on) || (name == "NODE_TLS_REJECT_UNAUTHORIZED" && value == "0") ||
          (name == "PYTHONHTTPSVERIFY" && value == "0") ||
          (name == "HF_HUB_DISABLE_SSL_VERIFICATION" && on) || (name == "PIP_TRUSTED_HOST" && !value.empty()))
        saw(ShellAct::TlsOff, command);
    }
  }

  void look_at_tls(const SimpleCommand& command, const std::string& program) {
    const bool off =
        (program == "curl" && (has_short_option(command, 'k') || has_word(command, "--insecure"))) ||
        (program == "wget" && has_word(command, "--no-check-certificate")) ||
        (program.starts_with("pip") && has_word(command, "--trusted-host")) ||
        (program == "helm" && has_word(command, "--insecure-skip-tls-verify")) ||
        (program == "kubectl" && (has_word(command, "--insecure-skip-tls-verify") ||
                                  has_word(command, "--insecure-skip-tls-verify=true"))) ||
        (program == "git" && (has_word(command, "http.sslVerify=false") ||
                              (has_word(command, "http.sslVerify") && has_word(command, "false")))) ||
        (program == "npm" && has_word(command, "strict-ssl") && has_word(command, "false"));
    if (off) saw(ShellAct::TlsOff, command);
  }

  void look_at_publishing(const SimpleCommand& command, const std::string& program) {
    const bool upload = has_word(command, "upload");
    const bool hub = ((program == "huggingface-cli" || program == "hf") &&
                      (upload || has_word(command, "upload-large-folder")));
    const bool registry = std::ranges::any_of(command.words, [](const ShellWord& word) {
      return word.text.find("register_model(") != std::string::npos ||
             word.text.find("push_to_hub(") != std::string::npos ||
             word.text.find("upload_folder(") != std::string::npos ||
             word.text.find("--registered-model-name") != std::string::npos;
    });
    const bool other =
        (program == "mlflow" && (has_word(command, "register") || has_word(command, "register-model"))) ||
        (program == "kaggle" && has_word(command, "models")) ||
        (program == "ollama" && has_word(command, "push"));
    if (hub || registry || other) saw(ShellAct::PublishesModel, command);
    const auto does = [&](std::string_view name, std::string_view verb) {
      return program == name && has_word(command, verb);
    };
    if (hub || registry || other || does("twine", "upload") || does("cargo", "publish") ||
        does("npm", "publish") || does("yarn", "publish") || does("pnpm", "publish") ||
        does("uv", "publish") || does("poetry", "publish") || does("flit", "publish") ||
        does("hatch", "publish") || does("gem", "push") || does("docker", "push") || does("podman", "push") ||
        does("helm", "push") || does("gh", "release"))
      saw(ShellAct::Publishes, command);
    constexpr std::array<std::string_view, 7> kSigners = {
        "cosign", "model_signing", "model-signing", "sigstore", "gitsign", "notation", "bulwark"};
    const bool module = std::ranges::any_of(
        command.words, [](const ShellWord& w) { return w.text == "model_signing" || w.text == "sigstore"; });
    const bool signs = program == "bulwark" ? has_word(command, "sign") : among(program, kSigners);
    if (signs || module || does("gh", "attestation") || does("gpg", "--detach-sign") ||
        does("openssl", "-sign"))
      saw(ShellAct::Signs, command);
  }

  // The shell reads the value as code.
  void look_at_evaluation(const SimpleCommand& command, const std::string& program, std::size_t first) {
    if (program != "eval" && !is_interpreter(program) && program != "ssh") return;
    const bool code = program == "eval" || program == "ssh" || has_word(command, "-c") ||
                      has_word(command, "-lc") || has_word(command, "-ec");
    if (!code) return;
    const bool expands = std::any_of(
        command.words.begin() + static_cast<std::ptrdiff_t>(std::min(first + 1, command.words.size())),
        command.words.end(), [](const ShellWord& word) { return word.expands; });
    if (expands) saw(ShellAct::EvaluatesVariable, command);
  }

  std::string_view script_;
  ShellScript parsed_;
  std::vector<ShellSight> seen_;
};

}  // namespace

std::vector<ShellSight> look_at_shell(std::string_view script) {
  return Looker(script).look();
}

}  // namespace bulwark::scan::inspectors
