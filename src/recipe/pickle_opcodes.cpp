#include "recipe/pickle_opcodes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "recipe/line.h"

namespace bulwark::recipe {
namespace {

enum class Operand : std::uint8_t {
  None,
  U1,
  U2,
  U4,
  U8,
  Line,        // text and a line feed
  TwoLines,    // "module name"
  QuotedLine,  // a Python 2 string literal
  Counted1,
  Counted4,
  Counted8,
  Long1,
  Long4,
  Float8,
};

struct Opcode {
  std::string_view name;
  std::uint8_t byte;
  Operand operand;
};

constexpr auto kOpcodes = std::to_array<Opcode>({
    {"ADDITEMS", 0x90, Operand::None},
    {"APPEND", 'a', Operand::None},
    {"APPENDS", 'e', Operand::None},
    {"BINBYTES", 'B', Operand::Counted4},
    {"BINBYTES8", 0x8e, Operand::Counted8},
    {"BINFLOAT", 'G', Operand::Float8},
    {"BINGET", 'h', Operand::U1},
    {"BININT", 'J', Operand::U4},
    {"BININT1", 'K', Operand::U1},
    {"BININT2", 'M', Operand::U2},
    {"BINPERSID", 'Q', Operand::None},
    {"BINPUT", 'q', Operand::U1},
    {"BINSTRING", 'T', Operand::Counted4},
    {"BINUNICODE", 'X', Operand::Counted4},
    {"BINUNICODE8", 0x8d, Operand::Counted8},
    {"BUILD", 'b', Operand::None},
    {"BYTEARRAY8", 0x96, Operand::Counted8},
    {"DICT", 'd', Operand::None},
    {"DUP", '2', Operand::None},
    {"EMPTY_DICT", '}', Operand::None},
    {"EMPTY_LIST", ']', Operand::None},
    {"EMPTY_SET", 0x8f, Operand::None},
    {"EMPTY_TUPLE", ')', Operand::None},
    {"EXT1", 0x82, Operand::U1},
    {"EXT2", 0x83, Operand::U2},
    {"EXT4", 0x84, Operand::U4},
    {"FLOAT", 'F', Operand::Line},
    {"FRAME", 0x95, Operand::U8},
    {"FROZENSET", 0x91, Operand::None},
    {"GET", 'g', Operand::Line},
    {"GLOBAL", 'c', Operand::TwoLines},
    {"INST", 'i', Operand::TwoLines},
    {"INT", 'I', Operand::Line},
    {"LIST", 'l', Operand::None},
    {"LONG", 'L', Operand::Line},
    {"LONG1", 0x8a, Operand::Long1},
    {"LONG4", 0x8b, Operand::Long4},
    {"LONG_BINGET", 'j', Operand::U4},
    {"LONG_BINPUT", 'r', Operand::U4},
    {"MARK", '(', Operand::None},
    {"MEMOIZE", 0x94, Operand::None},
    {"NEWFALSE", 0x89, Operand::None},
    {"NEWOBJ", 0x81, Operand::None},
    {"NEWOBJ_EX", 0x92, Operand::None},
    {"NEWTRUE", 0x88, Operand::None},
    {"NEXT_BUFFER", 0x97, Operand::None},
    {"NONE", 'N', Operand::None},
    {"OBJ", 'o', Operand::None},
    {"PERSID", 'P', Operand::Line},
    {"POP", '0', Operand::None},
    {"POP_MARK", '1', Operand::None},
    {"PROTO", 0x80, Operand::U1},
    {"PUT", 'p', Operand::Line},
    {"READONLY_BUFFER", 0x98, Operand::None},
    {"REDUCE", 'R', Operand::None},
    {"SETITEM", 's', Operand::None},
    {"SETITEMS", 'u', Operand::None},
    {"SHORT_BINBYTES", 'C', Operand::Counted1},
    {"SHORT_BINSTRING", 'U', Operand::Counted1},
    {"SHORT_BINUNICODE", 0x8c, Operand::Counted1},
    {"STACK_GLOBAL", 0x93, Operand::None},
    {"STOP", '.', Operand::None},
    {"STRING", 'S', Operand::QuotedLine},
    {"TUPLE", 't', Operand::None},
    {"TUPLE1", 0x85, Operand::None},
    {"TUPLE2", 0x86, Operand::None},
    {"TUPLE3", 0x87, Operand::None},
    {"UNICODE", 'V', Operand::Line},
});

using Buffer = std::vector<std::uint8_t>;

void append(Buffer& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

void append_number(Buffer& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFF));
}

Result<void> append_fixed(Buffer& out, std::string_view argument, std::size_t width) {
  const std::string text = TRY(text_argument(argument));
  const std::uint64_t value = TRY(number_of(text));
  append_number(out, value, width);
  return {};
}

Result<void> append_counted(Buffer& out, std::string_view argument, std::size_t width) {
  if (argument.starts_with("b'") || argument.starts_with("b\"")) argument.remove_prefix(1);
  const std::string text = TRY(text_argument(argument));
  if (width == 1 && text.size() > 255) return fail(Code::InvalidInput, "longer than 255 bytes");
  append_number(out, text.size(), width);
  append(out, text);
  return {};
}

Result<void> append_long(Buffer& out, std::string_view argument, std::size_t width) {
  const std::string text = TRY(text_argument(argument));
  const bool negative = text.starts_with('-');
  std::uint64_t value = TRY(number_of(text));
  Buffer digits;
  // The shortest two's complement form, as CPython writes it; zero has no bytes.
  while (value != 0 && digits.size() < 8) {
    digits.push_back(static_cast<std::uint8_t>(value & 0xFF));
    value = value >> 8 | (negative ? std::uint64_t{0xFF} << 56 : 0);
    if (negative && value == ~std::uint64_t{0}) break;
  }
  if (!digits.empty() && (digits.back() >= 0x80) != negative) digits.push_back(negative ? 0xFF : 0);
  append_number(out, digits.size(), width);
  out.insert(out.end(), digits.begin(), digits.end());
  return {};
}

Result<void> append_lines(Buffer& out, std::string_view argument, Operand operand) {
  std::string text = TRY(text_argument(argument));
  if (operand == Operand::TwoLines) {
    const std::size_t blank = text.find(' ');
    if (blank == std::string::npos) return fail(Code::InvalidInput, "needs \"module name\"");
    text[blank] = '\n';
  } else if (operand == Operand::QuotedLine && !text.starts_with('\'') && !text.starts_with('"')) {
    text = "'" + text + "'";
  }
  append(out, text + "\n");
  return {};
}

const Opcode* find_opcode(std::string_view name) {
  const auto found = std::ranges::find(kOpcodes, name, &Opcode::name);
  return found == kOpcodes.end() ? nullptr : &*found;
}

}  // namespace

bool is_pickle_opcode(std::string_view name) {
  return find_opcode(name) != nullptr;
}

Result<void> assemble_opcode(std::string_view name, std::string_view argument, Buffer& out) {
  const Opcode* opcode = find_opcode(name);
  if (opcode == nullptr) return fail(Code::InvalidInput, "unknown opcode " + std::string(name));
  out.push_back(opcode->byte);
  switch (opcode->operand) {
    case Operand::None:
      if (argument.empty()) return {};
      return fail(Code::InvalidInput, std::string(name) + " takes no argument");
    case Operand::U1: return append_fixed(out, argument, 1);
    case Operand::U2: return append_fixed(out, argument, 2);
    case Operand::U4: return append_fixed(out, argument, 4);
    case Operand::U8: return append_fixed(out, argument, 8);
    case Operand::Line:
    case Operand::TwoLines:
    case Operand::QuotedLine: return append_lines(out, argument, opcode->operand);
    case Operand::Counted1: return append_counted(out, argument, 1);
    case Operand::Counted4: return append_counted(out, argument, 4);
    case Operand::Counted8: return append_counted(out, argument, 8);
    case Operand::Long1: return append_long(out, argument, 1);
    case Operand::Long4: return append_long(out, argument, 4);
    case Operand::Float8: {
      const std::string text = TRY(text_argument(argument));
      const double value = TRY(real_of(text));
      const auto bits = std::bit_cast<std::uint64_t>(value);
      for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(bits >> shift & 0xFF));
      return {};
    }
  }
  return {};
}

}  // namespace bulwark::recipe
