#include "support/document_fixtures.h"

#include <charconv>
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::test {
namespace {

std::string resolved(std::string_view text);

std::uint32_t number_of(std::string_view text, int base) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

// "1F600" or "200B*8".
std::string characters(std::string_view what) {
  const std::size_t star = what.find('*');
  const std::uint32_t times = star == std::string_view::npos ? 1 : number_of(what.substr(star + 1), 10);
  std::string out;
  for (std::uint32_t i = 0; i < times; ++i) append_utf8(out, number_of(what.substr(0, star), 16));
  return out;
}

std::string with_name(std::string_view name, std::string_view inside) {
  std::string out;
  if (name == "u") return characters(inside);
  if (name == "base64") return encode_base64(bytes_of(resolved(inside)));
  if (name == "repeat") {
    const std::size_t bar = inside.find('|');
    for (std::uint32_t i = 0; i < number_of(inside.substr(0, bar), 10); ++i) out += inside.substr(bar + 1);
    return out;
  }
  for (const char c : inside) {
    const auto byte = static_cast<unsigned char>(c);
    if (name == "tags") append_utf8(out, 0xE0000U + byte);
    if (name == "selectors") append_utf8(out, byte < 16 ? 0xFE00U + byte : 0xE0100U + byte - 16);
  }
  return out;
}

std::string resolved(std::string_view text) {
  constexpr std::string_view kNames[] = {"u", "tags", "selectors", "base64", "repeat"};
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool found = false;
    for (const std::string_view name : kNames) {
      if (text[at] != '\\' || !text.substr(at + 1).starts_with(std::string(name) + "{")) continue;
      const std::size_t from = at + name.size() + 2;
      std::size_t end = from;
      for (int depth = 1; end < text.size(); ++end) {
        depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
        if (depth == 0) break;
      }
      out += with_name(name, text.substr(from, end - from));
      at = end;
      found = true;
      break;
    }
    if (!found) out += text[at];
  }
  return out;
}

}  // namespace

std::vector<NamedDocument> documents(std::string_view set) {
  std::ifstream in(std::string(BULWARK_SOURCE_DIR) + "/tests/fixtures/documents/" + std::string(set) +
                   ".txt");
  std::stringstream content;
  content << in.rdbuf();
  std::vector<NamedDocument> out;
  std::string text;
  const auto end = [&] {
    if (!out.empty()) out.back().text = resolved(trim(text));
    text.clear();
  };
  for (std::string line; std::getline(content, line);) {
    if (line.starts_with("=== ")) {
      end();
      out.push_back({.name = line.substr(4), .text = {}});
    } else if (!out.empty()) {
      text += line + "\n";
    }
  }
  end();
  return out;
}

}  // namespace bulwark::test
