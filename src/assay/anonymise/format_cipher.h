#pragma once
// FF1 for cells: which characters are symbols, which stay, what becomes of check digits.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "assay/anonymise/plan.h"
#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/ff1.h"
#include "crypto/secret.h"

namespace bulwark::assay::anonymise {

// Separators keep their places. The tweak is the domain, a zero byte and the characters that are kept, so
// that one card number's middle says nothing of another's.
//
// Alphabet "shape": every digit stays a digit, every capital a capital, every small letter a small letter.
// Cells of one sort of symbol are encrypted in that radix; of a mixture, the number that they write in mixed
// radix is encrypted as bits, again and again until it is such a number (cycle walking: on average less than
// two times).
//
// Check Luhn: the last digit is left out and computed anew; if keep_last keeps it, the middle is encrypted
// again and again until the whole is valid (on average ten times), and must have seven digits. Check IBAN:
// the country stays, the check digits are computed anew, the rest is a shape.
class FormatCipher {
 public:
  // `key`: 32 bytes. Errors: InvalidInput (symbols of a custom alphabet).
  [[nodiscard]] static Result<FormatCipher> create(const Encrypt& how, Bytes key, std::string_view domain);

  // Appends to `out`. False, and nothing appended: a character of no alphabet, too few symbols (a domain
  // below a million), too many, or a check digit that is wrong.
  [[nodiscard]] bool encrypt(std::string_view cell, std::string& out);
  [[nodiscard]] bool decrypt(std::string_view cell, std::string& out);

 private:
  enum class Direction : std::uint8_t { Encrypt, Decrypt };
  FormatCipher(Encrypt how, Bytes key, std::string_view domain);
  [[nodiscard]] bool run(std::string_view cell, std::string& out, Direction direction);
  [[nodiscard]] bool run_iban(std::string_view cell, std::string& out, Direction direction);
  [[nodiscard]] bool find_symbols();
  [[nodiscard]] bool change(std::size_t first, std::size_t count, Direction direction);
  [[nodiscard]] bool change_luhn(std::size_t first, std::size_t last, Direction direction);
  [[nodiscard]] bool change_mixed(std::size_t first, std::size_t count, Direction direction);
  [[nodiscard]] bool apply(std::uint32_t radix, std::span<std::uint16_t> symbols, Direction direction);
  [[nodiscard]] crypto::Ff1* cipher(std::uint32_t radix);
  [[nodiscard]] std::string kept(std::size_t first, std::size_t count) const;
  void write(std::string& out) const;

  Encrypt how_;
  crypto::Secret key_;
  std::string domain_;
  std::map<std::uint32_t, crypto::Ff1> ciphers_;  // by radix
  std::map<std::string, std::uint16_t, std::less<>> custom_;
  std::vector<std::string> custom_symbols_;

  // Of the cell at hand.
  std::string tweak_;
  std::vector<std::string_view> characters_;
  std::vector<std::size_t> places_;     // of the symbols among the characters
  std::vector<std::uint32_t> radices_;  // of the symbols
  crypto::Symbols symbols_;
};

}  // namespace bulwark::assay::anonymise
