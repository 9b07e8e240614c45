#include "assay/pii/weigh.h"

#include <algorithm>
#include <optional>

#include "assay/pii/bytes.h"
#include "assay/pii/find.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::uint32_t kColumnDistance = 60;  // a column's name counts like a word that far away
constexpr float kCountryBonus = 0.2F;
constexpr float kAgainst = 0.35F;
constexpr float kOther = 0.3F;
constexpr float kSureAnywhere = 0.8F;
constexpr std::uint32_t kBeside = 24;
constexpr std::uint32_t kJustBehind = 8;  // "… is my NHS number"

struct Voices {
  std::optional<std::uint32_t> pro, contra;  // distance of the nearest
  std::optional<std::uint32_t> other;        // of the name of another kind right beside it
};

// Words behind a value count as if they were twice as far away: mostly they speak of the next one.
Voices voices_near(const Scanner& scanner, std::size_t first, const Claim& claim) {
  const std::vector<Hit>& hits = scanner.hits();
  const KindSet& coded = Registry::get().coded;
  Voices voices;
  // A label belongs to the value next to it: no other number and no line end in between.
  const auto beside = [&](std::size_t from, std::size_t to) {
    return to - from <= kBeside && std::ranges::none_of(scanner.text().substr(from, to - from),
                                                        [](char c) { return (class_of(c) & kDigit) != 0; });
  };
  const auto nearer = [](std::optional<std::uint32_t>& nearest, std::uint32_t distance) {
    if (!nearest || distance < *nearest) nearest = distance;
  };
  for (std::size_t i = first; i < hits.size() && hits[i].offset < claim.end() + kAfter; ++i) {
    const Hit& hit = hits[i];
    std::uint32_t distance = 0;
    const bool speaks = hit.phrase->kinds.has(claim.kind);
    const bool names_code = !speaks && hit.phrase->kinds.overlaps(coded);
    if (hit.end <= claim.offset) {
      distance = claim.offset - hit.end;
      if (distance > kBefore) continue;
      if (names_code && beside(hit.end, claim.offset)) nearer(voices.other, distance);
    } else if (hit.offset >= claim.end()) {
      distance = 2 * (hit.offset - claim.end()) + 6;
      if (names_code && hit.offset - claim.end() <= kJustBehind) nearer(voices.other, distance);
    } else {
      continue;  // inside the value itself
    }
    if (speaks) nearer(voices.pro, distance);
    if ((hit.phrase->roles & Phrase::Against) != 0) nearer(voices.contra, distance);
  }
  return voices;
}

float score_of(const Claim& claim, const Voices& voices, const Recogniser& kind,
               const Surroundings& surroundings) {
  float score = claim.score;
  const bool pro = voices.pro && (!voices.contra || *voices.pro <= *voices.contra) &&
                   (!voices.other || *voices.pro <= *voices.other);
  const bool home = !kind.country.empty() && kind.country == surroundings.country;
  if (pro && claim.match) {
    // What was unlikely by itself stays a little less sure.
    const float doubt = kind.bare > 0 && claim.score < 0.5F * kind.bare ? 0.1F : 0.0F;
    return std::max(score, kind.named - doubt);
  }
  if (home) score = std::min(score + kCountryBonus, kind.named);
  // An e-mail address or an IBAN stays one in any order form.
  if (voices.contra && claim.score < kSureAnywhere) score = std::max(0.0F, score - kAgainst);
  if (voices.other) score = std::max(0.0F, score - kOther);
  return score;
}

// What the column's name says of a value in it.
void column_speaks(KindIndex kind, const Surroundings& surroundings, Voices& voices) {
  if (surroundings.named.has(kind))
    voices.pro = std::min(voices.pro.value_or(kColumnDistance), kColumnDistance);
  if (surroundings.against)
    voices.contra = std::min(voices.contra.value_or(kColumnDistance), kColumnDistance);
}

bool alone(const Surroundings& surroundings) {
  return surroundings.named.empty() && surroundings.country.empty() && !surroundings.against;
}

// Claimed beside its name: there is nothing left to weigh.
bool settled(KindIndex kind) {
  const Registry& registry = Registry::get();
  return registry.only_named.has(kind) || kind == registry.fax;
}

}  // namespace

float score_without_words(KindIndex kind, float score, const Surroundings& surroundings) {
  if (alone(surroundings) || settled(kind)) return score;
  Voices voices;
  column_speaks(kind, surroundings, voices);
  const Claim claim{.offset = 0, .length = 0, .kind = kind, .match = true, .score = score};
  return score_of(claim, voices, *recognisers()[kind], surroundings);
}

void weigh(const Scanner& scanner, const Surroundings& surroundings, std::vector<Weighed>& out) {
  const auto& kinds = recognisers();
  const std::vector<Hit>& hits = scanner.hits();
  out.clear();
  for (const Claim& claim : scanner.claims()) {
    out.push_back({.offset = claim.offset,
                   .length = claim.length,
                   .kind = claim.kind,
                   .score = claim.score,
                   .match = claim.match});
  }
  // The order of kinds decides between equals.
  std::ranges::sort(out, [](const Weighed& a, const Weighed& b) {
    return a.offset != b.offset   ? a.offset < b.offset
           : a.length != b.length ? a.length > b.length
                                  : a.kind < b.kind;
  });
  if (alone(surroundings) && hits.empty()) return;  // nobody speaks
  std::size_t first = 0;
  for (Weighed& entry : out) {
    const Claim claim{.offset = entry.offset,
                      .length = entry.length,
                      .kind = entry.kind,
                      .match = entry.match,
                      .score = entry.score};
    while (first < hits.size() && hits[first].end + kBefore < claim.offset) ++first;
    if (settled(claim.kind)) continue;
    Voices voices = voices_near(scanner, first, claim);
    column_speaks(claim.kind, surroundings, voices);
    entry.score = score_of(claim, voices, *kinds[claim.kind], surroundings);
  }
}

void keep_best(std::vector<Weighed>& entries, double least) {
  std::erase_if(entries, [&](const Weighed& entry) { return !entry.match || entry.score < least; });
  // Groups of entries that touch one another; within a group the best wins, then what is left besides it.
  // Kept ones move to the front.
  const auto at = [&](std::size_t i) { return entries.begin() + static_cast<std::ptrdiff_t>(i); };
  std::size_t kept = 0;
  for (std::size_t begin = 0; begin < entries.size();) {
    std::size_t end = begin + 1;
    std::uint32_t reach = entries[begin].end();
    while (end < entries.size() && entries[end].offset < reach) reach = std::max(reach, entries[end++].end());
    // Of equal ones the one that explains more of the text.
    if (end > begin + 1)
      std::sort(at(begin), at(end), [](const Weighed& a, const Weighed& b) {
        if (hundredths(a.score) != hundredths(b.score)) return hundredths(a.score) > hundredths(b.score);
        if (a.length != b.length) return a.length > b.length;
        return a.offset != b.offset ? a.offset < b.offset : a.kind < b.kind;
      });
    const std::size_t from = kept;
    for (std::size_t i = begin; i < end; ++i) {
      const Weighed entry = entries[i];
      const bool free = std::none_of(at(from), at(kept), [&](const Weighed& other) {
        return entry.offset < other.end() && other.offset < entry.end();
      });
      if (free) entries[kept++] = entry;
    }
    std::sort(at(from), at(kept), [](const Weighed& a, const Weighed& b) { return a.offset < b.offset; });
    begin = end;
  }
  entries.resize(kept);
}

}  // namespace bulwark::assay::pii
