#include "scan/formats/npy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// A value of the dict literal. Only what numpy.lib.format writes.
struct Literal {
  enum class Kind : std::uint8_t { Text, Integer, Boolean, None, Sequence, Map } kind = Kind::None;
  std::string text;
  std::uint64_t integer = 0;
  bool negative = false;
  bool boolean = false;
  bool is_tuple = false;
  std::vector<Literal> items;  // of a Map: key, value, key, value …
};

class LiteralReader {
 public:
  LiteralReader(std::string_view text, std::uint64_t base, std::uint32_t depth)
      : text_(text), base_(base), depth_(depth) {}

  Result<Literal> read(std::uint32_t depth = 0) {
    if (depth > depth_) return fail(Code::LimitReached, "header nests too deep", base_ + at_);
    skip_blanks();
    if (at_ == text_.size()) return fail(Code::InvalidInput, "header literal ends early", base_ + at_);
    const char c = text_[at_];
    if (c == '\'' || c == '"') return read_text();
    if (c == '(') return read_sequence(')', depth);
    if (c == '[') return read_sequence(']', depth);
    if (c == '{') return read_map(depth);
    if ((c >= '0' && c <= '9') || c == '-') return read_integer();
    return read_word();
  }
  [[nodiscard]] bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  [[nodiscard]] std::uint64_t offset() const { return base_ + at_; }

 private:
  void skip_blanks() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n\f\0", 6).find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  [[nodiscard]] bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] std::unexpected<Error> unexpected_here() const {
    return fail(Code::Denied, "header is not a literal: " + printable(text_.substr(at_, 40)), base_ + at_);
  }

  Result<Literal> read_text() {
    const char quote = text_[at_++];
    Literal value{.kind = Literal::Kind::Text, .text = {}, .items = {}};
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.text += text_[at_++];
    }
    if (at_ == text_.size())
      return fail(Code::InvalidInput, "string in the header does not end", base_ + at_);
    ++at_;
    return value;
  }

  Result<Literal> read_integer() {
    Literal value{.kind = Literal::Kind::Integer, .text = {}, .items = {}};
    if (text_[at_] == '-') {
      value.negative = true;
      ++at_;
    }
    const char* begin = text_.data() + at_;
    const auto parsed = std::from_chars(begin, text_.data() + text_.size(), value.integer);
    // A number beyond 64 bits keeps its digits' meaning for the caller: the largest one.
    if (parsed.ec == std::errc::result_out_of_range) value.integer = ~std::uint64_t{0};
    if (parsed.ec == std::errc::invalid_argument) return unexpected_here();
    at_ += static_cast<std::size_t>(parsed.ptr - begin);
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
    return value;
  }

  Result<Literal> read_word() {
    constexpr std::array<std::pair<std::string_view, Literal::Kind>, 3> kWords = {
        std::pair{"True", Literal::Kind::Boolean},
        {"False", Literal::Kind::Boolean},
        {"None", Literal::Kind::None}};
    // u'…' and b'…' come from Python 2.
    if ((text_[at_] == 'u' || text_[at_] == 'b') && at_ + 1 < text_.size() &&
        (text_[at_ + 1] == '\'' || text_[at_ + 1] == '"')) {
      ++at_;
      return read_text();
    }
    for (const auto& [word, kind] : kWords) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return Literal{.kind = kind, .text = {}, .boolean = word == "True", .items = {}};
    }
    return unexpected_here();
  }

  Result<Literal> read_sequence(char close, std::uint32_t depth) {
    ++at_;
    Literal value{.kind = Literal::Kind::Sequence, .text = {}, .is_tuple = close == ')', .items = {}};
    while (!take(close)) {
      Literal item = TRY(read(depth + 1));
      value.items.push_back(std::move(item));
      if (take(',')) continue;
      if (!take(close)) return at_ == text_.size() ? ends_early() : unexpected_here();
      break;
    }
    return value;
  }

  Result<Literal> read_map(std::uint32_t depth) {
    ++at_;
    Literal value{.kind = Literal::Kind::Map, .text = {}, .items = {}};
    while (!take('}')) {
      Literal key = TRY(read(depth + 1));
      value.items.push_back(std::move(key));
      if (!take(':')) return at_ == text_.size() ? ends_early() : unexpected_here();
      Literal item = TRY(read(depth + 1));
      value.items.push_back(std::move(item));
      if (take(',')) continue;
      if (!take('}')) return at_ == text_.size() ? ends_early() : unexpected_here();
      break;
    }
    return value;
  }
  [[nodiscard]] std::unexpected<Error> ends_early() const {
    return fail(Code::InvalidInput, "header literal ends early", base_ + at_);
  }

  std::string_view text_;
  std::uint64_t base_;
  std::uint32_t depth_;
  std::size_t at_ = 0;
};

struct TypeFacts {
  bool has_objects = false;
  std::optional<std::uint64_t> size = 0;
};

// NULL size = unknown; unknown stays unknown whatever is added or multiplied.
std::optional<std::uint64_t> times(std::optional<std::uint64_t> a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (!a || __builtin_mul_overflow(*a, b, &product)) return std::nullopt;
  return product;
}

// "<f8", "|O", "<U10", "<M8[ns]", "float64" …
TypeFacts facts_of_name(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 14> kNames = {
      std::pair<std::string_view, std::uint64_t>{"float64", 8},
      {"float32", 4},
      {"float16", 2},
      {"int64", 8},
      {"int32", 4},
      {"int16", 2},
      {"int8", 1},
      {"uint64", 8},
      {"uint32", 4},
      {"uint16", 2},
      {"uint8", 1},
      {"bool", 1},
      {"complex64", 8},
      {"complex128", 16}};
  for (const auto& [known, size] : kNames)
    if (name == known) return {false, size};
  if (name == "object" || name == "object_") return {true, 8};
  if (!name.empty() && std::string_view("<>|=").find(name.front()) != std::string_view::npos)
    name.remove_prefix(1);
  if (name.empty()) return {false, std::nullopt};
  const char letter = name.front();
  if (letter == 'O') return {true, 8};
  if (letter == '?') return {false, 1};
  std::uint64_t count = 0;
  const auto parsed = std::from_chars(name.data() + 1, name.data() + name.size(), count);
  const std::string_view rest = name.substr(static_cast<std::size_t>(parsed.ptr - name.data()));
  if (parsed.ec != std::errc() || (!rest.empty() && rest.front() != '[')) {
    // A comma string such as "O,f8" can hide an object: be on the safe side.
    return {name.find('O') != std::string_view::npos, std::nullopt};
  }
  if (letter == 'U') return {false, times(count, 4)};
  return {false, std::string_view("biufcSaVmM").find(letter) == std::string_view::npos
                     ? std::nullopt
                     : std::optional(count)};
}

TypeFacts facts_of(const Literal& type);

// One field: (name, type) or (name, type, shape).
TypeFacts facts_of_field(const Literal& field) {
  if (field.kind != Literal::Kind::Sequence || field.items.size() < 2) return {false, std::nullopt};
  TypeFacts facts = facts_of(field.items[1]);
  if (field.items.size() < 3) return facts;
  const Literal& shape = field.items[2];
  if (shape.kind == Literal::Kind::Integer) facts.size = times(facts.size, shape.integer);
  for (const Literal& dimension : shape.items) facts.size = times(facts.size, dimension.integer);
  return facts;
}

// The depth of `type` is bounded by LiteralReader.
TypeFacts facts_of(const Literal& type) {
  if (type.kind == Literal::Kind::Text) return facts_of_name(type.text);
  if (type.kind != Literal::Kind::Sequence) return {false, std::nullopt};
  if (type.is_tuple) {  // ("<f4", (3, 3)): a sub-array
    Literal field{.kind = Literal::Kind::Sequence, .text = {}, .items = {Literal{}}};
    field.items.insert(field.items.end(), type.items.begin(), type.items.end());
    return facts_of_field(field);
  }
  TypeFacts all;
  for (const Literal& field : type.items) {
    const TypeFacts one = facts_of_field(field);
    all.has_objects |= one.has_objects;
    std::uint64_t sum = 0;
    all.size = all.size && one.size && !__builtin_add_overflow(*all.size, *one.size, &sum)
                   ? std::optional(sum)
                   : std::nullopt;
  }
  return all;
}

const Literal* value_of(const Literal& map, std::string_view key) {
  const Literal* found = nullptr;
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
    if (map.items[i].kind == Literal::Kind::Text && map.items[i].text == key) found = &map.items[i + 1];
  return found;
}

Result<void> fill_shape(const Literal& shape, NpyHeader& header) {
  constexpr std::size_t kMaxDimensions = 64;  // NPY_MAXDIMS of NumPy 2
  if (shape.items.size() > kMaxDimensions)
    return fail(Code::InvalidInput, std::to_string(shape.items.size()) + " dimensions, NumPy has at most 64",
                header.text_offset);
  std::uint64_t count = 1;
  for (const Literal& dimension : shape.items) {
    if (dimension.kind != Literal::Kind::Integer || dimension.negative)
      return fail(Code::InvalidInput, "a dimension of the shape is no natural number", header.text_offset);
    header.shape.push_back(dimension.integer);
  }
  const bool empty = std::ranges::find(header.shape, 0U) != header.shape.end();
  for (const std::uint64_t dimension : header.shape)
    if (!empty && __builtin_mul_overflow(count, dimension, &count)) header.overflows = true;
  if (empty) count = 0;
  if (header.overflows || !header.item_size) return {};
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, *header.item_size, &bytes) || bytes > (~std::uint64_t{0} >> 1)) {
    header.overflows = true;
  } else {
    header.content_size = bytes;
  }
  return {};
}

}  // namespace

Result<NpyHeader> read_npy_header(Bytes content, const Limits& limits) {
  ByteReader in(content);
  const Bytes magic = TRY(in.take(kNpyMagic.size(), "magic"));
  if (text_of(magic) != kNpyMagic) return fail(Code::InvalidInput, "not a .npy file", 0);
  NpyHeader header;
  header.version = TRY(in.little_endian<std::uint8_t>("major version"));
  TRY(in.little_endian<std::uint8_t>("minor version"));
  if (header.version < 1 || header.version > 3)
    return fail(Code::Unsupported, "format version " + std::to_string(header.version), 6);
  if (header.version == 1) {
    header.text_size = TRY(in.little_endian<std::uint16_t>("header length"));
  } else {
    header.text_size = TRY(in.little_endian<std::uint32_t>("header length"));
  }
  header.text_offset = in.offset();
  if (header.text_size > limits.document_bytes)
    return fail(Code::LimitReached, "header of " + human_size(header.text_size), header.text_offset);
  const Bytes taken = TRY(in.take(header.text_size, "header"));
  const std::string_view text = text_of(taken);
  header.data_offset = in.offset();

  // Structured types nest as deep as their records; real ones stay in single figures.
  constexpr std::uint32_t kDepth = 32;
  LiteralReader reader(text, header.text_offset, kDepth);
  const Literal dict = TRY(reader.read());
  if (!reader.at_end()) return fail(Code::Denied, "header goes on after its dict", reader.offset());
  const Literal* type = value_of(dict, "descr");
  const Literal* shape = value_of(dict, "shape");
  if (dict.kind != Literal::Kind::Map || type == nullptr || shape == nullptr ||
      shape->kind != Literal::Kind::Sequence)
    return fail(Code::InvalidInput, "header lacks descr or shape", header.text_offset);

  const TypeFacts facts = facts_of(*type);
  header.has_objects = facts.has_objects;
  header.item_size = facts.size;
  header.structured = type->kind != Literal::Kind::Text;
  header.type = header.structured ? "structured" : type->text;
  const Literal* order = value_of(dict, "fortran_order");
  header.fortran_order = order != nullptr && order->boolean;
  TRY(fill_shape(*shape, header));
  return header;
}

}  // namespace bulwark::scan
