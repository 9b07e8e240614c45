#pragma once
// Personal and regulated data in a text: where, which kind, how sure.
//
// One pass over the bytes finds words and codes; structure, check digit and the words around decide the
// score. A check digit alone is never certain: one random number in ten passes Luhn.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assay/pii/recogniser.h"

namespace bulwark::assay::pii {

struct Context {
  std::string_view name;     // of the column or field that holds the text; may be empty
  std::string_view country;  // ISO 3166-1 alpha-2 in lower case: where the text is from; empty: not known
  double least_score = 0.5;  // spans below are left out
};

struct Span {
  const Recogniser* kind = nullptr;  // never null in a result; lives for ever; compare `kind->id`
  std::size_t offset = 0;            // bytes from the start of the text
  std::size_t length = 0;
  double score = 0;  // 0 to 1, never 1
};

// Spans in order of offset that do not overlap: where several kinds claim a place, the surest and most
// specific one. Context words count within a line's distance. Texts of any size and any bytes; linear.
// Threads: safe from many at once.
[[nodiscard]] std::vector<Span> find_personal_data(std::string_view text, const Context& context = {});

// All kinds in the order of reports, and one of them by its id ("pan", "us_ssn") or another usual name
// ("NHS", "CPF"); null if there is none.
[[nodiscard]] const std::vector<const Recogniser*>& recognisers();
[[nodiscard]] const Recogniser* recogniser(std::string_view id);

// What the algorithm of a kind says of a value that is written with any separators: format, check digits,
// dates. Context plays no part. An unknown kind gives nothing.
[[nodiscard]] std::optional<Verdict> classify(std::string_view id, std::string_view value);

// The value as it may be shown: a card keeps its first 6 and last 4, an e-mail address the first letter of
// both sides, anything else at most two characters at each end.
[[nodiscard]] std::string masked(const Recogniser& kind, std::string_view value);

}  // namespace bulwark::assay::pii
