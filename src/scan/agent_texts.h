#pragma once
// Texts that agents obey, in a form that somebody can approve: whole rules files, and the definition of every
// tool server and every tool. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

struct ApprovableText {
  std::string kind;  // "instructions", "server", "tool"
  std::string name;  // of the server or tool, one of a kind in its file; empty for a whole file
  // What is approved: of instructions the file, of definitions one line for each value, sorted by where it
  // stands, so that neither blanks nor the order of keys make a difference. Credentials are replaced: to
  // exchange one is no change.
  std::string text;
  std::uint32_t line = 1;  // where it starts in the file
};

// The texts in one file; none if it holds none. `path`: as its client would see it.
// Errors: as find_secrets, because a text that may hold secrets must not be handed on.
[[nodiscard]] Result<std::vector<ApprovableText>> approvable_texts(std::string_view path, Bytes content,
                                                                   const Limits& limits);

}  // namespace bulwark::scan
