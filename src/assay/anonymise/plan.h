#pragma once
// The plan of an anonymisation (docs/formats/anonymisation-plan.md): what happens to which column, which
// columns identify together, which counts are published. It holds references to keys, never a key.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace bulwark::assay::anonymise {

// What is done to the cells of a column. Empty cells and words for "nothing" stay as they are, except under
// Drop. Whatever an operator does not understand it empties, and counts.
struct Keep {
  std::string reason;  // not empty: somebody answers for it
};
struct Redact {
  std::string text = "[REDACTED]";
};
struct Mask {
  std::uint32_t keep_first = 0;  // characters; separators are not counted
  std::uint32_t keep_last = 0;
  std::string with = "*";
};
// The middle is gone, its length too: what PCI DSS calls truncation.
struct Truncate {
  std::uint32_t keep_first = 6;
  std::uint32_t keep_last = 4;
};
enum class Surrogate : std::uint8_t { None, Card, Iban, Ssn, Email, Phone, Ipv4, Ipv6, Mac, Url, Uuid, Name };
struct Replace {
  std::string tag;  // "<EMAIL>"; or
  Surrogate surrogate = Surrogate::None;
};
struct Hash {
  std::uint32_t length = 64;  // hex digits kept, 16 to 64
};
enum class TokenStyle : std::uint8_t { Opaque, Shape };
struct Tokenise {
  TokenStyle style = TokenStyle::Opaque;
  std::string prefix = "tok_";  // of opaque ones
};
enum class CheckDigit : std::uint8_t { None, Luhn, Iban };
struct Encrypt {
  std::string alphabet = "shape";  // "digits", "lower", "upper", "alphanumeric", "shape", or "custom"
  std::string symbols;             // of "custom": each character once
  std::uint32_t keep_first = 0;
  std::uint32_t keep_last = 0;
  CheckDigit check = CheckDigit::None;
};
// Order of year, month, day in dates that are not ISO 8601.
enum class DateOrder : std::uint8_t { YearMonthDay, DayMonthYear, MonthDayYear };
struct DateShift {
  std::uint32_t days = 365;  // shifted by 1 to `days` days, back or forth
  std::string subject;       // column whose value names the person; all dates of a subject move together
  DateOrder order = DateOrder::YearMonthDay;
};
struct Generalise {
  enum class Kind : std::uint8_t { Band, Age, Zip, Date, Map };
  Kind kind = Kind::Band;
  double width = 0;             // Band, Age
  std::optional<double> least;  // Band: everything below is one band
  std::optional<double> most;   // Band, Age (90): everything from here on is one band
  std::uint32_t digits = 3;     // Zip
  enum class Unit : std::uint8_t { Month, Quarter, Year, Decade };
  Unit unit = Unit::Year;
  DateOrder order = DateOrder::YearMonthDay;
  std::map<std::string, std::string, std::less<>> parents;  // Map: from value to group
  std::string otherwise;                                    // Map: group of all others; empty: emptied
};
struct Suppress {};
enum class Mechanism : std::uint8_t { DiscreteLaplace, DiscreteGaussian };
struct Noise {
  Mechanism mechanism = Mechanism::DiscreteLaplace;
  double scale = 1;  // Laplace's scale, or the standard deviation
  double step = 1;   // values are rounded to multiples of it
};
struct Drop {};

using Operator = std::variant<Keep, Redact, Mask, Truncate, Replace, Hash, Tokenise, Encrypt, DateShift,
                              Generalise, Suppress, Noise, Drop>;
[[nodiscard]] std::string_view name_of(const Operator& action);  // as in the plan: "ff1", "date_shift"
[[nodiscard]] bool needs_key(const Operator& action);

struct ColumnPlan {
  std::string column;
  Operator action;
  std::string key;     // reference; empty: that of the plan
  std::string domain;  // values of one domain get the same tokens in all columns; empty: the column's name
  std::uint32_t line = 0;
};

struct Diversity {
  std::string column;                     // sensitive
  std::optional<std::uint32_t> distinct;  // at least so many different values in each class
  std::optional<double> entropy;          // at least the logarithm of this
  std::optional<double> closeness;        // at most this earth mover's distance from the whole
  std::uint32_t line = 0;
};

enum class Method : std::uint8_t { Mondrian, Suppress };
struct KAnonymity {
  std::uint32_t k = 5;
  Method method = Method::Mondrian;
  bool relaxed = false;         // Mondrian: equal values may part
  double suppress_at_most = 0;  // share of the rows
  std::vector<Diversity> sensitive;
};

struct Domain {
  std::string column;
  std::vector<std::string> values;  // known without looking at the data
  std::uint32_t line = 0;
};
struct CountTable {
  std::string name;  // letters, digits, - and _
  std::vector<Domain> by;
  Mechanism mechanism = Mechanism::DiscreteGaussian;
  // As written: exact. Of the Laplace mechanism epsilon; of the Gaussian one epsilon and delta.
  std::string epsilon;
  double delta = 0;
  std::string subject;        // empty: every row is another subject
  std::uint32_t at_most = 1;  // rows that one subject adds
  std::uint32_t line = 0;
};

struct Plan {
  std::string key;  // reference: env:NAME, file:PATH, fd:N, or a key of the keyring
  std::vector<ColumnPlan> columns;
  std::vector<std::string> quasi_identifiers;
  std::uint32_t quasi_identifiers_line = 0;
  std::uint64_t population = 0;  // people that the rows were drawn from; 0: unknown
  std::optional<KAnonymity> k_anonymity;
  std::vector<CountTable> counts;

  [[nodiscard]] const ColumnPlan* find(std::string_view column) const;
};

// Ceilings of what a plan may ask for.
struct PlanLimits {
  std::uint64_t bytes = std::uint64_t{4} << 20;  // hierarchies of all ICD-10 codes fit
  std::size_t quasi_identifiers = 32;            // with more, every row is alone anyway
  std::size_t sensitive = 16;
  std::size_t counts = 64;
  std::uint64_t cells = 1'000'000;  // of one table of counts
};

// Errors: InvalidInput with the line; LimitReached.
[[nodiscard]] Result<Plan> read_plan(std::string_view text, const PlanLimits& limits = {});

// The columns that the plan names are there. `columns`: names in the data. Errors: NotFound with the line and
// the nearest name.
[[nodiscard]] Result<void> check_columns(const Plan& plan, const std::vector<std::string_view>& columns);

}  // namespace bulwark::assay::anonymise
