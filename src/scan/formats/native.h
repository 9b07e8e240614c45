#pragma once
// Native programs and scripts, recognised by their headers: what an operating system would run.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::scan::native {

enum class Kind : std::uint8_t { Elf, DeviceElf, Pe, MachO, FatMachO, Ape, Wasm, ShellLink, Archive };

[[nodiscard]] std::string_view name_of(Kind kind);  // "ELF program" …

// What a loader would take the first bytes for. Lenient: the magic number and the fields next to it.
[[nodiscard]] std::optional<Kind> identify(Bytes content);
// A program that starts at `offset` inside other data. Strict: machine, types and sizes have to make sense,
// so that random weights never do.
[[nodiscard]] std::optional<Kind> identify_embedded(Bytes content, std::uint64_t offset);

struct Script {
  std::string_view interpreter;  // "sh", "python3" …: without its folder
  bool python = false;
};
// "#!" with an absolute interpreter, or the first words of a Windows batch file.
[[nodiscard]] std::optional<Script> identify_script(Bytes content);

struct Hit {
  std::uint64_t offset = 0;
  Kind kind = Kind::Elf;
};
// Embedded programs in [from, to), at most `max_hits`. Several GB/s: two bytes of every magic number are
// compared for 32 positions at once, the rest is looked at only where they meet.
[[nodiscard]] std::vector<Hit> find_embedded(Bytes content, std::uint64_t from, std::uint64_t to,
                                             std::size_t max_hits);
struct PickleHit {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // up to and with STOP
};
struct PickleHits {
  std::vector<PickleHit> hits;
  bool complete = true;  // false: more places look like the start of a pickle than can be followed
};
// Pickle streams (protocol 2 to 5) that start in [from, to), lex to their STOP, name a global and call
// something.
[[nodiscard]] PickleHits find_pickles(Bytes content, std::uint64_t from, std::uint64_t to,
                                      std::size_t max_hits);

}  // namespace bulwark::scan::native
