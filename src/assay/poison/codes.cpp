#include "assay/poison/codes.h"

#include <bit>

namespace bulwark::assay {

void CodeCounter::add(Code& code, std::int32_t label) {
  ++code.carriers;
  // Carriers come class by class, so the count of one class is a streak.
  code.streak = code.last == label ? code.streak + 1 : 1;
  code.last = label;
  if (code.streak > code.own) {
    code.own = code.streak;
    code.label = label;
  }
}

const std::vector<CodeCounter::Code>& CodeCounter::count(const MaskedSpace& space,
                                                         std::span<const std::uint64_t> codes) {
  const std::size_t size = std::bit_ceil(2 * codes.size() + 1);
  const int shift = 64 - std::countr_zero(size);
  slots_.assign(size, 0);
  found_.clear();
  ids_.resize(codes.size());
  for (std::size_t place = 0; place < codes.size(); ++place) {
    const std::uint64_t code = codes[place];
    std::size_t slot = code * 0x9E3779B97F4A7C15U >> shift;
    while (slots_[slot] != 0 && found_[slots_[slot] - 1].code != code) slot = (slot + 1) & (size - 1);
    if (slots_[slot] == 0) {
      found_.push_back({.code = code});
      slots_[slot] = static_cast<std::uint32_t>(found_.size());
    }
    const std::uint32_t id = slots_[slot] - 1;
    ids_[place] = id;
    add(found_[id], space.label(place));
  }
  return found_;
}

void CodeCounter::carriers(const MaskedSpace& space, std::uint32_t id, std::int32_t label,
                           std::vector<std::uint32_t>& places) const {
  places.clear();
  const auto own = static_cast<std::size_t>(label);
  for (std::size_t place = space.class_begin(own); place < space.class_end(own); ++place)
    if (ids_[place] == id) places.push_back(static_cast<std::uint32_t>(place));
}

}  // namespace bulwark::assay
