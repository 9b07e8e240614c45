#pragma once
// Evaluates the pure functions by which a stream assembles the names and payloads that it does not want to
// show: str.lower, bytes.fromhex, base64.b64decode, zlib.decompress, operator.getitem …
//
// Results are exact or absent; nothing is guessed. Output is capped by Limits::evaluated_bytes.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "scan/formats/pickle/cell.h"
#include "scan/formats/pickle/store.h"

namespace bulwark::pickle {

class Evaluator;
using PureFunction = std::optional<Cell> (*)(Evaluator&, std::span<const Cell>);

// The pure function of that full name ("builtins.str.lower"), or null.
[[nodiscard]] PureFunction pure_function(std::string_view name);

class Evaluator {
 public:
  Evaluator(Store& store, const Limits& limits) : store_(store), limits_(limits) {}

  // function(arguments), or nothing once a stream has made us read and write more than any real one does.
  [[nodiscard]] std::optional<Cell> call(PureFunction function, std::span<const Cell> arguments);

  // What arguments are, or nothing if they are something else.
  [[nodiscard]] static std::optional<std::string_view> text(const Cell& cell);
  [[nodiscard]] static std::optional<std::string_view> characters(const Cell& cell);  // text or bytes
  [[nodiscard]] static std::optional<std::int64_t> integer(const Cell& cell);
  [[nodiscard]] std::optional<std::vector<Cell>> sequence(const Cell& cell) const;

  // New values; nothing over the limit.
  [[nodiscard]] std::optional<Cell> make(Tag tag, std::string text);
  [[nodiscard]] std::optional<Cell> make_list(const std::vector<Cell>& items);
  [[nodiscard]] std::optional<Cell> make_tuple(const std::vector<Cell>& items);
  // container[key] for texts, bytes, sequences, dicts; key may be an integer, text or slice.
  [[nodiscard]] std::optional<Cell> item(const Cell& container, const Cell& key);

  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  // Bytes that one call may still produce.
  [[nodiscard]] std::uint64_t room() const { return std::min(limits_.evaluated_bytes, work_left_); }
  // Bytes were read or produced.
  void charge(std::uint64_t bytes) { work_left_ -= std::min(bytes, work_left_); }

 private:
  // One stream may call a function a million times on the same long text.
  static constexpr std::uint64_t kWork = 4;  // times Limits::evaluated_bytes
  Store& store_;
  const Limits& limits_;
  std::uint64_t work_left_ = kWork * limits_.evaluated_bytes;
};

// True if two constants are equal; false also if it cannot be told.
[[nodiscard]] bool same(const Cell& a, const Cell& b);

// The rows of evaluate_codecs.cpp: decoders, hashes of bytes, decompressors.
struct PureRow {
  std::string_view name;
  PureFunction function;
};
[[nodiscard]] std::span<const PureRow> codec_functions();
[[nodiscard]] std::optional<Cell> decode_as(Evaluator&, const Cell& content, std::string_view encoding);
[[nodiscard]] std::optional<Cell> encode_as(Evaluator&, const Cell& content, std::string_view encoding);

}  // namespace bulwark::pickle
