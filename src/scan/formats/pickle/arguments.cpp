// The arguments of opcodes: numbers, texts and names, read as the C unpickler reads them.

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/formats/pickle/interpreter.h"

namespace bulwark::pickle {
namespace {

bool all_ascii(Bytes text) {
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) seen |= load_little_endian<std::uint64_t>(text.data() + i);
  for (; i < text.size(); ++i) seen |= text[i];
  return (seen & 0x8080808080808080U) == 0;
}

// The decoder's "surrogatepass": UTF-8 that may also hold encoded surrogates.
bool is_loose_utf8(std::string_view text) {
  if (is_utf8(text)) return true;
  std::string without;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool surrogate = i + 2 < text.size() && text[i] == '\xED' && (text[i + 1] & '\xE0') == '\xA0' &&
                           (text[i + 2] & '\xC0') == '\x80';
    if (surrogate) {
      i += 2;
    } else {
      without += text[i];
    }
  }
  return is_utf8(without);
}

struct Number {
  bool valid = false;
  bool canonical = false;  // pickletools reads the same
  bool fits = false;
  std::int64_t value = 0;
};

// What strtol(…, 0) or else PyLong_FromString(…, 0) makes of it.
Number number_of(std::string_view text) {
  Number number;
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  const bool decimal =
      !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  number.canonical = decimal && !text.starts_with('+') && (digits[0] != '0' || digits.size() == 1);
  if (decimal && digits[0] != '0' && digits.size() > 18) {
    number.valid = true;
    return number;
  }
  std::string plain(trim(text));
  std::erase(plain, '_');
  int base = 0;
  std::string_view body = plain;
  if (!body.empty() && (body[0] == '-' || body[0] == '+')) body.remove_prefix(1);
  if (body.starts_with("0b") || body.starts_with("0B")) base = 2;
  if (body.starts_with("0o") || body.starts_with("0O")) base = 8;
  if (base != 0) plain = (negative ? "-" : "") + std::string(body.substr(2));
  char* end = nullptr;
  errno = 0;
  const long long value = std::strtoll(plain.c_str(), &end, base);
  number.valid = !plain.empty() && end != plain.c_str() && *end == '\0';
  number.fits = number.valid && errno == 0;
  number.value = value;
  return number;
}

// Python 2's repr() escapes, as PyBytes_DecodeEscape undoes them. Empty optional: an escape that it refuses.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i >= text.size()) return {};
    const char c = text[i];
    constexpr std::string_view kNames = "\\'\"bftnrva";
    constexpr std::string_view kValues = "\\'\"\b\f\t\n\r\v\a";
    if (const auto known = kNames.find(c); known != std::string_view::npos) {
      out += kValues[known];
    } else if (c >= '0' && c <= '7') {
      unsigned value = 0;
      std::size_t digits = 0;
      while (digits < 3 && i + digits < text.size() && text[i + digits] >= '0' && text[i + digits] <= '7')
        value = value * 8 + static_cast<unsigned>(text[i + digits++] - '0');
      out += static_cast<char>(value & 0xFF);
      i += digits - 1;
    } else if (c == 'x') {
      unsigned value = 0;
      const char* begin = text.data() + i + 1;
      const char* end = begin + std::min<std::size_t>(2, text.size() - i - 1);
      const auto [stop, defect] = std::from_chars(begin, end, value, 16);
      if (defect != std::errc() || stop != begin + 2) return {};
      out += static_cast<char>(value);
      i += 2;
    } else if (c != '\n') {
      out += '\\';
      out += c;
    }
  }
  return out;
}

// Raw-unicode-escape: only \u and \U count, other bytes are Latin-1.
std::optional<std::string> raw_unicode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size() || (text[i + 1] != 'u' && text[i + 1] != 'U')) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        out += text[i++];
      }
      append_utf8(out, static_cast<std::uint8_t>(text[i]));
      continue;
    }
    const std::size_t digits = text[i + 1] == 'u' ? 4 : 8;
    if (text.size() - i - 2 < digits) return {};
    std::uint32_t code = 0;
    const char* begin = text.data() + i + 2;
    const auto [stop, defect] = std::from_chars(begin, begin + digits, code, 16);
    if (defect != std::errc() || stop != begin + digits || code > 0x10FFFF) return {};
    append_utf8(out, code);
    i += 1 + digits;
  }
  return out;
}

}  // namespace

void Interpreter::push_text(Bytes text) {
  if (!running_) return;
  if (!all_ascii(text) && !is_loose_utf8(text_of(text)))
    return give_up(Ending::Malformed, EventKind::BadOpcode, "text that is not UTF-8");
  const Cell cell = Cell::of_view(Tag::Str, text.data(), text.size());
  push(cell);
  if (text.size() >= kShortestProgram) look_at_data(cell);
}

void Interpreter::on_int(bool is_long) {
  unsupported(is_long ? Op::Long : Op::Int);
  const auto text = line();
  if (!text) return;
  std::string_view digits = *text;
  if (!is_long && (digits == "00" || digits == "01")) {
    push(Cell::of(digits == "01" ? Tag::True : Tag::False));
    return;
  }
  if (is_long && digits.ends_with('L')) digits.remove_suffix(1);
  const Number number = number_of(digits);
  if (!number.valid)
    return give_up(Ending::Malformed, EventKind::BadOpcode, "\"" + printable(*text, 40) + "\" is no integer");
  if (!number.canonical)
    note(EventKind::Lexical,
         std::string(row_of(*op_).name) + " \"" + printable(*text, 40) +
             "\" is read with base 0 by the C unpickler and refused or misread by pickletools");
  if (!is_long && text->size() == 2 && number.fits && (number.value == 0 || number.value == 1))
    push(Cell::of(number.value == 1 ? Tag::True : Tag::False));
  else if (number.fits)
    push(Cell::of_int(number.value));
  else
    push(Cell::of_view(Tag::BigInt, bytes_of(digits).data(), digits.size()));
}

void Interpreter::on_float() {
  unsupported(Op::Float);
  const auto text = line();
  if (!text) return;
  const std::string copy(trim(*text));
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  const bool hexadecimal = copy.find_first_of("xX") != std::string::npos;
  if (copy.empty() || *end != '\0' || hexadecimal)
    return give_up(Ending::Malformed, EventKind::BadOpcode, "\"" + printable(*text, 40) + "\" is no number");
  push(Cell::of_float(value));
}

void Interpreter::on_string() {
  unsupported(Op::String);
  auto text = line();
  if (!text) return;
  const bool quoted =
      text->size() >= 2 && text->front() == text->back() && (text->front() == '\'' || text->front() == '"');
  if (!quoted) return give_up(Ending::Malformed, EventKind::BadOpcode, "STRING argument without quotes");
  const std::string_view inner = text->substr(1, text->size() - 2);
  if (!all_ascii(bytes_of(inner)))
    note(EventKind::Lexical,
         "STRING with bytes above 127: accepted with another encoding than ASCII, refused by pickletools");
  if (inner.find('\\') == std::string_view::npos) {
    push(Cell::of_view(Tag::Legacy, bytes_of(inner).data(), inner.size()));
    return;
  }
  auto plain = unescaped(inner);
  if (!plain) return give_up(Ending::Malformed, EventKind::BadOpcode, "STRING with an invalid escape");
  const std::string* kept = store_.own(std::move(*plain), settings_.limits.evaluated_bytes);
  push(kept == nullptr ? Cell::of(Tag::Opaque)
                       : Cell::of_view(Tag::Legacy, bytes_of(*kept).data(), kept->size()));
}

void Interpreter::on_unicode() {
  unsupported(Op::Unicode);
  const auto text = line();
  if (!text) return;
  if (text->find('\\') == std::string_view::npos && all_ascii(bytes_of(*text))) {
    push(Cell::of_view(Tag::Str, bytes_of(*text).data(), text->size()));
    return;
  }
  auto plain = raw_unicode(*text);
  if (!plain) return give_up(Ending::Malformed, EventKind::BadOpcode, "UNICODE with an invalid escape");
  const std::string* kept = store_.own(std::move(*plain), settings_.limits.evaluated_bytes);
  push(kept == nullptr ? Cell::of(Tag::Opaque)
                       : Cell::of_view(Tag::Str, bytes_of(*kept).data(), kept->size()));
}

void Interpreter::on_memo_line(bool put) {
  unsupported(put ? Op::Put : Op::Get);
  const auto text = line();
  if (!text) return;
  std::string digits(trim(*text));
  std::erase(digits, '_');
  std::string_view plain = digits;
  if (plain.starts_with('+')) plain.remove_prefix(1);
  std::uint64_t index = 0;
  const auto [end, defect] = std::from_chars(plain.data(), plain.data() + plain.size(), index);
  if (defect != std::errc() || end != plain.data() + plain.size() || plain.empty() || index > kHugest)
    return give_up(Ending::Malformed, EventKind::BadOpcode,
                   "\"" + printable(*text, 40) + "\" is no memo index");
  if (plain.size() != text->size())
    note(EventKind::Lexical, std::string(row_of(*op_).name) + " \"" + printable(*text, 40) + "\" is unusual");
  put ? memo_put(index) : memo_get(index);
}

void Interpreter::on_global() {
  const auto module = line();
  if (!module) return;
  const auto name = line();
  if (!name) return;
  if (module->empty() || name->empty() || !is_utf8(*module) || !is_utf8(*name))
    return give_up(Ending::Malformed, EventKind::BadOpcode, "GLOBAL with an empty or undecodable name");
  const std::uint32_t id = import(*module, *name, false);
  push(Cell::of(Tag::Global, id));
}

void Interpreter::on_stack_global() {
  unsupported(Op::StackGlobal);
  if (!has(2)) return underflow();
  const Cell name = pop();
  const Cell module = pop();
  if (name.is_text() && module.is_text()) {
    const bool computed = name.has(Cell::kComputed) || module.has(Cell::kComputed);
    const std::uint32_t id = import(module.text(), name.text(), computed);
    if (computed) note(EventKind::Computed, name_of(out_.references[id]), id);
    push(Cell::of(Tag::Global, id));
    return;
  }
  const bool unresolved = name.is(Tag::Result) || name.is(Tag::Opaque) || module.is(Tag::Result) ||
                          module.is(Tag::Opaque) || name.is(Tag::Instance) || module.is(Tag::Instance);
  if (!unresolved) return give_up(Ending::Malformed, EventKind::Stack, "STACK_GLOBAL requires two strings");
  note(EventKind::Computed, describe(module) + ", " + describe(name));
  push(expression("<" + describe(module) + ">.<" + describe(name) + ">", scan::Effect::Import));
}

void Interpreter::on_inst() {
  unsupported(Op::Inst);
  std::uint64_t begin = 0;
  if (!pop_mark(begin)) return;
  const auto module = line();
  if (!module) return;
  const auto name = line();
  if (!name) return;
  if (module->empty() || name->empty() || !all_ascii(bytes_of(*module)) || !all_ascii(bytes_of(*name)))
    return give_up(Ending::Malformed, EventKind::BadOpcode, "INST with an empty or undecodable name");
  const std::uint32_t id = import(*module, *name, false);
  const std::vector<Cell> arguments(stack_.begin() + static_cast<std::ptrdiff_t>(begin),
                                    stack_.begin() + static_cast<std::ptrdiff_t>(top_));
  top_ = begin;
  push(call(Cell::of(Tag::Global, id), arguments, EventKind::Call));
}

}  // namespace bulwark::pickle
