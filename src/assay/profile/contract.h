#pragma once
// What a data set promises: a YAML file that people write, or have written from a profile and mend.
// The keys: docs/howto/contract.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assay/profile/column.h"
#include "base/result.h"

namespace bulwark::assay::profile {

struct ContractLimits {
  std::size_t entries = 200'000;         // columns, keys, comparisons, sums
  std::size_t values = 1'000'000;        // of all `in` lists together
  std::size_t expression_bytes = 1'000;  // of one regex
  // Different keys that all `unique` and `keys` together remember, 16 bytes each at half load.
  std::size_t keys = 16'000'000;
  std::size_t example = 40;  // characters of a value that is shown
};

enum class Ordering : std::uint8_t { Increasing, NonDecreasing, Decreasing, NonIncreasing };
[[nodiscard]] std::string_view name_of(Ordering ordering);  // "increasing" …

struct ColumnContract {
  std::string name;
  std::uint32_t line = 0;
  bool required = true;  // the column must be there
  std::optional<ColumnType> type;
  bool not_null = false;
  bool unique = false;
  std::optional<std::vector<std::string>> in;           // sorted
  std::optional<std::string> regex;                     // RE2, found anywhere unless anchored
  std::optional<double> min, max;                       // numbers; dates in seconds
  std::optional<std::uint64_t> min_length, max_length;  // characters
  std::optional<Ordering> order;
  bool json = false;      // every value parses as JSON
  std::string format;     // "email", "uuid", "date" … as base/text_format.h knows them
  bool personal = false;  // no value is ever shown
  double allowed = 0;     // share of values that may break each of these promises
};

enum class Comparison : std::uint8_t { Less, LessEqual, Equal, NotEqual, GreaterEqual, Greater };
[[nodiscard]] std::string_view name_of(Comparison comparison);  // "<" …

struct PairContract {
  std::string left;
  Comparison comparison = Comparison::LessEqual;
  std::string right;
  std::uint32_t line = 0;
};
struct SumContract {
  std::vector<std::string> columns;
  std::string total_column;  // or else
  double total = 0;
  double tolerance = 1e-9;
  std::uint32_t line = 0;
};
struct KeyContract {
  std::vector<std::string> columns;
  std::uint32_t line = 0;
};

struct Contract {
  std::optional<std::uint64_t> min_rows, max_rows;
  bool other_columns = true;  // columns that it does not name are accepted
  std::vector<ColumnContract> columns;
  std::vector<KeyContract> keys;  // no two rows agree in all of them
  std::vector<PairContract> compare;
  std::vector<SumContract> sums;
};

// Strict: unknown keys are errors with the line and the nearest known one. Errors: InvalidInput,
// LimitReached.
[[nodiscard]] Result<Contract> read_contract(std::string_view yaml);

}  // namespace bulwark::assay::profile
