#pragma once
// Turns advisories into the one file that `scan` maps (docs/formats/advisories.md).

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "scan/advisories/advisory.h"

namespace bulwark::scan {

class AdvisoryCompiler {
 public:
  // A withdrawn advisory is counted and left out. An id that comes twice: the one modified last stays.
  void add(Advisory advisory);

  [[nodiscard]] std::size_t kept() const { return advisories_.size(); }
  [[nodiscard]] std::size_t withdrawn() const { return withdrawn_; }

  // The file. `imported`: seconds since 1970. LimitReached above 4 GiB.
  [[nodiscard]] Result<std::vector<std::uint8_t>> finish(std::int64_t imported) const;

 private:
  std::map<std::string, Advisory, std::less<>> advisories_;  // by id
  std::size_t withdrawn_ = 0;
};

}  // namespace bulwark::scan
