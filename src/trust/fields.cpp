#include "trust/fields.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

std::string_view kind_name(Document::Kind kind) {
  switch (kind) {
    case Document::Kind::Null: return "null";
    case Document::Kind::Boolean: return "a boolean";
    case Document::Kind::Integer: return "an integer";
    case Document::Kind::Number: return "a number";
    case Document::Kind::String: return "a string";
    case Document::Kind::List: return "a list";
    case Document::Kind::Map: return "an object";
  }
  return "unknown";
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Result<Document> read_object(std::string_view text, std::string_view what) {
  auto parsed = parse_json(text, document_limits());
  if (!parsed) return std::unexpected(std::move(parsed).error().within(what));
  if (!parsed->root.is_map())
    return fail(Code::InvalidInput, std::string(what) + ": expected an object, found " +
                                        std::string(kind_name(parsed->root.kind)));
  if (!parsed->duplicates.empty()) {
    const DuplicateKey& twice = parsed->duplicates.front();
    return fail(Code::InvalidInput,
                std::string(what) + ": key '" + printable(twice.key, 60) +
                    "' comes twice in one object at offset " + std::to_string(twice.offset),
                twice.offset);
  }
  return std::move(parsed->root);
}

std::optional<std::vector<std::uint8_t>> strict_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (digits.find_first_of("=\r\n") != std::string_view::npos) return std::nullopt;
  if (digits.size() % 4 == 1 || (padding != 0 && text.size() % 4 != 0)) return std::nullopt;
  const auto decoded = decode_base64(digits, Base64::UrlSafeToo);
  if (!decoded) return std::nullopt;
  const Bytes bytes = bytes_of(*decoded);
  // Bits that belong to no byte must be zero: else several texts mean the same bytes.
  if (digits.size() % 4 != 0) {
    std::string again = encode_base64(bytes.last(bytes.size() % 3));
    std::string_view last = digits.substr(digits.size() - digits.size() % 4);
    const char end = last.back() == '-' ? '+' : last.back() == '_' ? '/' : last.back();
    if (again[last.size() - 1] != end) return std::nullopt;
  }
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

std::optional<std::vector<std::uint8_t>> bytes_of_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

Result<Fields> Fields::of(const Document& value, std::string path) {
  if (!value.is_map())
    return fail(Code::InvalidInput,
                path + ": expected an object, found " + std::string(kind_name(value.kind)));
  return Fields(value, std::move(path));
}

const Document* Fields::find(std::string_view key) const {
  const Document* found = value_->find(key);
  return found == nullptr || found->kind == Document::Kind::Null ? nullptr : found;
}

std::string Fields::name_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::unexpected<Error> Fields::wrong(std::string_view key, std::string_view expected) const {
  const Document* found = find(key);
  return fail(Code::InvalidInput,
              name_of(key) + (found == nullptr ? " is missing"
                                               : ": expected " + std::string(expected) + ", found " +
                                                     std::string(kind_name(found->kind))));
}

Result<void> Fields::only(std::initializer_list<std::string_view> keys) const {
  for (const Document::Entry& entry : value_->map) {
    if (std::ranges::find(keys, entry.first) != keys.end()) continue;
    const std::string_view guess = nearest(entry.first, std::vector<std::string_view>(keys));
    return fail(Code::InvalidInput, (path_.empty() ? "" : path_ + ": ") + "unknown field '" +
                                        printable(entry.first, 60) + "'" +
                                        (guess.empty() ? "" : "; near: '" + std::string(guess) + "'"));
  }
  return {};
}

Result<const Document*> Fields::required(std::string_view key) const {
  const Document* found = find(key);
  if (found == nullptr) return fail(Code::InvalidInput, name_of(key) + " is missing");
  return found;
}

Result<Fields> Fields::object(std::string_view key) const {
  const Document* found = TRY(required(key));
  return Fields::of(*found, name_of(key));
}

Result<std::string> Fields::text(std::string_view key) const {
  const Document* found = find(key);
  if (found == nullptr || !found->is_string()) return wrong(key, "a string");
  return found->string;
}

Result<std::vector<std::uint8_t>> Fields::base64(std::string_view key) const {
  const std::string encoded = TRY(text(key));
  auto bytes = strict_base64(encoded);
  if (!bytes) return fail(Code::InvalidInput, name_of(key) + ": not base64");
  return std::move(*bytes);
}

Result<bool> Fields::boolean(std::string_view key) const {
  const Document* found = find(key);
  if (found == nullptr || found->kind != Document::Kind::Boolean) return wrong(key, "a boolean");
  return found->boolean;
}

Result<std::uint64_t> Fields::number(std::string_view key) const {
  const auto value = TRY(optional_number(key));
  if (!value) return wrong(key, "a number");
  return *value;
}

Result<std::optional<std::uint64_t>> Fields::optional_number(std::string_view key) const {
  const Document* found = find(key);
  if (found == nullptr) return std::optional<std::uint64_t>();
  if (found->kind == Document::Kind::Integer && found->integer >= 0)
    return std::optional(static_cast<std::uint64_t>(found->integer));
  if (found->is_string()) {
    const auto value = decimal(found->string);
    if (value) return value;
  }
  if (found->kind == Document::Kind::Integer || found->is_string())
    return fail(Code::InvalidInput, name_of(key) + ": expected a number that is not negative");
  return wrong(key, "a number");
}

Result<const std::vector<Document>*> Fields::list(std::string_view key, std::size_t limit) const {
  const Document* found = find(key);
  if (found == nullptr || !found->is_list()) return wrong(key, "a list");
  if (found->list.size() > limit)
    return fail(Code::LimitReached, name_of(key) + ": " + std::to_string(found->list.size()) +
                                        " elements, at most " + std::to_string(limit) + " are read");
  return &found->list;
}

Result<std::string> Fields::text_or(std::string_view key, std::string_view fallback) const {
  if (!has(key)) return std::string(fallback);
  return text(key);
}

Result<const std::vector<Document>*> Fields::optional_list(std::string_view key, std::size_t limit) const {
  static const std::vector<Document> kNone;
  if (!has(key)) return &kNone;
  return list(key, limit);
}

}  // namespace bulwark::trust
