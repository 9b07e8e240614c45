#pragma once
// The profile of a data set: what every column holds, in one pass; a contract that it is held against; and
// another profile that it is compared with.
//
//   auto part = profile::make_part(columns, {.settings = …, .contract = &contract, .reference = &profile});
//   part->take(block) …; PartResult result = part->finish(); part->profile() …

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assay/parts.h"
#include "assay/profile/column.h"
#include "assay/profile/contract.h"
#include "base/result.h"

namespace bulwark::assay::profile {

inline constexpr std::string_view kFormat = "bulwark.profile/1";
// Of the in-toto statement that a signed profile is.
inline constexpr std::string_view kPredicateType = "urn:bulwark:data-profile:v1";

struct ProfileLimits {
  std::size_t columns = 200'000;  // some 5 KiB each at that width; the rest is a gap
  // Columns whose every figure is in the json; of more only what people ask first.
  std::size_t detailed_columns = 2'000;
  // Values kept to know whether a column repeats one, of all columns together: 16 bytes each.
  std::size_t exact_values = 16'000'000;
  std::size_t findings_per_rule = 100;
  std::uint64_t document_bytes = 256'000'000;  // of a profile that is read
};

struct Profile {
  std::uint64_t rows = 0;
  std::uint64_t columns_left_out = 0;
  std::vector<ColumnProfile> columns;

  [[nodiscard]] const ColumnProfile* find(std::string_view name) const;
};

// How one profile departs from another. Codes are those of TensorFlow Data Validation's anomalies
// (tensorflow/metadata, anomalies.proto), so that people find the words they know.
struct Anomaly {
  std::string_view code;  // "SCHEMA_MISSING_COLUMN" …
  std::string column;     // empty: of the data set
  std::string message;    // one sentence
  bool schema = false;    // a column or a type, not values
};
// What is in `now` and was not in `reference`, in the order of the columns.
[[nodiscard]] std::vector<Anomaly> diff_profiles(const Profile& reference, const Profile& now);

// Versioned json with the sketches: docs/formats/profile.md. No values but those that may be shown.
[[nodiscard]] Document profile_document(const Profile& profile);
[[nodiscard]] std::string write_profile(const Profile& profile);
// Errors: InvalidInput, Unsupported (another version), LimitReached.
[[nodiscard]] Result<Profile> read_profile(std::string_view json);
[[nodiscard]] Result<Profile> profile_from(const Document& document);
// The profile of the rows of both. Errors: InvalidInput: other columns, or a column that comes as text in one
// and as numbers in the other.
[[nodiscard]] Result<void> merge_profiles(Profile& into, const Profile& other);

// The contract that these data keep, as YAML to be read and mended by people.
[[nodiscard]] std::string write_contract(const Profile& profile);

struct Options {
  Settings settings;
  const Contract* contract = nullptr;  // these two outlive the part
  const Profile* reference = nullptr;
  // Know for sure which columns never repeat a value: for write_contract(). Costs memory and time.
  bool exact_unique = false;
  ProfileLimits limits;
};

class Part : public StreamingPart {
 public:
  // After finish().
  [[nodiscard]] virtual const Profile& profile() const = 0;
};
[[nodiscard]] std::unique_ptr<Part> make_part(std::span<const tables::Column> columns,
                                              const Options& options);

}  // namespace bulwark::assay::profile
