#include "assay/pii/column_name.h"

#include "assay/pii/bytes.h"
#include "assay/pii/registry.h"
#include "assay/pii/scan.h"
#include "base/one_of.h"
#include "base/text.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kMostName = 256;  // longer names are sentences

std::string split_words(std::string_view name) {
  std::string out;
  unsigned before = 0;
  for (const char c : name.substr(0, kMostName)) {
    const unsigned classes = class_of(c);
    const bool starts = (classes == kUpper && before == kLower) || (classes == kDigit && before != kDigit) ||
                        (before == kDigit && classes != kDigit);
    if ((classes & kWordClasses) == 0) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      if (starts && !out.empty() && out.back() != ' ') out += ' ';
      out += c;
    }
    before = classes;
  }
  return out;
}

// The lexicon's phrases in a text of words.
void look_up(std::string_view text, ColumnName& name) {
  Scanner scanner;
  scanner.scan(text, "", {}, Depth::Likely);
  for (const Hit& hit : scanner.hits()) {
    name.kinds.add(hit.phrase->kinds);
    name.against |= (hit.phrase->roles & Phrase::Against) != 0;
  }
}

}  // namespace

ColumnName column_name(std::string_view raw) {
  ColumnName name;
  if (raw.empty()) return name;
  name.words = lower(split_words(raw));
  look_up(name.words, name);
  look_up(raw, name);  // "p/n", "icd10": separators and digits that belong to the word
  for (const std::string_view word : words(name.words))
    name.place |= is_one_of(word, {"lat", "latitude", "lon", "lng", "long", "longitude"});
  if (name.place) name.kinds.add(Registry::get().coordinates);
  if (!name.kinds.empty()) name.against = false;
  return name;
}

}  // namespace bulwark::assay::pii
