#include "scan/formats/marshal/marshal.h"

#include <algorithm>
#include <array>

namespace bulwark::marshal {
namespace {

constexpr std::uint8_t kFlagRef = 0x80;

// CPython itself gives up at 2000 (Python/marshal.c); compilers nest code some ten deep.
constexpr std::uint32_t kDepth = 200;

// First two bytes of a .pyc, then "\r\n" (Include/internal/pycore_magic_number.h).
struct Magic {
  std::uint16_t first, last;
  std::string_view version;
};
constexpr std::array kMagics = {
    Magic{3360, 3379, "3.6"},  Magic{3390, 3399, "3.7"},  Magic{3400, 3419, "3.8"},
    Magic{3420, 3429, "3.9"},  Magic{3430, 3449, "3.10"}, Magic{3450, 3499, "3.11"},
    Magic{3500, 3549, "3.12"}, Magic{3550, 3599, "3.13"}, Magic{3600, 3649, "3.14"},
};

Layout layout_of(std::string_view version) {
  if (version == "3.6" || version == "3.7") return Layout::Python36;
  if (version == "3.8" || version == "3.9" || version == "3.10") return Layout::Python38;
  return Layout::Python311;
}

class Reader {
 public:
  Reader(Bytes content, std::uint64_t offset, Layout layout, const Limits& limits)
      : in_(content, offset), limits_(limits) {
    program_.layout = layout;
  }

  Result<Program> run() {
    program_.root = TRY(object(0));
    program_.end = in_.offset();
    return std::move(program_);
  }

 private:
  Result<std::uint32_t> object(std::uint32_t depth);
  Result<void> fill(std::uint32_t at, std::uint8_t type, std::uint32_t depth);
  Result<void> sequence(std::uint32_t at, std::uint64_t count, std::uint32_t depth);
  Result<void> dictionary(std::uint32_t at, std::uint32_t depth);
  Result<void> code(std::uint32_t at, std::uint32_t depth);
  Result<void> number(std::uint32_t at, std::uint8_t type);

  Result<Bytes> counted(std::string_view what) {
    const auto size = TRY(in_.little_endian<std::uint32_t>(what));
    return in_.take(size, what);
  }
  Result<Bytes> short_counted(std::string_view what) {
    const auto size = TRY(in_.little_endian<std::uint8_t>(what));
    return in_.take(size, what);
  }
  Object& at(std::uint32_t index) { return program_.objects[index]; }
  [[nodiscard]] std::unexpected<Error> malformed(std::string message) const {
    return fail(Code_::InvalidInput, std::move(message), in_.offset());
  }

  using Code_ = bulwark::Code;
  ByteReader in_;
  const Limits& limits_;
  Program program_;
  std::vector<std::uint32_t> references_;
};

Result<std::uint32_t> Reader::object(std::uint32_t depth) {
  if (depth > kDepth)
    return fail(Code_::LimitReached, "marshalled objects nest deeper than 200", in_.offset());
  if (program_.objects.size() >= limits_.marshal_objects)
    return fail(Code_::LimitReached, "more marshalled objects than the limit", in_.offset());
  const std::uint64_t offset = in_.offset();
  const auto head = TRY(in_.little_endian<std::uint8_t>("type"));
  const std::uint8_t type = head & 0x7FU;
  if (type == 'r') {
    const auto index = TRY(in_.little_endian<std::uint32_t>("reference"));
    if (index >= references_.size()) return malformed("reference to an object that is not there");
    return references_[index];
  }
  const auto index = static_cast<std::uint32_t>(program_.objects.size());
  program_.objects.push_back({});
  at(index).offset = offset;
  // The index is taken before the children are read, as r_object() does.
  if ((head & kFlagRef) != 0) references_.push_back(index);
  TRY(fill(index, type, depth));
  return index;
}

Result<void> Reader::number(std::uint32_t index, std::uint8_t type) {
  switch (type) {
    case 'i': at(index).number = TRY(in_.little_endian<std::int32_t>("int")); return {};
    case 'I': at(index).number = TRY(in_.little_endian<std::int64_t>("int64")); return {};
    case 'l': {
      const auto digits = TRY(in_.little_endian<std::int32_t>("long"));
      const std::uint64_t count = digits < 0
                                      ? std::uint64_t{0} - static_cast<std::uint64_t>(std::int64_t{digits})
                                      : static_cast<std::uint64_t>(digits);
      return in_.skip(count * 2, "digits of a long");
    }
    case 'f':
    case 'x':
      TRY(short_counted("decimal number"));
      if (type == 'x') TRY(short_counted("decimal number"));
      return {};
    default: return in_.skip(type == 'g' ? 8 : 16, "binary number");
  }
}

Result<void> Reader::fill(std::uint32_t index, std::uint8_t type, std::uint32_t depth) {
  const auto kind = [&](Kind value) { at(index).kind = value; };
  switch (type) {
    case '0': return {};
    case 'N': kind(Kind::None); return {};
    case 'T': kind(Kind::True); return {};
    case 'F': kind(Kind::False); return {};
    case 'S': kind(Kind::StopIteration); return {};
    case '.': kind(Kind::Ellipsis); return {};
    case 'i':
    case 'I':
    case 'l': kind(Kind::Integer); return number(index, type);
    case 'f':
    case 'g': kind(Kind::Float); return number(index, type);
    case 'x':
    case 'y': kind(Kind::Complex); return number(index, type);
    case 's': {
      kind(Kind::Bytes);
      const Bytes content = TRY(counted("bytes"));
      at(index).content = content;
      return {};
    }
    case 't':
    case 'u':
    case 'a':
    case 'A': {
      kind(Kind::Text);
      const Bytes content = TRY(counted("text"));
      at(index).content = content;
      return {};
    }
    case 'z':
    case 'Z': {
      kind(Kind::Text);
      const Bytes content = TRY(short_counted("text"));
      at(index).content = content;
      return {};
    }
    case ')': {
      kind(Kind::Tuple);
      const auto count = TRY(in_.little_endian<std::uint8_t>("tuple"));
      return sequence(index, count, depth);
    }
    case '(':
    case '[':
    case '<':
    case '>': {
      kind(type == '(' ? Kind::Tuple : type == '[' ? Kind::List : type == '<' ? Kind::Set : Kind::FrozenSet);
      const auto count = TRY(in_.little_endian<std::uint32_t>("container"));
      return sequence(index, count, depth);
    }
    case ':': kind(Kind::Slice); return sequence(index, 3, depth);
    case '{': kind(Kind::Dict); return dictionary(index, depth);
    case 'c': kind(Kind::Code); return code(index, depth);
    default: return malformed("unknown type byte " + std::to_string(type));
  }
}

Result<void> Reader::sequence(std::uint32_t index, std::uint64_t count, std::uint32_t depth) {
  // Every item takes a byte at least.
  if (count > in_.remaining())
    return malformed("container of " + std::to_string(count) + " items does not fit");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t item = TRY(object(depth + 1));
    at(index).items.push_back(item);
  }
  return {};
}

Result<void> Reader::dictionary(std::uint32_t index, std::uint32_t depth) {
  for (;;) {
    const std::uint32_t key = TRY(object(depth + 1));
    if (at(key).kind == Kind::Null) return {};
    const std::uint32_t value = TRY(object(depth + 1));
    at(index).items.push_back(key);
    at(index).items.push_back(value);
  }
}

Result<void> Reader::code(std::uint32_t index, std::uint32_t depth) {
  const auto number = static_cast<std::uint32_t>(program_.codes.size());
  program_.codes.push_back({});
  at(index).code = number;
  program_.codes[number].offset = at(index).offset;
  // argcount, [posonlyargcount], kwonlyargcount, [nlocals], stacksize, flags
  const std::uint64_t integers = program_.layout == Layout::Python38 ? 6 : 5;
  TRY(in_.skip(integers * 4, "numbers of a code object"));
  const auto field = [&](std::uint32_t Code::* member, Kind wanted, std::string_view what) -> Result<void> {
    const std::uint32_t value = TRY(object(depth + 1));
    if (at(value).kind != wanted)
      return malformed(std::string(what) + " of a code object has the wrong type");
    program_.codes[number].*member = value;
    return {};
  };
  std::uint32_t Code::* ignored = &Code::cells;
  TRY(field(&Code::instructions, Kind::Bytes, "instructions"));
  TRY(field(&Code::constants, Kind::Tuple, "constants"));
  TRY(field(&Code::names, Kind::Tuple, "names"));
  TRY(field(&Code::locals, Kind::Tuple, "locals"));
  if (program_.layout == Layout::Python311) {
    TRY(field(ignored, Kind::Bytes, "kinds of locals"));
    program_.codes[number].cells = kNone;
  } else {
    TRY(field(&Code::free, Kind::Tuple, "free variables"));
    TRY(field(&Code::cells, Kind::Tuple, "cells"));
  }
  TRY(field(&Code::filename, Kind::Text, "file name"));
  TRY(field(&Code::name, Kind::Text, "name"));
  if (program_.layout == Layout::Python311) TRY(object(depth + 1));  // qualified name
  program_.codes[number].first_line = TRY(in_.little_endian<std::int32_t>("first line"));
  TRY(object(depth + 1));                                            // line table
  if (program_.layout == Layout::Python311) TRY(object(depth + 1));  // exception table
  return {};
}

bool could_be_marshal(std::uint8_t first) {
  const auto type = static_cast<char>(first & 0x7FU);
  return std::string_view("cNTFS.iIlfgxystuaAzZ)([<>{:").find(type) != std::string_view::npos;
}

}  // namespace

std::string_view Program::text(std::uint32_t object) const {
  if (object >= objects.size()) return {};
  const Object& found = objects[object];
  return found.kind == Kind::Text || found.kind == Kind::Bytes ? text_of(found.content) : std::string_view{};
}

std::string_view Program::name_at(std::uint32_t tuple, std::uint64_t index) const {
  if (tuple >= objects.size() || index >= objects[tuple].items.size()) return {};
  return text(objects[tuple].items[index]);
}

std::string_view version_of_pyc(Bytes content) {
  if (!has_magic(content, "\r\n", 2) || content.size() <= kPycHeader) return {};
  const auto magic = load_little_endian<std::uint16_t>(content.data());
  const auto found = std::ranges::find_if(
      kMagics, [magic](const Magic& known) { return magic >= known.first && magic <= known.last; });
  // Flags (PEP 552) use two bits; the object that follows is always code.
  if (found == kMagics.end() || load_little_endian<std::uint32_t>(content.data() + 4) > 3) return {};
  if ((content[kPycHeader] & 0x7FU) != 'c') return {};
  return found->version;
}

Result<Program> read(Bytes content, const Limits& limits) {
  if (const auto version = version_of_pyc(content); !version.empty()) {
    Program program = TRY(Reader(content, kPycHeader, layout_of(version), limits).run());
    program.version = version;
    return program;
  }
  if (content.empty() || !could_be_marshal(content[0]))
    return fail(bulwark::Code::Unsupported, "not marshalled data");
  Result<Program> best = fail(bulwark::Code::Unsupported, "not marshalled data");
  for (const Layout layout : {Layout::Python311, Layout::Python38, Layout::Python36}) {
    auto program = Reader(content, 0, layout, limits).run();
    if (program) return program;
    // The reading that came furthest tells best what is wrong.
    if (best.error().offset == kNoOffset ||
        (program.error().offset != kNoOffset && program.error().offset > best.error().offset))
      best = std::move(program);
  }
  return best;
}

}  // namespace bulwark::marshal
