#include "scan/formats/pickle_shape.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace bulwark::scan {
namespace {

constexpr std::uint64_t kLongest = std::uint64_t{1} << 20;

// How long the argument of an opcode is. Lines end with '\n'; counted ones start with a little-endian length.
enum Argument : std::int8_t {
  kNone = 0,
  kLine = -1,
  kTwoLines = -2,
  kCounted1 = -3,
  kCounted4 = -4,
  kCounted8 = -5,
  kUnknown = -6
};

constexpr std::array<std::int8_t, 256> arguments() {
  std::array<std::int8_t, 256> table{};
  table.fill(kUnknown);
  for (const char c :
       std::string_view("(.0125NQRabde]ao})tlsu\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98"))
    table[static_cast<std::uint8_t>(c)] = kNone;
  // '1' POP_MARK, '2' DUP, '0' POP stand above; '5' is no opcode.
  table['5'] = kUnknown;
  for (const char c : std::string_view("FILSVPgp")) table[static_cast<std::uint8_t>(c)] = kLine;
  table['c'] = table['i'] = kTwoLines;
  for (const char c : std::string_view("Khq\x80\x82")) table[static_cast<std::uint8_t>(c)] = 1;
  for (const char c : std::string_view("M\x83")) table[static_cast<std::uint8_t>(c)] = 2;
  for (const char c : std::string_view("Jjr\x84")) table[static_cast<std::uint8_t>(c)] = 4;
  table['G'] = 8;
  table[0x95] = 8;
  for (const char c : std::string_view("UC\x8a\x8c")) table[static_cast<std::uint8_t>(c)] = kCounted1;
  for (const char c : std::string_view("TBX\x8b")) table[static_cast<std::uint8_t>(c)] = kCounted4;
  for (const char c : std::string_view("\x8d\x8e\x96")) table[static_cast<std::uint8_t>(c)] = kCounted8;
  return table;
}
constexpr std::array<std::int8_t, 256> kArguments = arguments();

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 512 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// Reads one line of text; empty optional at the end of the input.
std::optional<std::string_view> line(Bytes content, std::uint64_t& at) {
  const std::string_view rest = text_of(content.subspan(at));
  const std::size_t end = rest.substr(0, 4096).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  at += end + 1;
  return rest.substr(0, end);
}

std::optional<std::uint64_t> counted(Bytes content, std::uint64_t at, std::int8_t kind) {
  const std::uint64_t width = kind == kCounted1 ? 1 : kind == kCounted4 ? 4 : 8;
  if (content.size() - at < width) return std::nullopt;
  std::uint64_t size = 0;
  for (std::uint64_t i = 0; i < width; ++i) size |= std::uint64_t{content[at + i]} << (8 * i);
  if (size > content.size() - at - width) return std::nullopt;
  return width + size;
}

}  // namespace

std::uint64_t pickle_shape(Bytes content, std::uint64_t& opcodes) {
  content = content.first(std::min<std::uint64_t>(content.size(), kLongest));
  if (content.size() < 4 || content[0] != 0x80 || content[1] > 5) return 0;
  bool named = false;
  bool acted = false;
  std::uint64_t at = 2;
  while (at < content.size() && opcodes > 0) {
    --opcodes;
    const std::uint8_t op = content[at++];
    const std::int8_t kind = kArguments[op];
    if (op == '.') return named && acted ? at : 0;
    if (kind == kUnknown || (op == 0x80 && at > 3)) return 0;
    if (kind == kTwoLines) {
      const auto module = line(content, at);
      const auto name = module ? line(content, at) : std::nullopt;
      if (!name || !is_name(*module) || !is_name(*name)) return 0;
      named = true;
    } else if (kind == kLine) {
      if (!line(content, at)) return 0;
    } else if (kind <= kCounted1) {
      const auto size = counted(content, at, kind);
      if (!size) return 0;
      at += *size;
    } else {
      if (content.size() - at < static_cast<std::uint64_t>(kind)) return 0;
      at += static_cast<std::uint64_t>(kind);
    }
    named |= op == 0x93;
    acted |= op == 'R' || op == 'b' || op == 'o' || op == 'i' || op == 0x81 || op == 0x92;
  }
  return 0;
}

}  // namespace bulwark::scan
