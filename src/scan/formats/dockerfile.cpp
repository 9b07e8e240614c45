#include "scan/formats/dockerfile.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "base/document.h"
#include "base/text.h"
#include "scan/formats/shell_line.h"

namespace bulwark::scan {
namespace {

// Generated files reach some thousand.
constexpr std::size_t kInstructions = 100'000;
// Of one value after expansion, and of all of them: `ENV A=$A$A` doubles each time.
constexpr std::size_t kValueBytes = 4096;
constexpr std::size_t kExpandedBytes = std::size_t{8} << 20;
// Stages that continue one another; real files stay below ten.
constexpr std::size_t kInheritance = 64;
// Global arguments that `ARG NAME` of a stage looks at; real files stay below fifty.
constexpr std::size_t kGlobals = 512;

constexpr std::string_view kKeywords[] = {"ADD",    "ARG",   "CMD",         "COPY",  "ENTRYPOINT", "ENV",
                                          "EXPOSE", "FROM",  "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
                                          "RUN",    "SHELL", "STOPSIGNAL",  "USER",  "VOLUME",     "WORKDIR"};
// Set by the builder itself: known only there.
constexpr std::string_view kPredefined[] = {"BUILDPLATFORM",  "BUILDOS",     "BUILDARCH",  "BUILDVARIANT",
                                            "TARGETPLATFORM", "TARGETOS",    "TARGETARCH", "TARGETVARIANT",
                                            "HTTP_PROXY",     "HTTPS_PROXY", "NO_PROXY",   "http_proxy",
                                            "https_proxy",    "no_proxy"};

bool among(std::string_view word, std::span<const std::string_view> names) {
  return std::ranges::find(names, word) != names.end();
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

// Words as ENV, ARG, COPY … split them: blanks outside of quotes.
std::vector<ShellWord> docker_words(std::string_view text, std::uint64_t base) {
  std::vector<ShellWord> words;
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at]) || text[at] == '\n') {
      ++at;
      continue;
    }
    if (text.substr(at).starts_with("\\\n")) {
      at += 2;
      continue;
    }
    ShellWord word;
    word.offset = base + at;
    const std::size_t begin = at;
    char quote = 0;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (quote == 0 && (is_blank(c) || c == '\n')) break;
      if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
        if (text[++at] == '\n') continue;
        if (text[at] == '$') word.text += '\\';  // stays escaped for the expansion
        word.text += text[at];
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
        word.quoted = true;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else {
        if (c == '$' && quote != '\'') word.expands = true;
        if (c == '$' && quote == '\'') word.text += '\\';
        word.text += c;
      }
    }
    word.length = at - begin;
    words.push_back(std::move(word));
  }
  return words;
}

// Splits the file into instructions.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  [[nodiscard]] char escape() const { return escape_; }

  // The next instruction, its raw text blanked as arguments are; false at the end.
  bool next(DockerInstruction& out) {
    if (at_ == 0) read_directives();
    while (at_ < text_.size()) {
      const std::string_view line = line_at(at_);
      if (!is_empty(line) && !is_comment(line)) break;
      at_ = after(line);
    }
    if (at_ >= text_.size()) return false;
    const std::string_view first = line_at(at_);
    out = {};
    out.offset = at_ + first.find_first_not_of(" \t\r");
    logical_ = std::string();
    const std::size_t begin = out.offset;
    std::size_t from = begin;
    for (;;) {
      const std::string_view line = text_.substr(from, line_end(from) - from);
      const bool filler = from != begin && (is_comment(line) || is_empty(line));
      const std::size_t mark = filler ? std::string_view::npos : continuation(line);
      append(line, filler, mark);
      const std::size_t end = from + line.size();
      at_ = std::min(end + 1, text_.size());
      if ((!filler && mark == std::string_view::npos) || end >= text_.size()) break;
      logical_ += filler ? ' ' : mark + 1 < line.size() ? ' ' : '\n';
      from = at_;
      if (from >= text_.size()) break;
    }
    out.length = logical_.size();
    return true;
  }

  [[nodiscard]] const std::string& logical() const { return logical_; }

  // Reads the body of a heredoc that starts at the current line.
  void heredoc(DockerHeredoc& out, bool strips_tabs) {
    out.offset = at_;
    while (at_ < text_.size()) {
      std::string_view line = line_at(at_);
      const std::size_t next = after(line);
      if (line.ends_with('\r')) line.remove_suffix(1);
      while (strips_tabs && line.starts_with('\t')) line.remove_prefix(1);
      if (line == out.delimiter) {
        out.length = at_ - out.offset;
        at_ = next;
        return;
      }
      at_ = next;
    }
    out.length = text_.size() - out.offset;
  }

 private:
  [[nodiscard]] std::size_t line_end(std::size_t at) const {
    return std::min(text_.find('\n', at), text_.size());
  }
  [[nodiscard]] std::string_view line_at(std::size_t at) const { return text_.substr(at, line_end(at) - at); }
  [[nodiscard]] std::size_t after(std::string_view line) const {
    return std::min(at_ + line.size() + 1, text_.size());
  }
  static bool is_empty(std::string_view line) { return trim(line).empty(); }
  static bool is_comment(std::string_view line) { return trim(line).starts_with('#'); }

  // Position of the escape character that continues the line; npos if it does not go on.
  [[nodiscard]] std::size_t continuation(std::string_view line) const {
    const std::size_t last = line.find_last_not_of(" \t\r");
    return last != std::string_view::npos && line[last] == escape_ ? last : std::string_view::npos;
  }

  // Keeps the length, so that places stay places. A continuation becomes what a shell knows as one.
  void append(std::string_view line, bool filler, std::size_t mark) {
    if (filler) {
      logical_.append(line.size(), ' ');
    } else if (mark == std::string_view::npos) {
      logical_ += line;
    } else {
      logical_ += line.substr(0, mark);
      logical_ += '\\';
      if (mark + 1 < line.size()) logical_ += '\n';
      logical_.append(line.size() - std::min(line.size(), mark + 2), ' ');
    }
  }

  void read_directives() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) {
      std::string_view line = trim(line_at(at_));
      if (!line.starts_with('#')) return;
      line = trim(line.substr(1));
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) return;
      const std::string name = lower(trim(line.substr(0, equals)));
      if (name != "escape" && name != "syntax" && name != "check") return;
      if (name == "escape" && trim(line.substr(equals + 1)) == "`") escape_ = '`';
      at_ = after(line_at(at_));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char escape_ = '\\';
  std::string logical_;
};

bool takes_shell_form(std::string_view keyword) {
  return keyword == "RUN" || keyword == "CMD" || keyword == "ENTRYPOINT" || keyword == "HEALTHCHECK" ||
         keyword == "SHELL";
}

// `["a", "b"]`: words of the JSON form.
bool read_exec_form(DockerInstruction& out, const Limits& limits) {
  const std::size_t open = out.arguments.find_first_not_of(" \t\r\n\\");
  if (open == std::string::npos || out.arguments[open] != '[') return false;
  // A continuation is no JSON; blanks are.
  std::string json = out.arguments.substr(open);
  for (std::size_t i = 0; i + 1 < json.size(); ++i)
    if (json[i] == '\\' && json[i + 1] == '\n') json[i] = ' ';
  const auto parsed = parse_json(json, limits);
  if (!parsed || !parsed->root.is_list()) return false;
  for (const Document& item : parsed->root.list) {
    if (!item.is_string()) return false;
    ShellWord word;
    word.text = item.string;
    word.offset = out.arguments_offset + open + item.offset;
    word.length = item.string.size() + 2;
    word.expands = item.string.find('$') != std::string::npos;
    word.quoted = true;
    out.words.push_back(std::move(word));
  }
  out.exec_form = true;
  return true;
}

// Keyword, flags and arguments out of the logical line.
void read_instruction(std::string_view logical, DockerInstruction& out, const Limits& limits) {
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < logical.size()) {
      if (is_blank(logical[at]) || logical[at] == '\n') {
        ++at;
      } else if (logical.substr(at).starts_with("\\\n")) {
        at += 2;
      } else {
        return;
      }
    }
  };
  const auto word = [&] {
    const std::size_t begin = at;
    while (at < logical.size() && !is_blank(logical[at]) && logical[at] != '\n' &&
           !logical.substr(at).starts_with("\\\n"))
      ++at;
    return logical.substr(begin, at - begin);
  };
  out.keyword = upper(word());
  skip_blanks();
  if (out.keyword == "ONBUILD") {
    out.on_build = true;
    out.keyword = upper(word());
    skip_blanks();
  }
  while (logical.substr(at).starts_with("--") &&
         among(out.keyword, std::array<std::string_view, 5>{"RUN", "COPY", "ADD", "FROM", "HEALTHCHECK"})) {
    const std::uint64_t offset = out.offset + at;
    const std::string_view flag = word();
    const std::size_t equals = flag.find('=');
    out.flags.push_back(
        {std::string(flag.substr(0, equals)),
         equals == std::string_view::npos ? std::string() : std::string(flag.substr(equals + 1)), offset});
    skip_blanks();
  }
  if (out.keyword == "HEALTHCHECK" && upper(logical.substr(at, 4)) == "CMD ") {
    at += 4;
    skip_blanks();
  }
  out.arguments = logical.substr(at);
  out.arguments_offset = out.offset + at;
  const bool has_exec_form = takes_shell_form(out.keyword) || out.keyword == "COPY" || out.keyword == "ADD" ||
                             out.keyword == "VOLUME";
  if (has_exec_form && read_exec_form(out, limits)) return;
  if (!takes_shell_form(out.keyword)) out.words = docker_words(out.arguments, out.arguments_offset);
}

// The heredocs that an instruction announces; their bodies follow its last line.
void read_heredocs(Lines& lines, DockerInstruction& out) {
  if (out.keyword != "RUN" && out.keyword != "COPY" && out.keyword != "ADD") return;
  std::string_view rest = out.arguments;
  for (std::size_t at = rest.find("<<"); at != std::string_view::npos; at = rest.find("<<", at)) {
    at += 2;
    const bool here_string = at < rest.size() && rest[at] == '<';
    if (here_string) {
      while (at < rest.size() && rest[at] == '<') ++at;
      continue;
    }
    const bool strips_tabs = at < rest.size() && rest[at] == '-';
    if (strips_tabs) ++at;
    const char quote = at < rest.size() && (rest[at] == '"' || rest[at] == '\'') ? rest[at++] : '\0';
    const std::size_t begin = at;
    while (at < rest.size() && (is_identifier(rest[at]) || rest[at] == '.' || rest[at] == '-')) ++at;
    if (at == begin || rest[begin] == '-' || (rest[begin] >= '0' && rest[begin] <= '9')) continue;
    if (quote != 0 && (at >= rest.size() || rest[at] != quote)) continue;
    DockerHeredoc heredoc;
    heredoc.delimiter = rest.substr(begin, at - begin);
    if (out.keyword != "RUN" && !out.words.empty()) heredoc.target = out.words.back().text;
    lines.heredoc(heredoc, strips_tabs);
    out.heredocs.push_back(std::move(heredoc));
  }
}

// Follows FROM, ARG and ENV through the file.
class Scopes {
 public:
  explicit Scopes(Dockerfile& file) : file_(file) {}

  void add(DockerInstruction& instruction, std::size_t index) {
    if (instruction.keyword == "FROM" && !instruction.on_build) begin_stage(instruction, index);
    instruction.stage = file_.stages.empty() ? kBeforeStages : file_.stages.size() - 1;
    if (instruction.on_build) return;
    if (instruction.keyword == "ARG") add_arguments(instruction);
    if (instruction.keyword == "ENV") add_environment(instruction);
  }

 private:
  void begin_stage(const DockerInstruction& from, std::size_t index) {
    DockerStage stage;
    stage.from = index;
    if (!from.words.empty()) stage.written = from.words[0].text;
    if (from.words.size() >= 3 && upper(from.words[1].text) == "AS") stage.alias = lower(from.words[2].text);
    std::string image = expanded(file_, kBeforeStages, stage.written);
    if (const auto found = aliases_.find(lower(image)); found != aliases_.end()) stage.parent = found->second;
    if (image.find(kUnknownValue) == std::string::npos) stage.image = std::move(image);
    if (!stage.alias.empty()) aliases_[stage.alias] = file_.stages.size();
    file_.stages.push_back(std::move(stage));
  }

  void add_arguments(const DockerInstruction& instruction) {
    for (std::size_t i = 0; i < instruction.words.size(); ++i) {
      const ShellWord& word = instruction.words[i];
      const std::size_t equals = word.text.find('=');
      DockerVariable variable{
          word.text.substr(0, equals), {}, word.offset, true, equals != std::string::npos};
      if (variable.has_value) variable.value = expand_here(std::string_view(word.text).substr(equals + 1));
      add(std::move(variable));
    }
  }

  // `ENV A=1 B=2`, and the old `ENV A all the rest`.
  void add_environment(const DockerInstruction& instruction) {
    if (instruction.words.empty()) return;
    if (instruction.words[0].text.find('=') == std::string::npos) {
      DockerVariable variable{instruction.words[0].text, {}, instruction.words[0].offset, false, true};
      for (std::size_t i = 1; i < instruction.words.size(); ++i)
        variable.value += (i > 1 ? " " : "") + instruction.words[i].text;
      variable.value = expand_here(variable.value);
      add(std::move(variable));
      return;
    }
    for (const ShellWord& word : instruction.words) {
      const std::size_t equals = word.text.find('=');
      if (equals == std::string::npos) continue;
      add({word.text.substr(0, equals), expand_here(std::string_view(word.text).substr(equals + 1)),
           word.offset, false, true});
    }
  }

  std::string expand_here(std::string_view text) {
    if (text.find('$') == std::string_view::npos || expanded_ >= kExpandedBytes) return std::string(text);
    std::string value = expanded(file_, file_.stages.empty() ? kBeforeStages : file_.stages.size() - 1, text);
    expanded_ += value.size();
    return value;
  }
  void add(DockerVariable variable) {
    file_.declared.insert_or_assign(variable.name, variable);
    if (file_.stages.empty()) {
      file_.globals.push_back(std::move(variable));
      return;
    }
    DockerStage& stage = file_.stages.back();
    stage.last.insert_or_assign(variable.name, stage.variables.size());
    stage.variables.push_back(std::move(variable));
  }

  std::map<std::string, std::size_t, std::less<>> aliases_;
  std::size_t expanded_ = 0;
  Dockerfile& file_;
};

// What `name` holds in that scope: null if nobody declared it, kUnknownValue if only the build knows.
std::optional<std::string> value_of(const Dockerfile& file, std::size_t stage, std::string_view name) {
  const auto declared = file.declared.find(name);
  const DockerVariable* found = nullptr;
  if (stage == kBeforeStages) {
    // An ARG of an earlier stage is not visible to FROM, but whoever wrote it there meant it to be.
    if (declared != file.declared.end()) found = &declared->second;
  } else {
    found = file.variable(stage, name);
    // `ARG NAME` in a stage takes the global default.
    if (found != nullptr && found->argument && !found->has_value) {
      const auto& globals = file.globals;
      const auto end =
          globals.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(globals.size(), kGlobals));
      const auto global =
          std::find_if(globals.begin(), end, [&](const DockerVariable& one) { return one.name == name; });
      if (global != end && global->has_value) found = &*global;
    }
  }
  if (found == nullptr)
    return among(name, kPredefined) ? std::optional(std::string(1, kUnknownValue)) : std::nullopt;
  return found->has_value ? found->value : std::string(1, kUnknownValue);
}

}  // namespace

const DockerFlag* DockerInstruction::flag(std::string_view name) const {
  const auto found = std::ranges::find(flags, name, &DockerFlag::name);
  return found == flags.end() ? nullptr : &*found;
}

const DockerVariable* Dockerfile::variable(std::size_t stage, std::string_view name) const {
  std::optional<std::size_t> at = stage;
  for (std::size_t depth = 0; at && *at < stages.size() && depth < kInheritance; ++depth) {
    const auto found = stages[*at].last.find(name);
    if (found != stages[*at].last.end()) return &stages[*at].variables[found->second];
    at = stages[*at].parent;
  }
  return nullptr;
}

std::string expanded(const Dockerfile& file, std::size_t stage, std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() < kValueBytes; ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size() && text[at + 1] == '$') {
      out += text[++at];
      continue;
    }
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c != '$' || (next != '{' && !is_identifier(next))) {
      out += c;
      continue;
    }
    const bool braced = next == '{';
    std::size_t end = at + (braced ? 2 : 1);
    const std::size_t begin = end;
    while (end < text.size() && is_identifier(text[end])) ++end;
    const auto value = value_of(file, stage, text.substr(begin, end - begin));
    if (!braced) {
      out += value.value_or(std::string());
      at = end - 1;
      continue;
    }
    const std::size_t close = text.find('}', end);
    if (close == std::string_view::npos) return out + std::string(text.substr(at));
    std::string_view rest = text.substr(end, close - end);
    const bool colon = rest.starts_with(':');
    if (colon) rest.remove_prefix(1);
    const bool set = value && (!colon || !value->empty());
    if (rest.starts_with('-')) {
      out += set && *value != std::string(1, kUnknownValue) ? *value : std::string(rest.substr(1));
    } else if (rest.starts_with('+')) {
      out += set ? std::string(rest.substr(1)) : std::string();
    } else {
      out += value.value_or(std::string());
    }
    at = close;
  }
  return out.substr(0, kValueBytes);
}

Result<Dockerfile> parse_dockerfile(std::string_view text, const Limits& limits) {
  Dockerfile file;
  Lines lines(text);
  Scopes scopes(file);
  DockerInstruction instruction;
  while (lines.next(instruction)) {
    if (file.instructions.size() >= kInstructions)
      return fail(Code::LimitReached, "more than " + std::to_string(kInstructions) + " instructions",
                  instruction.offset);
    read_instruction(lines.logical(), instruction, limits);
    read_heredocs(lines, instruction);
    scopes.add(instruction, file.instructions.size());
    file.instructions.push_back(std::move(instruction));
  }
  file.escape = lines.escape();
  return file;
}

bool looks_like_dockerfile(std::string_view text) {
  text = text.substr(0, 16384);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  bool begun = false;
  std::size_t others = 0;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    const std::vector<std::string_view> parts = words(line);
    const std::string keyword = upper(parts[0]);
    if (!begun) {
      // "From:" of a letter and SQL's "FROM" do not stand alone with one word behind them.
      const bool image = parts.size() > 1 && parts[1].front() != '=' && !line.ends_with(';');
      const bool from = keyword == "FROM" && image &&
                        (parts.size() == 2 || (parts.size() == 4 && upper(parts[2]) == "AS") ||
                         (parts.size() > 2 && parts[1].starts_with("--platform=")));
      if (!from && !(keyword == "ARG" && parts.size() == 2)) return false;
      begun = true;
    } else if (parts[0] == keyword && parts.size() > 1 && keyword != "FROM" && among(keyword, kKeywords)) {
      ++others;
    }
  }
  return begun && others > 0;
}

}  // namespace bulwark::scan
