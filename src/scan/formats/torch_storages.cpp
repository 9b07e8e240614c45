#include "scan/formats/torch_storages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

namespace bulwark::scan {
namespace {

struct Cell {
  enum class Kind : std::uint8_t { Other, Mark, Text, Number, Global, Storage } kind = Kind::Other;
  std::string_view text;     // Text, Global; Storage: the key
  std::string_view type;     // Storage
  std::uint64_t number = 0;  // Number; Storage: the count
};

// What an opcode carries behind it.
enum class Argument : std::uint8_t { None, One, Two, Four, Eight, Text1, Text4, Text8, Line, TwoLines };

Argument argument_of(std::uint8_t opcode) {
  switch (opcode) {
    case 'K':
    case 'h':
    case 'q':
    case 0x80:
    case 0x82: return Argument::One;
    case 'M':
    case 0x83: return Argument::Two;
    case 'J':
    case 'j':
    case 'r':
    case 0x84: return Argument::Four;
    case 'G':
    case 0x95: return Argument::Eight;
    case 'U':
    case 'C':
    case 0x8c:
    case 0x8a: return Argument::Text1;
    case 'T':
    case 'X':
    case 'B':
    case 0x8b: return Argument::Text4;
    case 0x8d:
    case 0x8e:
    case 0x96: return Argument::Text8;
    case 'F':
    case 'I':
    case 'L':
    case 'S':
    case 'V':
    case 'P':
    case 'p':
    case 'g': return Argument::Line;
    case 'c':
    case 'i': return Argument::TwoLines;
    default: return Argument::None;
  }
}

class StorageReader {
 public:
  StorageReader(Bytes pickle, std::size_t most) : in_(pickle), most_(most) {}

  std::vector<TorchStorage> read() {
    while (found_.size() < most_ && step()) {
    }
    return std::move(found_);
  }

 private:
  bool line(std::string_view& out) {
    const std::string_view rest = text_of(in_.rest());
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return false;
    out = rest.substr(0, end);
    return in_.skip(end + 1, "line").has_value();
  }
  template <class T>
  bool sized_text() {
    const auto length = in_.little_endian<T>("length");
    const auto bytes = length ? in_.take(*length, "text") : Result<Bytes>(std::unexpected(length.error()));
    if (bytes) text_ = text_of(*bytes);
    return bytes.has_value();
  }
  template <class T>
  bool fixed() {
    const auto value = in_.little_endian<T>("number");
    if (value) number_ = *value;
    return value.has_value();
  }
  bool read_argument(std::uint8_t opcode) {
    switch (argument_of(opcode)) {
      case Argument::None: return true;
      case Argument::One: return fixed<std::uint8_t>();
      case Argument::Two: return fixed<std::uint16_t>();
      case Argument::Four: return fixed<std::uint32_t>();
      case Argument::Eight: return fixed<std::uint64_t>();
      case Argument::Text1: return sized_text<std::uint8_t>();
      case Argument::Text4: return sized_text<std::uint32_t>();
      case Argument::Text8: return sized_text<std::uint64_t>();
      case Argument::Line: return line(text_);
      case Argument::TwoLines: {
        std::string_view module;
        return line(module) && line(text_);
      }
    }
    return false;
  }

  void push(Cell cell) { stack_.push_back(cell); }
  Cell pop() {
    if (stack_.empty()) return {};
    const Cell cell = stack_.back();
    stack_.pop_back();
    return cell;
  }
  // Index of the last mark, or 0.
  [[nodiscard]] std::size_t mark() const {
    for (std::size_t i = stack_.size(); i-- > 0;)
      if (stack_[i].kind == Cell::Kind::Mark) return i;
    return 0;
  }
  void drop_to_mark() { stack_.resize(mark()); }
  void put(std::uint64_t index) {
    if (!stack_.empty()) memo_[index] = stack_.back();
  }
  void get(std::uint64_t index) {
    const auto known = memo_.find(index);
    push(known == memo_.end() ? Cell{} : known->second);
  }

  void tuple() {
    const std::size_t begin = mark();
    Cell made;
    if (stack_.size() - begin == 6 && stack_[begin + 1].kind == Cell::Kind::Text &&
        stack_[begin + 1].text == "storage" && stack_[begin + 5].kind == Cell::Kind::Number)
      made = {Cell::Kind::Storage, stack_[begin + 3].text, stack_[begin + 2].text, stack_[begin + 5].number};
    stack_.resize(begin);
    push(made);
  }
  void persistent(std::uint64_t offset) {
    const Cell id = pop();
    if (id.kind == Cell::Kind::Storage) found_.push_back({id.type, id.text, id.number, offset});
    push({});
  }
  void long_number() {
    Cell cell{Cell::Kind::Number, {}, {}, 0};
    for (std::size_t i = 0; i < std::min<std::size_t>(text_.size(), 8); ++i)
      cell.number |= std::uint64_t{static_cast<std::uint8_t>(text_[i])} << (8 * i);
    push(cell);
  }
  void line_number() {
    Cell cell{Cell::Kind::Number, {}, {}, 0};
    std::from_chars(text_.data(), text_.data() + text_.size(), cell.number);
    push(cell);
  }

  bool step() {
    const std::uint64_t offset = in_.offset();
    const auto opcode = in_.little_endian<std::uint8_t>("opcode");
    if (!opcode || *opcode == '.' || !read_argument(*opcode)) return false;
    switch (*opcode) {
      case '(': push({Cell::Kind::Mark, {}, {}, 0}); return true;
      case 't': tuple(); return true;
      case 'Q': persistent(offset); return true;
      case 'K':
      case 'M':
      case 'J': push({Cell::Kind::Number, {}, {}, number_}); return true;
      case 0x8a:
      case 0x8b: long_number(); return true;
      case 'I':
      case 'L': line_number(); return true;
      case 'X':
      case 0x8c:
      case 0x8d:
      case 'V':
      case 'U':
      case 'T': push({Cell::Kind::Text, text_, {}, 0}); return true;
      case 'c': push({Cell::Kind::Global, text_, {}, 0}); return true;
      case 'q':
      case 'r': put(number_); return true;
      case 0x94: put(memo_.size()); return true;
      case 'h':
      case 'j': get(number_); return true;
      case 'p':
      case 'g': {
        std::uint64_t index = 0;
        std::from_chars(text_.data(), text_.data() + text_.size(), index);
        if (*opcode == 'p') {
          put(index);
        } else {
          get(index);
        }
        return true;
      }
      default: return shape(*opcode);
    }
  }

  // Opcodes of which only the stack effect matters.
  bool shape(std::uint8_t opcode) {
    switch (opcode) {
      case 0x80:
      case 0x95:
      case 0x98: return true;
      case 'e':
      case 'u':
      case 0x90:
      case '1': drop_to_mark(); return true;
      case 'l':
      case 'd':
      case 0x91:
      case 'i':
      case 'o':
        drop_to_mark();
        push({});
        return true;
      case 'a':
      case '0':
      case 'b': pop(); return true;
      case 's':
        pop();
        pop();
        return true;
      case '2': push(stack_.empty() ? Cell{} : stack_.back()); return true;
      case 0x93: {
        const Cell name = pop();
        pop();
        push({Cell::Kind::Global, name.text, {}, 0});
        return true;
      }
      case 0x92: pop(); [[fallthrough]];
      case 'R':
      case 0x81:
      case 0x86: pop(); [[fallthrough]];
      case 0x85:
        pop();
        push({});
        return true;
      case 0x87:
        pop();
        pop();
        pop();
        push({});
        return true;
      default: push({}); return true;  // everything else makes one value
    }
  }

  ByteReader in_;
  std::size_t most_;
  std::vector<Cell> stack_;
  std::unordered_map<std::uint64_t, Cell> memo_;
  std::vector<TorchStorage> found_;
  std::string_view text_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::vector<TorchStorage> read_torch_storages(Bytes pickle, std::size_t most) {
  return StorageReader(pickle, most).read();
}

std::string_view torch_element_name(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kNames = {
      std::pair<std::string_view, std::string_view>{"DoubleStorage", "float64"},
      {"FloatStorage", "float32"},
      {"HalfStorage", "float16"},
      {"BFloat16Storage", "bfloat16"},
      {"LongStorage", "int64"},
      {"IntStorage", "int32"},
      {"ShortStorage", "int16"},
      {"CharStorage", "int8"},
      {"ByteStorage", "uint8"},
      {"BoolStorage", "bool"},
      {"ComplexFloatStorage", "complex64"},
      {"ComplexDoubleStorage", "complex128"}};
  const auto found = std::ranges::find(kNames, type, [](const auto& row) { return row.first; });
  return found == kNames.end() ? type : found->second;
}

std::uint64_t torch_element_size(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 16> kSizes = {
      std::pair<std::string_view, std::uint64_t>{"DoubleStorage", 8},
      {"FloatStorage", 4},
      {"HalfStorage", 2},
      {"BFloat16Storage", 2},
      {"LongStorage", 8},
      {"IntStorage", 4},
      {"ShortStorage", 2},
      {"CharStorage", 1},
      {"ByteStorage", 1},
      {"BoolStorage", 1},
      {"ComplexFloatStorage", 8},
      {"ComplexDoubleStorage", 16},
      {"QInt8Storage", 1},
      {"QUInt8Storage", 1},
      {"QInt32Storage", 4},
      {"UntypedStorage", 1}};
  const auto found = std::ranges::find(kSizes, type, [](const auto& row) { return row.first; });
  return found == kSizes.end() ? 0 : found->second;
}

}  // namespace bulwark::scan
