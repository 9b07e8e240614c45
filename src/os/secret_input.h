#pragma once
// Secrets on their way into the process: files that only their owner may read, descriptors, the terminal. The
// caller gives the memory, so that no copy is left behind elsewhere.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::os {

// From now on this process leaves no core dump and may not be traced by others of its user. Call it before
// the first secret is read. Best effort: what the kernel refuses stays as it was.
void keep_memory_private();

struct PrivateFile {
  std::size_t size = 0;
  std::string exposed_to;  // who else may read or change it: "every user", "its group"; empty: nobody
};
// The whole file into `out`. Errors: NotFound, Denied, InvalidInput (no regular file), LimitReached (larger
// than `out`), Unavailable.
[[nodiscard]] Result<PrivateFile> read_private_file(const std::string& path, std::span<std::uint8_t> out);

// Everything up to the end of the stream. Errors: LimitReached, Unavailable.
[[nodiscard]] Result<std::size_t> read_private_stream(int descriptor, std::span<std::uint8_t> out);

// One line from the terminal of this process, which does not show it; without the line end. Ctrl-U starts
// anew. Errors: Unavailable (no terminal), Denied (Ctrl-C, Ctrl-D), LimitReached (longer than `out`).
[[nodiscard]] Result<std::size_t> ask_hidden(std::string_view prompt, std::span<std::uint8_t> out);

}  // namespace bulwark::os
