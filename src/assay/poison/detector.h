#pragma once
// What every detector of poison leaves behind, and what they all look at.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assay/frame.h"
#include "assay/part.h"
#include "assay/parts.h"
#include "assay/poison/trigger.h"
#include "core/rule.h"

namespace bulwark::assay {

// A row that a detector flags; `row` counts in the frame.
struct Suspicion {
  std::uint32_t row = 0;
  std::string reason;  // for people, in one sentence without the row's values
};

// What one detector did on this run.
struct DetectorRun {
  std::string name;
  char tier = 'D';  // what it needs: D data, P predictions, A activations
  bool ran = false;
  std::string why_not;          // if it did not run
  const Rule* rule = nullptr;   // raised if it flags rows; null: it only ranks
  double false_alarm_rate = 0;  // chance to flag anything on a clean data set
  std::string basis;            // how that is known
  std::vector<Suspicion> rows;  // one for each row at most, ascending
  std::string summary;          // of what was found, in a sentence; empty: nothing
  std::vector<Trigger> triggers;
  std::vector<Plot> plots;
  Document details = json_map();  // figures of its own
};

// Frame rows that have a label, and their labels.
struct LabelledRows {
  std::vector<std::uint32_t> rows;
  std::vector<std::int32_t> labels;
  std::size_t classes = 0;
};
[[nodiscard]] LabelledRows labelled_rows(const Frame& frame);

// Kinds of attack that a run says it covers or not.
enum class Attack : std::uint8_t { Patch, Blended, Sinusoid, CleanLabel, LabelFlip, Flood };
[[nodiscard]] std::string_view name_of(Attack attack);  // "patch", "blended" …

struct Coverage {
  Attack attack = Attack::Patch;
  bool covered = false;
  std::string why;
};

// A detector that did not run.
[[nodiscard]] DetectorRun did_not_run(std::string name, char tier, std::string why_not);

}  // namespace bulwark::assay
