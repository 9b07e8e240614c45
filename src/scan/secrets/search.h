#pragma once
// Finds secrets in a text: keywords (one pass) -> the detector's pattern -> structure, entropy, placeholders,
// context. Pure; linear in the text.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/rule.h"
#include "scan/secrets/detector.h"

namespace bulwark::scan::secrets {

struct Hit {
  const Detector* detector = nullptr;  // lives for ever
  Span secret;                         // the value, in the text
  Severity severity = Severity::Medium;
  std::string note;  // what the structure says: "account 123456789012", "the checksum is wrong"; may be empty
};

struct Found {
  std::vector<Hit> hits;  // by place
  bool complete = true;   // false: the text holds more keywords than it may; the rest was not judged
};

// `path`: under which the text is known; its name and folders say what kind of text it is. Unavailable: see
// search_keywords.
[[nodiscard]] Result<Found> find_secrets(std::string_view text, std::string_view path);
// The same before overlapping hits are reduced to the most telling one.
[[nodiscard]] Result<Found> find_every_secret(std::string_view text, std::string_view path);

// "AKIA…": at most four characters, and at most a quarter, of a value.
[[nodiscard]] std::string shown_part(std::string_view value);
// `text` with every secret in it replaced by "[secret AKIA…]". Only what comes first is looked at where the
// text is longer than a report shows.
[[nodiscard]] std::string redacted(std::string_view text);
// The same for many texts at once, in place: one search instead of one each.
void redact(std::span<std::string* const> texts);
// `text` with the given values, and what is left of one at a cut end, replaced in the same way.
[[nodiscard]] std::string without_values(std::string_view text, const std::vector<std::string>& values);

}  // namespace bulwark::scan::secrets
