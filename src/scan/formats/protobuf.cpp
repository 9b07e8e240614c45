#include "scan/formats/protobuf.h"

#include <algorithm>
#include <string>

namespace bulwark::scan {
namespace {

// Field numbers have 29 bits.
constexpr std::uint64_t kLargestTag = 0xFFFFFFFF;
// Groups within groups; the reference implementation allows 100 levels of anything.
constexpr int kGroupDepth = 100;
constexpr std::uint64_t kEndGroup = 4;

}  // namespace

bool ProtoReader::varint(std::uint64_t& value) {
  value = 0;
  for (unsigned i = 0; i < 10; ++i) {
    if (at_ + i >= message_.size()) return halt(Stop::Truncated);
    const std::uint8_t byte = message_[at_ + i];
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) {
      at_ += i + 1;
      return true;
    }
  }
  return halt(Stop::Malformed);
}

bool ProtoReader::fixed(std::size_t size, std::uint64_t& value) {
  if (message_.size() - at_ < size) return halt(Stop::Truncated);
  value = size == 8 ? load_little_endian<std::uint64_t>(message_.data() + at_)
                    : load_little_endian<std::uint32_t>(message_.data() + at_);
  at_ += size;
  return true;
}

bool ProtoReader::content(ProtoField& field) {
  const std::uint64_t tag_at = at_;
  std::uint64_t length = 0;
  if (!varint(length)) return false;
  field.offset = base_ + at_;
  const std::uint64_t left = message_.size() - at_;
  if (length > left) {
    field.bytes = message_.subspan(at_);
    cut_ = field;
    at_ = tag_at;
    return halt(Stop::Truncated);
  }
  field.bytes = message_.subspan(at_, length);
  at_ += length;
  return true;
}

// Skips to the end tag of the group that has just started, counting nested groups instead of recursing.
bool ProtoReader::group(ProtoField& field) {
  const std::uint64_t start = at_;
  field.offset = base_ + start;
  std::uint32_t open[kGroupDepth] = {field.number};
  int depth = 1;
  while (depth > 0) {
    const std::uint64_t tag_at = at_;
    std::uint64_t tag = 0;
    if (!varint(tag)) return false;
    const auto number = static_cast<std::uint32_t>(tag >> 3);
    if (tag > kLargestTag || number == 0) return halt(Stop::Malformed);
    std::uint64_t value = 0;
    switch (tag & 7) {
      case 0:
        if (!varint(value)) return false;
        break;
      case 1:
        if (!fixed(8, value)) return false;
        break;
      case 2:
        if (!varint(value)) return false;
        if (value > message_.size() - at_) return halt(Stop::Truncated);
        at_ += value;
        break;
      case 3:
        if (depth == kGroupDepth) return halt(Stop::Malformed);
        open[depth++] = number;
        break;
      case kEndGroup:
        if (open[--depth] != number) return halt(Stop::Malformed);
        if (depth == 0) field.bytes = message_.subspan(start, tag_at - start);
        break;
      case 5:
        if (!fixed(4, value)) return false;
        break;
      default: return halt(Stop::Malformed);
    }
  }
  return true;
}

bool ProtoReader::next(ProtoField& field) {
  if (stop_ != Stop::None || at_ >= message_.size()) return false;
  const std::uint64_t tag_at = at_;
  std::uint64_t tag = 0;
  if (!varint(tag)) return false;
  field = {.number = static_cast<std::uint32_t>(tag >> 3)};
  field.offset = base_ + at_;
  bool read = false;
  if (tag > kLargestTag || field.number == 0) {
    read = halt(Stop::Malformed);
  } else if ((tag & 7) == 0) {
    field.type = WireType::Varint;
    read = varint(field.value);
  } else if ((tag & 7) == 1) {
    field.type = WireType::Fixed64;
    read = fixed(8, field.value);
  } else if ((tag & 7) == 2) {
    field.type = WireType::Bytes;
    read = content(field);
  } else if ((tag & 7) == 3) {
    field.type = WireType::Group;
    read = group(field);
  } else if ((tag & 7) == 5) {
    field.type = WireType::Fixed32;
    read = fixed(4, field.value);
  } else {
    read = halt(Stop::Malformed);
  }
  if (!read) at_ = tag_at;
  return read;
}

std::optional<Error> ProtoReader::error(std::string_view what) const {
  if (stop_ == Stop::None) return std::nullopt;
  const std::string_view why =
      stop_ == Stop::Truncated ? "runs past the end of its message" : "is no valid field";
  return Error{Code::InvalidInput,
               std::string(what) + ": field at offset " + std::to_string(offset()) + " " + std::string(why),
               offset()};
}

void append_varints(const ProtoField& field, std::vector<std::uint64_t>& values, std::size_t limit) {
  if (field.type == WireType::Varint && values.size() < limit) values.push_back(field.value);
  if (!field.is_bytes()) return;
  ByteReader in(field.bytes);
  while (!in.at_end() && values.size() < limit) {
    const auto value = in.varint("packed number");
    if (!value) return;
    values.push_back(*value);
  }
}

ShapeMatch match_shape(Bytes message, std::span<const FieldShape> schema, std::size_t max_fields) {
  ShapeMatch match;
  ProtoReader reader(message);
  ProtoField field;
  const auto compare = [&](const ProtoField& found) {
    const auto shape = std::ranges::find(schema, found.number, &FieldShape::number);
    if (shape == schema.end()) {
      ++match.unknown;
    } else if (shape->type == found.type) {
      ++match.known;
    } else {
      match.contradicts = true;
    }
  };
  // Unknown fields do not count: a run of them in front is a cheap disguise.
  while (match.known < max_fields && !match.contradicts && reader.next(field)) compare(field);
  if (reader.stop() == ProtoReader::Stop::Malformed) match.contradicts = true;
  match.truncated = reader.stop() == ProtoReader::Stop::Truncated;
  if (reader.cut()) compare(*reader.cut());
  return match;
}

bool is_name(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace bulwark::scan
