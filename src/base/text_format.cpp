#include "base/text_format.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace bulwark {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80U;
}

// Exactly `count` digits at `at`; -1 if they are not there.
int number_at(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = number_at(text, 0, 4);
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

// RFC 3339 full-time: hh:mm:ss[.fraction](Z|±hh:mm). A leap second ends an hour of UTC.
bool is_time(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':') return false;
  const int hour = number_at(text, 0, 2);
  const int minute = number_at(text, 3, 2);
  const int second = number_at(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  std::size_t at = 8;
  if (text[at] == '.') {
    const std::size_t first = ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == first) return false;
  }
  const std::string_view zone = text.substr(at);
  int shift = 0;
  if (zone != "Z" && zone != "z") {
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return false;
    const int hours = number_at(zone, 1, 2);
    const int minutes = number_at(zone, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
    shift = (hours * 60 + minutes) * (zone[0] == '+' ? 1 : -1);
  }
  constexpr int kDay = 24 * 60;
  return second < 60 || ((hour * 60 + minute - shift) % kDay + kDay) % kDay == kDay - 1;
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && is_date(text.substr(0, 10)) &&
         is_time(text.substr(11));
}

bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           const int value = part.size() <= 3 ? number_at(part, 0, part.size()) : -1;
           return !part.empty() && value >= 0 && value <= 255 && (part.size() == 1 || part[0] != '0');
         });
}

bool is_ipv6(std::string_view text) {
  std::size_t groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
  } else if (text.starts_with(":")) {
    return false;
  }
  while (!text.empty()) {
    if (text.contains('.') && !text.contains(':')) {
      if (!is_ipv4(text)) return false;
      groups += 2;
      break;
    }
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, colon);
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, is_hex)) return false;
    ++groups;
    text.remove_prefix(colon);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with(":")) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
    } else if (text.empty()) {
      return false;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view text) {
  constexpr std::size_t kMax = 253;
  constexpr std::size_t kMaxLabel = 63;
  if (text.empty() || text.size() > kMax) return false;
  return std::ranges::all_of(split(text, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  });
}

// RFC 5321 mailbox; with `international` also RFC 6531: letters beyond ASCII.
bool is_email(std::string_view text, bool international) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  const auto beyond = [&](char c) { return international && is_beyond_ascii(c); };
  const auto is_atom = [&](std::string_view atom) {
    return !atom.empty() && std::ranges::all_of(atom, [&](char c) {
      return is_letter(c) || is_digit(c) || beyond(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
    });
  };
  const bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
  if (!quoted && !std::ranges::all_of(split(local, '.'), is_atom)) return false;
  if (domain.starts_with('[')) return domain.ends_with(']') && domain.size() > 2;
  if (!international || std::ranges::none_of(domain, is_beyond_ascii)) return is_hostname(domain);
  return std::ranges::all_of(split(domain, '.'), is_atom);
}

// RFC 3986 and, with `international`, RFC 3987. `text` is UTF-8.
class Uri {
 public:
  Uri(std::string_view text, bool international) : text_(text), international_(international) {}

  [[nodiscard]] bool absolute() const {
    const std::size_t colon = end_of_scheme();
    return colon != std::string_view::npos && rest(text_.substr(colon + 1));
  }
  [[nodiscard]] bool reference() const {
    if (absolute()) return true;
    // Without a scheme the first segment holds no colon: nobody could tell it from one.
    const std::string_view segment = text_.substr(0, std::min(text_.find_first_of("/?#"), text_.size()));
    return !segment.contains(':') && rest(text_);
  }

 private:
  [[nodiscard]] std::size_t end_of_scheme() const {
    if (text_.empty() || !is_letter(text_[0])) return std::string_view::npos;
    std::size_t at = 1;
    while (at < text_.size() &&
           (is_letter(text_[at]) || is_digit(text_[at]) || std::string_view("+-.").contains(text_[at])))
      ++at;
    return at < text_.size() && text_[at] == ':' ? at : std::string_view::npos;
  }
  [[nodiscard]] bool chars(std::string_view part, std::string_view also) const {
    for (std::size_t i = 0; i < part.size(); ++i) {
      const char c = part[i];
      if (c == '%') {
        if (i + 2 >= part.size() || !is_hex(part[i + 1]) || !is_hex(part[i + 2])) return false;
        i += 2;
        continue;
      }
      const bool plain = is_letter(c) || is_digit(c) || std::string_view("-._~!$&'()*+,;=").contains(c);
      if (!plain && !also.contains(c) && !(international_ && is_beyond_ascii(c))) return false;
    }
    return true;
  }
  [[nodiscard]] bool authority(std::string_view part) const {
    const std::size_t at = part.rfind('@');
    if (at != std::string_view::npos) {
      if (!chars(part.substr(0, at), ":")) return false;
      part.remove_prefix(at + 1);
    }
    std::string_view host = part;
    std::string_view port;
    if (part.starts_with('[')) {
      const std::size_t end = part.find(']');
      if (end == std::string_view::npos) return false;
      host = part.substr(1, end - 1);
      port = part.substr(end + 1);
      const bool future = host.size() > 3 && (host[0] == 'v' || host[0] == 'V') && host.contains('.');
      if (!future && !is_ipv6(host)) return false;
    } else {
      const std::size_t colon = part.rfind(':');
      if (colon != std::string_view::npos) {
        host = part.substr(0, colon);
        port = part.substr(colon);
      }
      if (!chars(host, "")) return false;
    }
    if (port.empty()) return true;
    return port[0] == ':' && std::ranges::all_of(port.substr(1), is_digit);
  }
  // [//authority] path [?query] [#fragment]
  [[nodiscard]] bool rest(std::string_view part) const {
    const std::size_t hash = part.find('#');
    if (hash != std::string_view::npos) {
      if (!chars(part.substr(hash + 1), ":@/?")) return false;
      part = part.substr(0, hash);
    }
    const std::size_t question = part.find('?');
    if (question != std::string_view::npos) {
      if (!chars(part.substr(question + 1), ":@/?")) return false;
      part = part.substr(0, question);
    }
    if (part.starts_with("//")) {
      part.remove_prefix(2);
      const std::size_t slash = std::min(part.find('/'), part.size());
      if (!authority(part.substr(0, slash))) return false;
      part.remove_prefix(slash);
    }
    return chars(part, ":@/");
  }

  std::string_view text_;
  bool international_;
};

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 >= text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  return true;
}

}  // namespace

std::optional<bool> fits_format(std::string_view name, std::string_view text) {
  if (name == "date-time") return is_date_time(text);
  if (name == "date") return is_date(text);
  if (name == "time") return is_time(text);
  if (name == "email") return is_email(text, false);
  if (name == "idn-email") return is_utf8(text) && is_email(text, true);
  if (name == "hostname") return is_hostname(text);
  if (name == "ipv4") return is_ipv4(text);
  if (name == "ipv6") return is_ipv6(text);
  if (name == "uri") return Uri(text, false).absolute();
  if (name == "uri-reference") return Uri(text, false).reference();
  if (name == "iri") return is_utf8(text) && Uri(text, true).absolute();
  if (name == "iri-reference") return is_utf8(text) && Uri(text, true).reference();
  if (name == "uuid") return is_uuid(text);
  if (name == "json-pointer") return is_json_pointer(text);
  return std::nullopt;
}

}  // namespace bulwark
