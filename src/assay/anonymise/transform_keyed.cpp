// Operators that need a key: keyed hash, token, FF1, surrogate, date shift.

#include <array>
#include <chrono>

#include "assay/anonymise/characters.h"
#include "assay/anonymise/check_digits.h"
#include "assay/anonymise/dates.h"
#include "assay/anonymise/format_cipher.h"
#include "assay/anonymise/keyed.h"
#include "assay/anonymise/transform.h"
#include "base/text.h"
#include "crypto/secret.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr std::size_t kMostDomain = 256;
constexpr std::size_t kTokenLetters = 26;  // 130 bits: no two values of any data set share a token
constexpr std::size_t kNameLetters = 16;   // 80 bits

// A derived key that is wiped.
class Keyed : public Transform {
 public:
  explicit Keyed(const crypto::Hash256& key) : key_(Bytes(key)) {}

 protected:
  [[nodiscard]] Bytes key() const { return key_.bytes(); }

 private:
  crypto::Secret key_;
};

class Hashing : public Keyed {
 public:
  Hashing(const crypto::Hash256& key, Hash how) : Keyed(key), how_(how) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    crypto::Hmac256 mac(key());
    mac.update(bytes_of(cell));
    const std::string digits = hex(mac.finish());
    out += std::string_view(digits).substr(0, how_.length);
    return true;
  }

 private:
  Hash how_;
};

class OpaqueToken : public Keyed {
 public:
  OpaqueToken(const crypto::Hash256& key, std::string prefix) : Keyed(key), prefix_(std::move(prefix)) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    out += prefix_;
    out += ValueStream(key(), cell).base32(kTokenLetters);
    return true;
  }

 private:
  std::string prefix_;
};

// Digits become digits, letters letters, separators stay. It cannot be undone, and two values may meet.
class ShapeToken : public Keyed {
 public:
  explicit ShapeToken(const crypto::Hash256& key) : Keyed(key) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    split_characters(cell, characters_);
    ValueStream stream(key(), cell);
    for (const std::string_view character : characters_) {
      switch (sort_of(character)) {
        case Sort::Digit: out += static_cast<char>('0' + stream.below(10)); break;
        case Sort::Upper: out += static_cast<char>('A' + stream.below(26)); break;
        case Sort::Separator: out += character; break;
        case Sort::Lower:
        case Sort::Other: out += static_cast<char>('a' + stream.below(26)); break;
      }
    }
    return true;
  }
  bool keeps_format() const override { return true; }

 private:
  std::vector<std::string_view> characters_;
};

class Encryption : public Transform {
 public:
  explicit Encryption(FormatCipher cipher) : cipher_(std::move(cipher)) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    return cipher_.encrypt(cell, out);
  }
  bool keeps_format() const override { return true; }

 private:
  FormatCipher cipher_;
};

class Shifting : public Keyed {
 public:
  Shifting(const crypto::Hash256& key, DateShift how) : Keyed(key), how_(std::move(how)) {}
  bool apply(std::string_view cell, std::string_view subject, std::string& out) override {
    const auto form = read_date(trim(cell), how_.order);
    if (!form || subject.empty()) return false;
    const std::uint32_t drawn = ValueStream(key(), subject).below(2 * how_.days);
    const auto away = static_cast<int>(drawn % how_.days) + 1;
    const std::chrono::days offset(drawn < how_.days ? away : -away);
    const std::chrono::year_month_day moved(std::chrono::sys_days(form->date) + offset);
    const int year = static_cast<int>(moved.year());
    if (year < 1 || year > 9'999) return false;
    write_date(*form, moved, out);
    return true;
  }
  bool keeps_format() const override { return true; }

 private:
  DateShift how_;
};

// Values that nobody has: ranges that registries keep for documents and tests.
class Substitution : public Keyed {
 public:
  Substitution(const crypto::Hash256& key, Surrogate kind) : Keyed(key), kind_(kind) {}
  bool apply(std::string_view cell, std::string_view, std::string& out) override {
    ValueStream stream(key(), cell);
    out += text(cell, stream);
    return true;
  }
  bool keeps_format() const override { return true; }

 private:
  static std::size_t count(std::string_view cell, Sort sort) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < cell.size(); ++i) found += sort_of(cell.substr(i, 1)) == sort ? 1U : 0U;
    return found;
  }
  // The digits in the places of the cell's, if they are as many.
  static std::string in_form_of(std::string_view cell, const std::string& digits) {
    if (count(cell, Sort::Digit) != digits.size() ||
        count(cell, Sort::Digit) + count(cell, Sort::Separator) != cell.size())
      return digits;
    std::string text(cell);
    std::size_t next = 0;
    for (char& letter : text)
      if (letter >= '0' && letter <= '9') letter = digits[next++];
    return text;
  }

  // No network issues numbers that begin with 99 9999 (ISO/IEC 7812-1 leaves 9 to national bodies).
  static std::string card(std::string_view cell, ValueStream& stream) {
    const std::size_t digits = count(cell, Sort::Digit);
    const std::size_t size = digits >= 12 && digits <= 19 ? digits : 16;
    std::string number = "999999" + stream.digits(size - 7);
    std::vector<std::uint16_t> payload;
    for (const char digit : number) payload.push_back(static_cast<std::uint16_t>(digit - '0'));
    number += static_cast<char>('0' + luhn_digit(payload));
    return in_form_of(cell, number);
  }
  // ZZ is no country and never will be (ISO 3166-1, user-assigned).
  static std::string iban(ValueStream& stream) {
    const std::string bban = stream.digits(18);
    return "ZZ" + iban_check("ZZ", bban) + bban;
  }
  // No number begins with 9, and no taxpayer number has these groups.
  static std::string ssn(std::string_view cell, ValueStream& stream) {
    const std::uint32_t group = 1 + stream.below(49);
    std::string digits = "9" + stream.digits(2);
    digits += static_cast<char>('0' + group / 10);
    digits += static_cast<char>('0' + group % 10);
    digits += stream.digits(4);
    if (count(cell, Sort::Digit) == 9) return in_form_of(cell, digits);
    return digits.substr(0, 3) + "-" + digits.substr(3, 2) + "-" + digits.substr(5);
  }
  static std::string mac(ValueStream& stream) {
    std::string text = "02";  // administered locally
    for (int i = 0; i < 5; ++i) text += ":" + stream.hex(2);
    return text;
  }
  static std::string ipv6(ValueStream& stream) {
    std::string text = "2001:db8";  // RFC 3849
    for (int i = 0; i < 6; ++i) text += ":" + stream.hex(4);
    return text;
  }
  static std::string uuid(ValueStream& stream) {
    std::string text = stream.hex(8) + "-" + stream.hex(4) + "-8" + stream.hex(3) + "-";  // RFC 9562: custom
    text += "89ab"[stream.below(4)];
    return text + stream.hex(3) + "-" + stream.hex(12);
  }
  static std::string name(ValueStream& stream) {
    static constexpr std::array<std::string_view, 24> kGiven = {
        "Ada",  "Ben",  "Cleo", "Dan",  "Eva",  "Finn", "Gwen", "Hugo", "Ines", "Jon", "Kira", "Leo",
        "Mona", "Nils", "Olga", "Paul", "Rosa", "Sven", "Tara", "Ugo",  "Vera", "Wim", "Yara", "Zoe"};
    static constexpr std::array<std::string_view, 24> kFamily = {
        "Abel",    "Berg",  "Conti", "Dahl",   "Ebner", "Frank", "Gross",  "Holm",
        "Iversen", "Janda", "Kern",  "Lund",   "Moser", "Nagy",  "Orsini", "Palm",
        "Quist",   "Roth",  "Sato",  "Thorne", "Urban", "Vogt",  "Weiss",  "Young"};
    return std::string(kGiven[stream.below(kGiven.size())]) + " " +
           std::string(kFamily[stream.below(kFamily.size())]);
  }

  std::string text(std::string_view cell, ValueStream& stream) const {
    switch (kind_) {
      case Surrogate::Card: return card(cell, stream);
      case Surrogate::Iban: return iban(stream);
      case Surrogate::Ssn: return ssn(cell, stream);
      case Surrogate::Email:
        return "user-" + stream.base32(kNameLetters) + "@example.com";  // RFC 2606
      // Numbers 555-0100 to 555-0199 of every area are kept for fiction.
      case Surrogate::Phone:
        return "+1-" + std::to_string(200 + stream.below(800)) + "-555-01" + stream.digits(2);
      case Surrogate::Ipv4:  // RFC 2544: 198.18.0.0/15
        return "198." + std::to_string(18 + stream.below(2)) + "." + std::to_string(stream.below(256)) + "." +
               std::to_string(stream.below(256));
      case Surrogate::Ipv6: return ipv6(stream);
      case Surrogate::Mac: return mac(stream);
      case Surrogate::Url: return "https://example.com/" + stream.base32(kNameLetters);
      case Surrogate::Uuid: return uuid(stream);
      case Surrogate::Name: return name(stream);
      case Surrogate::None: break;
    }
    return {};
  }

  Surrogate kind_;
};

}  // namespace

Result<std::unique_ptr<Transform>> make_keyed_transform(const ColumnPlan& column, Bytes master) {
  const std::string_view domain = domain_of(column);
  if (domain.size() > kMostDomain)
    return fail(Code::InvalidInput, "the name is too long for a domain; write 'domain: SHORT'");
  // One FF1 key for all columns: the domain is the tweak, which others need to undo it.
  const bool is_ff1 = std::holds_alternative<Encrypt>(column.action);
  const crypto::Hash256 key =
      derive_key(master, name_of(column.action), is_ff1 ? std::string_view() : domain);
  if (const auto* how = std::get_if<Hash>(&column.action)) return std::make_unique<Hashing>(key, *how);
  if (const auto* how = std::get_if<Tokenise>(&column.action)) {
    if (how->style == TokenStyle::Shape) return std::make_unique<ShapeToken>(key);
    return std::make_unique<OpaqueToken>(key, how->prefix);
  }
  if (const auto* how = std::get_if<DateShift>(&column.action)) return std::make_unique<Shifting>(key, *how);
  if (const auto* how = std::get_if<Replace>(&column.action))
    return std::make_unique<Substitution>(key, how->surrogate);
  FormatCipher cipher = TRY(FormatCipher::create(std::get<Encrypt>(column.action), key, domain));
  return std::make_unique<Encryption>(std::move(cipher));
}

}  // namespace bulwark::assay::anonymise
