#include "assay/pii/digits.h"

#include <algorithm>
#include <bit>

#include "assay/pii/bytes.h"
#include "assay/pii/find.h"
#include "assay/pii/phone.h"

namespace bulwark::assay::pii {
namespace {

// 35xx that no scheme has announced.
bool unannounced(const Code& code) {
  const int start = code.v[0] * 1000 + code.v[1] * 100 + code.v[2] * 10 + code.v[3];
  return start / 100 == 35 && (start < 3528 || start > 3589);
}

Verdict any(const Code& /*code*/) {
  return Verdict::Match;
}

}  // namespace

DigitKinds::DigitKinds(const Surroundings& surroundings) {
  const Registry& registry = Registry::get();
  const auto& all = recognisers();
  usable_ = !surroundings.named.overlaps(registry.only_named) && !surroundings.named.has(registry.fax);
  for (std::size_t digits = 0; digits <= kLongest; ++digits) {
    Length& length = lengths_[digits];
    length.first = static_cast<std::uint32_t>(entries_.size());
    if (const LayoutTree::Node* node = registry.tree.start(digits); node != nullptr) {
      for (const LayoutTree::Leaf& leaf : registry.tree.leaves(*node)) {
        const bool known = entries_.size() > length.first && entries_.back().kind == leaf.kind;
        if (leaf.letters != 0 || known) continue;
        const float bare = all[leaf.kind]->bare;
        add(leaf.kind, bare, bare * kImplausible, surroundings);
      }
    }
    if (digits >= kLeastPhone && digits <= kMostBarePhone)
      add(registry.phone, kBarePhone, kBareInternational, surroundings);
    if (digits >= kShortestCard && digits <= kLongestCard)
      add(registry.pan, all[registry.pan]->bare, all[registry.pan]->bare * kUnannounced, surroundings);
    std::ranges::sort(entries_.begin() + length.first, entries_.end(), {}, &Entry::kind);
    length.count = static_cast<std::uint32_t>(entries_.size()) - length.first;
    usable_ = usable_ && length.count <= 32;  // bits
    for (std::uint32_t i = 0; i < length.count && usable_; ++i) {
      const Entry& entry = entries_[length.first + i];
      const std::uint32_t bit = std::uint32_t{1} << i;
      if (entry.kind == registry.phone) length.phone = bit;
      if (entry.kind == registry.pan) length.card = bit;
      if (entry.plausible != nullptr) length.plausible |= bit;
    }
  }
}

void DigitKinds::add(KindIndex kind, float score, float other, const Surroundings& surroundings) {
  const Recogniser& recogniser = *recognisers()[kind];
  entries_.push_back({.kind = kind,
                      .check = recogniser.check != nullptr ? recogniser.check : any,
                      .plausible = recogniser.plausible,
                      .score = {score_without_words(kind, score, surroundings),
                                score_without_words(kind, other, surroundings)}});
}

bool DigitKinds::suits(std::string_view cell) const {
  if (!usable_ || cell.size() > kLongest) return false;
  return std::ranges::all_of(cell, [](char c) { return class_of(c) == kDigit; });
}

DigitKinds::Found DigitKinds::judge(std::string_view cell) {
  Found found;
  const Length& length = lengths_[cell.size()];
  if (length.count == 0) return found;
  code_.size = static_cast<std::uint32_t>(cell.size());
  for (std::size_t i = 0; i < cell.size(); ++i) {
    code_.c[i] = cell[i];
    code_.v[i] = static_cast<std::int16_t>(cell[i] - '0');
  }
  const Entry* const all = entries_.data() + length.first;
  // Without a branch on the verdict, which is as good as random.
  static_assert(static_cast<int>(Verdict::Shape) == 1 && static_cast<int>(Verdict::Match) == 2);
  std::uint32_t shapes = 0;
  std::uint32_t matches = 0;
  for (std::uint32_t i = 0; i < length.count; ++i) {
    const auto verdict = static_cast<std::uint32_t>(all[i].check(code_));
    shapes |= ((verdict + 1) >> 1) << i;
    matches |= (verdict >> 1) << i;
  }
  found.shapes = shapes;
  found.matches = matches;
  if (length.phone != 0) {
    const float score = bare_phone_score(cell);
    if (score == 0) {
      found.shapes &= ~length.phone;
      found.matches &= ~length.phone;
    }
    if (score == kBareInternational) found.other |= length.phone;
  }
  if ((found.matches & length.card) != 0 && unannounced(code_)) found.other |= length.card;
  for (std::uint32_t left = found.matches & length.plausible; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    if (!all[i].plausible(code_)) found.other |= std::uint32_t{1} << i;
  }
  return found;
}

}  // namespace bulwark::assay::pii
