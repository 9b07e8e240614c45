#include "assay/pii/digits.h"

#include <algorithm>
#include <tuple>

#include "assay/pii/bytes.h"
#include "assay/pii/find.h"
#include "assay/pii/phone.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kShortestCard = 12;
constexpr std::size_t kLongestCard = 19;

// 35xx that no scheme has announced.
bool unannounced(const Code& code) {
  const int start = code.v[0] * 1000 + code.v[1] * 100 + code.v[2] * 10 + code.v[3];
  return start / 100 == 35 && (start < 3528 || start > 3589);
}

}  // namespace

DigitKinds::DigitKinds(const Surroundings& surroundings)
    : phone_(Registry::get().phone), pan_(Registry::get().pan) {
  const Registry& registry = Registry::get();
  const auto& all = recognisers();
  usable_ = !surroundings.named.overlaps(registry.only_named) && !surroundings.named.has(registry.fax);
  for (std::size_t digits = 0; digits <= kLongest; ++digits) {
    first_[digits] = static_cast<std::uint16_t>(entries_.size());
    const auto begin = static_cast<std::ptrdiff_t>(entries_.size());
    if (const LayoutTree::Node* node = registry.tree.start(digits); node != nullptr) {
      KindIndex last = kNoKind;
      for (const LayoutTree::Leaf& leaf : registry.tree.leaves(*node)) {
        if (leaf.letters != 0 || leaf.kind == last) continue;
        last = leaf.kind;
        const float bare = all[leaf.kind]->bare;
        add(leaf.kind, bare, bare * kImplausible, surroundings);
      }
    }
    if (digits >= kLeastPhone && digits <= kMostBarePhone)
      add(phone_, kBarePhone, kBareInternational, surroundings);
    if (digits >= kShortestCard && digits <= kLongestCard)
      add(pan_, all[pan_]->bare, all[pan_]->bare * kUnannounced, surroundings);
    std::sort(entries_.begin() + begin, entries_.end(),
              [](const Entry& a, const Entry& b) { return a.kind < b.kind; });
    usable_ = usable_ && entries_.size() - first_[digits] <= 32;  // bits
  }
  first_[kLongest + 1] = static_cast<std::uint16_t>(entries_.size());
}

void DigitKinds::add(KindIndex kind, float score, float other, const Surroundings& surroundings) {
  entries_.push_back({.kind = kind,
                      .recogniser = recognisers()[kind],
                      .score = {score_without_words(kind, score, surroundings),
                                score_without_words(kind, other, surroundings)}});
}

bool DigitKinds::suits(std::string_view cell) const {
  if (!usable_ || cell.size() > kLongest) return false;
  return std::ranges::all_of(cell, [](char c) { return class_of(c) == kDigit; });
}

DigitKinds::Found DigitKinds::judge(std::string_view cell) {
  Found found;
  const std::span<const Entry> all = entries(cell.size());
  if (all.empty()) return found;
  code_.size = static_cast<std::uint32_t>(cell.size());
  for (std::size_t i = 0; i < cell.size(); ++i) {
    code_.c[i] = cell[i];
    code_.v[i] = static_cast<std::int16_t>(cell[i] - '0');
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Entry& entry = all[i];
    Verdict verdict = Verdict::Match;
    bool other = false;
    if (entry.kind == phone_) {
      const float score = bare_phone_score(cell);
      verdict = score > 0 ? Verdict::Match : Verdict::No;
      other = score == kBareInternational;
    } else {
      if (entry.recogniser->check != nullptr) verdict = entry.recogniser->check(code_);
      if (entry.kind == pan_) other = unannounced(code_);
      if (entry.recogniser->plausible != nullptr && verdict == Verdict::Match)
        other = !entry.recogniser->plausible(code_);
    }
    found.shapes |= (verdict != Verdict::No ? 1U : 0U) << i;
    found.matches |= (verdict == Verdict::Match ? 1U : 0U) << i;
    found.other |= (other ? 1U : 0U) << i;
  }
  return found;
}

}  // namespace bulwark::assay::pii
