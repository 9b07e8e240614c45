// Travel documents, magnetic stripes, coordinates: lines with a grammar of their own.
#include <algorithm>
#include <string>
#include <vector>

#include "assay/pii/check_digits.h"
#include "assay/pii/free.h"
#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay::pii {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_mrz(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '<';
}

bool checked(std::string_view line, std::size_t from, std::size_t size) {
  const char check = line[from + size];
  const int wanted = mrz_check(line.substr(from, size));
  return (check == '<' && wanted == 0) || check == static_cast<char>('0' + wanted);
}

// The line that carries the numbers; the others hold names and fillers only.
Verdict judge_line(std::string_view line) {
  if (line.size() == 30) {
    if (is_one_of(line.substr(0, 1), {"A", "C", "I"}) && !is_digit(line[2]) && checked(line, 5, 9))
      return Verdict::Match;  // TD1, first line
    return checked(line, 0, 6) && checked(line, 8, 6) && is_digit(line[0]) ? Verdict::Match
                                                                           : Verdict::No;  // second
  }
  if (line.size() != 36 && line.size() != 44) return Verdict::No;
  const bool numbers = checked(line, 0, 9) && checked(line, 13, 6) && checked(line, 21, 6);
  return numbers && is_digit(line[13]) ? Verdict::Match : Verdict::No;
}

struct Line {
  std::size_t begin, end;
};
Line line_around(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 44;
  Line line{.begin = at, .end = at};
  while (line.begin > 0 && at - line.begin <= kMost && is_mrz(text[line.begin - 1])) --line.begin;
  while (line.end < text.size() && line.end - at <= kMost && is_mrz(text[line.end])) ++line.end;
  return line;
}

std::size_t after_digits(std::string_view text, std::size_t at, std::size_t most) {
  const std::size_t start = at;
  while (at < text.size() && at - start < most && is_digit(text[at])) ++at;
  return at;
}

struct Degree {
  std::size_t end = 0;
  double value = 0;
  std::size_t decimals = 0;
};
Degree degree_at(std::string_view text, std::size_t at) {
  Degree degree;
  const bool negative = at < text.size() && text[at] == '-';
  if (negative) ++at;
  const std::size_t whole = after_digits(text, at, 4);
  if (whole == at || whole - at > 3 || whole >= text.size() || text[whole] != '.') return degree;
  const std::size_t end = after_digits(text, whole + 1, 16);
  degree.decimals = end - whole - 1;
  for (std::size_t i = at; i < whole; ++i) degree.value = degree.value * 10 + (text[i] - '0');
  if (negative) degree.value = -degree.value;
  degree.end = end;
  return degree;
}

}  // namespace

std::optional<Extent> coordinates_from(std::string_view text, std::size_t begin) {
  if (begin > 0 && text[begin - 1] == '-') --begin;
  const Degree latitude = degree_at(text, begin);
  if (latitude.decimals < 4 || latitude.decimals > 15 || latitude.value < -90 || latitude.value > 90)
    return std::nullopt;
  std::size_t at = latitude.end;
  while (at < text.size() && at - latitude.end < 4 && std::string_view(" ,;/NS\xC2\xB0").contains(text[at]))
    ++at;
  if (at == latitude.end) return std::nullopt;
  const Degree longitude = degree_at(text, at);
  if (longitude.decimals < 4 || longitude.decimals > 15 || longitude.value < -180 || longitude.value > 180)
    return std::nullopt;
  // A third number, before or behind, makes it a vector.
  std::size_t before = begin;
  while (before > 0 && begin - before < 3 && (text[before - 1] == ' ' || text[before - 1] == ',')) --before;
  if (before > 0 && before < begin && is_digit(text[before - 1])) return std::nullopt;
  std::size_t next = longitude.end;
  while (next < text.size() && next - longitude.end < 3 && (text[next] == ' ' || text[next] == ',')) ++next;
  if (degree_at(text, next).decimals > 0) return std::nullopt;
  return Extent{.begin = begin, .end = longitude.end};
}

std::optional<Extent> mrz_around(std::string_view text, std::size_t at) {
  Line line = line_around(text, at);
  if (!is_one_of(std::to_string(line.end - line.begin), {"30", "36", "44"})) return std::nullopt;
  bool match = judge_line(text.substr(line.begin, line.end - line.begin)) == Verdict::Match;
  const std::size_t first = line.begin;
  // The numbers of TD2 and TD3 are in the second line, those of TD1 in the first two.
  for (int further = 0; further < 2; ++further) {
    std::size_t next = line.end;
    while (next < text.size() && next - line.end < 2 && (text[next] == '\n' || text[next] == '\r')) ++next;
    if (next == line.end || next >= text.size() || !is_mrz(text[next])) break;
    const Line below = line_around(text, next);
    if (below.begin != next || below.end - below.begin != line.end - line.begin) break;
    match = match || judge_line(text.substr(below.begin, below.end - below.begin)) == Verdict::Match;
    line.end = below.end;
    line.begin = below.begin;
  }
  if (!match) return std::nullopt;
  return Extent{.begin = first, .end = line.end};
}

std::optional<Extent> track_around(std::string_view text, std::size_t begin, std::size_t end) {
  if (end + 5 > text.size()) return std::nullopt;
  if (text[end] == '=') {  // track 2: expiry YYMM, service code, discretionary digits
    const std::size_t digits = after_digits(text, end + 1, 24);
    if (digits - end - 1 < 4) return std::nullopt;
    const int month = (text[end + 3] - '0') * 10 + text[end + 4] - '0';
    if (month < 1 || month > 12) return std::nullopt;
    const bool start = begin > 0 && text[begin - 1] == ';';
    const bool stop = digits < text.size() && text[digits] == '?';
    return Extent{.begin = begin - (start ? 1 : 0), .end = digits + (stop ? 1 : 0)};
  }
  if (text[end] != '^' || begin == 0 || (text[begin - 1] | 0x20) != 'b') return std::nullopt;
  const std::size_t name = text.substr(end + 1, 32).find('^');
  if (name == std::string_view::npos) return std::nullopt;
  const std::size_t digits = after_digits(text, end + 2 + name, 48);
  if (digits - end - 2 - name < 4) return std::nullopt;
  const bool start = begin > 1 && text[begin - 2] == '%';
  return Extent{.begin = begin - (start ? 2 : 1), .end = digits};
}

std::optional<Verdict> judge_free(std::string_view id, std::string_view value) {
  const auto whole = [&](const std::optional<Extent>& found) {
    return found && found->begin == 0 && found->end == value.size() ? Verdict::Match : Verdict::No;
  };
  if (id == "bitcoin") return judge_bitcoin(value);
  if (id == "ethereum") return judge_ethereum(value);
  if (id == "ipv4") return whole(ipv4_from(value, 0));
  if (id == "coordinates") return whole(coordinates_from(value, 0));
  if (id == "email") {
    const std::size_t at = value.rfind('@');
    return at == std::string_view::npos ? Verdict::No : whole(email_around(value, at));
  }
  if (id == "url") {
    const std::size_t colon = value.find("://");
    return whole(colon == std::string_view::npos ? domain_from(value, 0) : url_around(value, colon));
  }
  if (id == "ipv6" || id == "mac") {
    const std::size_t colon = value.find(':');
    if (colon == std::string_view::npos) return Verdict::No;
    const Colons found = colons_around(value, colon);
    const bool all = found.extent.begin == 0 && found.extent.end == value.size();
    return all && (id == "mac" ? found.mac : found.ipv6) ? Verdict::Match : Verdict::No;
  }
  if (id == "mrz") {
    if (value.size() >= 30) return whole(mrz_around(value, 0));
    if (value.size() < 2 || !std::ranges::all_of(value, is_mrz) || !is_digit(value.back()))
      return Verdict::No;
    return judged(mrz_check(value.substr(0, value.size() - 1)) == value.back() - '0');
  }
  return std::nullopt;
}

}  // namespace bulwark::assay::pii
