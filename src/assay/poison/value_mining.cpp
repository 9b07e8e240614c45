// Mining of exact values. A pattern over the whole image (a blend, a sinusoid) cannot be hidden by a window,
// but it gives the background, which is the same in most images, values that only its carriers have. Where
// one value has too many honest carriers, two of them together have not.

#include "assay/poison/value_mining.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "assay/poison/barred_look.h"
#include "assay/poison/positions.h"
#include "base/parallel.h"

namespace bulwark::assay {
namespace {

// Columns of tables with few values decide classes together, and honestly: a value by itself has to be one of
// many, and a pair has to come together more often than its values do by chance.
constexpr std::size_t kManyValues = 20;
constexpr double kTogether = 5;

constexpr std::size_t kPairedCodes = 100;  // of a class, the most enriched ones: 4,950 pairs

// A value of a column that a class has more often than others.
struct Enriched {
  std::uint32_t column = 0;
  float value = 0;
  std::int32_t label = 0;
  double excess = 0;                   // carriers of the class above what chance gives, in deviations
  std::vector<std::uint32_t> places;   // all carriers, ascending
  std::vector<std::uint64_t> members;  // the same as bits
};

struct ColumnResult {
  PositionResult found;
  std::vector<Enriched> enriched;
};

// Looks at one code: the columns that it speaks of, ascending, and its value there.
class CodeLook {
 public:
  CodeLook(const MaskedSpace& space, Hide hide) : hide_(hide), barred_(space), hidden_(space) {}

  void at(std::span<const std::uint32_t> places, std::int32_t label, std::vector<std::uint32_t> columns,
          std::vector<float> values, PositionResult& out) {
    auto trigger = hide_ == Hide::Carriers ? barred_.at(places, label) : hidden_.at(places, label, columns);
    if (!trigger) return;
    trigger->kind = hide_ == Hide::Carriers ? "value" : columns.size() == 1 ? "cell" : "pair";
    trigger->columns = std::move(columns);
    trigger->values = std::move(values);
    out.triggers.push_back(std::move(*trigger));
  }

 private:
  Hide hide_;
  BarredLook barred_;
  HiddenLook hidden_;
};

class ValueLook {
 public:
  ValueLook(const MaskedSpace& space, Hide hide) : space_(space), hide_(hide), look_(space, hide) {}

  void at(std::size_t c, ColumnResult& out) {
    const std::span<const float> column = space_.column(c);
    codes_.resize(column.size());
    std::ranges::transform(column, codes_.begin(), [](float value) {
      return std::uint64_t{std::bit_cast<std::uint32_t>(value + 0.0F)};  // one zero
    });
    const auto& found = counter_.count(space_, codes_);
    for (std::uint32_t id = 0; id < found.size(); ++id) {
      if (!counts_as_test(space_, found[id])) continue;
      ++out.found.tests;
      const double excess = excess_of(found[id]);
      if (excess < 1.5) continue;
      Enriched code{.column = static_cast<std::uint32_t>(c), .label = found[id].label, .excess = excess};
      for (std::uint32_t place = 0; place < codes_.size(); ++place)
        if (counter_.ids()[place] == id) code.places.push_back(place);
      code.value = column[code.places.front()];
      if ((hide_ == Hide::Carriers || found.size() >= kManyValues) && worth_a_look(space_, found[id])) {
        ++out.found.owned;
        look_.at(code.places, code.label, {code.column}, {code.value}, out.found);
      }
      out.enriched.push_back(std::move(code));
    }
  }

 private:
  [[nodiscard]] double excess_of(const CodeCounter::Code& code) const {
    const auto own = static_cast<std::size_t>(code.label);
    const double prior = static_cast<double>(space_.class_end(own) - space_.class_begin(own)) /
                         static_cast<double>(space_.rows());
    const double expected = prior * code.carriers;
    return (code.own - expected) / std::sqrt(expected * (1 - prior) + 1);
  }

  const MaskedSpace& space_;
  Hide hide_;
  CodeLook look_;
  CodeCounter counter_;
  std::vector<std::uint64_t> codes_;
};

// Pairs of enriched values of one class.
void look_at_pairs(const MaskedSpace& space, Hide hide, std::int32_t label,
                   std::span<const Enriched* const> codes, PositionResult& out) {
  CodeLook look(space, hide);
  const auto own = static_cast<std::size_t>(label);
  const double prior =
      static_cast<double>(space.class_end(own) - space.class_begin(own)) / static_cast<double>(space.rows());
  std::vector<std::uint32_t> places;
  for (std::size_t a = 0; a < codes.size(); ++a)
    for (std::size_t b = a + 1; b < codes.size(); ++b) {
      if (codes[a]->column == codes[b]->column) continue;
      std::size_t carriers = 0;
      for (std::size_t word = 0; word < codes[a]->members.size(); ++word)
        carriers +=
            static_cast<std::size_t>(std::popcount(codes[a]->members[word] & codes[b]->members[word]));
      if (carriers < kSupport || 2 * carriers > space.rows()) continue;
      const double by_chance = static_cast<double>(codes[a]->places.size()) *
                               static_cast<double>(codes[b]->places.size()) /
                               static_cast<double>(space.rows());
      if (hide == Hide::Columns && static_cast<double>(carriers) < kTogether * by_chance) continue;
      ++out.tests;
      places.clear();
      std::ranges::set_intersection(codes[a]->places, codes[b]->places, std::back_inserter(places));
      const auto of_class = static_cast<std::size_t>(
          std::ranges::count_if(places, [&](std::uint32_t place) { return space.label(place) == label; }));
      if (!owned(of_class, carriers, prior)) continue;
      ++out.owned;
      const Enriched* first = codes[a]->column < codes[b]->column ? codes[a] : codes[b];
      const Enriched* second = first == codes[a] ? codes[b] : codes[a];
      look.at(places, label, {first->column, second->column}, {first->value, second->value}, out);
    }
}

// Each class's most enriched codes, with their members as bits.
std::vector<std::vector<const Enriched*>> paired_codes(const MaskedSpace& space,
                                                       std::vector<ColumnResult>& columns) {
  std::vector<std::vector<const Enriched*>> codes(space.classes());
  for (ColumnResult& column : columns)
    for (Enriched& code : column.enriched) {
      code.members.assign((space.rows() + 63) / 64, 0);
      for (const std::uint32_t place : code.places)
        code.members[place / 64] |= std::uint64_t{1} << (place % 64);
      codes[static_cast<std::size_t>(code.label)].push_back(&code);
    }
  for (auto& of_class : codes) {
    std::ranges::stable_sort(of_class, std::ranges::greater(), &Enriched::excess);
    if (of_class.size() > kPairedCodes) of_class.resize(kPairedCodes);
  }
  return codes;
}

}  // namespace

Mined mine_values(const MaskedSpace& space, Hide hide, std::size_t jobs) {
  std::vector<ColumnResult> columns(space.width());
  parallel_for(columns.size(), jobs, [&](std::size_t c) {
    ValueLook look(space, hide);
    look.at(c, columns[c]);
  });
  const auto codes = paired_codes(space, columns);
  std::vector<PositionResult> parts;
  for (ColumnResult& column : columns) parts.push_back(std::move(column.found));
  Mined mined = merged(std::move(parts));

  // Where carriers are barred, pairs only speak for classes without a single value: they would name the same
  // rows again. A mask of one column may leave the other half of a trigger in sight, so there they always do.
  std::set<std::int32_t> known;
  if (hide == Hide::Carriers)
    for (const Trigger& trigger : mined.triggers) known.insert(trigger.label);
  std::vector<PositionResult> pairs(space.classes());
  parallel_for(pairs.size(), jobs, [&](std::size_t k) {
    const auto label = static_cast<std::int32_t>(k);
    if (!known.contains(label)) look_at_pairs(space, hide, label, codes[k], pairs[k]);
  });
  pairs.push_back({.triggers = std::move(mined.triggers), .tests = mined.tests, .owned = mined.owned});
  return merged(std::move(pairs));
}

void drop_stragglers(std::vector<Trigger>& triggers) {
  std::map<std::int32_t, std::size_t> codes;
  std::map<std::pair<std::int32_t, std::uint32_t>, std::size_t> carried;
  for (const Trigger& trigger : triggers) {
    ++codes[trigger.label];
    for (const std::uint32_t row : trigger.rows) ++carried[{trigger.label, row}];
  }
  for (Trigger& trigger : triggers) {
    const std::size_t needed = (codes[trigger.label] + 7) / 8;
    std::erase_if(trigger.rows, [&](std::uint32_t row) { return carried[{trigger.label, row}] < needed; });
  }
}

}  // namespace bulwark::assay
