#include "scan/knowledge/folded_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "scan/formats/hidden_text.h"

namespace bulwark::scan {
namespace {

// One character of the source, possibly written as an escape.
struct Letter {
  std::uint32_t code = 0;
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
};

// Letters of other scripts with a Latin shape (Unicode confusables, the common ones).
constexpr auto kLookAlikes = std::to_array<std::pair<std::uint32_t, char>>({
    {0x131, 'i'}, {0x261, 'g'}, {0x26A, 'i'}, {0x391, 'a'}, {0x392, 'b'}, {0x395, 'e'}, {0x397, 'h'},
    {0x399, 'i'}, {0x39A, 'k'}, {0x39C, 'm'}, {0x39D, 'n'}, {0x39F, 'o'}, {0x3A1, 'p'}, {0x3A4, 't'},
    {0x3A5, 'y'}, {0x3A7, 'x'}, {0x3B1, 'a'}, {0x3B5, 'e'}, {0x3B9, 'i'}, {0x3BA, 'k'}, {0x3BD, 'v'},
    {0x3BF, 'o'}, {0x3C1, 'p'}, {0x3C4, 't'}, {0x3C5, 'u'}, {0x3C7, 'x'}, {0x405, 's'}, {0x406, 'i'},
    {0x408, 'j'}, {0x410, 'a'}, {0x412, 'b'}, {0x415, 'e'}, {0x41A, 'k'}, {0x41C, 'm'}, {0x41D, 'h'},
    {0x41E, 'o'}, {0x420, 'p'}, {0x421, 'c'}, {0x422, 't'}, {0x425, 'x'}, {0x430, 'a'}, {0x435, 'e'},
    {0x43A, 'k'}, {0x43C, 'm'}, {0x43E, 'o'}, {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'}, {0x443, 'y'},
    {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'}, {0x501, 'd'}, {0x51B, 'q'}, {0x51D, 'w'},
});

std::uint32_t folded(std::uint32_t code) {
  if (code >= 'A' && code <= 'Z') return code + 32;
  if (code >= 0xFF01 && code <= 0xFF5E) return folded(code - 0xFEE0);  // full width
  if (code >= 0x1D400 && code <= 0x1D6A3) {                            // mathematical: alphabets of 52
    const std::uint32_t letter = (code - 0x1D400) % 52;
    return 'a' + letter % 26;
  }
  if (code >= 0x1D7CE && code <= 0x1D7FF) return '0' + (code - 0x1D7CE) % 10;
  if (code >= 0x24B6 && code <= 0x24E9) return 'a' + (code - 0x24B6) % 26;  // circled
  if (code >= 0x1F130 && code <= 0x1F149) return 'a' + (code - 0x1F130);    // squared
  if (code >= 0x1F1E6 && code <= 0x1F1FF) return 'a' + (code - 0x1F1E6);    // regional indicators
  if (code == 0x2018 || code == 0x2019 || code == 0x2BC) return '\'';
  if (code >= 0x410 && code <= 0x42F) return code + 32;  // Cyrillic capitals
  if (code >= 0xC0 && code <= 0xDE && code != 0xD7) return code + 32;
  return code;
}

bool is_latin(std::uint32_t code) {
  return code >= 'a' && code <= 'z';
}
bool is_digit(std::uint32_t code) {
  return code >= '0' && code <= '9';
}
bool is_inner(std::uint32_t code) {  // what paths, addresses and contractions have inside of words
  return code == '\'' || code == '.' || code == '/' || code == '@' || code == ':' || code == '-' ||
         code == '~' || code == '$';
}
bool is_word(std::uint32_t code) {
  return is_latin(code) || is_digit(code) || code == '_' || code > 0x7F;
}

// "&#105;", "&#x69;", "\u0069", "\x69": the character and how many bytes it takes; size 0: none here.
Character escape_at(std::string_view text) {
  const auto number = [&](std::size_t from, std::size_t digits, int base, std::size_t more) -> Character {
    if (from + digits > text.size()) return {0, 0};
    std::uint32_t code = 0;
    const char* first = text.data() + from;
    const auto [end, error] = std::from_chars(first, first + digits, code, base);
    if (error != std::errc() || end != first + digits || code == 0 || code > 0x10FFFF) return {0, 0};
    return {code, static_cast<std::uint32_t>(from + digits + more)};
  };
  if (text.starts_with("\\u")) return number(2, 4, 16, 0);
  if (text.starts_with("\\x")) return number(2, 2, 16, 0);
  if (!text.starts_with("&#")) return {0, 0};
  const std::size_t end = text.substr(0, 10).find(';');
  if (end == std::string_view::npos) return {0, 0};
  const bool hexadecimal = text[2] == 'x' || text[2] == 'X';
  const std::size_t from = hexadecimal ? 3 : 2;
  if (end <= from) return {0, 0};
  return number(from, end - from, hexadecimal ? 16 : 10, 1);
}

std::vector<Letter> letters_of(std::string_view text) {
  std::vector<Letter> letters;
  letters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    Character character = character_at(text, at);
    if (text[at] == '\\' || text[at] == '&') {
      const Character escaped = escape_at(text.substr(at, 12));
      if (escaped.size != 0) character = escaped;
    }
    // The two letters "\n" of an encoded line end are a blank.
    if (character.code == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 't'))
      character = {' ', 2};
    // Emphasis inside a word changes nothing for who reads it.
    const bool emphasis = character.code == '*' || character.code == '`';
    if (!is_invisible(character.code) && !emphasis)
      letters.push_back({folded(character.code), at, at + character.size});
    at += character.size;
  }
  return letters;
}

// Between Latin letters a letter that only looks Latin is one.
void fold_look_alikes(std::vector<std::uint32_t>& codes) {
  if (std::ranges::none_of(codes, is_latin)) return;
  for (std::uint32_t& code : codes) {
    const auto found =
        std::ranges::lower_bound(kLookAlikes, code, {}, &std::pair<std::uint32_t, char>::first);
    if (found != kLookAlikes.end() && found->first == code) code = static_cast<std::uint32_t>(found->second);
  }
}

void fold_leetspeak(std::vector<std::uint32_t>& codes) {
  const auto letters = std::ranges::count_if(codes, is_latin);
  const auto digits = std::ranges::count_if(codes, is_digit);
  if (letters < 2 || digits == 0 || digits > letters) return;
  if (!std::ranges::all_of(
          codes, [](std::uint32_t c) { return is_latin(c) || is_digit(c) || c == '$' || c == '@'; }))
    return;
  constexpr std::string_view kLetters = "oizeasgtbg";
  for (std::uint32_t& code : codes) {
    if (is_digit(code)) code = static_cast<std::uint32_t>(kLetters[code - '0']);
    if (code == '$') code = 's';
    if (code == '@') code = 'a';
  }
}

std::string text_of_codes(const std::vector<std::uint32_t>& codes) {
  std::string text;
  for (const std::uint32_t code : codes) append_utf8(text, code);
  return text;
}

Word word_of(const std::vector<Letter>& letters, std::size_t first, std::size_t last) {
  std::vector<std::uint32_t> codes;
  for (std::size_t i = first; i < last; ++i) codes.push_back(letters[i].code);
  fold_look_alikes(codes);
  fold_leetspeak(codes);
  return {text_of_codes(codes), letters[first].offset, letters[last - 1].end};
}

// "i g n o r e   a l l": single letters with one separator each are one word, wider gaps end it.
void join_spaced_letters(std::vector<Word>& words) {
  constexpr std::size_t kLeast = 4;
  std::vector<Word> out;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t end = i;
    while (end < words.size() && words[end].text.size() == 1 &&
           is_latin(static_cast<unsigned char>(words[end].text[0])) &&
           (end == i || words[end].offset - words[end - 1].end <= 1))
      ++end;
    if (end - i < kLeast) {
      out.push_back(std::move(words[i++]));
      continue;
    }
    Word joined{{}, words[i].offset, words[end - 1].end};
    for (; i < end; ++i) joined.text += words[i].text;
    out.push_back(std::move(joined));
  }
  words = std::move(out);
}

// What stands between two words ends a sentence, a paragraph, a list's entry or a block of code.
bool ends_sentence(std::string_view between) {
  const std::size_t line = between.find('\n');
  if (line != std::string_view::npos) {
    const std::size_t next = between.find_first_not_of(" \t\r", line + 1);
    if (next != std::string_view::npos &&
        std::string_view("\n-*#|`>").find(between[next]) != std::string_view::npos)
      return true;
  }
  const std::size_t stop = between.find_first_of(".!?;");
  return between.find("```") != std::string_view::npos || between.find(" | ") != std::string_view::npos ||
         (stop != std::string_view::npos && between.find_first_of(" \t\n", stop) != std::string_view::npos);
}

}  // namespace

std::vector<Word> folded_words(std::string_view text) {
  const std::vector<Letter> letters = letters_of(text);
  std::vector<Word> words;
  for (std::size_t i = 0; i < letters.size();) {
    if (!is_word(letters[i].code) && letters[i].code != '~' && letters[i].code != '/' &&
        letters[i].code != '.' && letters[i].code != '@') {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < letters.size() && (is_word(letters[end].code) || is_inner(letters[end].code))) ++end;
    std::size_t last = end;
    while (last > i && !is_word(letters[last - 1].code)) --last;
    if (last > i) words.push_back(word_of(letters, i, last));
    i = end;
  }
  join_spaced_letters(words);
  for (std::size_t i = 1; i < words.size(); ++i)
    words[i].starts_sentence =
        ends_sentence(text.substr(words[i - 1].end, words[i].offset - words[i - 1].end));
  return words;
}

}  // namespace bulwark::scan
