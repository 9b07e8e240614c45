#pragma once
// Walks Protocol Buffers on the wire, without generated code: fields, lengths and groups of one message at a
// time.
//
// Nothing is allocated and nothing is trusted: every length is checked against what is left. Nesting is the
// caller's business (a field of type Bytes may or may not hold a message); callers keep an explicit stack or
// count their depth against Limits::message_depth.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Group = 3, Fixed32 = 5 };

struct ProtoField {
  std::uint32_t number = 0;
  WireType type = WireType::Varint;
  std::uint64_t value = 0;   // Varint, Fixed64, Fixed32
  Bytes bytes;               // Bytes: the content; Group: what lies between start and end
  std::uint64_t offset = 0;  // of the content (or the number) in the artifact

  [[nodiscard]] bool is_bytes() const { return type == WireType::Bytes; }
  [[nodiscard]] bool is_bytes(std::uint32_t n) const { return number == n && is_bytes(); }
  [[nodiscard]] bool is_varint(std::uint32_t n) const { return number == n && type == WireType::Varint; }
  [[nodiscard]] std::string_view text() const { return text_of(bytes); }
};

// A cursor over the fields of one message. Cheap to copy.
class ProtoReader {
 public:
  // `offset`: of the message in the artifact.
  explicit ProtoReader(Bytes message, std::uint64_t offset = 0) : message_(message), base_(offset) {}
  explicit ProtoReader(const ProtoField& field) : ProtoReader(field.bytes, field.offset) {}

  // Reads the next field. False at the end of the message and at a defect: then see `stop`.
  [[nodiscard]] bool next(ProtoField& field);

  enum class Stop : std::uint8_t {
    None,       // all fields were read
    Truncated,  // the message ends inside a field
    Malformed,  // wire type or field number that does not exist, unbalanced group, endless varint
  };
  [[nodiscard]] Stop stop() const { return stop_; }
  // Where reading stopped, in the artifact.
  [[nodiscard]] std::uint64_t offset() const { return base_ + at_; }
  // The field whose content is cut off, with the content that is there; only after Stop::Truncated.
  [[nodiscard]] const std::optional<ProtoField>& cut() const { return cut_; }
  // InvalidInput with place and reason, or nothing if all is well.
  [[nodiscard]] std::optional<Error> error(std::string_view what) const;

 private:
  bool varint(std::uint64_t& value);
  bool fixed(std::size_t size, std::uint64_t& value);
  bool content(ProtoField& field);
  bool group(ProtoField& field);
  bool halt(Stop stop) {
    stop_ = stop;
    return false;
  }

  Bytes message_;
  std::uint64_t base_;
  std::uint64_t at_ = 0;
  Stop stop_ = Stop::None;
  std::optional<ProtoField> cut_;
};

// The numbers of a repeated integer field: one if it is a single varint, all of them if it is packed.
// Stops quietly at a defect in the packed bytes. At most `limit` are appended.
void append_varints(const ProtoField& field, std::vector<std::uint64_t>& values, std::size_t limit);

// One field of a schema, for telling formats apart. Leave out numbers that may come packed: they have two
// wire types.
struct FieldShape {
  std::uint32_t number;
  WireType type;
};

// How the first fields of a message compare with a schema. Unknown field numbers are legal in Protocol
// Buffers (and a cheap disguise), so only fields that contradict the schema speak against it.
struct ShapeMatch {
  std::uint32_t known = 0;    // fields that the schema knows
  std::uint32_t unknown = 0;  // fields that it does not know
  bool contradicts = false;   // a known number with another wire type, or bytes that are no message
  bool truncated = false;     // a field ran past the end
};
// Stops after `max_fields` known ones.
[[nodiscard]] ShapeMatch match_shape(Bytes message, std::span<const FieldShape> schema,
                                     std::size_t max_fields);

// Printable ASCII or valid-looking UTF-8 without control characters: what names and operators look like.
[[nodiscard]] bool is_name(std::string_view text, std::size_t longest = 512);

}  // namespace bulwark::scan
