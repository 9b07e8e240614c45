#include "support/pii_generator.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "stats/random.h"
#include "support/pii_rules.h"

namespace bulwark::test {
namespace {

using Random = stats::Philox;

template <class T, std::size_t N>
const T& one_of(Random& random, const T (&list)[N]) {
  return list[random.below(N)];
}
const std::string_view& one_of(Random& random, std::span<const std::string_view> list) {
  return list[random.below(list.size())];
}

std::string digits(Random& random, std::size_t size, char first = '0') {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    const char least = i == 0 ? first : '0';
    out += static_cast<char>(least +
                             static_cast<char>(random.below(static_cast<std::uint64_t>('9' - least) + 1)));
  }
  return out;
}

// {label} and {value}; {n}: a small number of the surroundings.
constexpr std::string_view kLabelled[] = {
    "{label}: {value}",
    "{label} {value}",
    "My {label} is {value}.",
    "Her {label} ({value}) was checked.",
    "Please update {label} {value} in the file.",
    "The {label} on record, {value}, expired.",
    "Customer {n} gave {label} {value} at the desk.",
    "{label}={value}",
    "{label} - {value} - verified",
    "\"{label}\": \"{value}\"",
    "{\"id\": {n}, \"{label}\": \"{value}\", \"ok\": true}",
    "<field name=\"{label}\">{value}</field>",
    "<td>{label}</td><td>{value}</td>",
    "| {label} | {value} |",
    "{label}\t{value}\t{n}",
    "{n},{label},{value},yes",
    "INFO  user={n} {label}={value} accepted",
    "[{n}] WARN field '{label}' has value '{value}'",
    "> {label}: {value}\n> regards",
    "* {label}: {value}",
    "{label}:\n{value}\n",
    "Hi, can you confirm {label} {value}? Thanks",
    "We need your {label}. It is {value}, I think.",
    "Form 7b: {label} {value}; signature missing",
    "Meine {label} lautet {value}.",
    "Bitte {label} {value} pr\xC3\xBC"
    "fen.",
    "Die {label} des Kunden ist {value}",
    "Mon {label} est {value}.",
    "Voici le {label} : {value}, merci",
    "Le {label} {value} a \xC3\xA9t\xC3\xA9 v\xC3\xA9rifi\xC3\xA9",
    "Mi {label} es {value}.",
    "El {label} del cliente es {value}",
    "Confirmo {label} {value}, gracias",
    "Il mio {label} \xC3\xA8 {value}.",
    "Si prega di verificare {label} {value}",
    "Meu {label} \xC3\xA9 {value}.",
    "O {label} do cliente: {value}",
    "Mijn {label} is {value}.",
    "Graag {label} {value} controleren",
    "M\xC3\xB3j {label} to {value}.",
    "Prosz\xC4\x99 sprawdzi\xC4\x87 {label} {value}",
    "Mitt {label} \xC3\xA4r {value}.",
    "Min {label} er {value}",
    "{label}\xEF\xBC\x9A{value}",
    "{label} (required): {value}",
    "key={label}; value={value}; n={n}",
    "UPDATE t SET x = '{value}' -- {label}",
    "curl -d '{label}={value}' done",
    "  {label} ........ {value}",
    "From the call: {label} {value} and nothing else",
    "{value} ({label})",
    "{value} is my {label}",
};
constexpr std::string_view kBare[] = {
    "{value}",
    "see {value} there",
    "It was {value}.",
    "({value})",
    "a, {value}, b",
    "\"{value}\"",
    "x={value};",
    "{n}\t{value}\t{n}",
    "<a>{value}</a>",
    "found {value} and left",
    "l\xC3\xA0: {value}",
    "'{value}'",
};

std::string filled(Random& random, std::string_view pattern, std::string_view label, std::string_view value,
                   std::size_t* offset) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto is = [&](std::string_view name) { return pattern.substr(at).starts_with(name); };
    if (is("{label}")) {
      out += label;
      at += 7;
    } else if (is("{value}")) {
      *offset = out.size();
      out += value;
      at += 7;
    } else if (is("{n}")) {
      out += std::to_string(random.below(90) + 10);
      at += 3;
    } else {
      out += pattern[at++];
    }
  }
  return out;
}

PiiText planted(Random& random, std::string_view kind, std::string_view label, std::string_view value) {
  PiiText text;
  std::size_t offset = 0;
  const std::string_view pattern = label.empty() ? one_of(random, kBare) : one_of(random, kLabelled);
  text.text = filled(random, pattern, label, value, &offset);
  text.planted.push_back({.kind = std::string(kind), .offset = offset, .length = value.size()});
  return text;
}

// --- values with a grammar of their own ------------------------------------------------------------------

constexpr std::string_view kHosts[] = {
    "example.org",          "mail.example.com", "shop.example.co.uk", "uni-example.de",        "example.fr",
    "sub.deep.example.net", "beispiel.at",      "exemple.ca",         "xn--bcher-kva.example", "contoso.com"};
constexpr std::string_view kLocals[] = {"jane.doe", "j_smith", "info",     "maria+news",   "o'neil",
                                        "a.b.c",    "x1",      "kunde-77", "first.last99", "UPPER.Case"};

std::string email(Random& random) {
  return std::string(one_of(random, kLocals)) + std::to_string(random.below(100)) + "@" +
         std::string(one_of(random, kHosts));
}

std::string url(Random& random) {
  constexpr std::string_view kPaths[] = {
      "", "/", "/a/b.html", "/search?q=x&y=2", "/p/%7Euser#frag", "/wiki/Foo_(bar)", ":8080/x"};
  const std::string_view path = one_of(random, kPaths);
  switch (random.below(4)) {
    case 0:
      return "www." + std::string(one_of(random, kHosts)) +
             (path.starts_with(':') ? "" : std::string(path.substr(0, 10)));
    case 1: return "http://" + std::string(one_of(random, kHosts)) + std::string(path);
    case 2: return "ftp://files." + std::string(one_of(random, kHosts)) + "/pub";
    default: return "https://www." + std::string(one_of(random, kHosts)) + std::string(path);
  }
}

std::string ipv4(Random& random) {
  std::string out;
  for (int i = 0; i < 4; ++i)
    out += (i == 0 ? "" : ".") + std::to_string(i == 0 ? 1 + random.below(223) : random.below(256));
  return out;
}
std::string hexadecimal(Random& random, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += "0123456789abcdef"[random.below(16)];
  return out;
}
std::string ipv6(Random& random) {
  if (random.below(2) == 0)
    return "2001:db8::" + hexadecimal(random, 4) + ":" + std::to_string(1 + random.below(9));
  std::string out = "fe80";
  for (int i = 0; i < 7; ++i) out += ":" + hexadecimal(random, 4);
  return out;
}
std::string mac(Random& random) {
  std::string out;
  const std::string separator = random.below(2) == 0 ? ":" : "-";
  for (int i = 0; i < 6; ++i) out += (i == 0 ? "" : separator) + hexadecimal(random, 2);
  return out;
}

// National conventions: # a digit, the rest as written. Sources: the countries' own numbering plans.
constexpr std::string_view kInternational[] = {
    "+1 415 555 ####",   "+1-212-736-####",   "+1 (604) 555-####", "+44 20 7946 ####",    "+44 7700 900###",
    "+353 1 677 ####",   "+49 30 1234####",   "+49 151 2345####",  "+49 (0)89 636-480##", "+33 1 42 68 53 ##",
    "+33 6 12 34 56 ##", "+34 612 34 56 ##",  "+34 91 524 68 ##",  "+39 06 6982 ####",    "+39 347 123 4###",
    "+351 21 123 45##",  "+31 20 123 45##",   "+31 6 123456##",    "+32 2 123 45 ##",     "+41 44 668 18 ##",
    "+43 1 534 ####",    "+45 32 12 34 ##",   "+46 8 123 456 ##",  "+47 22 12 34 ##",     "+358 40 123 4###",
    "+48 22 123 45 ##",  "+420 224 123 4##",  "+421 2 123 456 ##", "+36 1 123 4###",      "+40 21 123 45##",
    "+359 2 123 45##",   "+30 21 0123 4###",  "+385 1 4567 ###",   "+380 44 123 45 ##",   "+7 495 123-45-##",
    "+90 212 123 45 ##", "+972 3 123 45##",   "+971 4 123 45##",   "+966 11 123 45##",    "+20 2 1234 56##",
    "+27 11 123 45##",   "+234 803 123 45##", "+254 712 345 6##",  "+212 5 22 12 34 ##",  "+91 98765 432##",
    "+91-22-2345-67##",  "+92 300 12345##",   "+880 1712 3456##",  "+86 138 1234 56##",   "+86 10 1234 56##",
    "+852 2123 45##",    "+886 2 2345 67##",  "+81 3 1234 56##",   "+81 90 1234 56##",    "+82 2 1234 56##",
    "+82 10 1234 56##",  "+65 6123 45##",     "+60 3 1234 56##",   "+66 2 123 45##",      "+84 24 1234 56##",
    "+62 812 3456 78##", "+63 917 123 45##",  "+61 2 9876 54##",   "+61 412 345 6##",     "+64 9 123 45##",
    "+55 11 91234-56##", "+54 11 1234-56##",  "+52 55 1234 56##",  "+56 2 1234 56##",     "+57 310 123 45##",
    "+4930123456##",     "+14155552###",      "0044 20 7946 09##", "0033142685###",
};
constexpr std::string_view kNational[] = {
    "(415) 555-2###",  "415-555-2###",   "415.555.2###",   "1-800-555-0###", "(212) 736 5###",
    "020 7946 0###",   "07700 900###",   "01632 960###",   "030 1234567##",  "0151 23456789",
    "089/636480##",    "01 42 68 53 ##", "06.12.34.56.##", "0612 345 6##",   "06-123456##",
    "044 668 18 ##",   "08-123 456 ##",  "070-123 45 ##",  "040 123 4###",   "(02) 9876 54##",
    "0412 345 6##",    "03-1234-56##",   "090-1234-56##",  "02-123-45##",    "010-1234-56##",
    "(11) 91234-56##", "0803 123 45##",  "011 123 45##",   "0212 123 45 ##", "022 123 45 ##",
};
constexpr std::string_view kSilentNational[] = {
    // only known as telephone numbers by the word beside them
    "612 34 56 ##", "4155552###",   "22 123 45 ##", "9123 45##",     "98765 432##",
    "32 12 34 ##",  "55 1234 56##", "0301234567",   "138 1234 56##", "347 123 4###",
};
constexpr std::string_view kPhoneLabels[] = {"phone",
                                             "Tel.",
                                             "Telephone",
                                             "mobile",
                                             "Telefon",
                                             "Handy",
                                             "t\xC3\xA9l\xC3\xA9phone",
                                             "tel\xC3\xA9"
                                             "fono",
                                             "m\xC3\xB3vil",
                                             "cellulare",
                                             "telefone",
                                             "telefoon",
                                             "cell",
                                             "phone number",
                                             "Call",
                                             "WhatsApp",
                                             "Rufnummer",
                                             "contact number"};

std::string with_digits(Random& random, std::string_view pattern) {
  std::string out;
  for (const char c : pattern) out += c == '#' ? static_cast<char>('0' + random.below(10)) : c;
  return out;
}

PiiText phone(Random& random) {
  const std::uint64_t which = random.below(10);
  if (which < 4)
    return planted(random, "phone", random.below(2) == 0 ? "" : one_of(random, kPhoneLabels),
                   with_digits(random, one_of(random, kInternational)));
  if (which < 8)
    return planted(random, "phone", random.below(3) == 0 ? "" : one_of(random, kPhoneLabels),
                   with_digits(random, one_of(random, kNational)));
  return planted(random, "phone", one_of(random, kPhoneLabels),
                 with_digits(random, one_of(random, kSilentNational)));
}

// --- hard negatives --------------------------------------------------------------------------------------

constexpr std::string_view kInnocent[] = {
    "Order",  "order id",      "Invoice no.", "tracking number", "SKU",           "Part number",
    "P/N",    "version",       "build",       "request id",      "Bestellnummer", "num\xC3\xA9ro de commande",
    "pedido", "Artikelnummer", "ticket",      "batch",           "reference",     "transaction id",
    "lot",    "timestamp",     "model no",    "catalog no"};

std::string ean13(Random& random) {
  std::string value = (random.below(2) == 0 ? "978" : "400") + digits(random, 9);
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) sum += (value[i] - '0') * (i % 2 == 0 ? 1 : 3);
  return value + static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string uuid(Random& random) {
  return hexadecimal(random, 8) + "-" + hexadecimal(random, 4) + "-4" + hexadecimal(random, 3) + "-a" +
         hexadecimal(random, 3) + "-" + hexadecimal(random, 12);
}

std::string innocent_value(Random& random) {
  switch (random.below(14)) {
    case 0: return digits(random, 16);
    case 1: return "4" + digits(random, 15);
    case 2: return digits(random, 9 + random.below(6), '1');
    case 3: return std::to_string(1'600'000'000 + random.below(200'000'000));
    case 4: return std::to_string(1'600'000'000'000 + random.below(200'000'000'000));
    case 5: return hexadecimal(random, 40);
    case 6: return hexadecimal(random, 64);
    case 7: return "ABC-" + digits(random, 3) + "-" + digits(random, 3) + "-" + digits(random, 4);
    case 8:
      return digits(random, 3, '2') + "-" + digits(random, 3, '2') + "-" +
             digits(random, 4);  // like a telephone number
    case 9:
      return digits(random, 1, '1') + "." + digits(random, 2) + "." + digits(random, 3) + "." +
             digits(random, 4);
    case 10: return ean13(random);
    case 11: return uuid(random);
    case 12: return digits(random, 4) + "-" + digits(random, 4) + "-" + digits(random, 4);
    default: return digits(random, 2) + "/" + digits(random, 6) + "-" + digits(random, 1);
  }
}

PiiText negative(Random& random) {
  constexpr std::string_view kPlain[] = {
      "the meeting on 2024-05-17 at 12:34:56 took 3.25 hours",
      "load model.py, README.md and setup.cfg first",
      "v1.2.3.4 replaces v1.2.3",
      "std::vector<int>::size and a::b",
      "offset 0x7fff5fbff8c0 in frame 12",
      "lat 48.8, lon 2.3",
      "0.123456, 0.654321, 0.111213 and 0.141516",
      "e.g. this, i.e. that. And so on.No blank here",
      "grade: 1.0.2, score 99.5%",
      "rows 1000000 to 2000000 of 16777216",
      "call f(x) with args 1, 2, 3",
      "3.14159265358979",
      "pi@home is no address",
      "@handle and #tag",
      "IBAN: to follow",
      "card: none on file",
      "the 2nd of 12 items, 1,234,567 bytes",
      "12:30-13:45 lunch",
      "A1 B2 C3 D4",
      "ratio 1:2:3:4",
      "1 000 000 000 units sold",
      "2024 2025 2026 2027",
      "10 20 30 40 50 60 70 80",
      "GET /api/v1/items/123456789 200 5123 0.004",
  };
  PiiText text;
  std::size_t offset = 0;
  if (random.below(4) == 0) {
    text.text = std::string(one_of(random, kPlain));
  } else {
    text.text =
        filled(random, one_of(random, kLabelled), one_of(random, kInnocent), innocent_value(random), &offset);
  }
  return text;
}

}  // namespace

std::size_t pii_corpus_templates() {
  return std::size(kLabelled) + std::size(kBare);
}

std::vector<std::string_view> pii_corpus_kinds() {
  std::vector<std::string_view> kinds = {"email", "url", "ipv4", "ipv6", "mac", "phone"};
  for (const IdRule& rule : id_rules()) kinds.push_back(rule.kind);
  return kinds;
}

std::string pii_plain_value(std::uint64_t seed, std::string_view kind) {
  Random random(seed, stats::stream_key("pii value"));
  for (const IdRule& rule : id_rules())
    if (rule.kind == kind) return rule.make(random);
  return "";
}

std::vector<PiiText> pii_corpus(std::uint64_t seed, std::size_t each) {
  Random random(seed, stats::stream_key("pii corpus"));
  std::vector<PiiText> corpus;
  for (std::size_t i = 0; i < each; ++i) {
    corpus.push_back(planted(random, "email", random.below(2) == 0 ? "e-mail" : "", email(random)));
    corpus.push_back(planted(random, "url", random.below(2) == 0 ? "website" : "", url(random)));
    corpus.push_back(planted(random, "ipv4", random.below(2) == 0 ? "client" : "", ipv4(random)));
    corpus.push_back(planted(random, "ipv6", random.below(2) == 0 ? "client" : "", ipv6(random)));
    corpus.push_back(planted(random, "mac", random.below(2) == 0 ? "link" : "", mac(random)));
    corpus.push_back(phone(random));
    for (const IdRule& rule : id_rules()) {
      const std::string plain = rule.make(random);
      const std::string value = spelled(random, rule, plain);
      const bool labelled = !rule.strong || random.below(2) == 0;
      corpus.push_back(planted(random, rule.kind, labelled ? one_of(random, rule.labels) : "", value));
      // The same with one digit changed is no such number, whatever stands beside it.
      if (i % 2 == 0 && rule.checked) {
        std::string other = value;
        for (std::size_t at = other.size(); at-- > 0;) {
          if (other[at] < '0' || other[at] > '9') continue;
          other[at] = static_cast<char>('0' + (other[at] - '0' + 1 + static_cast<int>(random.below(8))) % 10);
          break;
        }
        PiiText text = planted(random, rule.kind, one_of(random, rule.labels), other);
        text.planted.clear();
        corpus.push_back(std::move(text));
      }
    }
    for (int k = 0; k < 5; ++k) corpus.push_back(negative(random));
  }
  return corpus;
}

}  // namespace bulwark::test
