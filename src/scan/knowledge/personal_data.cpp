#include "scan/knowledge/personal_data.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// Different values remembered of a kind.
constexpr std::size_t kRemembered = 1000;
constexpr std::size_t kFewestAddresses = 5;
constexpr std::size_t kFewestCards = 3;
// Searched; a text of more has shown enough.
constexpr std::size_t kText = std::size_t{4} << 20;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_word(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '_';
}

class Kind {
 public:
  void add(std::string value, std::uint64_t offset) {
    if (values_.empty()) first_ = offset;
    if (values_.size() < kRemembered) values_.insert(std::move(value));
  }
  [[nodiscard]] std::size_t count() const { return values_.size(); }
  [[nodiscard]] PersonalData as(std::string_view kind) const {
    return {.kind = kind, .count = count(), .offset = first_};
  }

 private:
  std::set<std::string> values_;
  std::uint64_t first_ = 0;
};

// --- Payment cards

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1 && (digit *= 2) > 9) digit -= 9;
    sum += digit;
  }
  return sum % 10 == 0;
}

// Prefixes of the schemes with the lengths that they issue.
bool has_issuer(std::string_view digits) {
  const std::size_t size = digits.size();
  const auto prefix = [&](std::size_t length) {
    int value = 0;
    for (const char c : digits.substr(0, length)) value = value * 10 + (c - '0');
    return value;
  };
  const int two = prefix(2);
  const int three = prefix(3);
  const int four = prefix(4);
  if (digits[0] == '4') return size == 16 || size == 13 || size == 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return size == 16;
  if (two == 34 || two == 37) return size == 15;
  if (four == 6011 || two == 65 || (three >= 644 && three <= 649)) return size == 16;
  if (two == 36 || two == 38 || (three >= 300 && three <= 305)) return size == 14;
  return four >= 3528 && four <= 3589 && size == 16;
}

// Numbers that processors publish for tests.
bool is_test_card(std::string_view digits) {
  constexpr std::array<std::string_view, 16> kTest = {
      "4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556",
      "4222222222222",    "5555555555554444", "5105105105105100", "5200828282828210",
      "2223003122003222", "378282246310005",  "371449635398431",  "6011111111111117",
      "6011000990139424", "30569309025904",   "38520000023237",   "3530111333300000"};
  if (std::ranges::find(kTest, digits) != kTest.end()) return true;
  // One digit again and again.
  return std::set<char>(digits.begin(), digits.end()).size() < 4;
}

// Digits in one piece or in groups with one separator throughout. Returns the digits; `end` past the last.
std::string number_at(std::string_view text, std::size_t at, std::size_t& end) {
  constexpr std::size_t kLongest = 19;
  std::string digits;
  char separator = 0;
  std::size_t group = 0;
  std::size_t i = at;
  for (; i < text.size() && digits.size() <= kLongest; ++i) {
    if (is_digit(text[i])) {
      digits += text[i];
      ++group;
      continue;
    }
    const bool joins = (text[i] == ' ' || text[i] == '-') && (separator == 0 || text[i] == separator) &&
                       group >= 4 && group <= 6 && i + 1 < text.size() && is_digit(text[i + 1]);
    if (!joins) break;
    separator = text[i];
    group = 0;
  }
  end = i;
  return digits;
}

// --- IBAN

struct CountryLength {
  std::string_view country;
  std::size_t length;
};
constexpr auto kCountries = std::to_array<CountryLength>(
    {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
     {"BH", 22}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
     {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27},
     {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28},
     {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20},
     {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"MC", 27}, {"MD", 24},
     {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NL", 18}, {"NO", 15}, {"PK", 24},
     {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"SA", 24}, {"SC", 31},
     {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24},
     {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}});

bool passes_modulo_97(std::string_view iban) {
  std::string moved(iban.substr(4));
  moved += iban.substr(0, 4);
  unsigned remainder = 0;
  for (const char c : moved) {
    const unsigned value = is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A' + 10);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder == 1;
}

std::string iban_at(std::string_view text, std::size_t at) {
  const auto country = std::ranges::find(kCountries, text.substr(at, 2), &CountryLength::country);
  if (country == kCountries.end()) return {};
  std::string iban;
  for (std::size_t i = at; i < text.size() && iban.size() < country->length; ++i) {
    if (is_digit(text[i]) || is_upper(text[i])) {
      iban += text[i];
    } else if (text[i] != ' ' || iban.size() % 4 != 0) {
      return {};
    }
  }
  constexpr std::string_view kExamples[] = {"GB82WEST12345698765432", "DE89370400440532013000",
                                            "GB29NWBK60161331926819", "FR1420041010050500013M02606"};
  const bool published = std::ranges::find(kExamples, std::string_view(iban)) != std::end(kExamples);
  return iban.size() == country->length && !published && passes_modulo_97(iban) ? iban : std::string();
}

// --- Social security numbers

// ddd-dd-dddd that has been issued.
bool is_social_security(std::string_view text, std::size_t at) {
  constexpr std::string_view kShape = "ddd-dd-dddd";
  if (at + kShape.size() > text.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == 'd' ? !is_digit(text[at + i]) : text[at + i] != '-') return false;
  if (at + kShape.size() < text.size() && (is_word(text[at + 11]) || text[at + 11] == '-')) return false;
  const std::string_view area = text.substr(at, 3);
  return area != "000" && area != "666" && area[0] != '9' && text.substr(at + 4, 2) != "00" &&
         text.substr(at + 7, 4) != "0000" && text.substr(at, 11) != "123-45-6789" &&
         text.substr(at, 11) != "078-05-1120";
}

// --- Addresses

bool is_local_part(char c) {
  return is_word(c) || c == '.' || c == '-' || c == '+' || c == '%';
}

std::string address_around(std::string_view text, std::size_t at_sign) {
  constexpr std::size_t kLongest = 64;
  std::size_t begin = at_sign;
  while (begin > 0 && at_sign - begin < kLongest && is_local_part(text[begin - 1])) --begin;
  std::size_t end = at_sign + 1;
  while (end < text.size() && end - at_sign < kLongest &&
         (is_word(text[end]) || text[end] == '.' || text[end] == '-'))
    ++end;
  while (end > at_sign + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const std::string address = lower(text.substr(begin, end - begin));
  const std::string_view local = std::string_view(address).substr(0, at_sign - begin);
  const std::string_view host =
      std::string_view(address).substr(std::min(at_sign - begin + 1, address.size()));
  const std::size_t dot = host.rfind('.');
  if (local.empty() || dot == std::string_view::npos || host.size() - dot < 3 || is_digit(host.back()))
    return {};
  constexpr std::string_view kNobody[] = {"git", "noreply", "no-reply", "info", "support", "admin", "root"};
  const bool example = host.contains("example") || host.ends_with(".test") || host.ends_with(".invalid") ||
                       host.ends_with(".local") || host.ends_with("noreply.github.com");
  if (example || std::ranges::find(kNobody, local) != std::end(kNobody)) return {};
  return address;
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

}  // namespace

std::vector<PersonalData> find_personal_data(std::string_view text) {
  text = text.substr(0, kText);
  const std::string low = lower(text);
  const bool of_cards = mentions(low, {"card", "visa", "mastercard", "amex", "pan_", "\"pan\""});
  const bool of_security = mentions(low, {"ssn", "social security", "social_security"});
  Kind cards;
  Kind accounts;
  Kind securities;
  Kind addresses;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '@') {
      std::string address = address_around(text, i);
      if (!address.empty()) addresses.add(std::move(address), i);
      continue;
    }
    const bool starts = i == 0 || (!is_word(text[i - 1]) && text[i - 1] != '.' && text[i - 1] != '-');
    if (!starts) continue;
    if (is_upper(c)) {
      std::string iban = iban_at(text, i);
      if (!iban.empty()) accounts.add(std::move(iban), i);
    } else if (is_digit(c)) {
      if (of_security && is_social_security(text, i)) securities.add(std::string(text.substr(i, 11)), i);
      std::size_t end = i;
      std::string digits = number_at(text, i, end);
      const bool whole = end == text.size() || (!is_word(text[end]) && text[end] != '.');
      if (whole && digits.size() >= 13 && digits.size() <= 19 && has_issuer(digits) &&
          !is_test_card(digits) && passes_luhn(digits))
        cards.add(std::move(digits), i);
    }
  }
  std::vector<PersonalData> found;
  if (cards.count() >= (of_cards ? 1 : kFewestCards)) found.push_back(cards.as("payment card number"));
  if (accounts.count() > 0) found.push_back(accounts.as("bank account number (IBAN)"));
  if (securities.count() > 0) found.push_back(securities.as("US social security number"));
  if (addresses.count() >= kFewestAddresses) found.push_back(addresses.as("e-mail address"));
  return found;
}

}  // namespace bulwark::scan
