#pragma once
// What a part of the assay (profile, pii, labels …) says: a verdict with an interval, findings, gaps, its
// json object, and what people look at. Writers know these types only, never a part.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "core/report.h"
#include "stats/interval.h"

namespace bulwark::assay {

// A part without enough to go on is not assessed, and says why; it never passes.
enum class Outcome : std::uint8_t { Passed, Failed, Undecided, NotAssessed };
[[nodiscard]] std::string_view name_of(Outcome outcome);  // "passed", "failed", "undecided", "not assessed"

// The figure that the verdict rests on.
struct Measure {
  std::string name;  // "noise rate", "share of rows with personal data"
  stats::Interval interval;
  double threshold = 0;  // fails when the whole interval lies above, passes when it lies at or below
};

// A picture: what one would rather look at.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
};
struct Plot {
  enum class Kind : std::uint8_t { Bars, Line, Scatter };
  std::string title;
  Kind kind = Kind::Bars;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> categories;  // Bars: names along x; then Series::x is empty
  std::vector<Series> series;
  bool log_x = false;
  bool log_y = false;
  std::string says;  // what it shows, in a sentence: for those who cannot see it
};
// A small raster, such as a mined trigger; drawn enlarged.
struct Raster {
  std::string title;
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 1;          // 1 or 3
  std::vector<std::uint8_t> values;  // height × width × channels
  std::vector<std::uint8_t> mask;    // height × width, 1: outlined; may be empty
  std::string says;
};
// A table; every cell is safe to print (base/text.h printable()).
struct Listing {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::string note;  // below it: what was left out
};

// A long list of numbers of the part's json object, kept out of the tree: "scores.self_confidence" puts it
// into the object `scores`. One list may have as many members as the data set has rows.
struct Numbers {
  std::string path;
  std::vector<double> values;
};

struct PartResult {
  std::string part;  // as in --only
  Outcome outcome = Outcome::NotAssessed;
  std::string why;                // one sentence for people: what was found, or why not assessed
  std::vector<Measure> measures;  // the one of the verdict first
  Document details = json_map();  // the part's own members of its json object; rows from 0
  std::vector<Numbers> numbers;
  std::vector<Finding> findings;    // at most one for a rule and a column; `path` is filled in by the caller
  std::vector<Gap> gaps;            // the same
  std::vector<std::uint64_t> rows;  // that a cleaned copy leaves out, ascending; numbers in the data set
  std::vector<std::string> blind;   // what this part cannot see, in sentences
  std::vector<Listing> listings;
  std::vector<Plot> plots;
  std::vector<Raster> rasters;
};

// What every part may know about the data set and the run.
struct Roles {
  std::string label;   // empty: none
  std::string group;   // rows that belong together (patient, session)
  std::string source;  // who contributed the row
  std::string time;
  std::string id;
  std::vector<std::string> texts;    // columns that are documents; empty: those that look so
  std::vector<std::string> ignored;  // columns that are no features
  // How far sources are trusted: name and "untrusted", "standard" or "trusted"; the name "*" stands for all
  // others.
  std::vector<std::pair<std::string, std::string>> tiers;
};
struct Settings {
  std::uint64_t seed = 0;
  std::size_t jobs = 1;  // threads; results do not depend on it
  Roles roles;
  bool details = true;       // false: no json is wanted, so `details` and `numbers` may stay empty
  std::size_t listed = 200;  // rows listed for people; json has them all
  std::uint64_t sample = 0;  // rows looked at by parts that cannot stream; 0: all
};

}  // namespace bulwark::assay
