#pragma once
// Is this a pickle? A cheap look at the first opcodes, without values and without knowledge.

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"

namespace bulwark::pickle {

struct Probe {
  std::uint32_t opcodes = 0;  // that fit the stack, the marks and the memo
  bool header = false;        // starts with PROTO 0 to 5
  bool stopped = false;       // STOP with a value
  bool cut = false;           // the bytes end inside an opcode or before STOP
  bool imports = false;       // GLOBAL, INST or STACK_GLOBAL with names
  bool calls = false;         // REDUCE, INST, OBJ, NEWOBJ, BUILD
  bool structured = false;    // memo, marks or containers
  bool memo = false;          // PUT or MEMOIZE
  std::uint64_t end = 0;      // after the last opcode that fits

  // Chance does not produce it.
  [[nodiscard]] bool certain() const {
    return (imports && calls) || (header && (stopped || opcodes >= 8 || (imports && opcodes >= 2))) ||
           (stopped && imports);
  }
  // Worth a closer look.
  [[nodiscard]] bool likely() const {
    return certain() || (header && (opcodes >= 3 || cut)) || (cut && structured && opcodes >= 2) ||
           (stopped && structured && opcodes >= 3) || imports || (!stopped && structured && opcodes >= 32) ||
           (memo && opcodes >= 6);
  }
};

// Follows at most `most` opcodes from `begin`. Touches only what those cover.
[[nodiscard]] Probe probe(Bytes content, std::uint64_t begin, std::uint32_t most = 64);

// Where the first pickle starts in [from, to) that is worth a closer look: PROTO headers, and GLOBAL or INST
// lines of protocols 0 and 1. Linear.
[[nodiscard]] std::optional<std::uint64_t> find_pickle(Bytes content, std::uint64_t from, std::uint64_t to);

// Where the first pickle starts if only blank lines and comments precede it; 0 for content that starts at
// once.
[[nodiscard]] std::uint64_t skip_disguise(Bytes content);

}  // namespace bulwark::pickle
