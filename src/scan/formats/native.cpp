#include "scan/formats/native.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "scan/formats/pickle_shape.h"

namespace bulwark::scan::native {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 9> kNames = {"ELF program",
                                                    "GPU program (ELF)",
                                                    "Windows program (PE)",
                                                    "macOS program (Mach-O)",
                                                    "macOS program (universal)",
                                                    "portable program (APE)",
                                                    "WebAssembly module",
                                                    "Windows shortcut",
                                                    "archive of object files"};
constexpr std::array<std::string_view, 3> kApe = {"MZqFpD='"sv, "jartsr='"sv, "APEDBG='"sv};
// e_machine of devices whose code graph compilers embed on purpose (CUDA in TensorRT plans, AMD GPUs).
constexpr std::array<std::uint16_t, 2> kDevices = {190, 224};
constexpr std::array<std::uint16_t, 22> kMachines = {2,  3,  4,  8,  10, 15, 18,  20,  21,  22,  40,
                                                     42, 43, 50, 62, 93, 94, 183, 243, 247, 252, 258};
constexpr std::array<std::uint16_t, 9> kPeMachines = {0x14c, 0x8664, 0x1c0,  0x1c4, 0xaa64,
                                                      0x200, 0x5032, 0x5064, 0x6264};
constexpr std::array<std::uint32_t, 6> kMachCpus = {7, 12, 18, 0x01000007, 0x0100000c, 0x02000012};

template <class T>
T number(Bytes content, std::uint64_t at, bool big) {
  return big ? load_big_endian<T>(content.data() + at) : load_little_endian<T>(content.data() + at);
}

template <class T, std::size_t N>
bool among(const std::array<T, N>& known, T value) {
  return std::ranges::find(known, value) != known.end();
}

bool elf_ident(Bytes content) {
  return content.size() >= 7 &&
         has_magic(content,
                   "\x7f"
                   "ELF") &&
         (content[4] == 1 || content[4] == 2) && (content[5] == 1 || content[5] == 2) && content[6] == 1;
}

std::optional<Kind> strict_elf(Bytes content) {
  if (!elf_ident(content) || content.size() < 64) return std::nullopt;
  const bool wide = content[4] == 2;
  const bool big = content[5] == 2;
  const auto type = number<std::uint16_t>(content, 16, big);
  const auto machine = number<std::uint16_t>(content, 18, big);
  const auto header = number<std::uint16_t>(content, wide ? 52 : 40, big);
  if (type < 1 || type > 4 || number<std::uint32_t>(content, 20, big) != 1 || header != (wide ? 64 : 52))
    return std::nullopt;
  if (among(kDevices, machine)) return Kind::DeviceElf;
  return among(kMachines, machine) ? std::optional(Kind::Elf) : std::nullopt;
}

// What linkers put behind the MZ header since 1985. With it the file is a program of its own for DOS,
// whatever the PE header that it points to looks like: cut off, damaged, or hidden from scanners that only
// know PE.
bool has_dos_stub(Bytes content) {
  if (!has_magic(content, "MZ")) return false;
  const std::string_view stub = text_of(content.first(std::min<std::size_t>(content.size(), 256)));
  return stub.find("This program cannot be run in DOS mode") != std::string_view::npos ||
         stub.find("This program must be run under Win") != std::string_view::npos;
}

// MZ, the offset at 0x3C, "PE\0\0", machine, sections, optional header.
bool is_pe(Bytes content, bool strict) {
  if (has_dos_stub(content)) return true;
  if (!has_magic(content, "MZ") || content.size() < 0x40) return false;
  const auto at = load_little_endian<std::uint32_t>(content.data() + 0x3C);
  if (at < 0x40 && strict) return false;
  if (!has_magic(content, "PE\0\0"sv, at) || content.size() - at < 26) return false;
  const Bytes header = content.subspan(at);
  const auto sections = number<std::uint16_t>(header, 6, false);
  const auto optional_magic = number<std::uint16_t>(header, 24, false);
  if (!among(kPeMachines, number<std::uint16_t>(header, 4, false))) return false;
  return !strict || (sections >= 1 && sections <= 96 && (optional_magic == 0x10b || optional_magic == 0x20b));
}

bool is_mach(Bytes content) {
  if (content.size() < 28) return false;
  const auto magic = load_big_endian<std::uint32_t>(content.data());
  const bool big = magic == 0xFEEDFACE || magic == 0xFEEDFACF;
  if (!big && magic != 0xCEFAEDFE && magic != 0xCFFAEDFE) return false;
  const auto type = number<std::uint32_t>(content, 12, big);
  const auto commands = number<std::uint32_t>(content, 16, big);
  const auto size = number<std::uint32_t>(content, 20, big);
  return among(kMachCpus, number<std::uint32_t>(content, 4, big)) && type >= 1 && type <= 12 &&
         commands <= 10'000 && size >= commands * 8 && size < (std::uint32_t{1} << 24);
}

// CAFEBABE is also a Java class; there the next word is a version of 45 and more, here a small count.
bool is_fat(Bytes content) {
  if (content.size() < 28) return false;
  const auto magic = load_big_endian<std::uint32_t>(content.data());
  const auto count = load_big_endian<std::uint32_t>(content.data() + 4);
  return (magic == 0xCAFEBABE || magic == 0xCAFEBABF) && count >= 1 && count <= 30 &&
         among(kMachCpus, load_big_endian<std::uint32_t>(content.data() + 8));
}

// Pairs of bytes that occur in a magic number, and how far into it.
struct Pair {
  std::uint8_t first, second;
  std::uint8_t back;
};
constexpr std::array<Pair, 5> kPairs = {{{0x7F, 'E', 0},     // ELF
                                         {'M', 'Z', 0},      // PE
                                         {0xFA, 0xED, 1},    // Mach-O, little endian: CE/CF FA ED FE
                                         {0xFE, 0xED, 0},    // Mach-O, big endian
                                         {0xCA, 0xFE, 0}}};  // universal Mach-O

// 16 bytes: what every x86-64 and ARMv8 compares at once.
constexpr std::size_t kWidth = 16;
using Lanes = std::uint8_t __attribute__((vector_size(kWidth)));
using Mask = std::int8_t __attribute__((vector_size(kWidth)));

Lanes lanes_at(const std::uint8_t* at) {
  Lanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}

bool any(Mask mask) {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), &mask, sizeof mask);
  return (words[0] | words[1]) != 0;
}

// Where one of the pairs stands in the 16 bytes at `at`. Unrolled by hand: compilers keep a loop here, at a
// tenth of the speed.
template <std::size_t N, std::size_t... I>
bool met(const std::array<Lanes, N>& first, const std::array<Lanes, N>& second, const std::uint8_t* at,
         std::index_sequence<I...>) {
  const Lanes here = lanes_at(at);
  const Lanes next = lanes_at(at + 1);
  return any((((here == first[I]) & (next == second[I])) | ...));
}

// Calls visit(offset) for every place in [from, to) where one of `pairs` stands; stops once it returns false.
template <std::size_t N, class Visit>
void for_pairs(Bytes content, std::uint64_t from, std::uint64_t to, const std::array<Pair, N>& pairs,
               Visit visit) {
  const auto scalar = [&](std::uint64_t at) {
    for (const Pair& pair : pairs) {
      if (content[at] == pair.first && content[at + 1] == pair.second && at >= from + pair.back)
        if (!visit(at - pair.back)) return false;
    }
    return true;
  };
  std::array<Lanes, N> first{};
  std::array<Lanes, N> second{};
  for (std::size_t i = 0; i < N; ++i) {
    first[i] = Lanes{} + pairs[i].first;
    second[i] = Lanes{} + pairs[i].second;
  }
  std::uint64_t at = from;
  for (; at + kWidth + 1 <= to; at += kWidth) {
    if (!met(first, second, content.data() + at, std::make_index_sequence<N>())) continue;
    for (std::uint64_t i = at; i < at + kWidth; ++i)
      if (!scalar(i)) return;
  }
  for (; at + 1 < to; ++at)
    if (!scalar(at)) return;
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kNames[std::to_underlying(kind)];
}

std::optional<Kind> identify(Bytes content) {
  if (elf_ident(content)) return strict_elf(content) == Kind::DeviceElf ? Kind::DeviceElf : Kind::Elf;
  for (const std::string_view ape : kApe)
    if (has_magic(content, ape)) return Kind::Ape;
  if (is_pe(content, false)) return Kind::Pe;
  if (is_mach(content)) return Kind::MachO;
  if (is_fat(content)) return Kind::FatMachO;
  if (has_magic(content, "\0asm\1\0\0\0"sv)) return Kind::Wasm;
  if (has_magic(content, "L\0\0\0\1\x14\2\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"sv)) return Kind::ShellLink;
  if (has_magic(content, "!<arch>\n") && has_magic(content, "`\n", 66)) return Kind::Archive;
  return std::nullopt;
}

std::optional<Kind> identify_embedded(Bytes content, std::uint64_t offset) {
  if (offset >= content.size()) return std::nullopt;
  content = content.subspan(offset);
  if (const auto elf = strict_elf(content)) return elf;
  // The offset of the PE header is a small number, so text that quotes the stub's sentence is none.
  const bool has_offset = content.size() <= 0x3F || content[0x3F] == 0;
  if (has_offset && is_pe(content, true)) return Kind::Pe;
  // Load commands have to be there: a header alone is 28 bytes of small numbers.
  if (is_mach(content) && content.size() >= 32 + 8) return Kind::MachO;
  if (is_fat(content)) return Kind::FatMachO;
  return std::nullopt;
}

std::optional<Script> identify_script(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 256)));
  const auto starts = [&](std::string_view word) {
    return text.size() >= word.size() &&
           std::ranges::equal(text.substr(0, word.size()), word, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  };
  if (starts("@echo off") || starts("@echo on")) return Script{"cmd", false};
  if (starts("<?php")) return Script{"php", false};
  if (!starts("#!")) return std::nullopt;
  std::string_view line = text.substr(2, std::min(text.find('\n'), text.size()) - 2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.empty() || line.front() != '/') return std::nullopt;
  // "/usr/bin/env -S python3 -u" runs its first word that is no option.
  const auto word = [&] {
    const std::string_view first = line.substr(0, std::min(line.find_first_of(" \t\r"), line.size()));
    line.remove_prefix(std::min(line.size(), first.size() + 1));
    return first.substr(first.rfind('/') + 1);
  };
  std::string_view interpreter = word();
  while (!line.empty() && (interpreter == "env" || interpreter.starts_with('-'))) interpreter = word();
  return Script{interpreter, interpreter.starts_with("python")};
}

std::vector<Hit> find_embedded(Bytes content, std::uint64_t from, std::uint64_t to, std::size_t max_hits) {
  std::vector<Hit> hits;
  for_pairs(content, from, std::min<std::uint64_t>(to, content.size()), kPairs, [&](std::uint64_t at) {
    if (const auto kind = identify_embedded(content, at)) hits.push_back({at, *kind});
    return hits.size() < max_hits;
  });
  return hits;
}

PickleHits find_pickles(Bytes content, std::uint64_t from, std::uint64_t to, std::size_t max_hits) {
  constexpr std::array<Pair, 4> kProtocols = {{{0x80, 2, 0}, {0x80, 3, 0}, {0x80, 4, 0}, {0x80, 5, 0}}};
  // Starts that chance produces end after a few opcodes; hostile ones may each run through everything behind
  // them.
  constexpr std::uint64_t kFreeOpcodes = std::uint64_t{4} << 20;
  std::uint64_t opcodes = kFreeOpcodes + 4 * (std::max(from, to) - from);
  PickleHits found;
  std::uint64_t behind = from;
  for_pairs(content, from, std::min<std::uint64_t>(to, content.size()), kProtocols, [&](std::uint64_t at) {
    if (at < behind) return true;
    const std::uint64_t length = pickle_shape(content.subspan(at), opcodes);
    if (opcodes == 0) found.complete = false;
    if (length == 0) return found.complete;
    found.hits.push_back({at, length});
    behind = at + length;
    return found.hits.size() < max_hits;
  });
  return found;
}

}  // namespace bulwark::scan::native
