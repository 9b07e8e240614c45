#pragma once
// A bounded XML tokenizer for hostile documents: tags, texts, comments, instructions and the document type.
//
// No DTD is processed, no entity is expanded, nothing outside of the text is ever looked up. Names, values
// and texts are views into the document as written; unescape_xml() resolves the references that need no DTD.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

struct XmlAttribute {
  std::string_view name;
  std::string_view value;    // as written
  std::uint64_t offset = 0;  // of the value
};

struct XmlEntity {
  std::string_view name;
  std::string_view value;   // replacement text of an internal entity
  std::string_view system;  // system identifier of an external entity
  bool external = false;
  bool parameter = false;    // "<!ENTITY % …"
  std::uint64_t offset = 0;  // of the declaration
};

struct XmlDoctype {
  std::string_view name;
  std::string_view system;  // system identifier of the external subset
  bool external = false;
  bool declares_public = false;
  std::vector<XmlEntity> entities;
};

struct XmlToken {
  enum class Kind : std::uint8_t { Start, End, Text, CData, Comment, Instruction, Doctype };
  Kind kind = Kind::Text;
  std::string_view name;  // of the element or instruction, with its prefix
  std::string_view text;  // of Text, CData, Comment, Instruction
  std::vector<XmlAttribute> attributes;
  bool empty = false;        // "<a/>": no End follows
  std::uint64_t offset = 0;  // of the first character of the token (of the content for Text)
  XmlDoctype doctype;        // of Doctype

  // The attribute of that name without its prefix, or null.
  [[nodiscard]] const XmlAttribute* find(std::string_view local) const;
};

class XmlReader {
 public:
  // `base`: offset of the text in the artifact.
  explicit XmlReader(std::string_view text, std::uint64_t base = 0) : text_(text), base_(base) {}

  // Reads the next token; false at the end. Errors: InvalidInput where the document is not well-formed; then
  // see `truncated`. Elements must be closed in order, and there is one root.
  [[nodiscard]] Result<bool> next(XmlToken& token);
  [[nodiscard]] bool truncated() const { return truncated_; }
  // Names of the open elements, outermost first.
  [[nodiscard]] const std::vector<std::string_view>& open() const { return open_; }

 private:
  [[nodiscard]] Result<bool> start_tag(XmlToken& token);
  [[nodiscard]] Result<bool> end_tag(XmlToken& token);
  [[nodiscard]] Result<bool> doctype(XmlToken& token);
  [[nodiscard]] Result<void> declarations(XmlDoctype& doctype);
  [[nodiscard]] Result<void> entity(XmlDoctype& doctype, std::uint64_t offset);
  [[nodiscard]] Result<bool> delimited(XmlToken& token, XmlToken::Kind kind, std::size_t skip,
                                       std::string_view end);
  [[nodiscard]] Result<std::string_view> quoted(std::string_view what);
  std::string_view name();
  void blanks();
  bool at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  std::unexpected<Error> bad(std::string_view why);

  std::string_view text_;
  std::uint64_t base_;
  std::size_t at_ = 0;
  bool rooted_ = false;  // the root element was seen
  bool truncated_ = false;
  std::vector<std::string_view> open_;
};

// "ns:name" -> "name".
[[nodiscard]] std::string_view xml_local_name(std::string_view name);
// Character references and the five predefined entities resolved; others stay as they are.
[[nodiscard]] std::string unescape_xml(std::string_view text);

// The document as UTF-8. UTF-16 is recognised with and without a mark and converted; then offsets in the text
// are not those in the artifact.
struct XmlText {
  std::string converted;
  Bytes original;
  bool is_converted = false;
  [[nodiscard]] std::string_view view() const { return is_converted ? converted : text_of(original); }
};
[[nodiscard]] Result<XmlText> xml_text(Bytes content, const Limits& limits);

// Local name of the root element, looked for in the first 64 KiB; empty if the content is no XML.
[[nodiscard]] std::string xml_root(Bytes content);

// The most that one of the entities expands to, references followed.
struct XmlExpansion {
  std::uint64_t bytes = 0;   // saturates at 2^62
  std::size_t entity = 0;    // which one
  bool circular = false;     // `entity` refers to itself, directly or not
  std::uint32_t levels = 0;  // entities within entities on the longest way down from `entity`
};
[[nodiscard]] XmlExpansion xml_expansion(const std::vector<XmlEntity>& entities);

}  // namespace bulwark::scan
