#include "tables/npy_layout.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "scan/formats/npy.h"

namespace bulwark::tables {
namespace {

struct Type {
  std::string_view code;  // without byte order
  Element element;
};
constexpr std::array kTypes = {
    Type{"b1", Element::Boolean}, Type{"i1", Element::Int8},    Type{"u1", Element::UInt8},
    Type{"i2", Element::Int16},   Type{"u2", Element::UInt16},  Type{"i4", Element::Int32},
    Type{"u4", Element::UInt32},  Type{"i8", Element::Int64},   Type{"u8", Element::UInt64},
    Type{"f2", Element::Float16}, Type{"f4", Element::Float32}, Type{"f8", Element::Float64},
    Type{"?", Element::Boolean}};

// Fills element, text and byte order from "<f8", "|S10".
Result<void> fill_type(std::string_view type, NpyLayout& layout) {
  const char order = type.empty() ? '\0' : type.front();
  if (std::string_view("<>|=").find(order) != std::string_view::npos) type.remove_prefix(1);
  layout.swapped = order == (std::endian::native == std::endian::little ? '>' : '<');
  const auto known = std::ranges::find(kTypes, type, &Type::code);
  if (known != kTypes.end()) {
    layout.element = known->element;
    layout.item_size = size_of(known->element);
    return {};
  }
  const bool wide = type.starts_with('U');
  if (!wide && !type.starts_with('S'))
    return fail(Code::Unsupported, "elements of type " + printable(layout.declared));
  layout.wide_text = wide;
  std::size_t length = 0;
  const char* end = type.data() + type.size();
  const auto [stop, error] = std::from_chars(type.data() + 1, end, length);
  if (error != std::errc{} || stop != end || length > (std::size_t{1} << 30))
    return fail(Code::Unsupported, "elements of type " + printable(layout.declared));
  layout.item_size = wide ? length * 4 : length;
  return {};
}

void swap_elements(std::vector<std::uint8_t>& bytes, std::size_t size) {
  for (std::size_t at = 0; at + size <= bytes.size(); at += size)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
}

// Writes the elements of `from`, whose first dimension varies fastest, so that the last one does.
void to_row_major(const NpyLayout& layout, Bytes from, std::vector<std::uint8_t>& to) {
  const std::size_t size = layout.item_size;
  const std::size_t rank = layout.shape.size();
  std::vector<std::uint64_t> strides(rank, size);
  for (std::size_t i = 1; i < rank; ++i) strides[i] = strides[i - 1] * layout.shape[i - 1];
  std::vector<std::uint64_t> index(rank, 0);
  std::uint64_t source = 0;
  for (std::size_t at = 0; at < to.size(); at += size) {
    std::memcpy(to.data() + at, from.data() + source, size);
    for (std::size_t i = rank; i-- > 0;) {
      source += strides[i];
      if (++index[i] < layout.shape[i]) break;
      source -= strides[i] * layout.shape[i];
      index[i] = 0;
    }
  }
}

bool aligned(Bytes bytes, std::size_t size) {
  return std::bit_cast<std::uintptr_t>(bytes.data()) % size == 0;
}

}  // namespace

Kind NpyLayout::kind() const {
  if (!element) return Kind::Text;
  switch (*element) {
    case Element::Boolean: return Kind::Boolean;
    case Element::Float16:
    case Element::Float32:
    case Element::Float64: return Kind::Real;
    default: return Kind::Integer;
  }
}

Result<NpyLayout> npy_layout(Bytes start) {
  const auto header = TRY(scan::read_npy_header(start, Limits{}));
  if (header.has_objects)
    return fail(Code::Unsupported, "Python objects; they are a pickle, which runs code when it is read");
  if (header.structured) return fail(Code::Unsupported, "records; save every field as an array of its own");
  NpyLayout layout;
  layout.declared = header.type;
  layout.shape = header.shape;
  layout.fortran_order = header.fortran_order;
  layout.data_offset = header.data_offset;
  TRY(fill_type(header.type, layout));
  if (header.overflows || !header.content_size)
    return fail(Code::Corrupt, "the shape is too large for any file");
  layout.data_size = *header.content_size;
  // Nothing in the file would bound how often a reader goes round.
  if (layout.data_size == 0 && !layout.shape.empty() && layout.shape.front() > 0)
    return fail(Code::Unsupported, std::to_string(layout.shape.front()) + " rows without elements");
  return layout;
}

Result<Array> npy_array(const NpyLayout& layout, const std::string& name, const Held& content,
                        std::uint64_t most) {
  if (!layout.element) return fail(Code::Unsupported, printable(name) + " holds strings, no numbers");
  if (content.bytes.size() < layout.data_offset ||
      content.bytes.size() - layout.data_offset < layout.data_size)
    return fail(Code::Corrupt, printable(name) + " is cut: " + std::to_string(layout.data_size) +
                                   " bytes of array, the file ends before");
  Array array;
  array.about = {.name = name, .element = *layout.element, .shape = layout.shape};
  const Bytes raw = content.bytes.subspan(layout.data_offset, layout.data_size);
  const bool reorder = layout.fortran_order && layout.shape.size() > 1;
  if (!reorder && !layout.swapped && aligned(raw, layout.item_size)) {
    array.bytes = raw;
    array.owner = content.owner;
    return array;
  }
  if (raw.size() > most)
    return fail(Code::LimitReached, printable(name) + " has " + human_size(raw.size()) +
                                        " and must be rearranged in memory; the limit is " +
                                        human_size(most));
  auto copy = std::make_shared<std::vector<std::uint8_t>>(raw.size());
  if (reorder) {
    to_row_major(layout, raw, *copy);
  } else {
    std::ranges::copy(raw, copy->begin());
  }
  if (layout.swapped) swap_elements(*copy, layout.item_size);
  array.bytes = *copy;
  array.owner = std::move(copy);
  return array;
}

}  // namespace bulwark::tables
