#pragma once
// A parsed JSON, YAML or TOML document with the position of every value: what configuration inspectors walk.
//
// Values are plain and own their text. Duplicate keys are kept in order, because which one wins differs
// between parsers and that difference is the attack.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark {

struct Document {
  enum class Kind : std::uint8_t { Null, Boolean, Integer, Number, String, List, Map };

  using Entry = std::pair<std::string, Document>;

  // Defined in the .cpp: clang needs a complete Entry wherever it has to look into these.
  Document();
  ~Document();
  Document(const Document&);
  Document(Document&&) noexcept;
  Document& operator=(const Document&);
  Document& operator=(Document&&) noexcept;

  Kind kind = Kind::Null;
  bool boolean = false;
  std::int64_t integer = 0;  // Integer that fits; larger ones are Number
  double number = 0;         // Integer and Number
  std::string string;        // String; for YAML scalars always the text as written
  std::vector<Document> list;
  std::vector<Entry> map;    // in order of the text, duplicates kept
  std::uint64_t offset = 0;  // of the value in the text: exact, or of the nearest token before it
  std::uint32_t line =
      0;  // from 1; only YAML and TOML fill these two (for JSON use line_column on the offset)
  std::uint32_t column = 0;
  std::string tag;  // YAML tag such as "!!python/object/apply:os.system"; empty if none

  [[nodiscard]] bool is_map() const { return kind == Kind::Map; }
  [[nodiscard]] bool is_list() const { return kind == Kind::List; }
  [[nodiscard]] bool is_string() const { return kind == Kind::String; }
  // The last value of that key (as most parsers read it), or null.
  [[nodiscard]] const Document* find(std::string_view key) const;
  // Text of the string under `key`, or empty.
  [[nodiscard]] std::string_view text(std::string_view key) const;
};

// A key that comes twice in one object.
struct DuplicateKey {
  std::string key;
  std::uint64_t offset = 0;
};

struct ParsedDocument {
  Document root;
  std::vector<DuplicateKey> duplicates;
  std::uint64_t consumed = 0;  // bytes read, trailing blanks included
};

// Strict RFC 8259 JSON. `trailing_bytes`: whether anything but blanks may follow the value (then see
// `consumed`). Errors: InvalidInput with the offset; LimitReached for depth (`document_depth`), size or node
// count.
enum class TrailingBytes : std::uint8_t { Refuse, Allow };
[[nodiscard]] Result<ParsedDocument> parse_json(std::string_view text, const Limits& limits,
                                                TrailingBytes trailing_bytes = TrailingBytes::Refuse);

// All documents of a YAML stream (1.2 as yaml-cpp reads it); aliases are expanded within the node budget.
[[nodiscard]] Result<std::vector<Document>> parse_yaml(std::string_view text, const Limits& limits);

// TOML 1.0. Tables keep the order of the text; dates and times are Strings.
// Errors: InvalidInput with line and column; LimitReached as above.
[[nodiscard]] Result<Document> parse_toml(std::string_view text, const Limits& limits);

}  // namespace bulwark
