#pragma once
// Parts of a document that are not what a reader sees as its prose: code, quotations, and what rendering
// hides.

#include <cstdint>
#include <string_view>
#include <vector>

namespace bulwark::assay {

enum class RegionKind : std::uint8_t {
  Code,     // between backquotes or in <code>, <pre>, <script>, <style>
  Quote,    // between quotation marks on one line, or a line that starts with ">"
  Comment,  // <!-- … -->, [//]: # (…): left out by rendering, common in honest documents
  Hidden,  // an element that styles hide: not displayed, without size, in the background's colour, off screen
};

struct Region {
  RegionKind kind = RegionKind::Code;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string_view why;  // of Hidden: "display:none", "white text" …; a literal
};

// In order of begin; kinds may overlap. Linear; at most kMostRegions, beyond which the rest of the text has
// none.
inline constexpr std::size_t kMostRegions = 100'000;
[[nodiscard]] std::vector<Region> regions_of(std::string_view text);

// Which of the regions hold an offset, asked in any order; each answer takes the logarithm of their number.
class RegionIndex {
 public:
  explicit RegionIndex(std::vector<Region> regions);
  [[nodiscard]] const Region* find(RegionKind kind, std::uint64_t offset) const;
  [[nodiscard]] const std::vector<Region>& of(RegionKind kind) const;

 private:
  std::vector<std::vector<Region>> by_kind_;  // each without overlaps, ascending
};

}  // namespace bulwark::assay
