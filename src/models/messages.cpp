#include "models/messages.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace bulwark::models {
namespace {

constexpr std::uint32_t kMostDimensions = 16;
// Error texts of the runtime quote whole graphs.
constexpr std::size_t kLongestText = 1000;
// Classes of the largest published classifiers and values of the widest layers are below.
constexpr std::uint64_t kMostPerRow = std::uint64_t{1} << 24;

template <class T>
void put(std::vector<std::uint8_t>& to, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    to.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

void put_text(std::vector<std::uint8_t>& to, std::string_view text) {
  text = text.substr(0, kLongestName);
  put(to, static_cast<std::uint32_t>(text.size()));
  for (const char letter : text) to.push_back(static_cast<std::uint8_t>(letter));
}

void put_numbers(std::vector<std::uint8_t>& to, std::span<const std::int64_t> numbers) {
  put(to, static_cast<std::uint32_t>(numbers.size()));
  for (const std::int64_t number : numbers) put(to, number);
}

Result<std::string> text(ByteReader& in, std::string_view what) {
  const auto size = TRY(in.little_endian<std::uint32_t>(what));
  if (size > kLongestName) return fail(Code::Corrupt, std::string(what) + " is too long");
  const Bytes bytes = TRY(in.take(size, what));
  return std::string(text_of(bytes));
}

Result<std::vector<std::int64_t>> numbers(ByteReader& in, std::string_view what) {
  const auto size = TRY(in.little_endian<std::uint32_t>(what));
  if (size > kMostDimensions)
    return fail(Code::Unsupported, "more than " + std::to_string(kMostDimensions) + " dimensions");
  std::vector<std::int64_t> list;
  for (std::uint32_t i = 0; i < size; ++i) {
    const auto number = TRY(in.little_endian<std::int64_t>(what));
    list.push_back(number);
  }
  return list;
}

}  // namespace

std::vector<std::uint8_t> write_load(const Load& load) {
  std::vector<std::uint8_t> bytes = {std::to_underlying(Question::Load)};
  put(bytes, static_cast<std::uint8_t>(load.activations));
  put_numbers(bytes, load.row_shape);
  return bytes;
}

std::vector<std::uint8_t> write_ask(std::uint64_t rows) {
  std::vector<std::uint8_t> bytes = {std::to_underlying(Question::Ask)};
  put(bytes, rows);
  return bytes;
}

Result<Question> read_question(ByteReader& in) {
  const auto kind = TRY(in.little_endian<std::uint8_t>("question"));
  if (kind != std::to_underlying(Question::Load) && kind != std::to_underlying(Question::Ask))
    return fail(Code::Corrupt, "no question");
  return static_cast<Question>(kind);
}

Result<Load> read_load(ByteReader& in) {
  Load load;
  const auto activations = TRY(in.little_endian<std::uint8_t>("activations"));
  load.activations = activations != 0;
  load.row_shape = TRY(numbers(in, "shape"));
  load.model = in.rest();
  return load;
}

Result<Ask> read_ask(ByteReader& in) {
  Ask ask;
  ask.rows = TRY(in.little_endian<std::uint64_t>("rows"));
  ask.values = in.rest();
  return ask;
}

std::vector<std::uint8_t> write_error(const Error& error) {
  std::vector<std::uint8_t> bytes = {1, std::to_underlying(error.code)};
  put_text(bytes, std::string_view(error.message).substr(0, kLongestText));
  return bytes;
}

std::vector<std::uint8_t> write_signature(const Signature& signature) {
  std::vector<std::uint8_t> bytes = {0};
  put_text(bytes, signature.input_name);
  put_numbers(bytes, signature.input);
  put_text(bytes, signature.scores_name);
  put(bytes, std::uint64_t{signature.classes});
  put(bytes, std::uint64_t{signature.width});
  return bytes;
}

std::vector<std::uint8_t> write_answers() {
  return {0};
}

Result<void> read_outcome(ByteReader& in) {
  const auto failed = TRY(in.little_endian<std::uint8_t>("outcome"));
  if (failed == 0) return {};
  const auto code = TRY(in.little_endian<std::uint8_t>("code"));
  const std::string message = TRY(text(in, "message"));
  if (code > std::to_underlying(Code::Unsupported))
    return fail(Code::Corrupt, "the child answers with an unknown error");
  return fail(static_cast<Code>(code), printable(message, kLongestText));
}

Result<Signature> read_signature(ByteReader& in) {
  Signature signature;
  signature.input_name = TRY(text(in, "input"));
  signature.input = TRY(numbers(in, "shape"));
  signature.scores_name = TRY(text(in, "output"));
  const auto classes = TRY(in.little_endian<std::uint64_t>("classes"));
  const auto width = TRY(in.little_endian<std::uint64_t>("width"));
  if (classes == 0 || classes > kMostPerRow || width > kMostPerRow)
    return fail(Code::Unsupported,
                "the model answers with " + std::to_string(classes) + " numbers for a row");
  std::uint64_t values = 1;
  for (const std::int64_t dimension :
       std::span(signature.input).subspan(std::min<std::size_t>(1, signature.input.size())))
    if (dimension <= 0 || __builtin_mul_overflow(values, static_cast<std::uint64_t>(dimension), &values) ||
        values > std::uint64_t{1} << 32)
      return fail(Code::Unsupported, "the model's input has an impossible shape");
  if (signature.input.empty()) return fail(Code::Unsupported, "the model's input has no dimensions");
  signature.classes = classes;
  signature.width = width;
  return signature;
}

Result<std::vector<float>> read_floats(ByteReader& in, std::uint64_t count) {
  const Bytes bytes = TRY(in.take(count * sizeof(float), "numbers"));
  std::vector<float> values(count);
  if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Bytes bytes_of(std::span<const float> values) {
  const auto* start = static_cast<const void*>(values.data());
  return {static_cast<const std::uint8_t*>(start), values.size_bytes()};
}

}  // namespace bulwark::models
