#include "scan/formats/command_text.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/formats/shell_line.h"

namespace bulwark::scan {
namespace {

// Quotes within quotes within quotes; real one-liners need two.
constexpr int kDepth = 4;
// A command longer than this is cut before it is parsed: enough for any one-liner, and it bounds the cost per
// word.
constexpr std::size_t kCommandBytes = 1024;
// The same for a command in the middle of a sentence, where every word is tried.
constexpr std::size_t kSentenceBytes = 256;
// Base64 shorter than this decodes to less than any command of interest.
constexpr std::size_t kShortestEncoded = 16;

// Bytes of lines that may be parsed for each byte of a text. A word that starts a command costs its whole
// line, and "cmd /c cmd /c …" one more parse at every level.
constexpr std::uint64_t kStepsPerByte = 512;
constexpr std::uint64_t kFreeSteps = std::uint64_t{64} << 10;

// How much deeper commands within commands are followed, and what that may still cost.
struct Level {
  int left;
  std::uint64_t* steps;
};

using Names = std::span<const std::string_view>;

bool among(std::string_view word, Names names) {
  return std::ranges::find(names, word) != names.end();
}

constexpr std::string_view kShells[] = {"sh", "bash", "zsh", "dash", "ksh", "ash", "fish"};
constexpr std::string_view kPowerShells[] = {"powershell", "pwsh"};
constexpr std::string_view kScripting[] = {"python", "python2", "python3", "perl",
                                           "ruby",   "node",    "php",     "lua"};
constexpr std::string_view kEvaluators[] = {"iex", "invoke-expression", "eval"};
constexpr std::string_view kDownloaders[] = {
    "curl",  "wget", "iwr",    "irm",      "invoke-webrequest", "invoke-restmethod",
    "fetch", "lynx", "aria2c", "certutil", "bitsadmin"};
// What may stand in front of a pipe into an interpreter besides a download.
constexpr std::string_view kSources[] = {"base64", "xxd",    "openssl", "gunzip", "zcat",
                                         "echo",   "printf", "cat",     "rev",    "tr"};
constexpr std::string_view kPrefixes[] = {"sudo", "nohup", "exec", "env", "start", "setsid"};
constexpr std::string_view kNetcats[] = {"nc", "ncat", "netcat", "socat", "telnet"};

// Functions that start a process, in the languages that meet models. Called with an argument they are
// commands.
constexpr std::string_view kCommandCalls[] = {"os.system",
                                              "os.popen",
                                              "os.execl",
                                              "os.execlp",
                                              "os.execv",
                                              "os.execve",
                                              "os.execvp",
                                              "os.spawnl",
                                              "os.spawnlp",
                                              "os.spawnv",
                                              "os.spawnvp",
                                              "os.startfile",
                                              "os.posix_spawn",
                                              "posix.system",
                                              "nt.system",
                                              "subprocess.run",
                                              "subprocess.call",
                                              "subprocess.Popen",
                                              "subprocess.check_output",
                                              "subprocess.check_call",
                                              "subprocess.getoutput",
                                              "subprocess.getstatusoutput",
                                              "commands.getoutput",
                                              "pty.spawn",
                                              "platform.popen",
                                              "os.execute",
                                              "io.popen",
                                              "base::system",
                                              "base::system2",
                                              "system2",
                                              "shell.exec",
                                              "child_process.exec",
                                              "child_process.execSync",
                                              "child_process.spawn",
                                              "Runtime.getRuntime().exec",
                                              "ctypes.CDLL",
                                              "ctypes.cdll.LoadLibrary",
                                              "WinExec",
                                              "ShellExecute",
                                              "runpy.run_path",
                                              "runpy.run_module",
                                              "code.interact",
                                              "asyncio.create_subprocess_shell"};
// Functions that run text. What they run decides.
constexpr std::string_view kEvaluations[] = {
    "eval",          "exec",          "execfile",          "loadstring",
    "builtins.eval", "builtins.exec", "__builtins__.eval", "__builtins__.exec"};
// What makes an evaluated expression hostile: it builds its code out of something hidden or imports a command
// module.
constexpr std::string_view kDecoders[] = {
    "b64decode",  "fromhex", "unhexlify",    "zlib.decompress", "marshal.loads", "codecs.decode",
    "__import__", "urlopen", "requests.get", "import_module",   "DownloadString"};
constexpr std::string_view kCommandModules[] = {"os",     "subprocess", "pty",      "posix", "nt", "ctypes",
                                                "socket", "commands",   "builtins", "runpy", "sys"};

bool word_character(char c) {
  return is_identifier(c) || c == '.' || c == '-' || c == '/' || c == '\\' || c == ':' || c == '$' ||
         c == '~';
}

// "C:\Windows\System32\cmd.exe" -> "cmd", "/usr/bin/python3.11" -> "python3".
std::string program_name(std::string_view word) {
  const std::size_t slash = word.find_last_of("/\\");
  std::string name = lower(slash == std::string_view::npos ? word : word.substr(slash + 1));
  if (name.ends_with(".exe")) name.resize(name.size() - 4);
  if (name.starts_with("python3.")) name = "python3";
  return name;
}

// A finding at a place of the text under analysis.
struct Hit {
  std::string_view what;
  Severity severity = Severity::High;
};

std::optional<CommandText> search(std::string_view text, Level level, bool is_code);

std::optional<Hit> stronger(std::optional<Hit> a, std::optional<Hit> b) {
  if (!a) return b;
  if (!b) return a;
  return b->severity > a->severity ? b : a;
}

std::optional<Hit> inner(std::string_view text, Level level, bool is_code) {
  if (level.left <= 0) return std::nullopt;
  const auto found = search(text, {level.left - 1, level.steps}, is_code);
  if (!found) return std::nullopt;
  return Hit{found->what, found->severity};
}

bool has_url(const ShellCommand& command) {
  return std::ranges::any_of(command.words, [](const std::string& word) {
    return word.find("://") != std::string::npos ||
           (word.find('.') != std::string::npos && word.find('/') != std::string::npos);
  });
}

bool interprets(const std::string& program) {
  return among(program, kShells) || among(program, kPowerShells) || among(program, kScripting) ||
         among(program, kEvaluators) || program == "cmd";
}

// The argument after the first flag that `matches`, or null.
template <class Predicate>
const std::string* argument_after(const ShellCommand& command, Predicate matches) {
  for (std::size_t i = 1; i + 1 < command.words.size(); ++i)
    if (matches(lower(command.words[i]))) return &command.words[i + 1];
  return nullptr;
}

std::string rest_after(const ShellCommand& command, std::size_t index) {
  std::string rest;
  for (std::size_t i = index; i < command.words.size(); ++i)
    rest += (rest.empty() ? "" : " ") + command.words[i];
  return rest;
}

bool substitutes_download(const ShellCommand& command) {
  return std::ranges::any_of(command.words, [](const std::string& word) {
    for (const std::string_view open : {"$(", "`", "<("})
      for (const std::string_view loader : {"curl ", "wget "})
        if (word.find(std::string(open) + std::string(loader)) != std::string::npos) return true;
    return false;
  });
}

std::optional<Hit> judge_shell(const ShellCommand& command, Level level) {
  if (substitutes_download(command)) return Hit{"runs what it downloads"};
  const std::string* code = argument_after(command, [](const std::string& flag) {
    return flag.size() >= 2 && flag[0] == '-' && flag[1] != '-' && flag.find('c') != std::string::npos;
  });
  if (code == nullptr) return std::nullopt;
  return stronger(Hit{"starts a shell command", Severity::Medium}, inner(*code, level, true));
}

std::optional<Hit> judge_powershell(const ShellCommand& command, Level level) {
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    const std::string flag = lower(command.words[i]);
    if (flag.size() < 2 || (flag[0] != '-' && flag[0] != '/')) continue;
    const std::string_view name = std::string_view(flag).substr(1);
    const bool has_argument = i + 1 < command.words.size();
    if (has_argument && (name == "e" || name == "ec" ||
                         (name.size() > 2 && std::string_view("encodedcommand").starts_with(name))))
      return Hit{"runs an encoded PowerShell command"};
    if (has_argument && (name == "c" || (name.size() > 2 && std::string_view("command").starts_with(name))))
      return stronger(Hit{"starts a PowerShell command", Severity::Medium},
                      inner(rest_after(command, i + 1), level, true));
  }
  return std::nullopt;
}

std::optional<Hit> judge_scripting(const ShellCommand& command, Level level) {
  const std::string* code = argument_after(command, [](const std::string& flag) {
    return flag == "-c" || flag == "-e" || flag == "-r" || flag == "--eval";
  });
  if (code == nullptr) return std::nullopt;
  const bool calls = code->find("system(") != std::string::npos || code->find("exec(") != std::string::npos;
  if (calls) return Hit{"runs a command from inline code"};
  return stronger(Hit{"runs inline code", Severity::Medium}, inner(*code, level, true));
}

std::optional<Hit> judge_netcat(const std::string& program, const ShellCommand& command) {
  if (program == "socat") {
    const bool runs = std::ranges::any_of(command.words, [](const std::string& word) {
      return lower(word).starts_with("exec:") || lower(word).starts_with("system:");
    });
    if (runs) return Hit{"opens a reverse shell"};
    return std::nullopt;
  }
  const std::string* shell = argument_after(command, [](const std::string& flag) {
    return flag.size() >= 2 && flag[0] == '-' && flag[1] != '-' && (flag.back() == 'e' || flag.back() == 'c');
  });
  if (shell == nullptr) return std::nullopt;
  const std::string name = program_name(*shell);
  if (among(name, kShells) || among(name, kPowerShells) || name == "cmd") return Hit{"opens a reverse shell"};
  return std::nullopt;
}

// Windows programs that are abused to run what they are given; the telling argument must be there, too.
std::optional<Hit> judge_windows(const std::string& program, const ShellCommand& command) {
  const std::string rest = lower(rest_after(command, 1));
  const bool remote = rest.find("http://") != std::string::npos || rest.find("https://") != std::string::npos;
  if ((program == "mshta" || program == "regsvr32" || program == "rundll32") &&
      (remote || rest.find("javascript:") != std::string::npos || rest.find(".dll") != std::string::npos))
    return Hit{"runs code through a Windows host program"};
  if (program == "wmic" && rest.find("process call create") != std::string::npos)
    return Hit{"starts a process through WMI"};
  if (program == "schtasks" && rest.find("/create") != std::string::npos)
    return Hit{"installs a scheduled task"};
  if (program == "certutil" && remote && rest.find("urlcache") != std::string::npos)
    return Hit{"downloads a file with certutil"};
  if (program == "bitsadmin" && remote) return Hit{"downloads a file with bitsadmin"};
  return std::nullopt;
}

bool destroys(const ShellCommand& command) {
  bool recursive = false;
  bool forced = false;
  bool everything = false;
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    if (word.size() > 1 && word[0] == '-' && word[1] != '-') {
      recursive = recursive || word.find_first_of("rR") != std::string::npos;
      forced = forced || word.find('f') != std::string::npos;
    } else {
      everything = everything || word.starts_with("/") || word.starts_with("~") || word == "*" ||
                   word.starts_with("$HOME");
    }
  }
  return recursive && forced && everything;
}

// The command without the programs that only run another one.
ShellCommand without_prefix(const ShellCommand& command) {
  std::size_t first = 0;
  while (first + 1 < command.words.size() && among(command.words[first], kPrefixes)) ++first;
  return {.words = {command.words.begin() + static_cast<std::ptrdiff_t>(first), command.words.end()},
          .piped_into_next = command.piped_into_next};
}

std::optional<Hit> judge_command(const ShellCommand& plain, Level level) {
  const std::string program = program_name(plain.words[0]);
  if (among(program, kShells) || program == "source") return judge_shell(plain, level);
  if (among(program, kPowerShells)) return judge_powershell(plain, level);
  if (among(program, kScripting)) return judge_scripting(plain, level);
  if (among(program, kNetcats)) return judge_netcat(program, plain);
  if (program == "cmd" && plain.words.size() > 2 &&
      (lower(plain.words[1]) == "/c" || lower(plain.words[1]) == "/k"))
    return stronger(Hit{"starts a command with cmd.exe", Severity::Medium},
                    inner(rest_after(plain, 2), level, true));
  if (program == "iex" || program == "invoke-expression") {
    const std::string rest = lower(rest_after(plain, 1));
    for (const std::string_view loader :
         {"downloadstring", "iwr", "irm", "invoke-webrequest", "frombase64string"})
      if (rest.find(loader) != std::string::npos) return Hit{"runs what it downloads"};
  }
  if (program == "eval" && substitutes_download(plain)) return Hit{"runs what it downloads"};
  if (program == "rm" && destroys(plain)) return Hit{"deletes files recursively"};
  return judge_windows(program, plain);
}

// A later command runs or makes executable what an earlier one fetched.
bool runs_a_download(const std::vector<ShellCommand>& commands) {
  bool fetched = false;
  for (const ShellCommand& command : commands) {
    const std::string program = program_name(command.words[0]);
    if (among(program, kDownloaders) && has_url(command)) {
      fetched = true;
    } else if (fetched && command.words.size() > 1 &&
               (program == "chmod" || (interprets(program) && command.words[1][0] != '-'))) {
      return true;
    } else if (fetched && (command.words[0].starts_with("./") || command.words[0].starts_with("/tmp/"))) {
      return true;
    }
  }
  return false;
}

// Everything from a word that looks like the start of a command to the end of the line.
std::optional<Hit> judge_line(std::string_view text, Level level) {
  if (*level.steps < text.size()) return Hit{"nests commands more often than can be followed"};
  *level.steps -= text.size();
  std::vector<ShellCommand> commands = split_commands(text);
  for (ShellCommand& command : commands) command = without_prefix(command);
  std::optional<Hit> hit;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string program = program_name(commands[i].words[0]);
    const bool feeds = (among(program, kDownloaders) && has_url(commands[i])) || among(program, kSources);
    for (std::size_t j = i; feeds && commands[j].piped_into_next && j + 1 < commands.size(); ++j) {
      const std::string next = program_name(commands[j + 1].words[0]);
      if (interprets(next)) {
        hit = stronger(hit, Hit{among(program, kDownloaders) ? "pipes a download into an interpreter"
                                                             : "pipes text into an interpreter"});
      }
    }
    hit = stronger(hit, judge_command(commands[i], level));
  }
  if (runs_a_download(commands)) hit = stronger(hit, Hit{"downloads a file and runs it"});
  return hit;
}

// The text between the bracket at `open` and its partner, quotes respected; empty if it does not close.
std::string_view bracketed(std::string_view text, std::size_t open) {
  int level = 0;
  char quote = 0;
  const std::size_t end = std::min(text.size(), open + kCommandBytes);
  for (std::size_t i = open; i < end; ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++level;
    } else if (c == ')' && --level == 0) {
      return text.substr(open + 1, i - open - 1);
    }
  }
  return {};
}

// The first quoted string in an argument list, or empty.
std::string_view literal_of(std::string_view arguments) {
  const std::size_t start = arguments.find_first_of("'\"");
  if (start == std::string_view::npos) return {};
  const std::size_t end = arguments.find(arguments[start], start + 1);
  if (end == std::string_view::npos) return {};
  return arguments.substr(start + 1, end - start - 1);
}

// `callee(arguments)` in code. `trusted_place`: it stands where a statement may start, so an unknown argument
// counts.
std::optional<Hit> judge_call(std::string_view callee, std::string_view text, std::size_t open,
                              bool statement, Level level) {
  const std::string_view arguments = bracketed(text, open);
  if (trim(arguments).empty()) return std::nullopt;
  if (among(callee, kCommandCalls)) {
    if (statement) return Hit{"calls a function that starts a command"};
    const auto command = inner(literal_of(arguments), level, true);
    return command && command->severity >= Severity::High ? command : std::nullopt;
  }
  if (among(callee, kEvaluations) && statement) {
    for (const std::string_view decoder : kDecoders)
      if (arguments.find(decoder) != std::string_view::npos)
        return Hit{"evaluates code that it decodes or imports"};
    return Hit{"evaluates text as code", Severity::Medium};
  }
  if (callee == "__import__" || callee == "importlib.import_module") {
    const bool used = text.substr(open + arguments.size() + 2).starts_with(".");
    if (statement && used && among(literal_of(arguments), kCommandModules))
      return Hit{"imports a command module and calls it"};
  }
  if (callee == "getattr" && statement) {
    for (const std::string_view name :
         {"'system'", "\"system\"", "'popen'", "\"popen\"", "'exec'", "\"exec\"", "'eval'", "\"eval\""})
      if (arguments.find(name) != std::string_view::npos)
        return Hit{"looks up a function that starts a command"};
  }
  return std::nullopt;
}

// "/dev/tcp/10.0.0.1/4444": only bash reads it so, and only to connect.
bool connects(std::string_view word) {
  const std::size_t at =
      word.find("/dev/tcp/") != std::string_view::npos ? word.find("/dev/tcp/") : word.find("/dev/udp/");
  if (at == std::string_view::npos) return false;
  const auto parts = split(word.substr(at + 9), '/');
  return parts.size() == 2 && !parts[0].empty() && !parts[1].empty() &&
         (is_identifier(parts[1][0]) || parts[1][0] == '$');
}

// Whether a statement may start at `at`: the start of a line or value, after an operator, bracket, quote or
// comment sign, but not in the middle of a sentence.
bool statement_at(std::string_view text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_blank(text[before - 1])) --before;
  if (before == 0 || at - before >= 2) return true;
  const char c = text[before - 1];
  return static_cast<unsigned char>(c) < 0x20 ||
         std::string_view(";|&({[=:>\"'#$)!-").find(c) != std::string_view::npos;
}

bool starts_command(const std::string& program) {
  constexpr std::string_view kOthers[] = {"rm",       "source", "mshta",   "regsvr32",
                                          "rundll32", "wmic",   "schtasks"};
  return interprets(program) || among(program, kDownloaders) || among(program, kSources) ||
         among(program, kNetcats) || among(program, kPrefixes) || among(program, kOthers);
}

std::optional<Hit> judge_word(std::string_view text, std::size_t at, std::size_t end, bool is_code,
                              Level level) {
  const std::string_view word = text.substr(at, end - at);
  if (connects(word)) return Hit{"opens a network connection from a shell"};
  const bool statement = is_code || statement_at(text, at);
  std::size_t name_end = end;
  // "Runtime.getRuntime().exec(": the empty call belongs to the name.
  while (text.substr(name_end).starts_with("().")) {
    name_end += 3;
    while (name_end < text.size() && word_character(text[name_end])) ++name_end;
  }
  std::size_t open = name_end;
  while (open < text.size() && text[open] == ' ' && open - name_end < 4) ++open;
  if (open < text.size() && text[open] == '(') {
    if (auto hit = judge_call(text.substr(at, name_end - at), text, open, statement, level)) return hit;
  }
  if (!starts_command(program_name(word))) return std::nullopt;
  auto hit = judge_line(text.substr(at, statement ? kCommandBytes : kSentenceBytes), level);
  // In the middle of a sentence only what is dangerous whoever reads it counts.
  if (hit && hit->severity < Severity::High && !statement) return std::nullopt;
  return hit;
}

std::optional<CommandText> search(std::string_view text, Level level, bool is_code) {
  std::optional<CommandText> best;
  for (std::size_t at = 0; at < text.size();) {
    if (!word_character(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && word_character(text[end])) ++end;
    std::size_t start = at;
    // "notes:python -c …", "\\nbash -c …": a word may hold a key or an escape in front of the command.
    while (start < end && (text[start] == ':' || text[start] == '-' || text[start] == '$')) ++start;
    const auto hit = start < end ? judge_word(text, start, end, is_code, level) : std::nullopt;
    if (hit && (!best || hit->severity > best->severity)) {
      const std::string_view line =
          text.substr(start, std::min<std::size_t>(200, text.find('\n', start) - start));
      best = CommandText{
          .what = hit->what, .offset = start, .command = std::string(line), .severity = hit->severity};
      if (best->severity >= Severity::High) return best;
    }
    at = end;
  }
  return best;
}

// The text that `text` encodes if it is base64 as a whole and what comes out is printable; else empty.
std::string decoded_base64(std::string_view text) {
  text = trim(text);
  if (text.size() < kShortestEncoded) return {};
  auto decoded = decode_base64(text, Base64::UrlSafeToo);
  const auto shows = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r';
  };
  return decoded && std::ranges::all_of(*decoded, shows) ? *std::move(decoded) : std::string();
}

// A field whose value is nothing but a download: who asks a model for that?
bool is_download(std::string_view text) {
  const std::vector<ShellCommand> commands = split_commands(text.substr(0, kCommandBytes));
  return !commands.empty() && among(program_name(commands[0].words[0]), kDownloaders) && has_url(commands[0]);
}

}  // namespace

std::optional<CommandText> find_command(std::string_view text) {
  std::uint64_t steps = text.size() * kStepsPerByte + kFreeSteps;
  auto found = search(text, {kDepth, &steps}, false);
  if (found) return found;
  const std::string decoded = decoded_base64(text);
  if (!decoded.empty()) {
    found = search(decoded, {kDepth, &steps}, false);
    if (!found && is_download(decoded))
      found = CommandText{.what = "downloads a file", .command = decoded.substr(0, 200)};
    if (!found) return std::nullopt;
    found->encoded = true;
    found->offset = 0;
    // Nobody encodes a command for readability.
    found->severity = Severity::High;
    return found;
  }
  if (is_download(trim(text)))
    return CommandText{.what = "downloads a file",
                       .command = std::string(text.substr(0, 200)),
                       .severity = Severity::Medium};
  return std::nullopt;
}

}  // namespace bulwark::scan
