#pragma once
// The organisation's own list: which packages may be used, and from which version on.
//
// One requirement a line, comments behind '#': `torch>=2.6`, `npm:react@^18`. Whatever is not on it is
// unknown here.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::scan {

class AllowedPackages {
 public:
  // Errors: InvalidInput naming the line.
  [[nodiscard]] static Result<AllowedPackages> read(std::string_view text);

  enum class Answer : std::uint8_t { Allowed, UnknownName, OtherVersion };
  // An empty version fits every constraint.
  [[nodiscard]] Answer ask(std::string_view ecosystem, std::string_view name, std::string_view version) const;
  // The constraint on that name, or empty.
  [[nodiscard]] std::string_view constraint(std::string_view ecosystem, std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> constraints_;  // "PyPI\tname" to ">=1.0"
};

}  // namespace bulwark::scan
