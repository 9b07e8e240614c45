#include "scan/formats/msgpack.h"

#include <algorithm>
#include <cctype>

namespace bulwark::scan {
namespace {

// What a type byte announces (msgpack/spec.md).
struct Head {
  enum class Kind : std::uint8_t { Scalar, Text, Binary, Extension, List, Map } kind = Kind::Scalar;
  std::uint64_t size = 0;  // bytes of a scalar, text, blob; elements of a list; pairs of a map
};

[[nodiscard]] Result<Head> sized(ByteReader& in, Head::Kind kind, unsigned width) {
  Head head{.kind = kind, .size = 0};
  if (width == 1) {
    head.size = TRY(in.big_endian<std::uint8_t>("length"));
  } else if (width == 2) {
    head.size = TRY(in.big_endian<std::uint16_t>("length"));
  } else {
    head.size = TRY(in.big_endian<std::uint32_t>("length"));
  }
  return head;
}

[[nodiscard]] Result<Head> read_head(ByteReader& in) {
  using Kind = Head::Kind;
  const std::uint64_t at = in.offset();
  const auto byte = TRY(in.big_endian<std::uint8_t>("type"));
  if (byte <= 0x7F || byte >= 0xE0) return Head{Kind::Scalar, 0};
  if (byte <= 0x8F) return Head{Kind::Map, byte & 0x0FU};
  if (byte <= 0x9F) return Head{Kind::List, byte & 0x0FU};
  if (byte <= 0xBF) return Head{Kind::Text, byte & 0x1FU};
  switch (byte) {
    case 0xC0:  // nil
    case 0xC2:  // false
    case 0xC3:  // true
      return Head{Kind::Scalar, 0};
    case 0xC4:
    case 0xC5:
    case 0xC6: return sized(in, Kind::Binary, 1U << (byte - 0xC4U));
    case 0xC7:
    case 0xC8:
    case 0xC9: return sized(in, Kind::Extension, 1U << (byte - 0xC7U));
    case 0xCA:  // float
      return Head{Kind::Scalar, 4};
    case 0xCB: return Head{Kind::Scalar, 8};
    case 0xCC:  // unsigned and signed integers
    case 0xCD:
    case 0xCE:
    case 0xCF:
    case 0xD0:
    case 0xD1:
    case 0xD2:
    case 0xD3: return Head{Kind::Scalar, std::uint64_t{1} << ((byte - 0xCCU) % 4)};
    case 0xD4:
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8: return Head{Kind::Extension, std::uint64_t{1} << (byte - 0xD4U)};
    case 0xD9:
    case 0xDA:
    case 0xDB: return sized(in, Kind::Text, 1U << (byte - 0xD9U));
    case 0xDC:
    case 0xDD: return sized(in, Kind::List, 2U << (byte - 0xDCU));
    case 0xDE:
    case 0xDF: return sized(in, Kind::Map, 2U << (byte - 0xDEU));
    default: return fail(Code::InvalidInput, "type byte 0xc1 is never used", at);
  }
}

class Walk {
 public:
  Walk(Bytes content, Msgpack& into) : in_(content), into_(into) {}

  [[nodiscard]] Result<void> run(Budget& budget) {
    TRY(value(budget));
    std::uint64_t steps = 0;
    while (!open_.empty()) {
      if ((++steps & 0xFFF) == 0) TRY(budget.check_time("msgpack values"));
      Level& level = open_.back();
      if (level.left == 0) {
        open_.pop_back();
        continue;
      }
      --level.left;
      TRY(value(budget));
      into_.consumed = in_.offset();
    }
    into_.consumed = in_.offset();
    return {};
  }

 private:
  struct Level {
    std::uint64_t left;  // values still to come, keys included
    bool map;
    std::string_view key;  // of the value that comes or came last
  };

  [[nodiscard]] Result<void> value(Budget& budget) {
    const std::uint64_t at = in_.offset();
    const bool is_key = !open_.empty() && open_.back().map && open_.back().left % 2 == 1;
    const Head head = TRY(read_head(in_));
    if (head.kind == Head::Kind::List || head.kind == Head::Kind::Map) {
      const bool map = head.kind == Head::Kind::Map;
      const std::uint64_t values = map ? head.size * 2 : head.size;
      // Each value takes at least one byte, so a larger count is a lie, and nothing is allocated for it.
      if (values > in_.remaining()) {
        return fail(Code::InvalidInput,
                    std::to_string(values) + " values announced, " + std::to_string(in_.remaining()) +
                        " bytes remain",
                    at);
      }
      if (open_.size() >= budget.limits().document_depth)
        return fail(Code::LimitReached,
                    "values nest deeper than " + std::to_string(budget.limits().document_depth), at);
      open_.push_back({values, map, {}});
      return {};
    }
    std::int8_t type = 0;
    if (head.kind == Head::Kind::Extension) type = TRY(in_.big_endian<std::int8_t>("extension type"));
    const std::uint64_t content_at = in_.offset();
    const Bytes content = TRY(in_.take(head.size, "value"));
    if (is_key) open_.back().key = head.kind == Head::Kind::Text ? text_of(content) : std::string_view();
    keep(head.kind, is_key, type, content_at, content);
    return {};
  }

  void keep(Head::Kind kind, bool is_key, std::int8_t type, std::uint64_t at, Bytes content) {
    using Item = MsgpackItem::Kind;
    if (kind == Head::Kind::Scalar) return;
    if (is_key) {
      // Only keys of Python's object protocol are of interest; the others show in the paths.
      if (kind == Head::Kind::Text && has_magic(content, "__"))
        into_.items.push_back({Item::Key, 0, at, content, {}});
      return;
    }
    if (kind == Head::Kind::Text && content.size() < 8) return;
    const Item item = kind == Head::Kind::Text     ? Item::Text
                      : kind == Head::Kind::Binary ? Item::Binary
                                                   : Item::Extension;
    into_.items.push_back({item, type, at, content, path()});
  }
  [[nodiscard]] std::string path() const {
    constexpr std::size_t kLongest = 400;
    std::string joined;
    for (const Level& level : open_) {
      if (level.key.empty() || joined.size() > kLongest) continue;
      if (!joined.empty()) joined += '/';
      joined += level.key.substr(0, 100);
    }
    return joined;
  }

  ByteReader in_;
  Msgpack& into_;
  std::vector<Level> open_;
};

}  // namespace

Msgpack read_msgpack(Bytes content, Budget& budget) {
  Msgpack result;
  if (auto done = Walk(content, result).run(budget); !done) result.stopped = std::move(done).error();
  return result;
}

Result<FlaxArray> read_flax_array(Bytes extension) {
  constexpr std::uint64_t kDimensions = 64;  // NumPy's own limit
  ByteReader in(extension);
  FlaxArray array;
  const Head outer = TRY(read_head(in));
  if (outer.kind != Head::Kind::List || outer.size != 3)
    return fail(Code::InvalidInput, "not a triple of shape, type, buffer", 0);
  const Head shape = TRY(read_head(in));
  if (shape.kind != Head::Kind::List || shape.size > kDimensions)
    return fail(Code::InvalidInput, "shape is no list", 1);
  for (std::uint64_t i = 0; i < shape.size; ++i) {
    const std::uint64_t at = in.offset();
    const Head dimension = TRY(read_head(in));
    if (dimension.kind != Head::Kind::Scalar || dimension.size > 8)
      return fail(Code::InvalidInput, "dimension is no number", at);
    if (dimension.size == 0 && extension[at] > 0x7F)
      return fail(Code::InvalidInput, "dimension is no number", at);
    std::uint64_t value = dimension.size == 0 ? extension[at] : 0;
    const Bytes digits = TRY(in.take(dimension.size, "dimension"));
    for (const std::uint8_t digit : digits) value = (value << 8) | digit;
    array.shape.push_back(value);
  }
  const Head type = TRY(read_head(in));
  if (type.kind != Head::Kind::Text && type.kind != Head::Kind::Binary)
    return fail(Code::InvalidInput, "type is no text", in.offset());
  const Bytes name = TRY(in.take(type.size, "type name"));
  array.type = text_of(name);
  const Head buffer = TRY(read_head(in));
  if (buffer.kind != Head::Kind::Binary && buffer.kind != Head::Kind::Text)
    return fail(Code::InvalidInput, "buffer is no blob", in.offset());
  array.buffer_offset = in.offset();
  array.buffer = TRY(in.take(buffer.size, "buffer"));
  return array;
}

bool begins_with_named_map(Bytes content) {
  constexpr std::uint64_t kLongestKey = 128;
  ByteReader in(content.first(std::min<std::size_t>(content.size(), 256)));
  const auto map = read_head(in);
  if (!map || map->kind != Head::Kind::Map || map->size == 0) return false;
  const auto key = read_head(in);
  if (!key || key->kind != Head::Kind::Text || key->size < 2 || key->size > kLongestKey) return false;
  const auto name = in.take(key->size, "key");
  if (!name) return false;
  const bool word = std::ranges::all_of(*name, [](std::uint8_t c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/' || c == ' ';
  });
  return word && !in.at_end() && in.rest().front() != 0xC1;
}

}  // namespace bulwark::scan
