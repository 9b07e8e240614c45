#pragma once
// The XML that object stores answer with: elements and text. A reader for bytes of a server that may be
// hostile; it has no DTD, no entities but the five, no comments and no CDATA, because S3 sends none.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::store {

struct XmlLimits {
  std::size_t bytes = std::size_t{8} << 20;  // a listing of 1,000 long names takes less than 2 MiB
  std::size_t elements = 40'000;             // of which a listing has 10 for each of 1,000 names
  std::size_t depth = 16;                    // S3 stays below 6
};

struct XmlElement {
  std::string name;  // without a prefix of a namespace
  std::string text;  // directly in it; blanks are kept
  std::vector<XmlElement> children;

  // The first child of that name, or null.
  [[nodiscard]] const XmlElement* find(std::string_view name) const;
  // Its text, or empty.
  [[nodiscard]] std::string_view text_in(std::string_view name) const;
};

// The root element. Errors: InvalidInput with the offset; LimitReached.
[[nodiscard]] Result<XmlElement> parse_xml(std::string_view text, const XmlLimits& limits = {});

}  // namespace bulwark::store
