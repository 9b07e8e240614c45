#include "scan/formats/marshal/bytecode.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"

// Compiled in from data/knowledge (cmake/Embed.cmake).
extern "C" const char bw_python_opcodes[], bw_python_opcodes_end[];

namespace bulwark::marshal {
namespace {

constexpr std::array<std::string_view, 9> kVersions = {"3.6",  "3.7",  "3.8",  "3.9", "3.10",
                                                       "3.11", "3.12", "3.13", "3.14"};
// Instructions looked at to guess the version.
constexpr std::size_t kProbe = 2000;

bool fits(Layout layout, std::string_view version) {
  const auto at = std::ranges::find(kVersions, version) - kVersions.begin();
  return layout == Layout::Python36 ? at < 2 : layout == Layout::Python38 ? at >= 2 && at < 5 : at >= 5;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Indexes indexes_named(std::string_view name) {
  return name == "name"    ? Indexes::Name
         : name == "const" ? Indexes::Constant
         : name == "local" ? Indexes::Local
         : name == "free"  ? Indexes::Free
                           : Indexes::Nothing;
}

std::uint64_t items_of(const Program& program, std::uint32_t tuple) {
  return tuple < program.objects.size() ? program.objects[tuple].items.size() : 0;
}

// From 3.11 on LOAD_GLOBAL keeps a flag in bit 0, from 3.12 on LOAD_ATTR too, and LOAD_SUPER_ATTR two bits.
std::uint32_t name_index(const Instruction& at, std::string_view version) {
  const auto order = std::ranges::find(kVersions, version) - kVersions.begin();
  if (at.opcode->name == "LOAD_GLOBAL" && order >= 5) return at.argument >> 1;
  if (at.opcode->name == "LOAD_ATTR" && order >= 6) return at.argument >> 1;
  if (at.opcode->name == "LOAD_SUPER_ATTR") return at.argument >> 2;
  return at.argument;
}

// How badly a table reads one code object.
std::uint64_t misfits(const Program& program, const Code& code, const OpcodeTable& table,
                      std::string_view version) {
  const Bytes bytes = program.objects[code.instructions].content;
  std::uint64_t bad = bytes.size() % 2;
  const auto found = instructions_of(bytes, table, kProbe);
  for (const Instruction& at : found) {
    if (at.opcode->name.empty() || at.opcode->name == "CACHE" || at.opcode->name == "RESERVED") {
      bad += 4;
      continue;
    }
    if (at.opcode->indexes == Indexes::Name && name_index(at, version) >= items_of(program, code.names))
      bad += 2;
    if (at.opcode->indexes == Indexes::Constant && at.argument >= items_of(program, code.constants)) bad += 2;
  }
  if (!found.empty() && found.size() < kProbe) {
    const std::string_view last = found.back().opcode->name;
    if (!last.starts_with("RETURN_") && !last.starts_with("RERAISE") && !last.starts_with("RAISE") &&
        !last.starts_with("JUMP"))
      bad += 4;
  }
  const bool resumes =
      std::ranges::any_of(found, [](const Instruction& at) { return at.opcode->name == "RESUME"; });
  if (program.layout == Layout::Python311 && !resumes) bad += 8;
  return bad;
}

std::string constant_text(const Program& program, std::uint32_t object, int depth) {
  if (object >= program.objects.size() || depth > 2) return "…";
  const Object& value = program.objects[object];
  switch (value.kind) {
    case Kind::None: return "None";
    case Kind::True: return "True";
    case Kind::False: return "False";
    case Kind::Integer: return std::to_string(value.number);
    case Kind::Text: return "'" + printable(text_of(value.content), 60) + "'";
    case Kind::Bytes: return "b'" + printable(text_of(value.content), 60) + "'";
    case Kind::Code: return "<code " + printable(program.text(program.codes[value.code].name), 40) + ">";
    case Kind::Tuple: {
      std::string text = "(";
      for (std::size_t i = 0; i < value.items.size() && i < 4; ++i)
        text += (i > 0 ? ", " : "") + constant_text(program, value.items[i], depth + 1);
      return text + (value.items.size() > 4 ? ", …)" : ")");
    }
    default: return "…";
  }
}

}  // namespace

OpcodeTable opcodes_of(std::string_view version) {
  OpcodeTable table{};
  std::string_view rest(bw_python_opcodes,
                        static_cast<std::size_t>(bw_python_opcodes_end - bw_python_opcodes));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::array<std::string_view, 5> column;
    for (std::string_view& text : column) {
      const std::size_t tab = std::min(line.find('\t'), line.size());
      text = line.substr(0, tab);
      line.remove_prefix(std::min(tab + 1, line.size()));
    }
    if (column[0] != version) continue;
    Opcode& opcode = table[number(column[1]) & 0xFFU];
    opcode = {.name = column[2],
              .indexes = indexes_named(column[3]),
              .caches = static_cast<std::uint8_t>(number(column[4]))};
  }
  return table;
}

std::vector<Instruction> instructions_of(Bytes code, const OpcodeTable& table, std::size_t limit) {
  std::vector<Instruction> found;
  std::uint32_t extended = 0;
  for (std::uint64_t at = 0; at + 1 < code.size() && found.size() < limit; at += 2) {
    const Opcode& opcode = table[code[at]];
    const std::uint32_t argument = extended | code[at + 1];
    if (opcode.name == "EXTENDED_ARG") {
      extended = argument << 8U;
      continue;
    }
    extended = 0;
    found.push_back({.offset = at, .opcode = &opcode, .argument = argument});
    at += std::uint64_t{2} * opcode.caches;
  }
  return found;
}

std::string_view version_of(const Program& program) {
  if (!program.version.empty()) return program.version;
  std::string_view best = "3.8";
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const std::string_view version : kVersions) {
    if (!fits(program.layout, version)) continue;
    const OpcodeTable table = opcodes_of(version);
    std::uint64_t bad = 0;
    for (std::size_t i = 0; i < program.codes.size() && i < 16; ++i)
      if (program.codes[i].instructions != kNone) bad += misfits(program, program.codes[i], table, version);
    if (bad < least) {
      least = bad;
      best = version;
    }
  }
  return best;
}

std::string describe(const Program& program, const Code& code, const Instruction& instruction,
                     std::string_view version) {
  switch (instruction.opcode->indexes) {
    case Indexes::Name: return printable(program.name_at(code.names, name_index(instruction, version)), 80);
    case Indexes::Constant: {
      if (code.constants == kNone) return {};
      const auto& items = program.objects[code.constants].items;
      return instruction.argument < items.size() ? constant_text(program, items[instruction.argument], 0)
                                                 : "";
    }
    case Indexes::Local: return printable(program.name_at(code.locals, instruction.argument), 80);
    case Indexes::Free: {
      if (program.layout == Layout::Python311)
        return printable(program.name_at(code.locals, instruction.argument), 80);
      const std::uint64_t cells = items_of(program, code.cells);
      return printable(instruction.argument < cells
                           ? program.name_at(code.cells, instruction.argument)
                           : program.name_at(code.free, instruction.argument - cells),
                       80);
    }
    case Indexes::Nothing: break;
  }
  return {};
}

std::string disassemble(const Program& program, std::string_view version, std::size_t limit) {
  const OpcodeTable table = opcodes_of(version);
  std::string text;
  for (const Code& code : program.codes) {
    if (code.instructions == kNone || text.size() > limit) continue;
    text += "code " + printable(program.text(code.name), 60) + " (Python " + std::string(version) + "):\n";
    for (const Instruction& at : instructions_of(program.objects[code.instructions].content, table, limit)) {
      if (text.size() > limit) break;
      text += "  " + std::to_string(at.offset) + " " +
              (at.opcode->name.empty() ? std::string("<unknown>") : std::string(at.opcode->name));
      if (at.argument != 0 || at.opcode->indexes != Indexes::Nothing)
        text += " " + std::to_string(at.argument);
      if (const std::string what = describe(program, code, at, version); !what.empty())
        text += " (" + what + ")";
      text += "\n";
    }
  }
  if (text.size() > limit) text.resize(limit);
  return text;
}

}  // namespace bulwark::marshal
