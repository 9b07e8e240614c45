#include "scan/secrets/value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/document.h"
#include "base/encoding.h"
#include "base/text.h"

extern "C" const char bw_secret_words[], bw_secret_words_end[];
extern "C" const char bw_secret_examples[], bw_secret_examples_end[];

namespace bulwark::scan::secrets {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}

using WordSet = std::set<std::string_view, std::less<>>;

WordSet lines_of(const char* begin, const char* end) {
  WordSet lines;
  for (const std::string_view line : split({begin, static_cast<std::size_t>(end - begin)}, '\n'))
    if (!line.empty() && line.front() != '#') lines.insert(line);
  return lines;
}

const WordSet& examples() {
  static const WordSet kExamples = lines_of(bw_secret_examples, bw_secret_examples_end);
  return kExamples;
}

// Every word of the list by its first four letters: a value of 40 characters asks 37 times.
struct Words {
  WordSet words;
  std::size_t longest = 0;
};
constexpr std::size_t kShortestWord = 4;

const Words& stop_words() {
  static const Words kWords = [] {
    Words list{.words = lines_of(bw_secret_words, bw_secret_words_end)};
    for (const std::string_view word : list.words) list.longest = std::max(list.longest, word.size());
    return list;
  }();
  return kWords;
}

bool contains_word(std::string_view value) {
  const Words& list = stop_words();
  const std::string text = lower(value);
  for (std::size_t at = 0; at + kShortestWord <= text.size(); ++at) {
    const std::string_view rest = std::string_view(text).substr(at, list.longest);
    // All words that start as `rest` does stand between its first four letters and itself.
    auto word = list.words.lower_bound(rest.substr(0, kShortestWord));
    for (; word != list.words.end() && *word <= rest; ++word)
      if (rest.starts_with(*word)) return true;
  }
  return false;
}

constexpr std::array<std::string_view, 33> kStandIns = {
    "example",  "placeholder", "changeme",  "change-me",  "change_me",   "change-this", "your_",
    "your-",    "yourkey",     "yourtoken", "yoursecret", "yourpass",    "yourapi",     "insert_",
    "insert-",  "redacted",    "dummy",     "foobar",     "replace_",    "replace-",    "replaceme",
    "sample",   "_here",       "-here",     "keyhere",    "fake_",       "fake-",       "not_a_real",
    "put_your", "mytoken",     "my_token",  "todo_",      "secret_key_",
};

// Ten characters that each follow the one before: "abcdefghij", "0123456789", also across 9 and 0.
bool has_sequence(std::string_view text) {
  // Long tokens may hold a few such characters by chance or as a joke of their issuer.
  const std::size_t long_run = std::max<std::size_t>(9, text.size() / 3);
  std::size_t run = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool follows = text[i] == text[i - 1] + 1 || (text[i - 1] == '9' && text[i] == '0');
    run = follows ? run + 1 : 0;
    if (run >= long_run) return true;
  }
  return false;
}

bool has_long_run(std::string_view text) {
  std::size_t run = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    run = text[i] == text[i - 1] ? run + 1 : 1;
    const char c = text[i];
    // Zero bytes are AAAA in base64; several token formats carry them.
    const std::size_t longest = c == 'A' ? 24 : c == 'x' || c == 'X' ? 5 : c == '*' || c == '.' ? 3 : 7;
    if (run >= longest) return true;
  }
  return false;
}

bool is_template(std::string_view value) {
  if (value.empty()) return true;
  constexpr std::string_view kOpening = "$<%[@";
  if (kOpening.contains(value.front())) return true;
  if (value.front() == '{' && !mixes_letters_and_digits(value)) return true;
  constexpr std::array<std::string_view, 7> kMarks = {"${", "{{", "$(", "<%", "%(", "...", "#{"};
  return std::ranges::any_of(kMarks, [&](std::string_view mark) { return value.contains(mark); });
}

}  // namespace

double entropy(std::string_view value) {
  std::array<std::uint32_t, 256> counts{};
  for (const char c : value) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  const auto size = static_cast<double>(value.size());
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const double share = count / size;
    bits -= share * std::log2(share);
  }
  return bits;
}

bool is_placeholder(std::string_view value) {
  if (is_template(value) || has_long_run(value)) return true;
  const std::string text = lower(value);
  if (has_sequence(text)) return true;
  if (std::ranges::any_of(kStandIns, [&](std::string_view word) { return text.contains(word); })) return true;
  return examples().contains(value);
}

// MINIO_SECRET_KEY: the name of another variable.
bool is_variable_name(std::string_view value) {
  return value.contains('_') && value.front() != '_' &&
         std::ranges::all_of(value, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

bool is_password_word(std::string_view value) {
  static constexpr std::array<std::string_view, 46> kWords = {
      "password", "passwd",  "pass",        "pwd",       "secret",  "user",     "username",   "root",
      "admin",    "test",    "testing",     "postgres",  "guest",   "token",    "key",        "foo",
      "bar",      "baz",     "changeit",    "changeme",  "xxx",     "yyy",      "pw",         "mypassword",
      "none",     "null",    "true",        "false",     "default", "mysecret", "secretpass", "passphrase",
      "userpass", "my-pass", "mypass",      "apikey",    "api_key", "string",   "demo",       "hunter2",
      "login",    "pswd",    "my_password", "password1", "secret1", "qwerty"};
  if (!value.empty() && is_variable_name(value)) return true;
  const std::string text = lower(value);
  if (std::ranges::find(kWords, std::string_view(text)) != kWords.end()) return true;
  constexpr std::string_view kFillers = "x*.-_";
  return text.find_first_not_of(kFillers) == std::string::npos;
}

bool is_hex(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool is_uuid(std::string_view value) {
  constexpr std::size_t kSize = 36;
  if (value.size() != kSize) return false;
  for (std::size_t i = 0; i < kSize; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !is_hex(value.substr(i, 1))) return false;
  }
  return true;
}

bool mixes_letters_and_digits(std::string_view value) {
  return std::ranges::any_of(value, is_digit) && std::ranges::any_of(value, is_letter);
}

bool looks_random(std::string_view value) {
  if (!mixes_letters_and_digits(value)) return false;
  // A word with a number behind it changes its kind of character once or twice, and camelCase once a word;
  // chance does all the time.
  std::size_t changes = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    const char before = value[i - 1];
    const char c = value[i];
    if (is_digit(c) != is_digit(before) || (is_upper(c) && is_lower(before))) ++changes;
  }
  constexpr std::size_t kPercent = 22;
  if (changes < 3 || changes * 100 < value.size() * kPercent) return false;
  if (is_hex(value)) return true;
  // Short pieces between separators are names: NEXUS-GPT4-API-KEY, rc0.15.0_2023.
  std::size_t longest = 0;
  std::size_t piece = 0;
  for (const char c : value) {
    piece = is_digit(c) || is_letter(c) || c == '+' || c == '=' ? piece + 1 : 0;
    longest = std::max(longest, piece);
  }
  if (longest < 10) return false;
  return !contains_word(value);
}

bool has_valid_crc(std::string_view token) {
  constexpr std::size_t kCheck = 6;
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const std::size_t underscore = token.find('_');
  if (underscore == std::string_view::npos || token.size() < underscore + 1 + kCheck + 1) return false;
  const std::string_view body = token.substr(underscore + 1, token.size() - underscore - 1 - kCheck);
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : body) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  crc = ~crc;
  std::string text(kCheck, '0');
  for (std::size_t i = kCheck; i-- > 0; crc /= 62) text[i] = kDigits[crc % 62];
  return token.ends_with(text);
}

std::optional<std::string> aws_account(std::string_view key_id) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t kPrefix = 4;
  constexpr std::size_t kUsed = 10;  // characters: 50 bits, of which 1 to 40 count
  if (key_id.size() < kPrefix + kUsed) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char c : key_id.substr(kPrefix, kUsed)) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 5 | digit;
  }
  const std::uint64_t account = (bits >> 9) & ((std::uint64_t{1} << 40) - 1);
  constexpr std::uint64_t kLargest = 999'999'999'999;
  if (account > kLargest || (bits >> 49) == 0) return std::nullopt;  // keys from before 2019 carry none
  std::string text = std::to_string(account);
  return std::string(12 - text.size(), '0') + text;
}

bool is_bech32(std::string_view text) {
  constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                       0x2a1462b3};
  const std::string word = lower(text);
  const std::size_t one = word.rfind('1');
  if (one == std::string::npos || one == 0 || word.size() - one < 7) return false;
  std::uint32_t sum = 1;
  const auto add = [&](std::uint32_t value) {
    const std::uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (std::size_t i = 0; i < kGenerator.size(); ++i)
      if ((top >> i & 1U) != 0) sum ^= kGenerator[i];
  };
  for (std::size_t i = 0; i < one; ++i) add(static_cast<std::uint32_t>(word[i]) >> 5);
  add(0);
  for (std::size_t i = 0; i < one; ++i) add(static_cast<std::uint32_t>(word[i]) & 31U);
  for (std::size_t i = one + 1; i < word.size(); ++i) {
    const std::size_t digit = kAlphabet.find(word[i]);
    if (digit == std::string_view::npos) return false;
    add(static_cast<std::uint32_t>(digit));
  }
  return sum == 1;
}

std::optional<JwtHeader> jwt_header(std::string_view token) {
  constexpr std::size_t kLongest = 16'384;  // a header with a certificate chain; real ones have 40 bytes
  const std::string_view first = token.substr(0, std::min(token.find('.'), kLongest));
  const auto text = decode_base64(first, Base64::UrlSafeToo);
  if (!text) return std::nullopt;
  const auto document = parse_json(*text, Limits{}, TrailingBytes::Allow);
  if (!document || !document->root.is_map()) return std::nullopt;
  const std::string_view algorithm = document->root.text("alg");
  if (algorithm.empty()) return std::nullopt;
  return JwtHeader{std::string(algorithm)};
}

}  // namespace bulwark::scan::secrets
