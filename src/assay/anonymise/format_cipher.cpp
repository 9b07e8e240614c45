#include "assay/anonymise/format_cipher.h"

#include <algorithm>
#include <utility>

#include "assay/anonymise/characters.h"
#include "assay/anonymise/check_digits.h"

namespace bulwark::assay::anonymise {
namespace {

// After so many rounds of a walk with one chance in ten, something is wrong: 0.9^2000 is nothing.
constexpr int kMostSteps = 2'000;
constexpr std::size_t kLeastWalkedDigits = 7;  // of ten times a million numbers a tenth is valid

// A natural number, least limb first.
using Number = std::vector<std::uint32_t>;

void multiply_add(Number& number, std::uint32_t factor, std::uint32_t summand) {
  std::uint64_t carry = summand;
  for (std::uint32_t& limb : number) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32U;
  }
  if (carry != 0) number.push_back(static_cast<std::uint32_t>(carry));
}

std::uint32_t divide(Number& number, std::uint32_t divisor) {
  std::uint64_t rest = 0;
  for (std::size_t i = number.size(); i-- > 0;) {
    rest = rest << 32U | number[i];
    number[i] = static_cast<std::uint32_t>(rest / divisor);
    rest %= divisor;
  }
  while (!number.empty() && number.back() == 0) number.pop_back();
  return static_cast<std::uint32_t>(rest);
}

bool less(const Number& left, const Number& right) {
  if (left.size() != right.size()) return left.size() < right.size();
  return std::lexicographical_compare(left.rbegin(), left.rend(), right.rbegin(), right.rend());
}

std::size_t bits_of(const Number& number) {
  if (number.empty()) return 0;
  return number.size() * 32 - static_cast<std::size_t>(__builtin_clz(number.back()));
}

std::uint32_t radix_of(std::string_view alphabet) {
  return alphabet == "digits" ? 10 : alphabet == "alphanumeric" ? 62 : 26;
}

// The symbol's number, or nothing if the alphabet has it not.
std::optional<std::uint16_t> symbol_in(std::string_view alphabet, Sort sort, char letter) {
  const auto from = [letter](char first, unsigned offset) {
    return static_cast<std::uint16_t>(static_cast<unsigned>(letter - first) + offset);
  };
  const bool all = alphabet == "alphanumeric";
  if (sort == Sort::Digit && (all || alphabet == "digits")) return from('0', 0);
  if (sort == Sort::Upper && (all || alphabet == "upper")) return from('A', all ? 10 : 0);
  if (sort == Sort::Lower && (all || alphabet == "lower")) return from('a', all ? 36 : 0);
  return {};
}

char letter_of(std::string_view alphabet, std::uint16_t symbol) {
  const auto at = [symbol](char first, unsigned offset) {
    return static_cast<char>(static_cast<unsigned>(first) + symbol - offset);
  };
  if (alphabet == "digits") return at('0', 0);
  if (alphabet == "upper") return at('A', 0);
  if (alphabet == "lower") return at('a', 0);
  return symbol < 10 ? at('0', 0) : symbol < 36 ? at('A', 10) : at('a', 36);
}

}  // namespace

FormatCipher::FormatCipher(Encrypt how, Bytes key, std::string_view domain)
    : how_(std::move(how)), key_(key), domain_(domain) {}

Result<FormatCipher> FormatCipher::create(const Encrypt& how, Bytes key, std::string_view domain) {
  FormatCipher made(how, key, domain);
  if (how.alphabet != "custom") return made;
  std::vector<std::string_view> characters;
  split_characters(how.symbols, characters);
  if (characters.size() < 2 || characters.size() > crypto::kMostRadix)
    return fail(Code::InvalidInput, "an alphabet has at least two symbols");
  for (const std::string_view character : characters) {
    const auto number = static_cast<std::uint16_t>(made.custom_symbols_.size());
    if (!made.custom_.emplace(character, number).second)
      return fail(Code::InvalidInput, "a symbol of the alphabet comes twice");
    made.custom_symbols_.emplace_back(character);
  }
  return made;
}

bool FormatCipher::encrypt(std::string_view cell, std::string& out) {
  return how_.check == CheckDigit::Iban ? run_iban(cell, out, Direction::Encrypt)
                                        : run(cell, out, Direction::Encrypt);
}

bool FormatCipher::decrypt(std::string_view cell, std::string& out) {
  return how_.check == CheckDigit::Iban ? run_iban(cell, out, Direction::Decrypt)
                                        : run(cell, out, Direction::Decrypt);
}

bool FormatCipher::find_symbols() {
  places_.clear();
  radices_.clear();
  symbols_.clear();
  for (std::size_t i = 0; i < characters_.size(); ++i) {
    const std::string_view character = characters_[i];
    const Sort sort = sort_of(character);
    std::optional<std::uint16_t> symbol;
    std::uint32_t radix = radix_of(how_.alphabet);
    if (how_.alphabet == "custom") {
      radix = static_cast<std::uint32_t>(custom_symbols_.size());
      if (const auto found = custom_.find(character); found != custom_.end()) symbol = found->second;
    } else if (how_.alphabet == "shape") {
      const std::string_view own = sort == Sort::Digit ? "digits" : sort == Sort::Upper ? "upper" : "lower";
      radix = radix_of(own);
      symbol = symbol_in(own, sort, character.front());
    } else {
      symbol = symbol_in(how_.alphabet, sort, character.front());
    }
    if (symbol) {
      places_.push_back(i);
      radices_.push_back(radix);
      symbols_.push_back(*symbol);
    } else if (sort != Sort::Separator) {
      return false;  // it would stay as it is, and might be what must be hidden
    }
  }
  return symbols_.size() <= crypto::kMostFf1Symbols;
}

bool FormatCipher::run(std::string_view cell, std::string& out, Direction direction) {
  split_characters(cell, characters_);
  if (!find_symbols()) return false;
  const std::size_t edges = std::size_t{how_.keep_first} + how_.keep_last;
  if (symbols_.size() <= edges) return false;
  const std::size_t last = symbols_.size() - how_.keep_last;
  tweak_ = domain_;
  tweak_ += '\0';
  tweak_ += kept(0, how_.keep_first);
  tweak_ += kept(last, how_.keep_last);
  const bool changed = how_.check == CheckDigit::Luhn
                           ? change_luhn(how_.keep_first, last, direction)
                           : change(how_.keep_first, last - how_.keep_first, direction);
  if (changed) write(out);
  return changed;
}

bool FormatCipher::run_iban(std::string_view cell, std::string& out, Direction direction) {
  split_characters(cell, characters_);
  if (!find_symbols()) return false;
  std::string compact;
  for (const std::size_t place : places_) compact += characters_[place];
  if (!iban_valid(compact)) return false;
  tweak_ = domain_;
  tweak_ += '\0';
  tweak_ += compact.substr(0, 2);
  if (!change(4, symbols_.size() - 4, direction)) return false;
  std::string changed;
  write(changed);
  split_characters(changed, characters_);
  std::string bban;
  for (std::size_t i = 4; i < places_.size(); ++i) bban += characters_[places_[i]];
  const std::string check = iban_check(std::string_view(compact).substr(0, 2), bban);
  for (std::size_t i = 0; i < check.size(); ++i)
    changed[static_cast<std::size_t>(characters_[places_[2 + i]].data() - changed.data())] = check[i];
  out += changed;
  return true;
}

bool FormatCipher::change(std::size_t first, std::size_t count, Direction direction) {
  const auto begin = radices_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  if (std::adjacent_find(begin, end, std::not_equal_to<>()) != end)
    return change_mixed(first, count, direction);
  return apply(*begin, std::span(symbols_).subspan(first, count), direction);
}

bool FormatCipher::change_luhn(std::size_t first, std::size_t last, Direction direction) {
  if (!luhn_valid(symbols_)) return false;
  if (how_.keep_last == 0) {
    if (last - first < 2 || !change(first, last - 1 - first, direction)) return false;
    symbols_.back() = luhn_digit(std::span(symbols_).first(symbols_.size() - 1));
    return true;
  }
  if (last - first < kLeastWalkedDigits) return false;
  for (int step = 0; step < kMostSteps; ++step) {
    if (!change(first, last - first, direction)) return false;
    if (luhn_valid(symbols_)) return true;
  }
  return false;
}

bool FormatCipher::change_mixed(std::size_t first, std::size_t count, Direction direction) {
  Number number;
  Number values = {1};
  for (std::size_t i = first; i < first + count; ++i) {
    multiply_add(number, radices_[i], symbols_[i]);
    multiply_add(values, radices_[i], 0);
  }
  if (values.size() == 1 && values.front() < crypto::kLeastFf1Domain) return false;
  Number largest = values;
  for (std::size_t i = 0; largest[i]-- == 0;) ++i;  // minus one
  while (largest.back() == 0) largest.pop_back();
  const std::size_t size = bits_of(largest);
  if (size > crypto::kMostFf1Symbols) return false;
  crypto::Symbols bits(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t limb = i / 32;
    bits[size - 1 - i] = limb < number.size() ? static_cast<std::uint16_t>(number[limb] >> (i % 32) & 1U) : 0;
  }
  for (int step = 0; step < kMostSteps; ++step) {
    if (!apply(2, bits, direction)) return false;
    number.assign((size + 31) / 32, 0);
    for (std::size_t i = 0; i < size; ++i)
      number[i / 32] |= static_cast<std::uint32_t>(bits[size - 1 - i]) << (i % 32);
    while (!number.empty() && number.back() == 0) number.pop_back();
    if (!less(number, values)) continue;
    for (std::size_t i = first + count; i-- > first;)
      symbols_[i] = static_cast<std::uint16_t>(divide(number, radices_[i]));
    return true;
  }
  return false;
}

bool FormatCipher::apply(std::uint32_t radix, std::span<std::uint16_t> symbols, Direction direction) {
  if (!crypto::is_ff1_domain(radix, symbols.size())) return false;
  crypto::Ff1* ff1 = cipher(radix);
  if (ff1 == nullptr) return false;
  return (direction == Direction::Encrypt ? ff1->encrypt(symbols) : ff1->decrypt(symbols)).has_value();
}

crypto::Ff1* FormatCipher::cipher(std::uint32_t radix) {
  auto found = ciphers_.find(radix);
  if (found == ciphers_.end()) {
    auto made = crypto::Ff1::create(key_.bytes(), radix, {});
    if (!made) return nullptr;
    found = ciphers_.emplace(radix, std::move(*made)).first;
  }
  return found->second.set_tweak(bytes_of(tweak_)) ? &found->second : nullptr;
}

std::string FormatCipher::kept(std::size_t first, std::size_t count) const {
  std::string text;
  for (std::size_t i = first; i < first + count; ++i) text += characters_[places_[i]];
  return text;
}

void FormatCipher::write(std::string& out) const {
  std::size_t next = 0;
  for (std::size_t i = 0; i < characters_.size(); ++i) {
    if (next == places_.size() || places_[next] != i) {
      out += characters_[i];
      continue;
    }
    const std::uint16_t symbol = symbols_[next];
    if (how_.alphabet == "custom") {
      out += custom_symbols_[symbol];
    } else if (how_.alphabet == "shape") {
      const Sort sort = sort_of(characters_[i]);
      out += letter_of(sort == Sort::Digit ? "digits" : sort == Sort::Upper ? "upper" : "lower", symbol);
    } else {
      out += letter_of(how_.alphabet, symbol);
    }
    ++next;
  }
}

}  // namespace bulwark::assay::anonymise
