#pragma once
// How easily a row is found again by its quasi-identifiers (the attacker models of El Emam, and of ARX).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bulwark::assay::anonymise {

struct Risk {
  std::uint64_t rows = 0;
  std::uint64_t classes = 0;
  std::uint32_t smallest = 0;  // class; 0 without rows
  std::uint64_t unique = 0;    // rows that are alone in their class
  std::uint64_t below_k = 0;   // rows in classes of fewer than k
  std::uint64_t classes_below_k = 0;
  // Prosecutor: knows that the person is in the data. Largest and mean of 1 / class.
  double prosecutor_highest = 0;
  double prosecutor_mean = 0;
  // Journalist: looks for anybody, in the population that the rows were drawn from. No table of the
  // population is read, so a class of the data stands for that of the population, which is at least as large:
  // an upper bound.
  double journalist_highest = 0;
  // Marketer: wants many, and does not mind errors. Expected share of rows that are matched rightly; an upper
  // bound if the population is unknown, else an estimate that takes all classes as drawn evenly.
  double marketer = 0;
  bool marketer_is_bound = true;
  // Share of rows that are unique in the population, too (Zayatz 1991); only with a known population.
  std::optional<double> population_unique;
};

// `sizes`: of the classes. `population`: 0: unknown; never less than the rows.
[[nodiscard]] Risk risk_of(std::span<const std::uint32_t> sizes, std::uint32_t k, std::uint64_t population);

// Of some of the quasi-identifiers: who knows only these.
struct SubsetRisk {
  std::vector<std::string> columns;
  std::uint64_t unique = 0;
  std::uint64_t below_k = 0;
  std::uint32_t smallest = 0;
};

}  // namespace bulwark::assay::anonymise
