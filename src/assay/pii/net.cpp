// E-mail, web and network addresses.
#include <algorithm>
#include <array>
#include <string>

#include "assay/pii/free.h"
#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kLocalPart = 64;  // RFC 5321, 4.5.3.1
constexpr std::size_t kDomain = 255;
constexpr std::size_t kUrl = 2048;  // what browsers are sure to take

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && static_cast<unsigned char>(c) < 0x80;
}
bool is_high(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}
bool is_label(char c) {
  return is_digit(c) || is_letter(c) || is_high(c) || c == '-';
}
bool is_hex(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f' && !is_high(c));
}

// Two-letter names that are also the ends of file names; alone they are no sign of a web address.
constexpr std::string_view kAlsoFiles = " py md rs sh so pl cc ps ml cs gz mm ph rb st vi ai la as am js in ";
constexpr std::string_view kTopLevel =
    " com org net edu gov mil int info biz name io dev app online shop site store tech xyz club blog cloud "
    "eu "
    "agency live news life world today email group team work space website design digital media museum "
    "travel "
    "jobs mobi cat asia pro tel coop aero arpa onion local test example invalid ";
constexpr std::string_view kCountries =
    " ac ad ae af ag al ao aq ar at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca "
    "cd cf "
    "cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et fi fj fk fm fo fr ga "
    "gb gd ge "
    "gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im io iq ir is it je jm jo jp "
    "ke kg "
    "kh ki km kn kp kr kw ky kz lb lc li lk lr ls lt lu lv ly ma mc me mg mh mk mn mo mp mq mr ms mt mu mv "
    "mw mx "
    "my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg pk pm pn pr pt pw qa re ro ru rw sa sb sc sd "
    "se sg "
    "si sk sl sm sn sr ss sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va "
    "vc ve "
    "vg vn vu wf ws ye yt za zm zw ";

bool listed(std::string_view list, std::string_view name) {
  if (name.size() > 10) return false;
  return list.contains(" " + lower(name) + " ");
}
bool top_level(std::string_view label) {
  if (label.starts_with("xn--")) return true;
  // Full-width punctuation is no label in Chinese letters.
  if (is_high(label[0])) return label[0] != '\xE2' && label[0] != '\xEF' && !label.starts_with("\xE3\x80");
  return listed(kTopLevel, label) || listed(kCountries, label) || listed(kAlsoFiles, label);
}

struct Domain {
  std::size_t end = 0;
  std::size_t labels = 0;
  std::string_view last;
};
// Labels and single dots from `begin`; a dot at the end belongs to the sentence.
Domain domain_at(std::string_view text, std::size_t begin) {
  Domain domain;
  std::size_t at = begin;
  const std::size_t stop = std::min(text.size(), begin + kDomain);
  while (at < stop) {
    const std::size_t label = at;
    while (at < stop && is_label(text[at])) ++at;
    std::size_t end = at;
    while (end > label && text[end - 1] == '-') --end;
    if (end == label || text[label] == '-' || end - label > 63) break;
    domain = {.end = end, .labels = domain.labels + 1, .last = text.substr(label, end - label)};
    if (end != at || at + 1 >= stop || text[at] != '.') break;
    ++at;
  }
  return domain;
}

// Closing punctuation is the sentence's, unless it was opened in the address.
std::size_t url_end(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  const std::size_t stop = std::min(text.size(), at + kUrl);
  while (at < stop) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) <= ' ' ||
        is_one_of(std::string_view(&c, 1), {"\"", "<", ">", "`", "{", "}", "|", "\\", "^"}))
      break;
    ++at;
  }
  while (at > begin && std::string_view(".,;:!?)]'*").contains(text[at - 1])) {
    const char open = text[at - 1] == ')' ? '(' : text[at - 1] == ']' ? '[' : char{0};
    if (open != 0 && text.substr(begin, at - begin).contains(open)) break;
    --at;
  }
  return at;
}

// Hexadecimal groups of RFC 4291: eight, or fewer and one "::"; a dotted IPv4 address may end it.
bool is_ipv6(std::string_view word) {
  std::size_t groups = 0;
  bool elided = false;
  std::size_t at = 0;
  if (word.starts_with(':') && !word.starts_with("::")) return false;
  while (at < word.size()) {
    if (word.substr(at).starts_with("::")) {
      if (elided) return false;
      elided = true;
      at += 2;
      continue;
    }
    if (word[at] == ':') {
      if (++at == word.size()) return false;
      continue;
    }
    const std::size_t start = at;
    while (at < word.size() && is_hex(word[at])) ++at;
    if (at < word.size() && word[at] == '.') {
      const auto tail = ipv4_from(word, start);
      if (!tail || tail->end != word.size()) return false;
      groups += 2;
      break;
    }
    if (at == start || at - start > 4) return false;
    ++groups;
  }
  return elided ? groups >= 1 && groups <= 7 : groups == 8;
}

bool is_mac(std::string_view word) {
  if (word.size() != 17) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (i % 3 == 2 ? word[i] != ':' : !is_hex(word[i])) return false;
  return true;
}

}  // namespace

std::optional<Extent> email_around(std::string_view text, std::size_t at) {
  constexpr std::string_view kAtoms = ".!#$%&'*+/=?^_`{|}~-";
  std::size_t begin = at;
  const std::size_t least = at > kLocalPart ? at - kLocalPart : 0;
  while (begin > least) {
    const char c = text[begin - 1];
    if (!is_digit(c) && !is_letter(c) && !is_high(c) && !kAtoms.contains(c)) break;
    if (c == '.' && text[begin] == '.') break;
    --begin;
  }
  // What a local part may contain but prose and code put in front of it.
  while (begin < at && std::string_view(".'/={|`&?*").contains(text[begin])) ++begin;
  if (const std::size_t equals = text.substr(begin, at - begin).find_last_of("=&?/");
      equals != std::string_view::npos)
    begin += equals + 1;
  if (begin == at || text[at - 1] == '.' || text[begin] == '.') return std::nullopt;
  const Domain domain = domain_at(text, at + 1);
  if (domain.labels < 2 || domain.last.size() < 2 || is_digit(domain.last[0])) return std::nullopt;
  if (domain.last.size() > 24 && !domain.last.starts_with("xn--")) return std::nullopt;
  return Extent{.begin = begin, .end = domain.end};
}

std::optional<Extent> url_around(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("://")) return std::nullopt;
  std::size_t begin = at;
  while (begin > 0 && at - begin < 8 && is_letter(text[begin - 1])) --begin;
  const std::string scheme = lower(text.substr(begin, at - begin));
  if (!is_one_of(scheme, {"http", "https", "ftp", "ftps", "sftp", "ws", "wss", "ldap", "ldaps", "smb", "git",
                          "ssh", "file", "s3", "gs"}))
    return std::nullopt;
  const std::size_t end = url_end(text, at + 3);
  if (end < at + 5) return std::nullopt;
  return Extent{.begin = begin, .end = end};
}

std::optional<Extent> domain_from(std::string_view text, std::size_t begin) {
  if (begin > 0 && std::string_view("@/-_.\\$%").contains(text[begin - 1])) return std::nullopt;
  const Domain domain = domain_at(text, begin);
  if (domain.labels < 2 || domain.last.size() < 2 || is_digit(domain.last[0])) return std::nullopt;
  if (domain.end < text.size() &&
      (text[domain.end] == '@' || text[domain.end] == '(' || text[domain.end] == '_'))
    return std::nullopt;
  const bool www = lower(text.substr(begin, 4)) == "www.";
  if (www && domain.labels < 3) return std::nullopt;
  const bool path = domain.end + 1 < text.size() && text[domain.end] == '/' &&
                    !is_high(text[domain.end + 1]) &&
                    (is_letter(text[domain.end + 1]) || is_digit(text[domain.end + 1]));
  if (!top_level(domain.last)) return std::nullopt;
  if (!www && listed(kAlsoFiles, domain.last)) return std::nullopt;
  // "end.It" and "os.name": a name in a text is written in lower case, or is longer than two labels.
  if (!www && lower(domain.last) != domain.last) return std::nullopt;
  if (!www && is_one_of(domain.last, {"name",  "test",  "local", "example", "info",   "is",    "it",
                                      "to",    "id",    "me",    "no",      "so",     "do",    "my",
                                      "at",    "be",    "us",    "int",     "group",  "email", "work",
                                      "store", "media", "live",  "site",    "design", "space", "test"}) &&
      !path && domain.labels < 3)
    return std::nullopt;
  return Extent{.begin = begin, .end = path ? url_end(text, domain.end) : domain.end, .sure = www || path};
}

std::optional<Extent> ipv4_from(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  for (int part = 0; part < 4; ++part) {
    int value = 0;
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at]) && at - start < 4) value = value * 10 + (text[at++] - '0');
    if (at == start || at - start > 3 || value > 255) return std::nullopt;
    if (text[start] == '0' && at - start > 1) return std::nullopt;
    if (part < 3 && (at >= text.size() || text[at++] != '.')) return std::nullopt;
  }
  if (at < text.size() && (is_digit(text[at]) || is_letter(text[at]) || text[at] == '_')) return std::nullopt;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == '-') && is_digit(text[at + 1]))
    return std::nullopt;
  if (begin > 0 && (is_letter(text[begin - 1]) || text[begin - 1] == '.' || text[begin - 1] == '-'))
    return std::nullopt;
  return Extent{.begin = begin, .end = at};
}

Colons colons_around(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 48;  // the longest IPv6 text has 45
  Colons found;
  std::size_t begin = at;
  std::size_t end = at;
  const auto inside = [](char c) { return is_hex(c) || c == ':'; };
  while (begin > 0 && at - begin < kMost && inside(text[begin - 1])) --begin;
  while (end < text.size() && end - at < kMost && (inside(text[end]) || text[end] == '.')) ++end;
  while (end > begin &&
         (text[end - 1] == '.' || (text[end - 1] == ':' && !text.substr(begin, end - begin).ends_with("::"))))
    --end;
  found.extent = {.begin = begin, .end = std::max(end, at + 1)};
  const std::string_view word = text.substr(begin, end - begin);
  if ((begin > 0 && (is_letter(text[begin - 1]) || is_digit(text[begin - 1]) || text[begin - 1] == '.')) ||
      (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))))
    return found;
  found.mac = is_mac(word);
  // "a::b" is C++; an address has a digit and some length.
  found.ipv6 = !found.mac && word.size() >= 3 && std::ranges::any_of(word, is_digit) && is_ipv6(word);
  return found;
}

}  // namespace bulwark::assay::pii
