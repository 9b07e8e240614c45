#include "store/xml.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::store {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Names of S3 are ASCII; ':' separates the prefix.
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ':';
}

// What "&name;" stands for; nothing for what XML 1.0 does not know or allow.
std::optional<std::string> entity(std::string_view name) {
  constexpr std::pair<std::string_view, char> kKnown[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [known, character] : kKnown) {
    if (name == known) return std::string(1, character);
  }
  if (!name.starts_with('#')) return {};
  const bool hexadecimal = name.starts_with("#x");
  const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
  std::uint32_t code = 0;
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
  const bool allowed = code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xd800) ||
                       (code >= 0xe000 && code <= 0x10ffff && code != 0xfffe && code != 0xffff);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || !allowed) return {};
  std::string out;
  append_utf8(out, code);
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  Result<XmlElement> document() {
    skip("\xef\xbb\xbf");
    if (skip("<?xml")) {
      const std::size_t end = text_.find("?>", at_);
      if (end == std::string_view::npos) return wrong("the XML declaration has no end");
      at_ = end + 2;
    }
    skip_blanks();
    XmlElement root = TRY(tree());
    skip_blanks();
    if (at_ != text_.size()) return wrong("something behind the root element");
    return root;
  }

 private:
  // One element with all below it, without recursion.
  Result<XmlElement> tree() {
    std::vector<XmlElement> open;
    for (;;) {
      if (open.empty() && !rest().starts_with('<')) return wrong("expected an element");
      if (skip("</")) {
        const std::string_view closed = name();
        skip_blanks();
        if (open.empty() || closed != full_names_.back() || !skip(">"))
          return wrong("an end tag that ends nothing");
        full_names_.pop_back();
        XmlElement done = std::move(open.back());
        open.pop_back();
        if (open.empty()) return done;
        open.back().children.push_back(std::move(done));
      } else if (skip("<")) {
        bool empty = false;
        XmlElement started = TRY(start_tag(empty));
        if (empty && open.empty()) return started;
        if (empty) {
          full_names_.pop_back();
          open.back().children.push_back(std::move(started));
        } else {
          open.push_back(std::move(started));
        }
      } else {
        TRY(text_into(open.back().text));
      }
    }
  }

  Result<XmlElement> start_tag(bool& empty) {
    const std::string_view full = name();
    if (full.empty()) return wrong("only elements are read: no comment, DTD, CDATA or instruction");
    if (++elements_ > limits_.elements || full_names_.size() >= limits_.depth)
      return fail(Code::LimitReached, "XML with too many elements or levels", at_);
    full_names_.push_back(full);
    TRY(skip_attributes());
    empty = skip("/");
    if (!skip(">")) return wrong("a start tag has no end");
    const std::size_t colon = full.rfind(':');
    XmlElement element;
    element.name = full.substr(colon == std::string_view::npos ? 0 : colon + 1);
    return element;
  }

  // They are read for their form only: S3 says nothing with them but the namespace.
  Result<void> skip_attributes() {
    for (;;) {
      const std::size_t before = at_;
      skip_blanks();
      if (rest().empty() || rest().front() == '>' || rest().front() == '/') return {};
      if (at_ == before || name().empty()) return wrong("expected an attribute");
      skip_blanks();
      if (!skip("=")) return wrong("an attribute has no value");
      skip_blanks();
      const char quote = rest().empty() ? '\0' : rest().front();
      if (quote != '"' && quote != '\'') return wrong("the value of an attribute has no quotes");
      const std::size_t end = text_.find(quote, at_ + 1);
      if (end == std::string_view::npos || text_.substr(at_, end - at_).find('<') != std::string_view::npos)
        return wrong("the value of an attribute has no end");
      at_ = end + 1;
    }
  }

  Result<void> text_into(std::string& out) {
    const std::size_t end = std::min(text_.find_first_of("<&", at_), text_.size());
    if (end == text_.size()) return wrong("the text ends inside of an element");
    const std::string_view plain = text_.substr(at_, end - at_);
    if (!is_utf8(plain) || std::ranges::any_of(plain, [](char c) {
          return static_cast<unsigned char>(c) < 0x20 && !is_blank(c);
        }))
      return wrong("bytes that XML does not allow");
    out += plain;
    at_ = end;
    if (!skip("&")) return {};
    constexpr std::size_t kLongest = 10;  // "#1114111", and room
    const std::size_t semicolon = text_.substr(at_, kLongest).find(';');
    const auto character =
        semicolon == std::string_view::npos ? std::nullopt : entity(text_.substr(at_, semicolon));
    if (!character) return wrong("an unknown entity");
    out += *character;
    at_ += semicolon + 1;
    return {};
  }

  std::string_view name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool skip(std::string_view expected) {
    if (!rest().starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] std::unexpected<Error> wrong(const char* what) const {
    return fail(Code::InvalidInput, std::string("XML: ") + what, at_);
  }

  std::string_view text_;
  const XmlLimits& limits_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
  std::vector<std::string_view> full_names_;  // of the open elements
};

}  // namespace

const XmlElement* XmlElement::find(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::text_in(std::string_view wanted) const {
  const XmlElement* child = find(wanted);
  return child == nullptr ? std::string_view() : std::string_view(child->text);
}

Result<XmlElement> parse_xml(std::string_view text, const XmlLimits& limits) {
  if (text.size() > limits.bytes)
    return fail(Code::LimitReached, "XML of more than " + std::to_string(limits.bytes) + " bytes");
  return Parser(text, limits).document();
}

}  // namespace bulwark::store
