#pragma once
// Reading streams, and writing files so that a crash leaves the old or the new content, never half of it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::os {

// Everything up to the end of the stream. Errors: LimitReached above `limit` bytes, Unavailable.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_stream(int descriptor, std::uint64_t limit);
// Text files such as policies. Errors: NotFound, Denied, LimitReached, Unavailable.
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::uint64_t limit);
// Writes all bytes to a descriptor. Unavailable if the other end is gone.
[[nodiscard]] Result<void> write_stream(int descriptor, std::string_view content);
// Writes beside `path`, flushes, renames, flushes the directory. Errors: NotFound, Denied, Unavailable.
[[nodiscard]] Result<void> write_durably(const std::string& path, std::string_view content);

}  // namespace bulwark::os
