#include "scan/formats/python/value.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::python {
namespace {

std::optional<std::string> from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != ' ' && c != '\n') digits += c;
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned value = 0;
    for (std::size_t k = i; k < i + 2; ++k) {
      const char c = static_cast<char>(digits[k] | 0x20);
      const bool digit = c >= '0' && c <= '9';
      if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
      value = value * 16 + static_cast<unsigned>(digit ? c - '0' : c - 'a' + 10);
    }
    out += static_cast<char>(value);
  }
  return out;
}

std::string rot13(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return text;
}

Value known(std::string text, const Taint& taint, bool decoded = false) {
  Value value{.text = shared(std::move(text)), .taint = taint};
  value.taint.decoded |= decoded;
  return value;
}

Value unknown(const std::vector<Value>& arguments, bool decoded) {
  Value value;
  for (const Value& argument : arguments) value.taint |= argument.taint;
  value.taint.decoded |= decoded;
  value.taint.computed = true;
  return value;
}

std::optional<std::string> joined(const std::string& separator, const Value& list) {
  if (!list.items || list.items->empty()) return std::nullopt;
  std::string out;
  for (const Value& item : *list.items) {
    if (!item.text || out.size() > kLongestText) return std::nullopt;
    out += (&item != list.items->data() ? separator : "") + *item.text;
  }
  return out;
}

// bytes([111, 115]) and the like.
std::optional<std::string> from_numbers(const Value& list) {
  if (!list.items || list.items->empty()) return std::nullopt;
  std::string out;
  for (const Value& item : *list.items) {
    if (!item.number || *item.number < 0 || *item.number > 255) return std::nullopt;
    out += static_cast<char>(*item.number);
  }
  return out;
}

}  // namespace

Value add(const Value& left, const Value& right) {
  Value sum;
  sum.taint = left.taint;
  sum.taint |= right.taint;
  if (left.text && right.text && left.text->size() + right.text->size() <= kLongestText) {
    sum.text = shared(*left.text + *right.text);
  } else {
    sum.taint.computed = true;
  }
  return sum;
}

Value text_method(const Value& subject, std::string_view name, const std::vector<Value>& arguments) {
  if (!subject.text) return unknown(arguments, false);
  const std::string& text = *subject.text;
  if (name == "lower" || name == "casefold") return known(lower(text), subject.taint);
  if (name == "strip" || name == "encode" || name == "rstrip" || name == "lstrip")
    return known(std::string(trim(text)), subject.taint);
  if (name == "decode") {
    const bool rotates =
        !arguments.empty() && arguments[0].text && lower(*arguments[0].text).starts_with("rot");
    return known(rotates ? rot13(text) : text, subject.taint, rotates);
  }
  if (name == "upper") {
    std::string upper = text;
    for (char& c : upper)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return known(upper, subject.taint);
  }
  if (name == "replace" && arguments.size() >= 2 && arguments[0].text && arguments[1].text &&
      !arguments[0].text->empty()) {
    std::string out;
    std::string_view rest = text;
    for (std::size_t at = rest.find(*arguments[0].text);
         at != std::string_view::npos && out.size() < kLongestText; at = rest.find(*arguments[0].text)) {
      out += rest.substr(0, at);
      out += *arguments[1].text;
      rest.remove_prefix(at + arguments[0].text->size());
    }
    return known(out + std::string(rest), subject.taint);
  }
  if (name == "join" && !arguments.empty()) {
    if (auto out = joined(text, arguments[0])) return known(*std::move(out), arguments[0].taint);
  }
  return unknown(arguments, false);
}

Value pure_function(std::string_view dotted, const std::vector<Value>& arguments) {
  const bool decodes = scan::code_effect(dotted).decodes;
  if (arguments.empty()) return unknown(arguments, decodes);
  const Value& first = arguments[0];
  if (dotted == "chr" && first.number && *first.number >= 0 && *first.number < 128)
    return known(std::string(1, static_cast<char>(*first.number)), first.taint);
  if (dotted == "bytes" || dotted == "bytearray" || dotted == "str") {
    if (first.text) return known(*first.text, first.taint);
    if (auto out = from_numbers(first); out && dotted != "str") return known(*std::move(out), first.taint);
  }
  if (!first.text || first.text->size() > kLongestText) return unknown(arguments, decodes);
  std::optional<std::string> out;
  const std::string codec = arguments.size() > 1 && arguments[1].text ? lower(*arguments[1].text) : "";
  if (dotted.ends_with(".fromhex") || dotted == "binascii.unhexlify" || dotted == "binascii.a2b_hex" ||
      codec.starts_with("hex")) {
    out = from_hex(*first.text);
  } else if (dotted.starts_with("base64.") &&
             (dotted.ends_with("64decode") || dotted.ends_with("decodebytes"))) {
    out = decode_base64(*first.text, Base64::UrlSafeToo);
  } else if (dotted == "binascii.a2b_base64" || codec.starts_with("base64")) {
    out = decode_base64(*first.text, Base64::UrlSafeToo);
  } else if (dotted == "codecs.decode" && codec.starts_with("rot")) {
    out = rot13(*first.text);
  }
  if (out) return known(*std::move(out), first.taint, true);
  return unknown(arguments, decodes);
}

}  // namespace bulwark::python
