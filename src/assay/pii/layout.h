#pragma once
// Layouts of codes ("999-99-9999") and the table in which all of them are looked up at once.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "assay/pii/recogniser.h"

namespace bulwark::assay::pii {

// Groups of letters and digits with single separators between them, as they stand in a text.
struct Groups {
  static constexpr std::size_t kMost = 10;  // the longest layout, an IBAN of Malta, has eight

  struct Group {
    std::uint32_t offset = 0;
    std::uint32_t letters = 0;  // bit i: a letter
    std::uint8_t size = 0;
    char after = 0;  // separator to the next group; 0: none
  };
  std::array<Group, kMost> list{};
  std::size_t count = 0;
};

struct Layout {
  std::uint64_t shape = 0;    // sizes and separators of the groups, 8 bits each
  std::uint64_t letters = 0;  // places that hold a letter
  std::uint64_t digits = 0;   // places that hold a digit
};
[[nodiscard]] std::vector<Layout> layouts_of(std::string_view layouts);
// Shape of the first `count` groups; 0: more than eight groups or too large a one.
[[nodiscard]] std::uint64_t shape_of(const Groups& groups, std::size_t first, std::size_t count);
[[nodiscard]] inline bool fits(const Layout& layout, std::uint64_t shape, std::uint64_t letters) {
  return layout.shape == shape && (letters & layout.letters) == layout.letters &&
         (letters & layout.digits) == 0;
}

// All layouts as a tree over group sizes and separators: one step for a group, one for a separator.
class LayoutTree {
 public:
  struct Leaf {
    std::uint16_t kind;  // index of the recogniser
    bool likely;         // enough by itself, without a word beside it
    std::uint64_t letters, digits;
  };
  struct Node {
    std::uint32_t first = 0, count = 0;      // leaves that end here
    std::array<std::uint16_t, 4> next = {};  // by separator: index of a branch; 0: none
  };
  using Branch = std::array<std::uint16_t, 24>;  // by size of the group: index of a node; 0: none

  void add(std::uint16_t kind, const Recogniser& recogniser);
  void finish();  // after the last add()

  [[nodiscard]] const Node* start(std::size_t size) const {
    return size < Branch{}.size() ? node(branches_[0][size]) : nullptr;
  }
  [[nodiscard]] const Node* step(const Node& from, char separator, std::size_t size) const {
    const std::size_t which = separator_index(separator);
    if (which > 3 || from.next[which] == 0 || size >= Branch{}.size()) return nullptr;
    return node(branches_[from.next[which]][size]);
  }
  [[nodiscard]] std::span<const Leaf> leaves(const Node& at) const {
    return std::span(leaves_).subspan(at.first, at.count);
  }
  [[nodiscard]] static std::size_t separator_index(char separator) {
    switch (separator) {
      case ' ': return 0;
      case '-': return 1;
      case '.': return 2;
      case '/': return 3;
      default: return 4;
    }
  }

 private:
  struct Pending {
    std::uint16_t node;
    Leaf leaf;
  };
  [[nodiscard]] const Node* node(std::uint16_t index) const { return index == 0 ? nullptr : &nodes_[index]; }
  std::uint16_t child(std::uint16_t branch, std::size_t size);

  std::vector<Node> nodes_ = std::vector<Node>(1);  // the first is no node
  std::vector<Branch> branches_ = std::vector<Branch>(1);
  std::vector<Pending> pending_;
  std::vector<Leaf> leaves_;
};

}  // namespace bulwark::assay::pii
