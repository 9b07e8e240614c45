#pragma once
// Detectors of poison that comes in numbers: floods of near duplicates, bursts of contradicting rows,
// contributors who contradict everybody else, labels flipped from one class into another.

#include "assay/poison/neighbourhood.h"

namespace bulwark::assay {

// Near duplicates in groups of ten and more with one label.
[[nodiscard]] DetectorRun find_floods(const Frame& frame, const LabelledRows& labelled,
                                      const Neighbourhood& around);
// Rows that contradict their neighbours, close together in time (or in the order of rows), against
// permutations within each class.
[[nodiscard]] DetectorRun find_bursts(const Frame& frame, const LabelledRows& labelled,
                                      const Neighbourhood& around, std::uint64_t seed, std::size_t jobs);
// Sources whose rows contradict the rows of all others. Details: disagreement and influence of each.
[[nodiscard]] DetectorRun find_contributors(const Frame& frame, const LabelledRows& labelled,
                                            const Neighbourhood& around);
// Classes into which another one was flipped: rows of the one that surely look like the other, far more than
// the other way round.
[[nodiscard]] DetectorRun find_flips(const Frame& frame, const LabelledRows& labelled,
                                     const Neighbourhood& around);
// All rows that contradict their neighbours: a second vote, which flags nothing by itself.
[[nodiscard]] DetectorRun rank_disagreement(const LabelledRows& labelled, const Neighbourhood& around);

// Groups of near duplicates (rows of `labelled`), largest first, those of one row left out.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> duplicate_groups(const Neighbourhood& around);

}  // namespace bulwark::assay
