#include "assay/pii/lexicon.h"

#include <algorithm>
#include <map>

#include "assay/pii/find.h"
#include "base/text.h"

extern "C" const char bw_pii_words[], bw_pii_words_end[];

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kSlots = std::size_t{1} << 15;

bool joins_words(char c) {
  return c == ' ' || c == '_' || c == '-' || c == '.' || c == '\'' || c == '/';
}

// Whether `phrase` stands in `text` up to `end`, at a word's start. The last word is compared last: many
// phrases share it, and its hash is known to fit.
bool ends_with(std::string_view text, std::size_t begin, std::size_t end, std::string_view phrase) {
  const std::size_t size = end - begin;
  std::size_t at = begin;
  for (std::size_t i = phrase.size() - size; i-- > 0;) {
    if (phrase[i] == ' ') {
      if (at == 0 || !joins_words(text[at - 1])) return false;
      while (at > 0 && joins_words(text[at - 1])) --at;
      continue;
    }
    if (at == 0 || folded(static_cast<unsigned char>(text[at - 1])) != static_cast<unsigned char>(phrase[i]))
      return false;
    --at;
  }
  for (std::size_t i = 0; i < size; ++i)
    if (folded(static_cast<unsigned char>(text[begin + i])) !=
        static_cast<unsigned char>(phrase[phrase.size() - size + i]))
      return false;
  if (at == 0) return true;
  const auto before = static_cast<unsigned char>(text[at - 1]);
  // Chinese, Japanese and Korean text has no blanks between words.
  const bool spaceless = static_cast<unsigned char>(phrase[0]) >= 0xE3;
  return spaceless || (!((before | 0x20) >= 'a' && (before | 0x20) <= 'z') && before < 0x80);
}

// "P.IVA" and "e-mail" are two words each.
std::string folded_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!joins_words(c)) {
      out += static_cast<char>(folded(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return std::string(trim(out));
}

std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0;
  for (const char c : word) hash = hash_step(hash, static_cast<unsigned char>(c));
  return hash;
}

const std::map<std::string_view, std::uint16_t>& roles() {
  static const std::map<std::string_view, std::uint16_t> kRoles = {
      {"against", Phrase::Against}, {"given", Phrase::Given},        {"surname", Phrase::Surname},
      {"title", Phrase::Title},     {"street", Phrase::StreetAfter}, {"street_before", Phrase::StreetBefore},
      {"special", Phrase::Special},
  };
  return kRoles;
}

bool has_tag(const Recogniser& kind, std::string_view tag) {
  const std::vector<std::string_view> tags = words(kind.tags);
  return std::ranges::find(tags, tag) != tags.end();
}

// Kinds that a name of the table stands for: one id, or "+tag" for all with that tag.
KindSet kinds_of(std::string_view name) {
  KindSet kinds;
  const auto& all = recognisers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool tagged = name.starts_with('+') && has_tag(*all[i], name.substr(1));
    if (tagged || all[i]->id == name) kinds.add(i);
  }
  return kinds;
}

}  // namespace

const Lexicon& Lexicon::all() {
  static const Lexicon kAll;
  return kAll;
}

Lexicon::Lexicon() : slots_(kSlots + 1) {
  read({bw_pii_words, static_cast<std::size_t>(bw_pii_words_end - bw_pii_words)});
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    if (a.mixed % kSlots != b.mixed % kSlots) return a.mixed % kSlots < b.mixed % kSlots;
    return a.size != b.size ? a.size > b.size : a.phrase < b.phrase;
  });
  known_.clear();
  std::size_t entry = 0;
  for (std::size_t slot = 0; slot <= kSlots; ++slot) {
    while (entry < entries_.size() && entries_[entry].mixed % kSlots < slot) ++entry;
    slots_[slot] = static_cast<std::uint32_t>(entry);
  }
}

// "names TAB phrase, phrase …"; a name ending in '<' means that the value stands before the phrase.
void Lexicon::read(std::string_view table) {
  for (const std::string_view line : split(table, '\n')) {
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || line.starts_with("---") || tab == std::string_view::npos) continue;
    std::uint16_t role = 0;
    KindSet kinds;
    for (std::string_view name : words(line.substr(0, tab))) {
      if (name.ends_with('<')) {
        role |= Phrase::ValueBefore;
        name.remove_suffix(1);
      }
      if (const auto found = roles().find(name); found != roles().end()) {
        role |= found->second;
      } else {
        role |= Phrase::Context;
        kinds.add(kinds_of(name));
      }
    }
    for (const std::string_view phrase : split(line.substr(tab + 1), ','))
      if (!trim(phrase).empty()) add(trim(phrase), role, kinds);
  }
}

void Lexicon::add(std::string_view phrase, std::uint16_t roles, const KindSet& kinds) {
  const std::string text = folded_text(phrase);
  const std::size_t blank = text.rfind(' ');
  const std::string_view last = std::string_view(text).substr(blank == std::string::npos ? 0 : blank + 1);
  const std::uint64_t mixed = mix(hash_of(last));
  filter_[mixed >> 54] |= std::uint64_t{1} << (mixed >> 48) % 64;
  const auto [found, fresh] = known_.try_emplace(text, static_cast<std::uint32_t>(phrases_.size()));
  if (!fresh) {
    phrases_[found->second].roles |= roles;
    phrases_[found->second].kinds.add(kinds);
    return;
  }
  entries_.push_back({.mixed = mixed,
                      .before = blank == std::string::npos ? char{0} : text[blank - 1],
                      .size = static_cast<std::uint16_t>(text.size()),
                      .phrase = static_cast<std::uint32_t>(phrases_.size())});
  phrases_.push_back({.text = text, .roles = roles, .kinds = kinds});
}

const Phrase* Lexicon::look_up(std::string_view text, std::size_t begin, std::size_t end,
                               std::uint64_t mixed) const {
  // The letter in front of the last word tells most phrases apart; 0: several signs stand in between.
  char before = 0;
  if (begin > 1 && joins_words(text[begin - 1]) && !joins_words(text[begin - 2]))
    before = static_cast<char>(folded(static_cast<unsigned char>(text[begin - 2])));
  const bool alone = begin < 2 || !joins_words(text[begin - 1]);
  for (std::uint32_t i = slots_[mixed % kSlots]; i < slots_[mixed % kSlots + 1]; ++i) {
    const Entry& entry = entries_[i];
    if (entry.mixed != mixed || entry.size < end - begin) continue;
    if (entry.before != 0 && (alone || (before != 0 && entry.before != before))) continue;
    const Phrase& phrase = phrases_[entry.phrase];
    if (ends_with(text, begin, end, phrase.text)) return &phrase;
  }
  return nullptr;
}

const Phrase* Lexicon::word(std::string_view word) const {
  return ending_at(word, 0, word.size(), hash_of(word));
}

}  // namespace bulwark::assay::pii
