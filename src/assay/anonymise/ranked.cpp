#include "assay/anonymise/ranked.h"

#include <algorithm>
#include <numeric>

#include "tables/values.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr std::uint64_t kCountedKeys = std::uint64_t{1} << 16U;

// Keys become their ranks; says how many different ones there are.
std::uint64_t rank(std::vector<std::uint64_t>& keys) {
  std::vector<std::uint64_t> sorted = keys;
  std::ranges::sort(sorted);
  const auto rest = std::ranges::unique(sorted);
  sorted.erase(rest.begin(), rest.end());
  for (std::uint64_t& key : keys)
    key = static_cast<std::uint64_t>(std::ranges::lower_bound(sorted, key) - sorted.begin());
  return sorted.size();
}

// The codes of a row as one number below `range`.
struct Keys {
  std::vector<std::uint64_t> of_row;
  std::uint64_t range = 1;
};
Keys keys_of(std::span<const Ranked* const> columns, std::size_t rows) {
  Keys keys{.of_row = std::vector<std::uint64_t>(rows, 0)};
  for (const Ranked* column : columns) {
    const std::uint64_t values = std::uint64_t{column->largest()} + 1;
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(keys.range, values, &product)) {
      keys.range = rank(keys.of_row);  // at most the number of rows, so that the product fits now
      product = keys.range * values;
    }
    for (std::size_t row = 0; row < rows; ++row)
      keys.of_row[row] = keys.of_row[row] * values + column->codes[row];
    keys.range = product;
  }
  return keys;
}

}  // namespace

void Ranker::take(std::string_view text) {
  auto found = seen_.find(text);
  if (found == seen_.end())
    found = seen_.emplace(std::string(text), static_cast<std::uint32_t>(seen_.size() + 1)).first;
  column_.codes.push_back(found->second);
}

Ranked Ranker::finish() {
  struct Value {
    std::uint32_t seen = 0;
    double number = 0;
    const std::string* text = nullptr;
  };
  std::vector<Value> values;
  values.reserve(seen_.size());
  column_.numeric = !seen_.empty();
  for (const auto& [text, number] : seen_) {
    const auto read = tables::number_of(text);
    column_.numeric = column_.numeric && read.has_value();
    values.push_back({number, read.value_or(0), &text});
  }
  const bool numeric = column_.numeric;
  std::ranges::sort(values, [numeric](const Value& left, const Value& right) {
    if (numeric) {
      if (left.number != right.number) return left.number < right.number;
      return left.seen < right.seen;
    }
    return *left.text < *right.text;
  });
  std::vector<std::uint32_t> ranks(seen_.size() + 1, 0);
  for (const Value& value : values) {
    const bool same = numeric && !column_.numbers.empty() && column_.numbers.back() == value.number;
    if (!same) {
      column_.texts.push_back(*value.text);
      if (numeric) column_.numbers.push_back(value.number);
    }
    ranks[value.seen] = column_.largest();
  }
  for (std::uint32_t& code : column_.codes) code = ranks[code];
  seen_.clear();
  return std::move(column_);
}

Classes classes_of(std::span<const Ranked* const> columns, std::size_t rows) {
  Keys keys = keys_of(columns, rows);
  Classes classes;
  classes.sizes.resize(rank(keys.of_row));
  classes.of_row.reserve(rows);
  for (const std::uint64_t key : keys.of_row) {
    classes.of_row.push_back(static_cast<std::uint32_t>(key));
    ++classes.sizes[key];
  }
  return classes;
}

std::vector<std::uint32_t> class_sizes(std::span<const Ranked* const> columns, std::size_t rows) {
  Keys keys = keys_of(columns, rows);
  std::vector<std::uint32_t> sizes;
  // Few possible keys are counted in their places.
  if (keys.range <= rows + kCountedKeys) {
    sizes.resize(keys.range, 0);
    for (const std::uint64_t key : keys.of_row) ++sizes[key];
    std::erase(sizes, 0U);
    return sizes;
  }
  std::ranges::sort(keys.of_row);
  for (std::size_t i = 0; i < rows; ++i) {
    if (i == 0 || keys.of_row[i] != keys.of_row[i - 1]) sizes.push_back(0);
    ++sizes.back();
  }
  return sizes;
}

}  // namespace bulwark::assay::anonymise
