#pragma once
// Reading JSON that carries authority: no duplicate keys, no guessing at types, errors that name the field.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"

namespace bulwark::trust {

// The root of a strict JSON text: an object, no key twice anywhere (which of two wins differs between
// parsers), nothing behind it. `what` begins every error. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<Document> read_object(std::string_view text, std::string_view what);

// Base64 with the standard or the URL-safe alphabet, padded or not, as ProtoJSON and DSSE allow; no blanks,
// no padding in the middle, no bits left over. Empty: not that.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> strict_base64(std::string_view text);
// Lower-case hex of whole bytes. Empty: not that.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> bytes_of_hex(std::string_view text);

// One JSON object. The document must outlive it. `path` names it in errors: "verificationMaterial".
// A field that is null counts as absent, as in ProtoJSON.
class Fields {
 public:
  // Errors: InvalidInput if `value` is no object.
  [[nodiscard]] static Result<Fields> of(const Document& value, std::string path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // Null if absent.
  [[nodiscard]] const Document* find(std::string_view key) const;
  // "path.key" for messages.
  [[nodiscard]] std::string name_of(std::string_view key) const;

  // InvalidInput, naming the first key that is none of these and the nearest that is.
  [[nodiscard]] Result<void> only(std::initializer_list<std::string_view> keys) const;

  // Required ones. Errors: InvalidInput: absent, or of another type.
  [[nodiscard]] Result<const Document*> required(std::string_view key) const;
  [[nodiscard]] Result<Fields> object(std::string_view key) const;
  [[nodiscard]] Result<std::string> text(std::string_view key) const;
  [[nodiscard]] Result<std::vector<std::uint8_t>> base64(std::string_view key) const;
  [[nodiscard]] Result<bool> boolean(std::string_view key) const;
  // Not negative; a JSON number or, as ProtoJSON writes 64 bits, decimal digits in a string.
  [[nodiscard]] Result<std::uint64_t> number(std::string_view key) const;
  // At most `limit` elements, else LimitReached.
  [[nodiscard]] Result<const std::vector<Document>*> list(std::string_view key, std::size_t limit) const;

  // Optional ones: `fallback` (or nothing) if absent, InvalidInput if of another type.
  [[nodiscard]] Result<std::string> text_or(std::string_view key, std::string_view fallback) const;
  [[nodiscard]] Result<std::optional<std::uint64_t>> optional_number(std::string_view key) const;
  // An empty list if absent.
  [[nodiscard]] Result<const std::vector<Document>*> optional_list(std::string_view key,
                                                                   std::size_t limit) const;

 private:
  Fields(const Document& value, std::string path) : value_(&value), path_(std::move(path)) {}
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view key, std::string_view expected) const;

  const Document* value_;
  std::string path_;
};

}  // namespace bulwark::trust
