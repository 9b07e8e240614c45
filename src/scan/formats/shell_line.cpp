#include "scan/formats/shell_line.h"

#include <utility>

namespace bulwark::scan {
namespace {

constexpr std::size_t kWords = 96;

class Line {
 public:
  explicit Line(std::string_view text) : text_(text) {}

  std::vector<ShellCommand> commands() {
    while (at_ < text_.size() && words_ < kWords && !ended_) step();
    flush_word();
    flush_command(false);
    return std::move(commands_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\\' && at_ + 1 < text_.size() && !is_identifier(text_[at_ + 1])) {
      add(text_[at_ + 1]);
      at_ += 2;
    } else if (c == '\'' || c == '"') {
      quoted(c);
    } else if (c == '\n' || static_cast<unsigned char>(c) < 0x09) {
      ended_ = true;
    } else if (is_blank(c)) {
      flush_word();
      ++at_;
    } else if (c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '(') {
      substitution();
    } else if (c == '|' || c == ';' || c == '&') {
      operation(c);
    } else {
      add(c);
      ++at_;
    }
  }

  void quoted(char quote) {
    ++at_;
    in_word_ = true;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && quote == '"' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\'))
        ++at_;
      add(text_[at_++]);
    }
    ++at_;
  }

  // $( … ) is one word up to its closing bracket, so that the pipe inside belongs to it.
  void substitution() {
    int open = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      add(c);
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ')' && open == 0) return;
    }
  }

  void operation(char c) {
    const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == c;
    // ">&" and "&>" redirect and do not end a command.
    const bool redirects =
        c == '&' && ((at_ > 0 && text_[at_ - 1] == '>') || (at_ + 1 < text_.size() && text_[at_ + 1] == '>'));
    if (redirects) {
      add(c);
      ++at_;
      return;
    }
    flush_word();
    flush_command(c == '|' && !doubled);
    at_ += doubled ? 2 : 1;
  }

  void add(char c) {
    in_word_ = true;
    word_ += c;
  }
  void flush_word() {
    if (in_word_) {
      command_.words.push_back(std::move(word_));
      ++words_;
    }
    word_.clear();
    in_word_ = false;
  }
  void flush_command(bool piped) {
    if (command_.words.empty()) return;
    command_.piped_into_next = piped;
    commands_.push_back(std::move(command_));
    command_ = {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t words_ = 0;
  bool ended_ = false;
  bool in_word_ = false;
  std::string word_;
  ShellCommand command_;
  std::vector<ShellCommand> commands_;
};

}  // namespace

std::vector<ShellCommand> split_commands(std::string_view line) {
  return Line(line).commands();
}

}  // namespace bulwark::scan
