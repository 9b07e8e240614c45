#pragma once
// Tables of counts with differential privacy: how many rows there are of each combination of values, with
// exact noise, each subject adding a bounded number of rows.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assay/anonymise/plan.h"
#include "base/random.h"
#include "base/result.h"

namespace bulwark::assay::anonymise {

// What was spent. Two tables of one data set spend the sum of both.
struct PrivacySpend {
  std::string mechanism;
  double epsilon = 0;
  double delta = 0;      // 0: pure
  double rho = 0;        // of zero-concentrated privacy, Gaussian only
  double deviation = 0;  // of the noise on each count
  std::uint32_t sensitivity = 1;
};

struct PublishedCounts {
  std::string name;
  std::vector<std::string> columns;             // of the domains; the count follows
  std::vector<std::vector<std::string>> cells;  // values, in the order of the domains
  std::vector<std::int64_t> counts;             // may be below 0: that keeps sums right
  PrivacySpend spend;
  std::uint64_t left_out = 0;  // rows above the bound of their subject
};

// The value that stands for all those that a domain does not name.
inline constexpr std::string_view kOtherValues = "(other)";

class CountTally {
 public:
  explicit CountTally(const CountTable& table);
  // `values`: one per domain. `subject`: empty if the table has no column of it, or nothing stands there:
  // then the row is a subject of its own.
  void take(std::span<const std::string_view> values, std::string_view subject);
  // Errors: InvalidInput: epsilon is so small that the noise leaves its range.
  [[nodiscard]] Result<PublishedCounts> publish(Random& random) const;

 private:
  const CountTable& table_;
  std::vector<std::map<std::string_view, std::size_t>> places_;  // by domain
  std::vector<std::uint64_t> counts_;
  std::unordered_map<std::string, std::uint32_t> rows_of_;  // by subject
  std::uint64_t left_out_ = 0;
};

}  // namespace bulwark::assay::anonymise
