#include "assay/pii/layout.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kShapeGroups = 8;
constexpr float kLikely = 0.5F;  // what callers ask for

bool is_separator(char c) {
  return LayoutTree::separator_index(c) < 4;
}

std::uint64_t shape_step(std::size_t place, std::size_t size, char after) {
  const std::uint64_t separator = after == 0 ? 7 : LayoutTree::separator_index(after);
  return (size | separator << 5) << (8 * place);
}

struct Piece {
  std::size_t size = 0;
  char after = 0;
};
std::vector<Piece> pieces_of(std::string_view layout) {
  std::vector<Piece> pieces(1);
  for (const char c : layout) {
    if (is_separator(c)) {
      pieces.back().after = c;
      pieces.emplace_back();
    } else {
      ++pieces.back().size;
    }
  }
  return pieces;
}

Layout layout_of(std::string_view text) {
  Layout layout;
  std::size_t place = 0;
  for (const char c : text) {
    if (is_separator(c)) continue;
    if (c == 'A') layout.letters |= std::uint64_t{1} << place;
    if (c == '9') layout.digits |= std::uint64_t{1} << place;
    ++place;
  }
  std::size_t at = 0;
  for (const Piece& piece : pieces_of(text)) layout.shape |= shape_step(at++, piece.size, piece.after);
  return layout;
}

}  // namespace

std::vector<Layout> layouts_of(std::string_view layouts) {
  std::vector<Layout> all;
  if (layouts.empty()) return all;
  for (const std::string_view text : split(layouts, '|')) all.push_back(layout_of(text));
  return all;
}

std::uint64_t shape_of(const Groups& groups, std::size_t first, std::size_t count) {
  if (count > kShapeGroups) return 0;
  std::uint64_t shape = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Groups::Group& group = groups.list[first + i];
    if (group.size > 31) return 0;
    shape |= shape_step(i, group.size, i + 1 == count ? char{0} : group.after);
  }
  return shape;
}

std::uint16_t LayoutTree::child(std::uint16_t branch, std::size_t size) {
  if (branches_[branch][size] == 0) {
    branches_[branch][size] = static_cast<std::uint16_t>(nodes_.size());
    nodes_.emplace_back();
  }
  return branches_[branch][size];
}

void LayoutTree::add(std::uint16_t kind, const Recogniser& recogniser) {
  if (recogniser.layouts.empty()) return;
  for (const std::string_view text : split(recogniser.layouts, '|')) {
    const std::vector<Piece> pieces = pieces_of(text);
    std::uint16_t branch = 0;
    std::uint16_t at = 0;
    for (const Piece& piece : pieces) {
      at = child(branch, piece.size);
      if (piece.after == 0) break;
      const std::size_t separator = separator_index(piece.after);
      if (nodes_[at].next[separator] == 0) {
        nodes_[at].next[separator] = static_cast<std::uint16_t>(branches_.size());
        branches_.emplace_back();
      }
      branch = nodes_[at].next[separator];
    }
    const Layout layout = layout_of(text);
    pending_.push_back(
        {.node = at,
         .leaf = {.kind = kind,
                  .likely = (pieces.size() > 1 ? recogniser.written : recogniser.bare) >= kLikely,
                  .letters = layout.letters,
                  .digits = layout.digits}});
  }
}

void LayoutTree::finish() {
  std::ranges::sort(pending_, {}, [](const Pending& entry) {
    return std::tuple(entry.node, entry.leaf.kind, entry.leaf.letters, entry.leaf.digits);
  });
  for (const Pending& entry : pending_) {
    Node& node = nodes_[entry.node];
    if (node.count == 0) node.first = static_cast<std::uint32_t>(leaves_.size());
    ++node.count;
    leaves_.push_back(entry.leaf);
  }
  pending_.clear();
}

}  // namespace bulwark::assay::pii
