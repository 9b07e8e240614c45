#pragma once
// One pass over a text that finds every keyword of the detectors: Vectorscan with the database that was
// compiled at build time.

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace bulwark::scan::secrets {

// Who is told about keywords, in the order in which they end.
class KeywordSink {
 public:
  virtual ~KeywordSink() = default;
  // Keyword number `keyword` ends before `end`. False stops the search.
  virtual bool found(std::uint32_t keyword, std::uint64_t end) = 0;
};

// Unavailable if the library cannot work on this processor. Threads: safe from many at once.
[[nodiscard]] Result<void> search_keywords(std::string_view text, KeywordSink& sink);

}  // namespace bulwark::scan::secrets
