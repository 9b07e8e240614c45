// CNTK models: the dictionaries of version 2 (CNTK.proto) and the legacy format of version 1.
//
// A dictionary describes functions; a user-defined one names a Python module and a method that loading
// imports and calls, or a native operator.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "scan/formats/protobuf.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

using namespace std::string_view_literals;

constexpr Rule kRules[] = {
    {
        .id = "BW-CNTK-001",
        .title = "CNTK model loads a user-defined function from a module",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "Loading the model imports the Python module that the file names and calls its method, or "
               "loads a "
               "native library.",
        .fix = "Refuse the model; export it without user-defined functions.",
    },
    kMetadataCommand,
};
constexpr const Rule& kUserFunction = kRules[0];

constexpr std::string_view kLegacy = "B\0C\0N\0\0\0"sv;  // "BCN" in UTF-16: begin of a network
// Shorter runs of text in a damaged dictionary are chance.
constexpr std::size_t kShortestText = 8;

constexpr FieldShape kDictionary[] = {{1, WireType::Varint}, {2, WireType::Bytes}};
constexpr FieldShape kValue[] = {{1, WireType::Varint},  {2, WireType::Varint}, {3, WireType::Varint},
                                 {4, WireType::Varint},  {5, WireType::Varint}, {6, WireType::Fixed32},
                                 {7, WireType::Fixed64}, {8, WireType::Bytes},  {9, WireType::Bytes},
                                 {10, WireType::Bytes},  {11, WireType::Bytes}, {12, WireType::Bytes},
                                 {13, WireType::Bytes}};

// The first entry of a dictionary: a name and a versioned value.
bool looks_like_entry(Bytes entry) {
  ProtoReader reader(entry);
  ProtoField field;
  if (!reader.next(field) || !field.is_bytes(1) || !is_name(field.text(), 128)) return false;
  if (!reader.next(field)) return reader.cut() && reader.cut()->is_bytes(2);
  if (!field.is_bytes(2)) return false;
  const ShapeMatch value = match_shape(field.bytes, kValue, 4);
  return !value.contradicts && value.known >= 2 && value.unknown == 0;
}

Match recognises(Bytes content) {
  if (has_magic(content, kLegacy)) return Match::Strong;
  ProtoReader reader(content);
  ProtoField field;
  bool versioned = false;
  while (reader.next(field)) {
    if (field.is_varint(1) && field.value <= 100) versioned = true;
    if (field.is_bytes(2)) return versioned && looks_like_entry(field.bytes) ? Match::Weak : Match::No;
  }
  return Match::No;
}

class Walk {
 public:
  explicit Walk(Inspection& in) : in_(in) {}

  Result<void> run() {
    work_.push_back({{.number = 1, .type = WireType::Bytes, .value = 0, .bytes = in_.bytes(), .offset = 0},
                     Kind::Dictionary,
                     0});
    while (!work_.empty()) {
      const Work work = work_.back();
      work_.pop_back();
      if ((++steps_ & 0xFFF) == 0) TRY(in_.budget().check_time("cntk"));
      if (work.depth > in_.limits().message_depth) {
        in_.gap(GapReason::Limit, "dictionaries are nested deeper than the limit",
                {.offset = work.message.offset});
        continue;
      }
      read(work);
    }
    if (!defect_) return {};
    return judge_damaged();
  }

 private:
  enum class Kind : std::uint8_t { Dictionary, Value, Vector };
  struct Work {
    ProtoField message;
    Kind kind;
    std::uint32_t depth;
  };

  void read(const Work& work) {
    ProtoReader reader(work.message);
    ProtoField field;
    std::string_view module;
    bool method = false;
    bool user = false;
    std::uint64_t offset = work.message.offset;
    while (reader.next(field)) {
      if (!field.is_bytes()) continue;
      if (work.kind == Kind::Dictionary && field.number == 2) {
        const auto [key, text] = read_entry(field, work.depth);
        if (key == "module") module = text.text();
        if (key == "module") offset = text.offset;
        if (key == "deserialize_method") method = true;
        if (key == "native" || (key == "op" && text.text() == "UserDefined")) user = true;
      } else if (work.kind == Kind::Vector && field.number == 1) {
        work_.push_back({field, Kind::Value, work.depth + 1});
      } else if (work.kind == Kind::Value) {
        read_value(field, work.depth);
      }
    }
    if (method || (user && !module.empty())) {
      in_.report(kUserFunction, {.place = {.offset = offset},
                                 .message = "function is loaded from the module " + printable(module, 100),
                                 .evidence = std::string(module),
                                 .subject = std::string(module)});
    }
    if (reader.stop() != ProtoReader::Stop::None && !defect_)
      defect_ = Defect{reader.stop() == ProtoReader::Stop::Truncated, reader.offset(), work.depth};
  }

  std::pair<std::string_view, ProtoField> read_entry(const ProtoField& entry, std::uint32_t depth) {
    ProtoReader reader(entry);
    ProtoField field;
    std::string_view key;
    ProtoField text;
    while (reader.next(field)) {
      if (field.is_bytes(1)) key = field.text();
      if (!field.is_bytes(2)) continue;
      ProtoReader parts(field);
      ProtoField part;
      while (parts.next(part)) {
        if (part.is_bytes(8)) text = part;
        if (part.is_bytes()) read_value(part, depth + 1);
      }
    }
    return {key, text};
  }

  void read_value(const ProtoField& part, std::uint32_t depth) {
    if (part.number == 8) judge_metadata_text(in_, part.text(), part.offset, "dictionary text");
    if (part.number == 11) work_.push_back({part, Kind::Vector, depth + 1});
    if (part.number == 12) work_.push_back({part, Kind::Dictionary, depth + 1});
  }

  // What cannot be read as a dictionary may still be read by the tool that wrote it: its texts are judged. If
  // nothing speaks, a cut file is a gap, and anything else never was a dictionary.
  Result<void> judge_damaged() {
    bool found = false;
    const std::string_view content = text_of(in_.bytes());
    std::size_t start = 0;
    for (std::size_t i = 0; i <= content.size(); ++i) {
      if (i < content.size() && static_cast<unsigned char>(content[i]) >= 0x20 && content[i] != 0x7F)
        continue;
      if (i - start >= kShortestText)
        found = judge_metadata_text(in_, content.substr(start, i - start), start, "text in the dictionary") ||
                found;
      start = i + 1;
    }
    if (defect_->truncated && defect_->depth == 0) {
      in_.gap(GapReason::Truncated, "dictionary ends inside an entry", {.offset = defect_->offset});
    } else if (found) {
      in_.gap(GapReason::Malformed, "dictionary is malformed", {.offset = defect_->offset});
    } else {
      return fail(Code::Unsupported, "no CNTK dictionary");
    }
    return {};
  }

  struct Defect {
    bool truncated;
    std::uint64_t offset;
    std::uint32_t depth;
  };
  Inspection& in_;
  std::vector<Work> work_;
  std::optional<Defect> defect_;
  std::uint64_t steps_ = 0;
};

// Version 1 interleaves UTF-16 marks and raw matrices without lengths that could be trusted; texts are
// judged.
Result<void> inspect_legacy(Inspection& in) {
  const Bytes content = in.bytes();
  if (content.size() < kLegacy.size() + 18) {
    in.gap(GapReason::Truncated, "legacy network ends inside its header", {.offset = content.size()});
    return {};
  }
  if (!has_magic(content, "B\0V\0e\0r\0s\0i\0o\0n\0\0\0"sv, kLegacy.size()))
    return fail(Code::InvalidInput, "legacy network has no version mark", kLegacy.size());
  std::string text;
  std::size_t start = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const bool printable_byte = content[i] >= 0x20 && content[i] < 0x7F;
    const bool wide_half = content[i] == 0 && !text.empty() && i > 0 && content[i - 1] != 0;
    if (printable_byte) {
      if (text.empty()) start = i;
      text += static_cast<char>(content[i]);
    }
    const bool ends = (!printable_byte && !wide_half) || i + 1 == content.size() || text.size() >= 4096;
    if (!ends) continue;
    if (text.size() >= kShortestText) {
      // Offsets within UTF-16 text count half; the start is exact.
      judge_metadata_text(in, text, start, "text in the network");
    }
    text.clear();
  }
  in.fact("variant", "legacy");
  return {};
}

Result<void> inspect(Inspection& in) {
  if (has_magic(in.bytes(), kLegacy)) return inspect_legacy(in);
  if (match_shape(in.bytes(), kDictionary, 2).contradicts)
    return fail(Code::Unsupported, "no CNTK dictionary");
  Walk walk(in);
  return walk.run();
}

}  // namespace

const Inspector cntk{
    .name = "cntk",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
