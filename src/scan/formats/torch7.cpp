#include "scan/formats/torch7.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <unordered_set>

#include "scan/formats/lua.h"

namespace bulwark::scan {
namespace {

enum Type : std::int64_t {
  kNil = 0,
  kNumber = 1,
  kString = 2,
  kTable = 3,
  kTorch = 4,
  kBoolean = 5,
  kFunction = 6,
  kLegacyRecursive = 7,
  kRecursive = 8,
};

constexpr std::size_t kShortString = 8;
constexpr std::size_t kClassesKept = 64;

// One cursor for both spellings of the format.
class Cursor {
 public:
  Cursor(Bytes content, bool text) : in_(content), text_(text) {}

  [[nodiscard]] std::uint64_t offset() const { return in_.offset(); }
  [[nodiscard]] bool is_text() const { return text_; }

  [[nodiscard]] Result<std::int64_t> integer(std::string_view what) {
    if (!text_) {
      const auto value = TRY(in_.little_endian<std::int32_t>(what));
      return value;
    }
    return decimal(what);
  }
  [[nodiscard]] Result<std::int64_t> wide(std::string_view what) {
    if (!text_) return in_.little_endian<std::int64_t>(what);
    return decimal(what);
  }
  [[nodiscard]] Result<void> number() {
    if (!text_) return in_.skip(8, "number");
    TRY(word("number"));
    return {};
  }
  [[nodiscard]] Result<Bytes> characters(std::int64_t count, std::string_view what) {
    if (count < 0) return fail(Code::InvalidInput, std::string(what) + ": negative length", offset());
    const Bytes taken = TRY(in_.take(static_cast<std::uint64_t>(count), what));
    end_of_line();
    return taken;
  }
  [[nodiscard]] Result<void> values(std::int64_t count, std::uint64_t size) {
    if (count < 0) return fail(Code::InvalidInput, "storage: negative size", offset());
    const auto wanted = static_cast<std::uint64_t>(count);
    if (wanted > in_.remaining())
      return fail(Code::InvalidInput,
                  "storage of " + std::to_string(wanted) + " values, " + std::to_string(in_.remaining()) +
                      " bytes remain",
                  offset());
    if (!text_) return in_.skip(wanted * size, "storage");
    if (size == 1) {
      TRY(characters(count, "storage"));
      return {};
    }
    for (std::uint64_t i = 0; i < wanted; ++i) TRY(word("storage"));
    return {};
  }

 private:
  [[nodiscard]] Result<std::string_view> word(std::string_view what) {
    const std::string_view rest = text_of(in_.rest());
    std::size_t start = 0;
    while (start < rest.size() && std::isspace(static_cast<unsigned char>(rest[start])) != 0) ++start;
    std::size_t end = start;
    while (end < rest.size() && std::isspace(static_cast<unsigned char>(rest[end])) == 0) ++end;
    if (start == end) return fail(Code::InvalidInput, std::string(what) + ": the file ends", offset());
    TRY(in_.skip(end, what));
    end_of_line();
    return rest.substr(start, end - start);
  }
  [[nodiscard]] Result<std::int64_t> decimal(std::string_view what) {
    const std::uint64_t at = offset();
    const std::string_view digits = TRY(word(what));
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size())
      return fail(Code::InvalidInput, std::string(what) + ": not an integer", at);
    return value;
  }
  void end_of_line() {
    if (text_ && has_magic(in_.rest(), "\n")) static_cast<void>(in_.skip(1, "line end"));
  }

  ByteReader in_;
  bool text_;
};

// "torch.FloatStorage" -> 4; 0 if the class is no storage.
std::uint64_t element_size(std::string_view storage) {
  struct Row {
    std::string_view name;
    std::uint64_t size;
  };
  constexpr auto kRows = std::to_array<Row>({{"Byte", 1},
                                             {"Char", 1},
                                             {"Short", 2},
                                             {"Half", 2},
                                             {"Int", 4},
                                             {"Float", 4},
                                             {"", 4},
                                             {"Long", 8},
                                             {"Double", 8}});
  if (!storage.starts_with("torch.") || !storage.ends_with("Storage")) return 0;
  storage = storage.substr(6, storage.size() - 13);
  if (storage.starts_with("Cuda")) storage.remove_prefix(4);
  const auto row = std::ranges::find(kRows, storage, &Row::name);
  return row == kRows.end() ? 0 : row->size;
}

class Walk {
 public:
  Walk(Bytes content, bool text, Torch7File& file) : in_(content, text), file_(file) { file_.text = text; }

  [[nodiscard]] Result<void> run(Budget& budget) {
    // The format is a pre-order walk, so counting the objects still owed replaces a stack.
    std::uint64_t owed = 1;
    while (owed > 0) {
      if ((++file_.objects & 0xFFF) == 0) TRY(budget.check_time("torch7 objects"));
      --owed;
      const std::uint64_t inner = TRY(object());
      owed += inner;
      file_.consumed = in_.offset();
    }
    return {};
  }

 private:
  // Reads one object without its children; answers how many of those follow.
  [[nodiscard]] Result<std::uint64_t> object() {
    const std::uint64_t at = in_.offset();
    const std::int64_t type = TRY(in_.integer("object type"));
    switch (type) {
      case kNil: return 0;
      case kNumber: TRY(in_.number()); return 0;
      case kBoolean: TRY(in_.integer("boolean")); return 0;
      case kString: TRY(string()); return 0;
      case kFunction: TRY(function()); return 1;
      case kTable:
      case kTorch:
      case kRecursive:
      case kLegacyRecursive: return referenced(type);
      default: return fail(Code::InvalidInput, "unknown object type " + std::to_string(type), at);
    }
  }
  [[nodiscard]] Result<std::uint64_t> referenced(std::int64_t type) {
    const std::int64_t index = TRY(in_.integer("object index"));
    if (!seen_.insert(index).second) return 0;  // a reference to an object read before
    if (type == kTable) {
      const std::int64_t size = TRY(in_.integer("table size"));
      return size <= 0 ? 0 : 2 * static_cast<std::uint64_t>(size);
    }
    if (type == kTorch) return instance();
    TRY(function());
    return 1;
  }
  [[nodiscard]] Result<void> string() {
    const std::int64_t size = TRY(in_.integer("string length"));
    const std::uint64_t at = in_.offset();
    const Bytes text = TRY(in_.characters(size, "string"));
    if (text.size() >= kShortString) file_.strings.push_back({at, text});
    return {};
  }
  [[nodiscard]] Result<void> function() {
    const std::int64_t size = TRY(in_.integer("function length"));
    const std::uint64_t at = in_.offset();
    const Bytes code = TRY(in_.characters(size, "function"));
    file_.functions.push_back({at, code});
    return {};
  }
  [[nodiscard]] Result<std::uint64_t> instance() {
    const std::int64_t version_size = TRY(in_.integer("class version length"));
    const Bytes version = TRY(in_.characters(version_size, "class version"));
    Bytes name = version;
    if (has_magic(version, "V ")) {
      const std::int64_t name_size = TRY(in_.integer("class name length"));
      name = TRY(in_.characters(name_size, "class name"));
    }
    const std::string_view text = text_of(name);
    if (file_.classes.size() < kClassesKept && std::ranges::find(file_.classes, text) == file_.classes.end())
      file_.classes.emplace_back(text);
    if (const std::uint64_t size = element_size(text); size != 0) {
      const std::int64_t count = TRY(in_.wide("storage size"));
      TRY(in_.values(count, size));
      return 0;
    }
    if (text.starts_with("torch.") && text.ends_with("Tensor")) {
      TRY(tensor());
    }
    return 1;  // the storage of a tensor, the table of any other class
  }
  [[nodiscard]] Result<void> tensor() {
    constexpr std::int64_t kDimensions = 1'000;  // real tensors have below ten
    const std::int64_t dimensions = TRY(in_.integer("tensor dimensions"));
    if (dimensions < 0 || dimensions > kDimensions)
      return fail(Code::InvalidInput, "tensor of " + std::to_string(dimensions) + " dimensions",
                  in_.offset());
    for (std::int64_t i = 0; i < 2 * dimensions + 1; ++i) TRY(in_.wide("tensor geometry"));
    return {};
  }

  Cursor in_;
  Torch7File& file_;
  std::unordered_set<std::int64_t> seen_;
};

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
  });
}

bool is_printable(Bytes text) {
  return std::ranges::all_of(
      text, [](std::uint8_t c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t'; });
}

// Reads the head of the first object; an error means "does not look like one".
[[nodiscard]] Result<Torch7Shape> probe(Bytes content, bool text) {
  Cursor in(content.first(std::min<std::size_t>(content.size(), 512)), text);
  const std::int64_t type = TRY(in.integer("type"));
  if (type == kFunction) {
    TRY(in.integer("length"));
    const Bytes magic = TRY(in.characters(4, "code"));
    return is_lua_bytecode(magic) ? Torch7Shape::Yes : Torch7Shape::No;
  }
  if (type != kTable && type != kTorch && type != kRecursive && type != kLegacyRecursive)
    return Torch7Shape::No;
  const std::int64_t index = TRY(in.integer("index"));
  if (index < 1 || index > 1'000'000) return Torch7Shape::No;
  const std::int64_t size = TRY(in.integer("size"));
  if (type == kTorch) {
    if (size < 3 || size > 100) return Torch7Shape::No;
    const Bytes version = TRY(in.characters(size, "version"));
    if (!has_magic(version, "V "))
      return is_name(text_of(version)) && text_of(version).contains('.') ? Torch7Shape::Yes : Torch7Shape::No;
    const std::int64_t length = TRY(in.integer("length"));
    if (length > 200) return Torch7Shape::No;
    const Bytes name = TRY(in.characters(length, "name"));
    return is_name(text_of(name)) ? Torch7Shape::Yes : Torch7Shape::No;
  }
  if (type == kTable) {
    if (size < 1 || size > 100'000'000) return Torch7Shape::No;
    const std::int64_t key = TRY(in.integer("key type"));
    if (key == kNumber) {
      TRY(in.number());
    } else if (key == kString) {
      const std::int64_t length = TRY(in.integer("key length"));
      const Bytes name = TRY(in.characters(length, "key"));
      if (name.empty() || !is_printable(name)) return Torch7Shape::No;
    } else {
      return Torch7Shape::No;
    }
    const std::int64_t value = TRY(in.integer("value type"));
    if (value < kNil || value > kRecursive) return Torch7Shape::No;
    return key == kString && !text ? Torch7Shape::Yes : Torch7Shape::Perhaps;
  }
  const Bytes magic = TRY(in.characters(4, "code"));
  if (is_lua_bytecode(magic)) return Torch7Shape::Yes;
  return !text && is_printable(magic) ? Torch7Shape::Perhaps : Torch7Shape::No;
}

}  // namespace

Torch7Shape torch7_shape(Bytes content) {
  if (content.size() < 8 || content[0] == 0 || content[0] == '\n') return Torch7Shape::No;
  const bool text = content[0] >= '2' && content[0] <= '8' && content[1] == '\n';
  if (!text && (content[0] > 8 || content[1] != 0 || content[2] != 0 || content[3] != 0))
    return Torch7Shape::No;
  return probe(content, text).value_or(Torch7Shape::No);
}

Torch7File read_torch7(Bytes content, Budget& budget) {
  Torch7File file;
  const bool text = content.size() > 1 && content[0] >= '0' && content[1] == '\n';
  if (auto done = Walk(content, text, file).run(budget); !done) file.stopped = std::move(done).error();
  return file;
}

}  // namespace bulwark::scan
