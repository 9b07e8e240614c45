#pragma once
// A seeded corpus of texts with planted personal data, and of what only looks like it. Deterministic.
//
// Values and their spellings follow the public rules of those who issue them (lengths, grouping, check digits
// computed here, not by the code under test); texts are prose in several languages, JSON, logs, CSV and
// markup.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::test {

struct Planted {
  std::string kind;  // id of the recogniser
  std::size_t offset = 0;
  std::size_t length = 0;
};
struct PiiText {
  std::string text;
  std::vector<Planted> planted;  // empty: a hard negative
};

// `each`: texts for every kind; as many hard negatives as positives of five kinds.
[[nodiscard]] std::vector<PiiText> pii_corpus(std::uint64_t seed, std::size_t each);
// Kinds that the corpus plants.
[[nodiscard]] std::vector<std::string_view> pii_corpus_kinds();
// Ways to embed a value, over all languages.
[[nodiscard]] std::size_t pii_corpus_templates();

// A value of a kind with a right check digit, without separators; empty for kinds without a numeric rule
// here.
[[nodiscard]] std::string pii_plain_value(std::uint64_t seed, std::string_view kind);

}  // namespace bulwark::test
