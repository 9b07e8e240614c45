#pragma once
// One data set through the parts. Pure: what is looked at is given, opened.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/parts.h"
#include "assay/profile/profile.h"
#include "base/result.h"
#include "core/report.h"

namespace bulwark::assay {

// The parts by name, in the order in which they are written.
[[nodiscard]] const std::vector<std::string_view>& part_names();

struct Request {
  const tables::Dataset* dataset = nullptr;    // never null
  const tables::Dataset* reference = nullptr;  // to compare with; may be null
  std::vector<std::string> only;               // parts; empty: all that apply
  Settings settings;
  Extras extras;
  const profile::Contract* contract = nullptr;  // of the part profile; these two may be null
  const profile::Profile* reference_profile = nullptr;
  bool keep_profile = false;      // in Assayed::profile, knowing for sure which columns never repeat a value
  std::function<void()> on_part;  // called after each part; may be empty
};

// What the parts said.
struct Assayed {
  std::string path;
  std::string format;  // "csv" …
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::size_t columns = 0;
  std::uint64_t sampled = 0;                               // rows that parts in memory looked at; 0: all
  std::vector<std::pair<std::string, std::string>> roles;  // "label", "y" …
  std::vector<std::string> notes;  // what was assumed, such as which column is the label
  std::optional<profile::Profile> profile;
  std::vector<PartResult> parts;  // without their findings and gaps, which are in …
  Report report;
  bool undecided = false;  // a part could not decide, or one that was asked for was not assessed
};

// Errors: those of reading the data set, roles that name no column.
[[nodiscard]] Result<Assayed> assay(const Request& request);

}  // namespace bulwark::assay
