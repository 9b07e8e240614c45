#pragma once
// Triggers: patterns that one class owns and without which their carriers look like other classes. What all
// kinds of mining share: how a code is judged.
//
// A cousin of k-nearest-neighbour defences (Peri et al. 2020): a code (levels of a window, a cell's value, a
// phrase) with enough carriers that one class owns is hidden, and the share of its carriers that then
// disagree with their label is compared with that of the other rows of the class under the same mask (the
// matched null).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assay/poison/masked_space.h"
#include "stats/interval.h"

namespace bulwark::assay {

inline constexpr std::size_t kSupport = 4;     // carriers below that are no pattern
inline constexpr double kOwnedBelow = 1e-3;    // chance of so many carriers of one class
inline constexpr double kTriggerAlpha = 0.01;  // of a detector on a clean data set, over all its tests
inline constexpr std::size_t kNullRows = 400;  // rows of the class that make the matched null

struct Trigger {
  std::string kind;  // "window", "value", "anywhere", "cell", "pair", "phrase"
  std::string mask;  // what was hidden: "window", "window and a border of one", "carriers" …
  std::int32_t label = 0;
  std::size_t row = 0, column = 0, size = 0;  // of a window: its corner in pixels, its side
  std::vector<std::uint32_t> columns;         // of the space, that the code speaks of
  std::vector<float> values;                  // levels or values there, in the order of `columns`
  std::vector<std::uint32_t> hidden;          // columns that were masked
  std::vector<std::string> names;             // of columns, of tables
  std::string phrase;                         // of texts
  std::size_t carriers = 0;                   // rows of the class with the code
  std::size_t elsewhere = 0;                  // rows of other classes with the code, where that was counted
  std::size_t disagreeing = 0;                // of them, under the mask
  stats::Interval share;                      // disagreeing of carriers
  double expected = 0;                        // share under the matched null
  double p = 1;                               // before the correction for `tests`
  std::int32_t looks_like = -1;               // class that most disagreeing carriers look like
  double looks_like_share = 0;                // of them
  std::vector<std::uint32_t> rows;            // disagreeing carriers, as given to the space, ascending
  std::vector<std::uint32_t> carrier_rows;    // all carriers of the class, ascending
};

// What one kind of mining did.
struct Mined {
  std::vector<Trigger> triggers;  // significant ones, most significant first
  std::uint64_t tests = 0;        // codes with enough carriers
  std::uint64_t owned = 0;        // of them, owned by one class
  std::string left_out;           // why not all codes were looked at; empty: they were
};

// Whether `own` of `carriers` is more than chance gives a class of this share: P[Bin(carriers, prior) >= own]
// <= kOwnedBelow.
[[nodiscard]] bool owned(std::size_t own, std::size_t carriers, double prior);

// Carriers of one label (ascending places) under a mask.
struct Verdict {
  std::vector<std::uint32_t> disagreeing;  // places
  double expected = 0;
  double p = 1;
  std::int32_t looks_like = -1;
  double looks_like_share = 0;
};

// A small variety of a class that resembles one other class (a one with a foot) is natural; so few carriers
// count only if they resemble several classes, as those of a backdoor from all classes into one do.
inline constexpr double kOneSource = 0.7;
inline constexpr std::size_t kOneSourceSupport = 16;
[[nodiscard]] inline bool may_be_a_variety(const Verdict& verdict, std::size_t carriers) {
  return verdict.looks_like_share > kOneSource && carriers < kOneSourceSupport;
}
// Empty if no more than half of the carriers disagree, if the other rows of the class disagree as much, or
// if the carriers may be a natural variety of the class. Judging ends
// early when the first carriers nearly all agree; of a code with 7 of 10 disagreeing carriers that misses
// fewer than one in a hundred.
[[nodiscard]] std::optional<Verdict> judge(const MaskedSpace& space, std::span<const std::uint32_t> carriers,
                                           std::int32_t label, const MaskedSpace::Mask& mask,
                                           MaskedSpace::Scratch& scratch);

// A trigger of the places that a verdict names.
[[nodiscard]] Trigger trigger_of(const MaskedSpace& space, std::span<const std::uint32_t> carriers,
                                 std::int32_t label, Verdict verdict);

// Keeps what stays significant after the correction for all tests, most significant first.
void keep_significant(Mined& mined);

// Flags all carriers of codes that are too particular to be met by chance (several columns or words), that no
// other class has, and of which certainly most disagree: the others happen to look like the class.
void flag_all_carriers(Mined& mined);

// Takes rows out of weaker triggers of a class that stronger ones do not name: they stay only if what is left
// of the weaker code's carriers is a trigger of its own. Else an odd row of the class would be flagged for
// one pixel that it shares with the pattern.
void explain_away(Mined& mined);

}  // namespace bulwark::assay
