#include "scan/formats/ubjson.h"

#include <bit>
#include <optional>
#include <string>

namespace bulwark::scan {
namespace {

using Kind = Document::Kind;

// Bytes of a value of a fixed-size type; nullopt for strings and containers.
std::optional<std::uint64_t> fixed_size(char type) {
  switch (type) {
    case 'Z':
    case 'N':
    case 'T':
    case 'F': return 0;
    case 'i':
    case 'U':
    case 'C': return 1;
    case 'I': return 2;
    case 'l':
    case 'd': return 4;
    case 'L':
    case 'D': return 8;
    default: return std::nullopt;
  }
}

class Reader {
 public:
  Reader(Bytes content, const Limits& limits) : in_(content), limits_(limits) {}

  [[nodiscard]] Result<ParsedDocument> read() {
    const char type = TRY(marker());
    ParsedDocument parsed;
    parsed.root = TRY(value(type, 0));
    parsed.consumed = in_.offset();
    return parsed;
  }

 private:
  [[nodiscard]] Result<char> marker() {
    while (true) {
      const auto byte = TRY(in_.big_endian<std::uint8_t>("type"));
      if (byte != 'N') return static_cast<char>(byte);  // "no operation" may stand anywhere
    }
  }
  [[nodiscard]] std::optional<char> next() const {
    return in_.at_end() ? std::nullopt : std::optional(static_cast<char>(in_.rest().front()));
  }

  [[nodiscard]] Result<std::int64_t> integer(char type) {
    switch (type) {
      case 'i': {
        const auto number = TRY(in_.big_endian<std::int8_t>("int8"));
        return number;
      }
      case 'U': {
        const auto number = TRY(in_.big_endian<std::uint8_t>("uint8"));
        return number;
      }
      case 'I': {
        const auto number = TRY(in_.big_endian<std::int16_t>("int16"));
        return number;
      }
      case 'l': {
        const auto number = TRY(in_.big_endian<std::int32_t>("int32"));
        return number;
      }
      case 'L': return in_.big_endian<std::int64_t>("int64");
      default: return fail(Code::InvalidInput, "a length must be an integer", in_.offset() - 1);
    }
  }
  [[nodiscard]] Result<std::uint64_t> length(std::string_view what) {
    const std::uint64_t at = in_.offset();
    const char type = TRY(marker());
    const std::int64_t size = TRY(integer(type));
    if (size < 0) return fail(Code::InvalidInput, std::string(what) + ": negative length", at);
    return static_cast<std::uint64_t>(size);
  }
  [[nodiscard]] Result<std::string> text(std::string_view what) {
    const std::uint64_t size = TRY(length(what));
    const Bytes taken = TRY(in_.take(size, what));
    return std::string(text_of(taken));
  }

  [[nodiscard]] Result<Document> value(char type, std::uint32_t depth) {
    if (++nodes_ > limits_.document_nodes)
      return fail(Code::LimitReached, "more than " + std::to_string(limits_.document_nodes) + " values",
                  in_.offset());
    if (depth > limits_.document_depth)
      return fail(Code::LimitReached, "values nest deeper than " + std::to_string(limits_.document_depth),
                  in_.offset());
    Document document;
    document.offset = in_.offset();
    switch (type) {
      case '{': return map(std::move(document), depth);
      case '[': return list(std::move(document), depth);
      case 'S':
      case 'H':
        document.kind = Kind::String;
        document.string = TRY(text("string"));
        // The text ends where reading stopped, so its start is exact.
        document.offset = in_.offset() - document.string.size();
        return document;
      case 'C': {
        const Bytes taken = TRY(in_.take(1, "char"));
        document.kind = Kind::String;
        document.string = text_of(taken);
        return document;
      }
      case 'Z': return document;
      case 'T':
      case 'F':
        document.kind = Kind::Boolean;
        document.boolean = type == 'T';
        return document;
      case 'd': {
        const auto bits = TRY(in_.big_endian<std::uint32_t>("float32"));
        document.kind = Kind::Number;
        document.number = static_cast<double>(std::bit_cast<float>(bits));
        return document;
      }
      case 'D': {
        const auto bits = TRY(in_.big_endian<std::uint64_t>("float64"));
        document.kind = Kind::Number;
        document.number = std::bit_cast<double>(bits);
        return document;
      }
      case 'i':
      case 'U':
      case 'I':
      case 'l':
      case 'L':
        document.kind = Kind::Integer;
        document.integer = TRY(integer(type));
        document.number = static_cast<double>(document.integer);
        return document;
      default: return fail(Code::InvalidInput, "unknown type mark", in_.offset() - 1);
    }
  }

  // "$" type and "#" count in front of the elements.
  struct Frame {
    std::optional<char> type;
    std::optional<std::uint64_t> count;
  };
  [[nodiscard]] Result<Frame> frame() {
    Frame frame;
    if (next() == '$') {
      TRY(in_.skip(1, "type mark"));
      frame.type = TRY(marker());
      if (next() != '#') return fail(Code::InvalidInput, "a typed container needs a count", in_.offset());
    }
    if (next() == '#') {
      TRY(in_.skip(1, "count mark"));
      frame.count = TRY(length("count"));
      const std::uint64_t smallest = frame.type ? fixed_size(*frame.type).value_or(1) : 1;
      // Elements without bytes (a typed list of nulls) would make a count free of charge.
      if (smallest == 0 || *frame.count > in_.remaining() / smallest) {
        return fail(Code::InvalidInput,
                    std::to_string(*frame.count) + " values announced, " + std::to_string(in_.remaining()) +
                        " bytes remain",
                    in_.offset());
      }
    }
    return frame;
  }

  [[nodiscard]] Result<Document> list(Document document, std::uint32_t depth) {
    constexpr std::uint64_t kBytesExpanded = 4096;
    document.kind = Kind::List;
    const Frame frame = TRY(this->frame());
    const bool floats = frame.type == 'd' || frame.type == 'D';
    if (frame.count && frame.type &&
        (floats || (fixed_size(*frame.type) == 1 && *frame.count > kBytesExpanded))) {
      TRY(in_.skip(*frame.count * *fixed_size(*frame.type), "typed list"));
      document.integer = static_cast<std::int64_t>(*frame.count);
      return document;
    }
    for (std::uint64_t i = 0; !frame.count || i < *frame.count; ++i) {
      char type = 0;
      if (frame.type) {
        type = *frame.type;
      } else {
        type = TRY(marker());
      }
      if (!frame.count && type == ']') break;
      document.list.push_back({});
      document.list.back() = TRY(value(type, depth + 1));
    }
    document.integer = static_cast<std::int64_t>(document.list.size());
    return document;
  }

  [[nodiscard]] Result<Document> map(Document document, std::uint32_t depth) {
    document.kind = Kind::Map;
    const Frame frame = TRY(this->frame());
    for (std::uint64_t i = 0; !frame.count || i < *frame.count; ++i) {
      while (!frame.count && next() == 'N') TRY(in_.skip(1, "no operation"));
      if (!frame.count && next() == '}') {
        TRY(in_.skip(1, "end"));
        break;
      }
      std::string key = TRY(text("key"));
      char type = 0;
      if (frame.type) {
        type = *frame.type;
      } else {
        type = TRY(marker());
      }
      Document item = TRY(value(type, depth + 1));
      document.map.emplace_back(std::move(key), std::move(item));
    }
    return document;
  }

  ByteReader in_;
  const Limits& limits_;
  std::uint64_t nodes_ = 0;
};

}  // namespace

Result<ParsedDocument> read_ubjson(Bytes content, const Limits& limits) {
  return Reader(content, limits).read();
}

}  // namespace bulwark::scan
