#pragma once
//
// A line "=== name" starts a document; \u{XXXX} is a character, \u{XXXX*N} the same N times, \tags{…} the
// text as Unicode tags, \selectors{…} as variation selectors, \base64{…} encoded, \repeat{N|…} N times.
// Documents of tests/fixtures/documents, hostile and benign, with the notation of hostile.txt resolved.

#include <string>
#include <string_view>
#include <vector>

namespace bulwark::test {

struct NamedDocument {
  std::string name;
  std::string text;
};
// `set`: "hostile" or "benign".
[[nodiscard]] std::vector<NamedDocument> documents(std::string_view set);

}  // namespace bulwark::test
