#include "base/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace bulwark {
namespace {

// What we write is far flatter; documents that were read are held to the same by Limits::document_depth.
constexpr std::size_t kMaxDepth = 1'000;
// Integers up to here are the same number for every reader, also those that only know doubles.
constexpr std::int64_t kExactIntegers = std::int64_t{1} << 53;

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (code < 0x20) {
          out.append("\\u00").append(1, kHex[code >> 4U]).append(1, kHex[code & 0xfU]);
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// Significant digits and the place of the point: 0.<digits> * 10^point.
struct Decimal {
  std::string digits;
  int point = 0;
};

// The shortest digits that read back as `value` (positive, finite), the nearest ones if there are several.
Decimal shortest(double value) {
  std::array<char, 32> buffer{};
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  Decimal decimal;
  for (const char c : text.substr(0, e)) {
    if (c != '.') decimal.digits += c;
  }
  const std::size_t exponent = e + (text[e + 1] == '+' ? 2 : 1);  // from_chars takes no plus
  std::from_chars(text.data() + exponent, text.data() + text.size(), decimal.point);
  ++decimal.point;
  return decimal;
}

// ECMAScript's Number::toString, which RFC 8785 section 3.2.2.3 prescribes.
void append_number(std::string& out, double value) {
  if (value == 0) {  // also the negative one
    out += '0';
    return;
  }
  if (value < 0) out += '-';
  const auto [digits, point] = shortest(std::fabs(value));
  const int count = static_cast<int>(digits.size());
  const auto zeros = [&](int number) { out.append(static_cast<std::size_t>(number), '0'); };
  if (count <= point && point <= 21) {
    out += digits;
    zeros(point - count);
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".");
    out.append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    zeros(-point);
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
  }
}

// UTF-8 sorts by code point. UTF-16 differs in one thing: characters beyond U+FFFF are written with
// surrogates (D800-DFFF) and so come before U+E000-U+FFFF, the lead bytes EE and EF.
bool before_in_utf16(std::string_view left, std::string_view right) {
  const auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte + 0;
  };
  return std::ranges::lexicographical_compare(left, right, {}, rank, rank);
}

using EntryPointers = std::vector<const Document::Entry*>;

Result<EntryPointers> sorted_entries(const Document& map) {
  EntryPointers entries;
  for (const Document::Entry& entry : map.map) {
    if (!is_utf8(entry.first))
      return fail(Code::InvalidInput, "key \"" + printable(entry.first) + "\": no UTF-8");
    entries.push_back(&entry);
  }
  std::ranges::sort(entries, before_in_utf16,
                    [](const auto* entry) { return std::string_view(entry->first); });
  const auto twice = std::ranges::adjacent_find(
      entries, {}, [](const auto* entry) { return std::string_view(entry->first); });
  if (twice != entries.end())
    return fail(Code::InvalidInput, "key \"" + printable((*twice)->first) + "\" comes twice");
  return entries;
}

Result<void> append_canonical(std::string& out, const Document& value, std::size_t depth);

Result<void> append_canonical_list(std::string& out, const Document& value, std::size_t depth) {
  out += '[';
  for (std::size_t i = 0; i < value.list.size(); ++i) {
    if (i != 0) out += ',';
    TRY(append_canonical(out, value.list[i], depth + 1));
  }
  out += ']';
  return {};
}

Result<void> append_canonical_map(std::string& out, const Document& value, std::size_t depth) {
  out += '{';
  const EntryPointers entries = TRY(sorted_entries(value));
  for (const Document::Entry* entry : entries) {
    if (entry != entries.front()) out += ',';
    append_escaped(out, entry->first);
    out += ':';
    TRY(append_canonical(out, entry->second, depth + 1));
  }
  out += '}';
  return {};
}

Result<void> append_canonical(std::string& out, const Document& value, std::size_t depth) {
  if (depth > kMaxDepth)
    return fail(Code::InvalidInput, "more than " + std::to_string(kMaxDepth) + " levels of nesting");
  switch (value.kind) {
    case Document::Kind::Null: out += "null"; break;
    case Document::Kind::Boolean: out += value.boolean ? "true" : "false"; break;
    case Document::Kind::Integer:
      if (value.integer > kExactIntegers || value.integer < -kExactIntegers)
        return fail(Code::InvalidInput,
                    "integer " + std::to_string(value.integer) + " is beyond 2^53; write it as text");
      out += std::to_string(value.integer);
      break;
    case Document::Kind::Number:
      if (!std::isfinite(value.number)) return fail(Code::InvalidInput, "a number that is not finite");
      append_number(out, value.number);
      break;
    case Document::Kind::String:
      if (!is_utf8(value.string))
        return fail(Code::InvalidInput, "text \"" + printable(value.string) + "\": no UTF-8");
      append_escaped(out, value.string);
      break;
    case Document::Kind::List: return append_canonical_list(out, value, depth);
    case Document::Kind::Map: return append_canonical_map(out, value, depth);
  }
  return {};
}

std::string shown(std::string_view text) {
  return is_utf8(text) ? std::string(text) : printable(text, text.size() * 4);
}

bool is_plain(const Document& value) {
  return (!value.is_list() || value.list.empty()) && (!value.is_map() || value.map.empty());
}

void append_plain(std::string& out, const Document& value) {
  switch (value.kind) {
    case Document::Kind::Null: out += "null"; break;
    case Document::Kind::Boolean: out += value.boolean ? "true" : "false"; break;
    case Document::Kind::Integer: out += std::to_string(value.integer); break;
    case Document::Kind::Number:
      if (std::isfinite(value.number)) {
        append_number(out, value.number);
      } else {
        out += "null";  // as ECMAScript's JSON.stringify has it
      }
      break;
    case Document::Kind::String: append_escaped(out, shown(value.string)); break;
    case Document::Kind::List: out += "[]"; break;
    case Document::Kind::Map: out += "{}"; break;
  }
}

void append_pretty(std::string& out, const Document& value, std::size_t depth) {
  if (is_plain(value)) return append_plain(out, value);
  if (depth > kMaxDepth) {  // never silently less
    out += "\"nested too deeply to be shown\"";
    return;
  }
  const bool list = value.is_list();
  const bool one_line = list && std::ranges::all_of(value.list, is_plain);
  const auto new_line = [&](std::size_t level) {
    if (!one_line) out.append("\n").append(2 * level, ' ');
  };
  out += list ? '[' : '{';
  const std::size_t count = list ? value.list.size() : value.map.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out += one_line ? ", " : ",";
    new_line(depth + 1);
    if (!list) {
      append_escaped(out, shown(value.map[i].first));
      out += ": ";
    }
    append_pretty(out, list ? value.list[i] : value.map[i].second, depth + 1);
  }
  new_line(depth);
  out += list ? ']' : '}';
}

}  // namespace

Document json_string(std::string text) {
  Document value;
  value.kind = Document::Kind::String;
  value.string = std::move(text);
  return value;
}

Document json_integer(std::int64_t number) {
  Document value;
  value.kind = Document::Kind::Integer;
  value.integer = number;
  value.number = static_cast<double>(number);
  return value;
}

Document json_number(double number) {
  Document value;
  value.kind = Document::Kind::Number;
  value.number = number;
  return value;
}

Document json_boolean(bool boolean) {
  Document value;
  value.kind = Document::Kind::Boolean;
  value.boolean = boolean;
  return value;
}

Document json_null() {
  return {};
}

Document json_list(std::vector<Document> values) {
  Document value;
  value.kind = Document::Kind::List;
  value.list = std::move(values);
  return value;
}

Document json_map(std::vector<Document::Entry> entries) {
  Document value;
  value.kind = Document::Kind::Map;
  value.map = std::move(entries);
  return value;
}

Result<std::string> canonical_json(const Document& value) {
  std::string out;
  TRY(append_canonical(out, value, 0));
  return out;
}

std::string pretty_json(const Document& value) {
  std::string out;
  append_pretty(out, value, 0);
  out += '\n';
  return out;
}

}  // namespace bulwark
