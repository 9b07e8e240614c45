#include "scan/formats/jinja/format.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bulwark::scan::jinja {
namespace {

using Kind = Value::Kind;

// chr(): everything outside of ASCII is irrelevant for names that matter.
std::string character(std::int64_t code) {
  return code >= 0 && code < 128 ? std::string(1, static_cast<char>(code)) : std::string(1, kUnknownChar);
}

std::string number_text(std::int64_t value, int base) {
  std::array<char, 72> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, base);
  return error == std::errc{} ? std::string(buffer.data(), end) : std::string(1, kUnknownChar);
}

// One value under a printf or format conversion.
std::string converted(char conversion, const Value& value) {
  if (conversion == 'c') return value.is(Kind::Integer) ? character(value.number) : text_of(value);
  if ((conversion == 'x' || conversion == 'o' || conversion == 'b') && value.is(Kind::Integer)) {
    return number_text(value.number, conversion == 'x' ? 16 : conversion == 'o' ? 8 : 2);
  }
  return text_of(value);
}

const Value* field_value(std::string_view name, std::size_t& automatic, const Arguments& arguments) {
  if (name.empty()) {
    const std::size_t position = automatic++;
    return position < arguments.positional.size() ? &arguments.positional[position] : nullptr;
  }
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), position);
  if (error == std::errc{} && end == name.data() + name.size()) {
    return position < arguments.positional.size() ? &arguments.positional[position] : nullptr;
  }
  return arguments.find(name, kMaxItems);
}

// The text between the braces of one replacement field and the offset behind it; npos if it is never closed.
std::size_t field_end(std::string_view format, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < format.size(); ++i) {
    if (format[i] == '{') ++depth;
    if (format[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

Value percent_format(std::string_view format, const std::vector<Value>& values, const Value* names) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < format.size() && out.size() <= kMaxString; ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    ++i;
    if (format[i] == '%') {
      out += '%';
      continue;
    }
    Value value;
    if (format[i] == '(') {
      const std::size_t close = format.find(')', i);
      if (close == std::string_view::npos) return {};
      if (names != nullptr)
        value = item_of(*names, string_value(std::string(format.substr(i + 1, close - i - 1))));
      i = close + 1;
    } else if (used < values.size()) {
      value = values[used++];
    }
    while (i < format.size() && std::string_view("0123456789.#- +").find(format[i]) != std::string_view::npos)
      ++i;
    if (i < format.size()) out += converted(format[i], value);
  }
  return string_value(std::move(out));
}

Value brace_format(std::string_view format, const Arguments& arguments) {
  std::string out;
  std::size_t automatic = 0;
  for (std::size_t i = 0; i < format.size() && out.size() <= kMaxString; ++i) {
    const char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    if (c != '{') {
      out += c;
      continue;
    }
    const std::size_t end = field_end(format, i);
    if (end == std::string_view::npos) return {};
    std::string_view field = format.substr(i + 1, end - i - 1);
    char conversion = 's';
    if (const std::size_t colon = field.find(':'); colon != std::string_view::npos) {
      if (colon + 1 < field.size()) conversion = field.back();
      field = field.substr(0, colon);
    }
    field = field.substr(0, field.find('!'));
    const std::string_view name = field.substr(0, field.find_first_of(".["));
    const Value* value = field_value(name, automatic, arguments);
    out += value != nullptr && name.size() == field.size() ? converted(conversion, *value)
                                                           : std::string(1, kUnknownChar);
    i = end;
  }
  return string_value(std::move(out));
}

std::vector<FormatField> format_fields(std::string_view format) {
  std::vector<FormatField> fields;
  for (std::size_t i = 0; i < format.size() && fields.size() < kMaxItems; ++i) {
    if (format[i] != '{') continue;
    if (i + 1 < format.size() && format[i + 1] == '{') {
      ++i;
      continue;
    }
    const std::size_t end = field_end(format, i);
    if (end == std::string_view::npos) break;
    std::string_view field = format.substr(i + 1, end - i - 1);
    i = end;
    FormatField walk;
    std::size_t at = field.find_first_of(".[:!");
    while (at < field.size() && (field[at] == '.' || field[at] == '[')) {
      const bool bracket = field[at] == '[';
      const std::size_t stop =
          std::min(bracket ? field.find(']', at) : field.find_first_of(".[:!", at + 1), field.size());
      walk.steps.emplace_back(field.substr(at + 1, stop - at - 1));
      at = bracket ? std::min(stop + 1, field.size()) : stop;
    }
    if (!walk.steps.empty()) fields.push_back(std::move(walk));
  }
  return fields;
}

}  // namespace bulwark::scan::jinja
