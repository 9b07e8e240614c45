#include "scan/formats/catboost.h"

#include <optional>

namespace bulwark::scan {
namespace {

// TModelCore: FormatVersion, ModelTrees, InfoMap, ModelPartIds.
constexpr std::uint16_t kFormatVersion = 0;
constexpr std::uint16_t kInfoMap = 2;

// Follows FlatBuffers offsets with every step checked against the buffer.
class Flat {
 public:
  explicit Flat(Bytes bytes) : bytes_(bytes) {}

  [[nodiscard]] Result<std::uint64_t> follow(std::uint64_t at) const {
    const auto distance = TRY(number<std::uint32_t>(at));
    const std::uint64_t target = at + distance;
    if (distance == 0 || target >= bytes_.size())
      return fail(Code::InvalidInput, "offset leaves the model core", at);
    return target;
  }
  // Position of field `index` of the table at `table`, if it is set.
  [[nodiscard]] Result<std::optional<std::uint64_t>> field(std::uint64_t table, std::uint16_t index) const {
    const auto back = TRY(number<std::int32_t>(table));
    const std::int64_t position = static_cast<std::int64_t>(table) - back;
    if (position < 0) return fail(Code::InvalidInput, "table description lies before the model core", table);
    const auto vtable = static_cast<std::uint64_t>(position);
    const auto size = TRY(number<std::uint16_t>(vtable));
    const std::uint64_t slot = 4 + std::uint64_t{index} * 2;
    if (size < 4 || (size & 1) != 0) return fail(Code::InvalidInput, "table description of odd size", vtable);
    if (slot + 2 > size) return std::optional<std::uint64_t>();
    const auto offset = TRY(number<std::uint16_t>(vtable + slot));
    if (offset == 0) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(table + offset);
  }
  [[nodiscard]] Result<std::string_view> string(std::uint64_t field_at,
                                                std::uint64_t* offset = nullptr) const {
    const std::uint64_t at = TRY(follow(field_at));
    const auto size = TRY(number<std::uint32_t>(at));
    if (size > bytes_.size() - at - 4)
      return fail(Code::InvalidInput, "string is longer than the model core", at);
    if (offset != nullptr) *offset = at + 4;
    return text_of(bytes_.subspan(at + 4, size));
  }
  // Number of elements of a vector of offsets and the position of the first.
  [[nodiscard]] Result<std::uint32_t> list(std::uint64_t field_at, std::uint64_t& first) const {
    const std::uint64_t at = TRY(follow(field_at));
    const auto count = TRY(number<std::uint32_t>(at));
    if (count > (bytes_.size() - at - 4) / 4)
      return fail(Code::InvalidInput, "list is longer than the model core", at);
    first = at + 4;
    return count;
  }

 private:
  template <std::integral T>
  [[nodiscard]] Result<T> number(std::uint64_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T))
      return fail(Code::InvalidInput, "model core ends early", at);
    return load_little_endian<T>(bytes_.data() + at);
  }

  Bytes bytes_;
};

}  // namespace

Result<Bytes> catboost_core(Bytes content) {
  ByteReader in(content, 4);
  std::uint64_t size = TRY(in.little_endian<std::uint32_t>("core size"));
  // util/ysaveload.h: sizes of 2^32 - 1 and above are written as that mark and a 64-bit number.
  if (size == 0xFFFF'FFFF) size = TRY(in.little_endian<std::uint64_t>("core size"));
  return in.take(size, "model core");
}

Result<CatboostModel> read_catboost(Bytes core) {
  const Flat flat(core);
  CatboostModel model;
  const std::uint64_t root = TRY(flat.follow(0));
  const auto format = TRY(flat.field(root, kFormatVersion));
  if (!format) return fail(Code::InvalidInput, "model core names no format version", root);
  model.format = TRY(flat.string(*format));
  const auto info = TRY(flat.field(root, kInfoMap));
  if (!info) return model;
  std::uint64_t first = 0;
  const std::uint32_t entries = TRY(flat.list(*info, first));
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::uint64_t entry = TRY(flat.follow(first + std::uint64_t{i} * 4));
    const auto key = TRY(flat.field(entry, 0));
    const auto value = TRY(flat.field(entry, 1));
    CatboostEntry row;
    if (key) row.key = TRY(flat.string(*key));
    if (value) row.value = TRY(flat.string(*value, &row.offset));
    model.info.push_back(row);
  }
  return model;
}

}  // namespace bulwark::scan
