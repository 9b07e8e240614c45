#pragma once
// Which package names look like another one: imitations of popular names (typosquats), and names that are
// asked for although the package meant is called otherwise. The table is data/knowledge/packages.tsv; no
// index is asked.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::scan {

struct NameDoubt {
  enum class Kind : std::uint8_t {
    Typing,      // one letter more, less, other or swapped
    Lookalike,   // letters that look alike: 0 and o, 1 and l, rn and m
    Separators,  // the same with the dashes elsewhere
    WordOrder,   // the same words in another order
    Affix,       // with a word added that many packages carry: -cpu, python-
    Invented,    // not what is meant
  };
  Kind kind = Kind::Typing;
  std::string meant;  // the popular name
  std::string why;    // for messages: "one letter differs"
};

// True if the table knows the name as that of a real package.
[[nodiscard]] bool is_known_package(std::string_view ecosystem, std::string_view name);

// Nothing for known names and for names of fewer than five characters, which are near too many others.
// `name`: in any spelling.
[[nodiscard]] std::optional<NameDoubt> doubt_name(std::string_view ecosystem, std::string_view name);

// Damerau's distance (optimal string alignment) is at most one.
[[nodiscard]] bool within_one_edit(std::string_view a, std::string_view b);

}  // namespace bulwark::scan
