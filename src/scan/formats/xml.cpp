#include "scan/formats/xml.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kRootWithin = 64 * 1024;
constexpr std::uint64_t kMostExpanded = std::uint64_t{1} << 62;
// Attributes of one tag: IR and PMML use a dozen; a tag with more is an attack on the reader.
constexpr std::size_t kMostAttributes = 4096;

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

// The character of "#60", "#x3c" or "lt"; nothing if it needs a DTD.
std::optional<std::uint32_t> character_of(std::string_view reference) {
  constexpr std::pair<std::string_view, char> kPredefined[] = {
      {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [name, c] : kPredefined)
    if (reference == name) return static_cast<unsigned char>(c);
  if (reference.size() < 2 || reference[0] != '#') return std::nullopt;
  const bool hexadecimal = reference[1] == 'x';
  std::uint32_t value = 0;
  for (const char c : reference.substr(hexadecimal ? 2 : 1)) {
    const int digit = c >= '0' && c <= '9'                  ? c - '0'
                      : hexadecimal && c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : hexadecimal && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                            : -1;
    if (digit < 0) return std::nullopt;
    value = value * (hexadecimal ? 16 : 10) + static_cast<std::uint32_t>(digit);
    if (value > 0x10FFFF) return std::nullopt;
  }
  return value;
}

// Calls `visit` with every reference "&name;" or "%name;" of a text.
template <class Visit>
void each_reference(std::string_view text, Visit visit) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '&' && text[i] != '%') continue;
    const std::size_t end = text.find(';', i);
    if (end == std::string_view::npos || end - i > 256) continue;
    visit(text.substr(i + 1, end - i - 1), text[i] == '%');
  }
}

// Skips what may stand before the root element. Stops at '<' of the root, or at the end.
std::size_t root_at(std::string_view text) {
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (;;) {
    while (at < text.size() && blank(text[at])) ++at;
    const std::string_view rest = text.substr(at);
    std::size_t end = std::string_view::npos;
    if (rest.starts_with("<?")) {
      end = rest.find("?>");
    } else if (rest.starts_with("<!--")) {
      end = rest.find("-->");
    } else if (rest.starts_with("<!DOCTYPE") || rest.starts_with("<!doctype")) {
      const std::size_t subset = rest.find('[');
      const std::size_t closed = rest.find('>');
      end = subset != std::string_view::npos && subset < closed ? rest.find("]>") : closed;
      // "] >" and a subset that never ends: the name of the document type must do.
      if (end == std::string_view::npos && subset != std::string_view::npos) return at + 9;
    } else {
      return at;
    }
    if (end == std::string_view::npos) return text.size();
    at += rest.find('>', end) == std::string_view::npos ? rest.size() : rest.find('>', end) + 1;
  }
}

}  // namespace

const XmlAttribute* XmlToken::find(std::string_view local) const {
  const auto found = std::ranges::find_if(
      attributes, [&](const XmlAttribute& a) { return xml_local_name(a.name) == local; });
  return found == attributes.end() ? nullptr : &*found;
}

std::unexpected<Error> XmlReader::bad(std::string_view why) {
  truncated_ = at_ >= text_.size();
  return fail(Code::InvalidInput, std::string(why) + (truncated_ ? " at the end of the document" : ""),
              base_ + at_);
}

void XmlReader::blanks() {
  while (at_ < text_.size() && blank(text_[at_])) ++at_;
}

std::string_view XmlReader::name() {
  const std::size_t start = at_;
  while (at_ < text_.size() && name_character(text_[at_])) ++at_;
  return text_.substr(start, at_ - start);
}

Result<std::string_view> XmlReader::quoted(std::string_view what) {
  blanks();
  if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\''))
    return bad(std::string(what) + " is not quoted");
  const std::size_t start = at_ + 1;
  const std::size_t end = text_.find(text_[at_], start);
  if (end == std::string_view::npos) {
    at_ = text_.size();
    return bad(std::string(what) + " does not end");
  }
  at_ = end + 1;
  return text_.substr(start, end - start);
}

Result<bool> XmlReader::next(XmlToken& token) {
  token = {};
  token.offset = base_ + at_;
  if (at_ >= text_.size()) {
    if (open_.empty() && rooted_) return false;
    return bad(open_.empty() ? std::string("no root element")
                             : "element " + printable(open_.back(), 60) + " is not closed");
  }
  if (text_[at_] != '<') {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    token.text = text_.substr(at_, end - at_);
    if (open_.empty() && !trim(token.text).empty() && trim(token.text) != "\xEF\xBB\xBF")
      return bad("text outside of the root element");
    at_ = end;
    return true;
  }
  if (at("<!--")) return delimited(token, XmlToken::Kind::Comment, 4, "-->");
  if (at("<![CDATA[")) return delimited(token, XmlToken::Kind::CData, 9, "]]>");
  if (at("<?")) return delimited(token, XmlToken::Kind::Instruction, 2, "?>");
  if (at("<!DOCTYPE")) return doctype(token);
  if (at("</")) return end_tag(token);
  return start_tag(token);
}

Result<bool> XmlReader::delimited(XmlToken& token, XmlToken::Kind kind, std::size_t skip,
                                  std::string_view end) {
  const std::size_t start = at_ + skip;
  const std::size_t stop = text_.find(end, start);
  if (stop == std::string_view::npos) {
    at_ = text_.size();
    return bad("comment, section or instruction does not end");
  }
  token.kind = kind;
  token.text = text_.substr(start, stop - start);
  at_ = stop + end.size();
  if (kind == XmlToken::Kind::Instruction) {
    std::size_t length = 0;
    while (length < token.text.size() && name_character(token.text[length])) ++length;
    token.name = token.text.substr(0, length);
  }
  return true;
}

Result<bool> XmlReader::end_tag(XmlToken& token) {
  at_ += 2;
  token.kind = XmlToken::Kind::End;
  token.name = name();
  blanks();
  if (at_ >= text_.size() || text_[at_] != '>') return bad("end tag does not end");
  if (open_.empty() || open_.back() != token.name)
    return bad("end tag " + printable(token.name, 60) + " closes another element");
  open_.pop_back();
  ++at_;
  return true;
}

Result<bool> XmlReader::start_tag(XmlToken& token) {
  if (open_.empty() && rooted_) return bad("second root element");
  ++at_;
  token.kind = XmlToken::Kind::Start;
  token.name = name();
  if (token.name.empty()) return bad("tag has no name");
  rooted_ = true;
  for (;;) {
    blanks();
    if (at_ >= text_.size()) return bad("tag does not end");
    if (text_[at_] == '>') {
      ++at_;
      open_.push_back(token.name);
      return true;
    }
    if (at("/>")) {
      at_ += 2;
      token.empty = true;
      return true;
    }
    XmlAttribute attribute;
    attribute.name = name();
    blanks();
    if (attribute.name.empty() || at_ >= text_.size() || text_[at_] != '=')
      return bad("attribute is malformed");
    if (token.attributes.size() >= kMostAttributes) return bad("tag has too many attributes");
    ++at_;
    attribute.value = TRY(quoted("attribute value"));
    attribute.offset = base_ + at_ - 1 - attribute.value.size();
    token.attributes.push_back(attribute);
  }
}

Result<bool> XmlReader::doctype(XmlToken& token) {
  at_ += 9;
  token.kind = XmlToken::Kind::Doctype;
  blanks();
  token.doctype.name = name();
  blanks();
  if (at("PUBLIC")) {
    at_ += 6;
    token.doctype.declares_public = true;
    TRY(quoted("public identifier"));
  } else if (at("SYSTEM")) {
    at_ += 6;
  } else {
    blanks();
  }
  blanks();
  if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
    token.doctype.system = TRY(quoted("system identifier"));
    token.doctype.external = true;
  }
  blanks();
  if (at_ < text_.size() && text_[at_] == '[') {
    ++at_;
    TRY(declarations(token.doctype));
  }
  blanks();
  if (at_ >= text_.size() || text_[at_] != '>') return bad("document type does not end");
  ++at_;
  return true;
}

// The internal subset up to "]". Only entities are kept; the rest is skipped with its quotes respected.
Result<void> XmlReader::declarations(XmlDoctype& doctype) {
  for (;;) {
    blanks();
    if (at_ >= text_.size()) return bad("document type does not end");
    if (text_[at_] == ']') {
      ++at_;
      return {};
    }
    const std::uint64_t start = base_ + at_;
    if (at("<!ENTITY")) {
      at_ += 8;
      TRY(entity(doctype, start));
      continue;
    }
    if (at("<!--")) {
      const std::size_t end = text_.find("-->", at_ + 4);
      at_ = end == std::string_view::npos ? text_.size() : end + 3;
      continue;
    }
    if (text_[at_] != '<') {  // "%parameter;"
      ++at_;
      continue;
    }
    while (at_ < text_.size() && text_[at_] != '>') {
      if (text_[at_] == '"' || text_[at_] == '\'') {
        TRY(quoted("declaration"));
      } else {
        ++at_;
      }
    }
    if (at_ < text_.size()) ++at_;
  }
}

Result<void> XmlReader::entity(XmlDoctype& doctype, std::uint64_t offset) {
  XmlEntity entity;
  entity.offset = offset;
  blanks();
  if (at_ < text_.size() && text_[at_] == '%') {
    entity.parameter = true;
    ++at_;
    blanks();
  }
  entity.name = name();
  blanks();
  if (at("SYSTEM") || at("PUBLIC")) {
    entity.external = true;
    const bool declares_public = at("PUBLIC");
    at_ += 6;
    if (declares_public) TRY(quoted("public identifier"));
    entity.system = TRY(quoted("system identifier"));
  } else {
    entity.value = TRY(quoted("entity value"));
  }
  while (at_ < text_.size() && text_[at_] != '>') ++at_;
  if (at_ >= text_.size()) return bad("entity declaration does not end");
  ++at_;
  doctype.entities.push_back(entity);
  return {};
}

std::string_view xml_local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string unescape_xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
    const auto character = end != std::string_view::npos && end - i < 16
                               ? character_of(text.substr(i + 1, end - i - 1))
                               : std::nullopt;
    if (character) {
      append_utf8(out, *character);
      i = end;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<XmlText> xml_text(Bytes content, const Limits& limits) {
  if (content.size() > limits.document_bytes)
    return fail(Code::LimitReached,
                "document of " + human_size(content.size()) + " is larger than the limit");
  using namespace std::string_view_literals;
  const bool little = has_magic(content, "\xFF\xFE") || has_magic(content, "<\0"sv);
  const bool big = has_magic(content, "\xFE\xFF") || has_magic(content, "\0<"sv);
  XmlText out;
  out.original = content;
  if (!little && !big) return out;
  out.is_converted = true;
  out.converted.reserve(content.size() / 2);
  std::uint32_t high = 0;
  for (std::size_t i = 0; i + 1 < content.size(); i += 2) {
    const std::uint32_t unit = little ? load_little_endian<std::uint16_t>(content.data() + i)
                                      : load_big_endian<std::uint16_t>(content.data() + i);
    if (unit == 0xFEFF) continue;
    if (unit >= 0xD800 && unit < 0xDC00) {
      high = unit;
    } else if (unit >= 0xDC00 && unit < 0xE000 && high != 0) {
      append_utf8(out.converted, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
    } else {
      append_utf8(out.converted, unit);
    }
  }
  return out;
}

std::string xml_root(Bytes content) {
  Bytes head = content.first(std::min(content.size(), kRootWithin));
  std::string converted;
  std::string_view text = text_of(head);
  if (head.size() >= 4 &&
      (head[0] == 0 || head[1] == 0 || has_magic(head, "\xFF\xFE") || has_magic(head, "\xFE\xFF"))) {
    // Good enough for names: the other half of every unit is zero.
    for (const std::uint8_t byte : head)
      if (byte != 0 && byte < 0x80) converted += static_cast<char>(byte);
    text = converted;
  }
  std::size_t at = root_at(text);
  if (at >= text.size()) return {};
  if (text[at] == '<') ++at;
  while (at < text.size() && blank(text[at])) ++at;
  std::size_t end = at;
  while (end < text.size() && name_character(text[end])) ++end;
  const bool is_xml =
      end > at && (text.find('<') < at) &&
      (end == text.size() || blank(text[end]) || text[end] == '>' || text[end] == '/' || text[end] == '[');
  return is_xml ? std::string(xml_local_name(text.substr(at, end - at))) : std::string();
}

namespace {

enum class State : std::uint8_t { New, Open, Done };

// Depth-first over the references of entities, each of which is read at most twice.
class Expansion {
 public:
  explicit Expansion(const std::vector<XmlEntity>& entities)
      : entities_(entities), states_(entities.size()), sizes_(entities.size()), levels_(entities.size()) {
    for (std::size_t i = 0; i < entities.size(); ++i) by_name_.emplace(entities[i].name, i);
  }

  XmlExpansion run() {
    XmlExpansion most;
    for (std::size_t i = 0; i < entities_.size(); ++i) {
      work_.push_back(i);
      while (!work_.empty())
        if (!step()) return {.bytes = kMostExpanded, .entity = i, .circular = true, .levels = 0};
      if (sizes_[i] > most.bytes)
        most = {.bytes = sizes_[i], .entity = i, .circular = false, .levels = levels_[i]};
    }
    return most;
  }

 private:
  // One look at the top of the stack. False if a circle closes.
  bool step() {
    const std::size_t current = work_.back();
    if (states_[current] == State::Done) {
      work_.pop_back();
      return true;
    }
    states_[current] = State::Open;
    bool circle = false;
    bool waits = false;
    std::uint64_t size = entities_[current].value.size();
    std::uint32_t levels = 0;
    each_reference(entities_[current].value, [&](std::string_view name, bool) {
      const auto found = by_name_.find(name);
      if (found == by_name_.end()) return;
      const State state = states_[found->second];
      circle = circle || state == State::Open;
      if (state == State::Done) {
        size = std::min(kMostExpanded, size + sizes_[found->second]);
        levels = std::max(levels, levels_[found->second] + 1);
      }
      if (state != State::New) return;
      work_.push_back(found->second);
      waits = true;
    });
    if (waits || circle) return !circle;
    sizes_[current] = size;
    levels_[current] = levels;
    states_[current] = State::Done;
    work_.pop_back();
    return true;
  }

  const std::vector<XmlEntity>& entities_;
  std::map<std::string_view, std::size_t> by_name_;
  std::vector<State> states_;
  std::vector<std::uint64_t> sizes_;
  std::vector<std::uint32_t> levels_;
  std::vector<std::size_t> work_;
};

}  // namespace

XmlExpansion xml_expansion(const std::vector<XmlEntity>& entities) {
  return Expansion(entities).run();
}

}  // namespace bulwark::scan
