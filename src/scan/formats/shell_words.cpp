#include "scan/formats/shell_words.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "scan/formats/shell_line.h"

namespace bulwark::scan {
namespace {

// Installers of whole systems stay below 20,000 words.
constexpr std::size_t kWords = 65536;
constexpr std::uint32_t kSubstitutions = 8;
// Brackets and quotes open at once inside one substitution; beyond it the rest of the script is its content.
constexpr std::size_t kOpen = 64;

constexpr std::string_view kBefore[] = {"if",    "then", "else", "elif", "while",
                                        "until", "do",   "!",    "{",    "time"};
constexpr std::string_view kAfter[] = {"fi", "done", "esac", "}"};

bool among(std::string_view word, std::span<const std::string_view> names) {
  return std::ranges::find(names, word) != names.end();
}

// One past the end of what opens at `at` with "$(", "${" or "`"; the end of the text if it never closes.
std::size_t end_of_substitution(std::string_view text, std::size_t at) {
  std::string open;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const char inside = open.empty() ? '\0' : open.back();
    if (c == '\\') {
      ++at;
    } else if (inside == '\'') {
      if (c == '\'') open.pop_back();
    } else if (c == inside && (c == '"' || c == '`' || c == ')' || c == '}')) {
      open.pop_back();
    } else if (c == '"' || c == '`' || (c == '\'' && inside != '"')) {
      open += c;
    } else if (c == '(' && inside != '"' && inside != '}') {
      open += ')';
    } else if (c == '$' && at + 1 < text.size() && (text[at + 1] == '(' || text[at + 1] == '{')) {
      open += text[++at] == '(' ? ')' : '}';
    }
    if (open.empty()) return std::min(at + 1, text.size());
    if (open.size() > kOpen) return text.size();
  }
  return text.size();
}

// What the reader of a script and those of the substitutions in it have in common.
struct Reading {
  ShellScript out;
  std::size_t words_left = kWords;
  std::uint32_t pipelines = 0;
};

class Parser {
 public:
  Parser(std::string_view script, Reading& reading)
      : text_(script), reading_(reading), out_(reading.out), pipeline_(reading.pipelines++) {}

  // Reads [at, end) as commands at that depth of nesting.
  void parse(std::size_t at, std::size_t end, std::uint32_t depth) {
    at_ = at;
    end_ = end;
    base_depth_ = depth;
    while (at_ < end_ && reading_.words_left > 0) step();
    if (at_ < end_) out_.cut = true;
    end_command(false);
  }

 private:
  struct Substitution {
    std::size_t begin, end;
  };

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < end_ ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = peek();
    if (is_blank(c)) {
      end_word();
      ++at_;
    } else if (c == '\n') {
      end_command(false);
      ++at_;
      skip_heredocs();
    } else if (c == '\\') {
      escape();
    } else if (c == '#' && !in_word_) {
      while (at_ < end_ && text_[at_] != '\n') ++at_;
    } else if (c == '\'') {
      single_quoted();
    } else if (c == '"') {
      double_quoted();
    } else if (c == '$' || c == '`') {
      expansion();
    } else if (c == ';' || c == '|' || c == '&') {
      operation(c);
    } else if (c == '<' || c == '>') {
      redirection();
    } else if (c == '(' || c == ')') {
      bracket(c);
    } else {
      add(c);
      ++at_;
    }
  }

  void begin_word() {
    if (in_word_) return;
    in_word_ = true;
    word_ = {};
    word_.offset = at_;
  }
  void add(char c) {
    begin_word();
    word_.text += c;
  }

  void escape() {
    if (peek(1) == '\n') {
      at_ += 2;
    } else if (peek(1) == '\r' && peek(2) == '\n') {
      at_ += 3;
    } else {
      begin_word();
      word_.quoted = true;
      if (at_ + 1 < end_) word_.text += text_[at_ + 1];
      at_ = std::min(at_ + 2, end_);
    }
  }

  void single_quoted() {
    begin_word();
    word_.quoted = true;
    const std::size_t close = std::min(text_.find('\'', at_ + 1), end_);
    word_.text += text_.substr(at_ + 1, close - at_ - 1);
    at_ = std::min(close + 1, end_);
  }

  void double_quoted() {
    begin_word();
    word_.quoted = true;
    ++at_;
    while (at_ < end_ && text_[at_] != '"') {
      const char c = text_[at_];
      if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
      } else if (c == '\\' && at_ + 1 < end_ &&
                 std::string_view("\"\\$`").find(peek(1)) != std::string_view::npos) {
        word_.text += text_[at_ + 1];
        at_ += 2;
      } else if (c == '$' || c == '`') {
        expansion();
      } else {
        word_.text += c;
        ++at_;
      }
    }
    if (at_ < end_) ++at_;
  }

  // A variable or a substitution: stays as written. The commands of a substitution are read later.
  void expansion() {
    begin_word();
    const bool command = peek() == '`' || (peek() == '$' && peek(1) == '(' && peek(2) != '(');
    if (peek() == '`' || (peek() == '$' && (peek(1) == '(' || peek(1) == '{'))) {
      const std::size_t end = std::min(end_of_substitution(text_.substr(0, end_), at_), end_);
      if (command) {
        const std::size_t begin = at_ + (peek() == '`' ? 1 : 2);
        if (begin < end) substitutions_.push_back({begin, end - 1});
      }
      word_.text += text_.substr(at_, end - at_);
      word_.expands = true;
      at_ = end;
      return;
    }
    const char next = peek(1);
    if (is_identifier(next) || std::string_view("@*#?$!-").find(next) != std::string_view::npos)
      word_.expands = next != '\0';
    word_.text += text_[at_++];
  }

  void operation(char c) {
    const bool doubled = peek(1) == c;
    if (c == '&' && peek(1) == '>') return redirection();
    end_command(c == '|' && !doubled);
    at_ += doubled ? 2 : 1;
    if (c == '|' && !doubled && peek() == '&') ++at_;
    if (c == ';' && doubled && peek() == '&') ++at_;
  }

  void redirection() {
    const bool process = (peek() == '<' || peek() == '>') && peek(1) == '(';
    if (process) {
      // <( … ) is a word, and what is inside runs.
      begin_word();
      const std::size_t end = std::min(end_of_substitution(text_.substr(0, end_), at_ + 1), end_);
      if (at_ + 2 < end) substitutions_.push_back({at_ + 2, end - 1});
      word_.text += text_.substr(at_, end - at_);
      word_.expands = true;
      at_ = end;
      return;
    }
    Redirection found;
    const bool descriptor = in_word_ && !word_.quoted && word_.text.size() <= 2 && !word_.text.empty() &&
                            std::ranges::all_of(word_.text, [](char d) { return d >= '0' && d <= '9'; });
    if (descriptor) {
      found.sign = word_.text;
      in_word_ = false;
    } else {
      end_word();
    }
    while (at_ < end_ && found.sign.size() < 5 &&
           std::string_view("<>&|").find(text_[at_]) != std::string_view::npos)
      found.sign += text_[at_++];
    if (found.sign.ends_with("<<") && peek() == '-') found.sign += text_[at_++];
    pending_ = std::move(found);
    has_pending_ = true;
  }

  void bracket(char c) {
    if (c == '(' && in_word_ && word_.text.ends_with('=')) {
      // "names=(a b)": an array is one value.
      const std::size_t end = std::min(end_of_substitution(text_.substr(0, end_), at_), end_);
      word_.text += text_.substr(at_, end - at_);
      at_ = end;
      return;
    }
    if (c == '(' && in_word_) {
      // "name() {": the name of a function is no command.
      end_word();
      if (command_.words.size() == 1) command_.words.clear();
      command_started_ = !command_.words.empty() || !command_.assignments.empty();
      ++at_;
      ++depth_;
      return;
    }
    end_word();
    if (c == ')' && depth_ == 0) {
      // "pattern)" of a case: no command either.
      command_ = {};
      command_started_ = false;
    } else {
      end_command(false);
    }
    if (c == '(') ++depth_;
    if (c == ')' && depth_ > 0) --depth_;
    ++at_;
  }

  void end_word() {
    if (!in_word_) return;
    in_word_ = false;
    word_.length = at_ - word_.offset;
    if (reading_.words_left > 0) --reading_.words_left;
    if (has_pending_) {
      finish_redirection();
      return;
    }
    if (command_.words.empty()) {
      if (!word_.quoted && among(word_.text, kBefore) && command_.assignments.empty()) return;
      if (!word_.quoted && among(word_.text, kAfter) && command_.assignments.empty()) return;
      start_command();
      if (!assigned_name(word_.text).empty() &&
          assigned_name(text_.substr(word_.offset, word_.length)) == assigned_name(word_.text)) {
        command_.assignments.push_back(std::move(word_));
        return;
      }
    }
    start_command();
    command_.words.push_back(std::move(word_));
  }

  void start_command() {
    if (!command_started_) command_.offset = word_.offset;
    command_started_ = true;
  }

  void finish_redirection() {
    has_pending_ = false;
    start_command();
    pending_.target = std::move(word_);
    command_.redirections.push_back(std::move(pending_));
    const Redirection& done = command_.redirections.back();
    if (done.sign.ends_with("<<") || done.sign.ends_with("<<-"))
      heredocs_.push_back({out_.commands.size(), command_.redirections.size() - 1});
  }

  void end_command(bool piped) {
    end_word();
    has_pending_ = false;
    if (command_started_ || !command_.words.empty()) {
      command_.length = at_ - command_.offset;
      command_.pipeline = pipeline_;
      command_.depth = base_depth_ + depth_;
      command_.piped_into_next = piped;
      out_.commands.push_back(std::move(command_));
    } else if (piped && !out_.commands.empty()) {
      // "( … ) | sh", "done | sh": the last command inside feeds it.
      out_.commands.back().piped_into_next = true;
    }
    if (!piped) pipeline_ = reading_.pipelines++;
    command_ = {};
    command_started_ = false;
    read_substitutions();
  }

  void read_substitutions() {
    if (substitutions_.empty()) return;
    const std::vector<Substitution> inside = std::exchange(substitutions_, {});
    const std::uint32_t depth = base_depth_ + depth_ + 1;
    if (depth > kSubstitutions) {
      out_.cut = true;
      return;
    }
    for (const Substitution& part : inside) {
      Parser(text_, reading_).parse(part.begin, part.end, depth);
    }
  }

  // At the start of a line: the bodies of the heredocs of the line before.
  void skip_heredocs() {
    for (const auto& [command, redirection] : std::exchange(heredocs_, {})) {
      if (command >= out_.commands.size() || redirection >= out_.commands[command].redirections.size())
        continue;
      Redirection& heredoc = out_.commands[command].redirections[redirection];
      const bool tabs = heredoc.sign.ends_with('-');
      heredoc.body_offset = at_;
      while (at_ < end_) {
        const std::size_t line_end = std::min(text_.find('\n', at_), end_);
        std::string_view line = text_.substr(at_, line_end - at_);
        if (line.ends_with('\r')) line.remove_suffix(1);
        while (tabs && line.starts_with('\t')) line.remove_prefix(1);
        const std::size_t next = std::min(line_end + 1, end_);
        if (line == heredoc.target.text) {
          heredoc.body_length = at_ - heredoc.body_offset;
          at_ = next;
          break;
        }
        at_ = next;
        heredoc.body_length = at_ - heredoc.body_offset;
      }
    }
  }

  struct Heredoc {
    std::size_t command, redirection;
  };

  std::string_view text_;
  Reading& reading_;
  ShellScript& out_;
  std::uint32_t pipeline_;
  std::size_t at_ = 0, end_ = 0;
  std::uint32_t base_depth_ = 0, depth_ = 0;
  bool in_word_ = false, command_started_ = false, has_pending_ = false;
  ShellWord word_;
  SimpleCommand command_;
  Redirection pending_;
  std::vector<Substitution> substitutions_;
  std::vector<Heredoc> heredocs_;
};

}  // namespace

ShellScript parse_shell(std::string_view script) {
  Reading reading;
  Parser(script, reading).parse(0, script.size(), 0);
  return std::move(reading.out);
}

std::string_view assigned_name(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return {};
  std::string_view name = word.substr(0, equals);
  if (name.ends_with('+')) name.remove_suffix(1);
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return {};
  return std::ranges::all_of(name, is_identifier) ? name : std::string_view();
}

std::string program_of(std::string_view word) {
  const std::size_t slash = word.find_last_of("/\\");
  if (slash != std::string_view::npos) word.remove_prefix(slash + 1);
  if (word.ends_with(".exe")) word.remove_suffix(4);
  return std::string(word);
}

}  // namespace bulwark::scan
