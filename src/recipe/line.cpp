#include "recipe/line.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::recipe {
namespace {

// Decodes the escape after a backslash at `text[at]`; moves `at` to its last character.
Result<void> append_escape(std::string_view text, std::size_t& at, std::string& out) {
  const char kind = text[at];
  const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits > 0) {
    std::uint32_t code = 0;
    if (at + digits >= text.size()) return fail(Code::InvalidInput, "escape is cut");
    const char* first = text.data() + at + 1;
    const auto [end, error] = std::from_chars(first, first + digits, code, 16);
    if (error != std::errc{} || end != first + digits) return fail(Code::InvalidInput, "bad escape");
    at += digits;
    if (kind == 'x') {
      out.push_back(static_cast<char>(code));
    } else {
      append_utf8(out, code);
    }
    return {};
  }
  constexpr std::string_view kFrom = "ntr0\\\"'abfv";
  constexpr std::string_view kTo{"\n\t\r\0\\\"'\a\b\f\v", 11};
  const std::size_t index = kFrom.find(kind);
  if (index == std::string_view::npos)
    return fail(Code::InvalidInput, std::string("unknown escape \\") + kind);
  out.push_back(kTo[index]);
  return {};
}

// Reads the quoted text that starts at `text[at]`; moves `at` behind the closing quote.
Result<std::string> quoted(std::string_view text, std::size_t& at) {
  const char quote = text[at];
  std::string out;
  for (++at; at < text.size(); ++at) {
    if (text[at] == quote) {
      ++at;
      return out;
    }
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      TRY(append_escape(text, at, out));
    } else {
      out.push_back(text[at]);
    }
  }
  return fail(Code::InvalidInput, "quote is not closed");
}

}  // namespace

std::vector<Line> lines_of(std::string_view text, std::size_t first_number) {
  std::vector<Line> lines;
  std::size_t number = first_number;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    if (!line.empty() && line.front() != '#') {
      const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
      const std::string_view word = line.substr(0, blank);
      // Of a line of text only the blank behind the word goes: indentation is what YAML and Python mean.
      const bool verbatim = word == "line" && blank < line.size();
      lines.push_back({number, word, verbatim ? line.substr(blank + 1) : trim(line.substr(blank))});
    }
    ++number;
  }
  return lines;
}

Result<std::vector<Argument>> arguments_of(std::string_view rest) {
  std::vector<Argument> arguments;
  std::size_t at = 0;
  while (at < rest.size()) {
    if (rest[at] == ' ' || rest[at] == '\t') {
      ++at;
      continue;
    }
    Argument argument;
    while (at < rest.size() && rest[at] != ' ' && rest[at] != '\t') {
      if (rest[at] == '"' || rest[at] == '\'') {
        const std::string text = TRY(quoted(rest, at));
        argument.text += text;
      } else if (rest[at] == '=' && argument.key.empty() && !argument.text.empty()) {
        argument.key = std::move(argument.text);
        argument.text.clear();
        ++at;
      } else {
        argument.text.push_back(rest[at++]);
      }
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

Result<std::string> text_argument(std::string_view rest) {
  if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) return std::string(rest);
  std::size_t at = 0;
  std::string out = TRY(quoted(rest, at));
  if (at != rest.size()) return fail(Code::InvalidInput, "text after the closing quote");
  return out;
}

Result<std::uint64_t> number_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  const bool is_hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (is_hex) digits.remove_prefix(2);
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, is_hex ? 16 : 10);
  if (error != std::errc{} || stop != end || digits.empty())
    return fail(Code::InvalidInput, "not a number: '" + std::string(text) + "'");
  return negative ? ~value + 1 : value;
}

Result<double> real_of(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || text.empty())
    return fail(Code::InvalidInput, "not a real number: '" + std::string(text) + "'");
  return value;
}

Result<std::vector<std::uint8_t>> hex_of(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (const std::string_view word : words(text)) {
    if (word.size() % 2 != 0)
      return fail(Code::InvalidInput, "odd number of hex digits in " + std::string(word));
    for (std::size_t i = 0; i < word.size(); i += 2) {
      std::uint8_t byte = 0;
      const auto [end, error] = std::from_chars(word.data() + i, word.data() + i + 2, byte, 16);
      if (error != std::errc{} || end != word.data() + i + 2)
        return fail(Code::InvalidInput, "not hex: " + std::string(word));
      bytes.push_back(byte);
    }
  }
  return bytes;
}

Result<std::vector<std::uint8_t>> base64_of(std::string_view text) {
  std::string joined(text);
  std::erase(joined, ' ');
  const auto decoded = decode_base64(joined, Base64::Standard);
  if (!decoded) return fail(Code::InvalidInput, "not base64");
  return std::vector<std::uint8_t>(decoded->begin(), decoded->end());
}

}  // namespace bulwark::recipe
