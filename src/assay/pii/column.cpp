#include "assay/pii/column.h"

#include <algorithm>
#include <bit>

#include "assay/pii/bytes.h"
#include "assay/pii/find.h"

namespace bulwark::assay::pii {
namespace {

constexpr float kLikely = 0.5F;
constexpr float kSure = 0.6F;      // also of a cell that is nothing but the value …
constexpr float kVerySure = 0.9F;  // … and of one whose check digit random numbers pass now and then
constexpr double kByChance = 5e-4;
constexpr float kWordOfLexicon = 0.25F;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return hash;
}

bool several_words(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool letter = (class_of(c) & (kLower | kUpper | kHigh)) != 0;
    words += letter && !inside ? 1U : 0U;
    inside = letter;
    if (words >= 3) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

void KindTally::merge(KindTally&& later, const TallyLimits& limits) {
  whole += later.whole;
  shapes += later.shapes;
  inside += later.inside;
  bare += later.bare;
  score = std::max(score, later.score);
  for (std::size_t i = 0; i < later.rows.size() && rows.size() < limits.rows; ++i)
    rows.push_back(later.rows[i]);
  for (std::size_t i = 0; i < later.examples.size() && examples.size() < limits.examples; ++i)
    examples.push_back(std::move(later.examples[i]));
}

ColumnTally::ColumnTally(const ColumnName& name, TallyLimits limits)
    : surroundings_{.named = name.kinds, .against = name.against, .country = ""},
      limits_(limits),
      digits_(surroundings_),
      kinds_(recognisers().size()) {}

void ColumnTally::take(std::string_view raw, std::uint64_t row, Scanner& scanner) {
  const std::string_view cell = trimmed(raw);
  if (cell.empty()) return;
  ++cells_;
  if (digits_.suits(cell)) {
    take_digits(cell, row);
    return;
  }
  if (several_words(cell)) ++wordy_;
  Fresh fresh{.hash = hash_of(cell)};
  whole_kinds_.clear();
  scanner.scan(cell, surroundings_.country, surroundings_.named, Depth::All);
  scanner.claim_named_values();
  scanner.claim_whole(surroundings_.named);
  if (scanner.claims().empty()) {
    remember(fresh, whole_kinds_);
    return;
  }
  weigh(scanner, surroundings_, weighed_);
  // Whole values: every kind that fits, once. Values inside: the best.
  KindSet counted;
  for (const Weighed& found : weighed_) {
    const bool whole = found.length == cell.size();
    if (!whole || counted.has(found.kind)) continue;
    counted.add(found.kind);
    KindTally& tally = kinds_[found.kind];
    ++tally.shapes;
    whole_kinds_.push_back(static_cast<std::uint16_t>(found.kind * 2 + (found.match ? 1 : 0)));
    if (!found.match) continue;
    ++tally.whole;
    tally.score = std::max(tally.score, found.score);
    list(tally, found.kind, cell, row);
  }
  fresh.count = static_cast<std::uint32_t>(whole_kinds_.size());
  remember(fresh, whole_kinds_);
  const KindIndex special = Registry::get().special;
  keep_best(weighed_, kWordOfLexicon);
  KindSet likely;
  for (const Weighed& found : weighed_) {
    if (likely.has(found.kind) || (found.score < kLikely && found.kind != special)) continue;
    likely.add(found.kind);
    const bool whole = found.length == cell.size();
    count_likely(found.kind, whole, found.score);
    if (!whole) list(kinds_[found.kind], found.kind, cell.substr(found.offset, found.length), row);
  }
}

void ColumnTally::count_likely(KindIndex index, bool whole, float score) {
  KindTally& tally = kinds_[index];
  const Recogniser& kind = *recognisers()[index];
  const bool by_chance = kind.check_rate > 0 && kind.null_rate > kByChance;
  const float needed = by_chance && !surroundings_.named.has(index) ? kVerySure : kSure;
  ++(whole && score < needed ? tally.bare : tally.inside);
  tally.score = std::max(tally.score, score);
}

// As take(), with one place to claim and no word that speaks.
void ColumnTally::take_digits(std::string_view cell, std::uint64_t row) {
  const DigitKinds::Found found = digits_.judge(cell);
  const auto entries = digits_.entries(cell.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    KindTally& tally = kinds_[entries[i].kind];
    tally.shapes += found.shapes >> i & 1;
    tally.whole += found.matches >> i & 1;
  }
  std::uint32_t& complete = complete_[cell.size()];
  KindIndex best = kNoKind;
  float best_score = kLikely;
  for (std::uint32_t left = found.matches & (~complete | found.other); left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    const DigitKinds::Entry& entry = entries[i];
    KindTally& tally = kinds_[entry.kind];
    const float score = entry.score[found.other >> i & 1];
    tally.score = std::max(tally.score, score);
    list(tally, entry.kind, cell, row);
    if (full(tally) && entry.score[0] <= tally.score && entry.score[0] < kLikely)
      complete |= std::uint32_t{1} << i;
    // The order of keep_best(): entries are in the order of kinds.
    if (score < kLikely || (best != kNoKind && hundredths(score) <= hundredths(best_score))) continue;
    best = entry.kind;
    best_score = score;
  }
  if (best != kNoKind) count_likely(best, true, best_score);
  if (seen_.size() >= limits_.distinct) return;
  whole_kinds_.clear();
  for (std::uint32_t left = found.shapes; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    whole_kinds_.push_back(static_cast<std::uint16_t>(entries[i].kind * 2 + (found.matches >> i & 1)));
  }
  remember({.hash = hash_of(cell), .first = 0, .count = static_cast<std::uint32_t>(whole_kinds_.size())},
           whole_kinds_);
}

bool ColumnTally::full(const KindTally& tally) const {
  return tally.rows.size() >= limits_.rows && tally.examples.size() >= limits_.examples;
}

// Only different values are evidence: a thousand copies of one number are one.
void ColumnTally::remember(const Fresh& fresh, const std::vector<std::uint16_t>& kinds) {
  if (seen_.size() >= limits_.distinct || !seen_.insert(fresh.hash).second) return;
  ++different_;
  fresh_.push_back(
      {.hash = fresh.hash, .first = static_cast<std::uint32_t>(fresh_kinds_.size()), .count = fresh.count});
  for (std::uint32_t i = 0; i < fresh.count; ++i) {
    const std::uint16_t entry = kinds[fresh.first + i];
    fresh_kinds_.push_back(entry);
    ++kinds_[entry / 2].new_shapes;
    kinds_[entry / 2].new_whole += entry % 2;
  }
}

void ColumnTally::list(KindTally& tally, KindIndex kind, std::string_view value, std::uint64_t row) const {
  if (tally.rows.size() < limits_.rows && (tally.rows.empty() || tally.rows.back() != row))
    tally.rows.push_back(row);
  if (tally.examples.size() < limits_.examples) tally.examples.push_back(masked(*recognisers()[kind], value));
}

void ColumnTally::merge(ColumnTally&& later) {
  cells_ += later.cells_;
  wordy_ += later.wordy_;
  for (const Fresh& fresh : later.fresh_) remember(fresh, later.fresh_kinds_);
  for (std::size_t i = 0; i < kinds_.size(); ++i) kinds_[i].merge(std::move(later.kinds_[i]), limits_);
}

std::string_view name_of(Decision decision) {
  switch (decision) {
    case Decision::None: return "none";
    case Decision::Values: return "values";
    case Decision::Column: return "column";
  }
  return "none";
}

}  // namespace bulwark::assay::pii
