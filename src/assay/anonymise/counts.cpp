#include "assay/anonymise/counts.h"

#include <cmath>

#include "assay/anonymise/exact_noise.h"

namespace bulwark::assay::anonymise {
namespace {

// Neighbouring data sets differ by all rows of one subject, at most `at_most`, which may all be in one cell:
// that bounds the change of the table in the sum of absolutes as well as in the root of squares.
Result<PrivacySpend> spend_of(const CountTable& table, Fraction epsilon, Fraction& noise) {
  PrivacySpend spend{.epsilon = epsilon.value(), .delta = table.delta, .sensitivity = table.at_most};
  const auto sensitivity = static_cast<double>(table.at_most);
  if (table.mechanism == Mechanism::DiscreteLaplace) {
    spend.mechanism = "discrete-laplace";
    noise = {epsilon.numerator, epsilon.denominator * table.at_most};
    const double scale = 1 / noise.value();
    spend.deviation = std::sqrt(2.0) * scale;
    if (scale <= kMostDeviation) return spend;
  } else {
    spend.mechanism = "discrete-gaussian";
    const auto variance = gaussian_variance(spend.epsilon, spend.delta, sensitivity);
    if (variance) {
      noise = *variance;
      spend.deviation = std::sqrt(variance->value());
      spend.rho = sensitivity * sensitivity / (2 * variance->value());
      return spend;
    }
  }
  return fail(Code::InvalidInput, "line " + std::to_string(table.line) + ": table '" + table.name +
                                      "': epsilon is so small that nothing but noise would be left");
}

}  // namespace

CountTally::CountTally(const CountTable& table) : table_(table) {
  std::size_t cells = 1;
  for (const Domain& domain : table.by) {
    auto& places = places_.emplace_back();
    for (const std::string& value : domain.values) places.emplace(value, places.size());
    cells *= domain.values.size() + 1;
  }
  counts_.resize(cells);
}

void CountTally::take(std::span<const std::string_view> values, std::string_view subject) {
  if (!table_.subject.empty() && !subject.empty()) {
    if (rows_of_[std::string(subject)]++ >= table_.at_most) {
      ++left_out_;
      return;
    }
  }
  std::size_t cell = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto found = places_[i].find(values[i]);
    const std::size_t place = found == places_[i].end() ? places_[i].size() : found->second;
    cell = cell * (places_[i].size() + 1) + place;
  }
  ++counts_[cell];
}

Result<PublishedCounts> CountTally::publish(Random& random) const {
  const auto epsilon = fraction_from(table_.epsilon);
  if (!epsilon) return fail(Code::InvalidInput, "epsilon is no decimal number");
  Fraction parameter;
  PublishedCounts published{.name = table_.name};
  published.spend = TRY(spend_of(table_, *epsilon, parameter));
  published.left_out = left_out_;
  for (const Domain& domain : table_.by) published.columns.push_back(domain.column);
  ExactNoise noise(random);
  for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
    std::vector<std::string> values(table_.by.size());
    std::size_t rest = cell;
    for (std::size_t i = values.size(); i-- > 0;) {
      const std::vector<std::string>& domain = table_.by[i].values;
      const std::size_t place = rest % (domain.size() + 1);
      rest /= domain.size() + 1;
      values[i] = place == domain.size() ? std::string(kOtherValues) : domain[place];
    }
    published.cells.push_back(std::move(values));
    const std::int64_t drawn =
        table_.mechanism == Mechanism::DiscreteLaplace ? noise.laplace(parameter) : noise.gaussian(parameter);
    published.counts.push_back(static_cast<std::int64_t>(counts_[cell]) + drawn);
  }
  return published;
}

}  // namespace bulwark::assay::anonymise
