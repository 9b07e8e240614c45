#include "scan/formats/gguf.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

namespace bulwark::scan {
namespace {

constexpr std::uint64_t kMaxString = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 30;
constexpr std::uint32_t kMaxDimensions = 4;
constexpr std::uint64_t kDefaultAlignment = 32;
// ggml itself refuses arrays of arrays; the text of the format allows them.
constexpr std::uint32_t kMaxArrayDepth = 8;
// Of one kind of defect, so that a broken table does not become a million messages.
constexpr std::size_t kMaxProblems = 200;

enum ValueType : std::uint32_t { kUint32 = 4, kString = 8, kArray = 9, kUint64 = 10 };
// Bytes of a value by type; 0: string, array.
constexpr std::array<std::uint64_t, 13> kValueSizes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct TensorType {
  std::uint32_t id;
  std::uint64_t block;  // values
  std::uint64_t bytes;  // of one block
  std::string_view name;
};
// type_traits of ggml.c, the removed ones included because their files exist.
constexpr std::array kTensorTypes = {
    TensorType{0, 1, 4, "float32"},       TensorType{1, 1, 2, "float16"},
    TensorType{2, 32, 18, "q4_0"},        TensorType{3, 32, 20, "q4_1"},
    TensorType{4, 16, 10, "q4_2"},        TensorType{5, 16, 12, "q4_3"},
    TensorType{6, 32, 22, "q5_0"},        TensorType{7, 32, 24, "q5_1"},
    TensorType{8, 32, 34, "q8_0"},        TensorType{9, 32, 36, "q8_1"},
    TensorType{10, 256, 84, "q2_k"},      TensorType{11, 256, 110, "q3_k"},
    TensorType{12, 256, 144, "q4_k"},     TensorType{13, 256, 176, "q5_k"},
    TensorType{14, 256, 210, "q6_k"},     TensorType{15, 256, 292, "q8_k"},
    TensorType{16, 256, 66, "iq2_xxs"},   TensorType{17, 256, 74, "iq2_xs"},
    TensorType{18, 256, 98, "iq3_xxs"},   TensorType{19, 256, 50, "iq1_s"},
    TensorType{20, 32, 18, "iq4_nl"},     TensorType{21, 256, 110, "iq3_s"},
    TensorType{22, 256, 82, "iq2_s"},     TensorType{23, 256, 136, "iq4_xs"},
    TensorType{24, 1, 1, "int8"},         TensorType{25, 1, 2, "int16"},
    TensorType{26, 1, 4, "int32"},        TensorType{27, 1, 8, "int64"},
    TensorType{28, 1, 8, "float64"},      TensorType{29, 256, 56, "iq1_m"},
    TensorType{30, 1, 2, "bfloat16"},     TensorType{31, 32, 18, "q4_0_4_4"},
    TensorType{32, 32, 18, "q4_0_4_8"},   TensorType{33, 32, 18, "q4_0_8_8"},
    TensorType{34, 256, 54, "tq1_0"},     TensorType{35, 256, 66, "tq2_0"},
    TensorType{36, 32, 18, "iq4_nl_4_4"}, TensorType{37, 32, 18, "iq4_nl_4_8"},
    TensorType{38, 32, 18, "iq4_nl_8_8"}, TensorType{39, 32, 17, "mxfp4"},
};

const TensorType* tensor_type(std::uint32_t id) {
  const auto* found = std::ranges::find(kTensorTypes, id, &TensorType::id);
  return found == kTensorTypes.end() ? nullptr : found;
}

class Reader {
 public:
  explicit Reader(Bytes content) : in_(content) {}

  GgufFile run() {
    if (const auto done = read(); !done) file_.stopped.push_back(done.error());
    return std::move(file_);
  }

 private:
  void problem(GgufDefect defect, std::uint64_t offset, std::string message) {
    if (file_.problems.size() < kMaxProblems) file_.problems.push_back({defect, offset, std::move(message)});
  }
  // A defect behind which nothing can be read.
  [[nodiscard]] std::unexpected<Error> stop(GgufDefect defect, std::uint64_t offset, std::string message) {
    problem(defect, offset, message);
    return fail(Code::InvalidInput, std::move(message), offset);
  }

  template <std::integral T>
  [[nodiscard]] Result<T> number(std::string_view what) {
    return file_.big_endian ? in_.big_endian<T>(what) : in_.little_endian<T>(what);
  }
  // Counts and lengths have 32 bits in version 1.
  [[nodiscard]] Result<std::uint64_t> count(std::string_view what) {
    if (file_.version != 1) return number<std::uint64_t>(what);
    const auto narrow = TRY(number<std::uint32_t>(what));
    return narrow;
  }

  [[nodiscard]] Result<void> read() {
    TRY(in_.skip(4, "magic"));
    file_.version = TRY(in_.little_endian<std::uint32_t>("version"));
    if (file_.version != 0 && (file_.version & 0xFFFFU) == 0) {
      file_.big_endian = true;
      file_.version = std::byteswap(file_.version);
    }
    if (file_.version < 1 || file_.version > 3) {
      problem(GgufDefect::Version, 4, "version " + std::to_string(file_.version) + " does not exist");
      return fail(Code::Unsupported, "GGUF version " + std::to_string(file_.version), 4);
    }
    const std::uint64_t tensors_at = in_.offset();
    const std::uint64_t tensors = TRY(count("tensor count"));
    const std::uint64_t keys_at = in_.offset();
    const std::uint64_t keys = TRY(count("key count"));
    TRY(plausible("keys", keys, keys_at));
    TRY(plausible("tensors", tensors, tensors_at));
    for (std::uint64_t i = 0; i < keys; ++i) TRY(key_value());
    for (std::uint64_t i = 0; i < tensors; ++i) TRY(tensor());
    return layout();
  }
  [[nodiscard]] Result<void> plausible(std::string_view what, std::uint64_t count, std::uint64_t offset) {
    if (count <= in_.remaining()) return {};
    return stop(GgufDefect::Count, offset,
                "header claims " + std::to_string(count) + " " + std::string(what) + ", " +
                    std::to_string(in_.remaining()) + " bytes remain");
  }

  [[nodiscard]] Result<std::string_view> string(std::string_view what) {
    const std::uint64_t at = in_.offset();
    const std::uint64_t length = TRY(count(what));
    if (length > kMaxString || length > in_.remaining()) {
      return stop(GgufDefect::Length, at,
                  std::string(what) + " claims " + std::to_string(length) + " bytes, " +
                      std::to_string(in_.remaining()) + " remain");
    }
    const Bytes bytes = TRY(in_.take(length, what));
    return text_of(bytes);
  }

  [[nodiscard]] Result<void> key_value() {
    const std::uint64_t at = in_.offset();
    const std::string_view key = TRY(string("key"));
    const std::uint64_t type_at = in_.offset();
    const std::uint32_t type = TRY(number<std::uint32_t>("value type"));
    if (type >= kValueSizes.size())
      return stop(GgufDefect::Type, type_at,
                  "key " + std::string(key) + " has the value type " + std::to_string(type));
    if (!keys_.insert(key).second)
      problem(GgufDefect::Duplicate, at, "key " + std::string(key) + " comes twice");
    ++file_.keys;
    if (key == "general.alignment") return alignment(type, type_at);
    if (type == kString) {
      const std::string_view value = TRY(string("value of " + std::string(key)));
      file_.strings.push_back({key, value, in_.offset() - value.size()});
      return {};
    }
    if (type == kArray) return array(key, 0);
    if (type == kUint32) {
      const auto value = TRY(number<std::uint32_t>("value"));
      file_.numbers.push_back({key, value});
      return {};
    }
    if (type == kUint64) {
      const auto value = TRY(number<std::uint64_t>("value"));
      file_.numbers.push_back({key, value});
      return {};
    }
    return in_.skip(kValueSizes[type], "value");
  }
  [[nodiscard]] Result<void> alignment(std::uint32_t type, std::uint64_t at) {
    if (type != kUint32)
      return stop(GgufDefect::Alignment, at, "general.alignment has the type " + std::to_string(type));
    const std::uint32_t value = TRY(number<std::uint32_t>("alignment"));
    if (value == 0 || (value & (value - 1)) != 0) {
      problem(GgufDefect::Alignment, at, "alignment " + std::to_string(value) + " is no power of two");
      return {};
    }
    alignment_ = value;
    return {};
  }
  [[nodiscard]] Result<void> array(std::string_view key, std::uint32_t depth) {
    const std::uint64_t at = in_.offset();
    const std::uint32_t type = TRY(number<std::uint32_t>("element type"));
    const std::uint64_t elements = TRY(count("element count"));
    if (type >= kValueSizes.size())
      return stop(GgufDefect::Type, at,
                  "array " + std::string(key) + " has the element type " + std::to_string(type));
    const std::uint64_t length_size = file_.version == 1 ? 4 : 8;
    const std::uint64_t least = type == kString  ? length_size
                                : type == kArray ? length_size + 4
                                                 : kValueSizes[type];
    if (elements > kMaxElements || elements > in_.remaining() / least) {
      return stop(GgufDefect::Length, at,
                  "array " + std::string(key) + " claims " + std::to_string(elements) + " elements, " +
                      std::to_string(in_.remaining()) + " bytes remain");
    }
    if (depth == 0) file_.numbers.push_back({key, elements});
    if (type == kArray && depth + 1 >= kMaxArrayDepth)
      return stop(GgufDefect::Type, at, "array " + std::string(key) + " nests deeper than any reader goes");
    if (type != kString && type != kArray) return in_.skip(elements * kValueSizes[type], "array");
    for (std::uint64_t i = 0; i < elements; ++i) {
      if (type == kString)
        TRY(string("array element"));
      else
        TRY(array(key, depth + 1));
    }
    return {};
  }

  [[nodiscard]] Result<void> tensor() {
    GgufTensor tensor{.name = {}, .shape = {}, .size = std::nullopt, .offset = in_.offset()};
    tensor.name = TRY(string("tensor name"));
    const std::string name(tensor.name.substr(0, 100));
    const std::uint32_t dimensions = TRY(number<std::uint32_t>("dimension count"));
    if (dimensions > kMaxDimensions) {
      return stop(GgufDefect::Dimensions, tensor.offset,
                  "tensor " + name + " has " + std::to_string(dimensions) + " dimensions");
    }
    for (std::uint32_t i = 0; i < dimensions; ++i) {
      const std::uint64_t dimension = TRY(count("dimension"));
      tensor.shape.push_back(dimension);
    }
    tensor.type = TRY(number<std::uint32_t>("tensor type"));
    tensor.begin = TRY(number<std::uint64_t>("tensor offset"));
    if (!tensors_.insert(tensor.name).second)
      problem(GgufDefect::Duplicate, tensor.offset, "tensor " + name + " comes twice");
    measure(tensor, name);
    file_.tensors.push_back(std::move(tensor));
    return {};
  }
  void measure(GgufTensor& tensor, const std::string& name) {
    const TensorType* type = tensor_type(tensor.type);
    if (type == nullptr) {
      return problem(GgufDefect::TensorType, tensor.offset,
                     "tensor " + name + " has the type " + std::to_string(tensor.type));
    }
    std::uint64_t values = 1;
    for (const std::uint64_t dimension : tensor.shape) {
      // ggml counts elements in signed 64-bit numbers.
      if (__builtin_mul_overflow(values, dimension, &values) || values > (std::uint64_t{1} << 63) - 1) {
        return problem(GgufDefect::Overflow, tensor.offset,
                       "tensor " + name + ": the product of its shape overflows");
      }
    }
    if (!tensor.shape.empty() && tensor.shape.front() % type->block != 0) {
      return problem(GgufDefect::Dimensions, tensor.offset,
                     "tensor " + name + ": a row of " + std::to_string(tensor.shape.front()) +
                         " values is no multiple of its block");
    }
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(values / type->block, type->bytes, &size)) {
      return problem(GgufDefect::Overflow, tensor.offset, "tensor " + name + ": its size overflows");
    }
    tensor.size = size;
  }

  [[nodiscard]] std::optional<std::uint64_t> padded(std::uint64_t size) const {
    const std::uint64_t padding = (alignment_ - size % alignment_) % alignment_;
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(size, padding, &sum)) return std::nullopt;
    return sum;
  }

  // Where the data begins, and whether the tensors tile it.
  [[nodiscard]] Result<void> layout() {
    file_.data = padded(in_.offset()).value_or(in_.size());
    file_.end = file_.data = std::min(file_.data, in_.size());
    const std::uint64_t room = in_.size() - file_.data;
    std::vector<const GgufTensor*> order;
    for (const GgufTensor& tensor : file_.tensors) {
      if (tensor.size) order.push_back(&tensor);
    }
    std::ranges::sort(order, [](const auto* a, const auto* b) {
      return a->begin != b->begin ? a->begin < b->begin : *a->size < *b->size;
    });
    std::uint64_t expected = 0;
    for (const GgufTensor* tensor : order) {
      const std::string name(tensor->name.substr(0, 100));
      std::uint64_t end = 0;
      const bool outside = __builtin_add_overflow(tensor->begin, *tensor->size, &end) || end > room;
      if (outside) {
        problem(GgufDefect::Overflow, tensor->offset,
                "tensor " + name + " at " + std::to_string(tensor->begin) + " with " +
                    std::to_string(*tensor->size) + " bytes leaves the " + std::to_string(room) +
                    " bytes of data");
        continue;
      }
      if (tensor->begin % alignment_ != 0) {
        problem(GgufDefect::Alignment, tensor->offset,
                "tensor " + name + " begins at " + std::to_string(tensor->begin) + ", which is not aligned");
      } else if (tensor->begin < expected) {
        problem(GgufDefect::Overflow, tensor->offset, "tensor " + name + " overlaps the one before it");
      } else if (tensor->begin > padded(expected).value_or(expected) &&
                 file_.tensors.size() == order.size()) {
        problem(
            GgufDefect::Hole, tensor->offset,
            "a hole of " + std::to_string(tensor->begin - expected) + " bytes lies before tensor " + name);
      }
      expected = std::max(expected, end);
    }
    file_.end = file_.data + expected;
    return {};
  }

  ByteReader in_;
  std::uint64_t alignment_ = kDefaultAlignment;
  std::unordered_set<std::string_view> keys_;
  std::unordered_set<std::string_view> tensors_;
  GgufFile file_;
};

}  // namespace

std::string_view gguf_type_name(std::uint32_t type) {
  const TensorType* known = tensor_type(type);
  return known == nullptr ? std::string_view{} : known->name;
}

GgufFile read_gguf(Bytes content) {
  return Reader(content).run();
}

std::optional<std::string_view> old_ggml(Bytes content) {
  // The magic is a number; written little endian it stands in the file backwards.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kMagics = {{
      {"lmgg", "ggml"},
      {"fmgg", "ggmf"},
      {"tjgg", "ggjt"},
      {"algg", "ggla"},
      {"GGML", "ggml"},
      {"GGMF", "ggmf"},
      {"GGJT", "ggjt"},
      {"GGLA", "ggla"},
  }};
  if (content.size() < 8) return std::nullopt;
  for (const auto& [magic, name] : kMagics) {
    // A version or a vocabulary size follows: a small number, which text after such a word is not.
    if (has_magic(content, magic) && load_little_endian<std::uint32_t>(content.data() + 4) < (1U << 24))
      return name;
  }
  return std::nullopt;
}

Result<void> walk_old_ggml(Bytes content) {
  ByteReader in(content, 8);
  const std::uint64_t at = in.offset();
  const auto vocabulary = TRY(in.little_endian<std::uint32_t>("vocabulary size"));
  TRY(in.skip(6 * sizeof(std::uint32_t), "hyperparameters"));
  if (vocabulary > in.remaining() / 8)
    return fail(Code::InvalidInput,
                "vocabulary claims " + std::to_string(vocabulary) + " tokens, " +
                    std::to_string(in.remaining()) + " bytes remain",
                at);
  for (std::uint32_t i = 0; i < vocabulary; ++i) {
    const auto length = TRY(in.little_endian<std::uint32_t>("token length"));
    TRY(in.skip(std::uint64_t{length} + sizeof(float), "token"));
  }
  return {};
}

}  // namespace bulwark::scan
