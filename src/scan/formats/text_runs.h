#pragma once
// The readable texts inside binary metadata: runs of printable characters, as `strings` would list them.

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace bulwark::scan {

// Calls `visit(offset, run)` for every run of at least `shortest` printable ASCII characters. Tabs count as
// printable; line ends close a run. Linear, allocates nothing.
template <class Visit>
void each_text_run(Bytes bytes, std::size_t shortest, Visit&& visit) {
  std::size_t start = 0;
  for (std::size_t i = 0; i <= bytes.size(); ++i) {
    const bool readable = i < bytes.size() && ((bytes[i] >= 0x20 && bytes[i] < 0x7F) || bytes[i] == '\t');
    if (readable) continue;
    if (i - start >= shortest)
      visit(static_cast<std::uint64_t>(start), text_of(bytes.subspan(start, i - start)));
    start = i + 1;
  }
}

}  // namespace bulwark::scan
