#include "assay/poison/feedback.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "assay/poison/rules_of_poison.h"
#include "assay/poison/trigger.h"
#include "assay/words.h"
#include "base/text.h"
#include "stats/distribution.h"
#include "stats/neighbours.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kVotersOfBase = 10;
constexpr std::size_t kLeastBase = 50;
constexpr std::size_t kRowsInAMessage = 10;
constexpr double kDuplicateShare = 0.13;  // as in neighbourhood.h

Document integer(std::size_t value) {
  return json_integer(static_cast<std::int64_t>(value));
}

// Both frames in one space: columns scaled by the base's median and deviation, so that a batch cannot move
// the scale by outliers.
struct Shared {
  std::string why_not;
  std::size_t width = 0;
  std::vector<float> base;
  std::vector<float> batch;
};

Shared images_of(const Frame& base, const Frame& batch) {
  Shared shared;
  const Images& a = *base.images;
  const Images& b = *batch.images;
  if (a.height != b.height || a.width != b.width || a.channels != b.channels) {
    shared.why_not = "the batch has images of another size";
    return shared;
  }
  shared.width = a.height * a.width * a.channels;
  shared.base = a.values;
  shared.batch = b.values;
  return shared;
}

Shared columns_of(const Frame& base, const Frame& batch) {
  Shared shared;
  if (base.feature_names != batch.feature_names || base.feature_names.empty()) {
    shared.why_not = "the batch has other numeric columns than the base, or there are none";
    return shared;
  }
  shared.width = base.feature_names.size();
  shared.base.resize(base.features.size());
  shared.batch.resize(batch.features.size());
  std::vector<float> known;
  for (std::size_t c = 0; c < shared.width; ++c) {
    known.clear();
    for (std::size_t i = 0; i < base.rows; ++i) {
      const float value = base.features[i * shared.width + c];
      if (std::isfinite(value)) known.push_back(value);
    }
    if (known.empty()) continue;
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::ranges::nth_element(known, middle);
    const double centre = static_cast<double>(*middle);
    double squares = 0;
    for (const float value : known)
      squares += (static_cast<double>(value) - centre) * (static_cast<double>(value) - centre);
    const double deviation = std::sqrt(squares / static_cast<double>(known.size()));
    if (deviation <= 0) continue;
    const auto scale = [&](const Frame& frame, std::vector<float>& out) {
      for (std::size_t i = 0; i < frame.rows; ++i) {
        const float value = frame.features[i * shared.width + c];
        out[i * shared.width + c] =
            std::isfinite(value) ? static_cast<float>((static_cast<double>(value) - centre) / deviation)
                                 : 0.0F;
      }
    };
    scale(base, shared.base);
    scale(batch, shared.batch);
  }
  return shared;
}

class Judge {
 public:
  Judge(const Frame& base, const Frame& batch, const FeedbackOptions& options, const Settings& settings)
      : base_(base), batch_(batch), options_(options), settings_(settings) {}

  PartResult result();

 private:
  [[nodiscard]] std::string unfit();
  void cap_contributors();
  void find_floods();
  void find_contradictions();
  void finish();
  void quarantine(std::uint32_t row, std::string reason) { reasons_[row].push_back(std::move(reason)); }
  void raise(const Rule& rule, const std::vector<std::uint32_t>& rows, const std::string& what);
  [[nodiscard]] bool contradicts(std::int32_t label, const std::uint32_t* near, std::size_t count) const;

  const Frame& base_;
  const Frame& batch_;
  FeedbackOptions options_;
  const Settings& settings_;
  Shared shared_;
  std::vector<std::int32_t> labels_;  // of the batch in the base's classes; -1: null, -2: a class of its own
  std::vector<std::uint8_t> contradicting_;
  std::map<std::uint32_t, std::vector<std::string>> reasons_;
  std::vector<std::size_t> over_;  // rows above the cap, by source
  Document contradiction_ = json_null();
  PartResult result_;
};

std::string Judge::unfit() {
  if (base_.labels.empty() || batch_.labels.empty()) return "base and batch need labels (--label)";
  if (base_.rows < kLeastBase) return "the base has fewer than " + std::to_string(kLeastBase) + " rows";
  if (batch_.rows == 0) return "the batch is empty";
  shared_ = base_.images && batch_.images ? images_of(base_, batch_) : columns_of(base_, batch_);
  if (!shared_.why_not.empty()) return shared_.why_not;
  const auto finite = [](const std::vector<float>& values) {
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
  };
  return finite(shared_.base) && finite(shared_.batch) ? "" : "there are values that are not numbers";
}

void Judge::raise(const Rule& rule, const std::vector<std::uint32_t>& rows, const std::string& what) {
  if (rows.empty()) return;
  Finding finding;
  finding.rule = &rule;
  finding.severity = rule.severity;
  finding.place.line = rows.front() < batch_.line.size() ? batch_.line[rows.front()] : 0;
  finding.message = std::to_string(rows.size()) + (rows.size() == 1 ? " row" : " rows") + ", first row " +
                    std::to_string(batch_.row_number(rows.front())) + ": " + what;
  for (std::size_t i = 0; i < std::min(rows.size(), kRowsInAMessage); ++i)
    finding.evidence += (i == 0 ? "row " : ", ") + std::to_string(batch_.row_number(rows[i]));
  result_.findings.push_back(std::move(finding));
}

// The first rows of a contributor count, the rest waits. A row without a source is nobody's: all such rows
// together are one contributor.
void Judge::cap_contributors() {
  if (batch_.source.empty()) {
    result_.blind.emplace_back(
        "No column says who contributed a row (--source), so that one person can fill the batch.");
    return;
  }
  const auto cap =
      std::max(options_.contributor_rows,
               static_cast<std::size_t>(options_.contributor_share * static_cast<double>(batch_.rows)));
  std::vector<std::size_t> given(batch_.source_names.size() + 1);
  over_.assign(given.size(), 0);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < batch_.rows; ++i) {
    const std::size_t source =
        batch_.source[i] < 0 ? batch_.source_names.size() : static_cast<std::size_t>(batch_.source[i]);
    if (++given[source] <= cap) continue;
    ++over_[source];
    rows.push_back(i);
    quarantine(i, "its contributor gave more than " + std::to_string(cap) + " rows of this batch");
  }
  const auto people = std::ranges::count_if(over_, [](std::size_t count) { return count > 0; });
  raise(kQuotaRule, rows,
        std::to_string(people) + " of " + std::to_string(batch_.source_names.size()) +
            " contributors gave more than " + std::to_string(cap) + " rows");
}

void Judge::find_floods() {
  const stats::MatrixView points{.values = shared_.batch, .rows = batch_.rows, .width = shared_.width};
  const stats::MatrixView trusted{.values = shared_.base, .rows = base_.rows, .width = shared_.width};
  // What is near is told by the base: a batch of copies has no usual distance of its own.
  const auto usual = stats::nearest_neighbours(trusted, 1, stats::Distance::Euclidean, settings_.jobs);
  std::vector<float> distances = usual.distances;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  const double near = kDuplicateShare * static_cast<double>(*middle);
  if (near <= 0) {
    result_.blind.emplace_back(
        "Most rows of the base have exact copies, so that copies in the batch say nothing.");
    return;
  }
  if (batch_.rows < 2) return;
  const auto around = stats::nearest_neighbours(points, std::max<std::size_t>(options_.flood, 2),
                                                stats::Distance::Euclidean, settings_.jobs);
  std::vector<std::uint32_t> parent(batch_.rows);
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](std::uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::uint32_t i = 0; i < batch_.rows; ++i)
    for (std::size_t n = 0; n < around.k && static_cast<double>(around.distances[i * around.k + n]) <= near;
         ++n)
      if (const std::uint32_t other = around.rows[i * around.k + n]; labels_[other] == labels_[i])
        parent[std::max(root(i), root(other))] = std::min(root(i), root(other));
  std::map<std::uint32_t, std::vector<std::uint32_t>> groups;
  for (std::uint32_t i = 0; i < batch_.rows; ++i) groups[root(i)].push_back(i);
  std::vector<std::uint32_t> rows;
  std::size_t floods = 0;
  for (const auto& [first, members] : groups) {
    if (members.size() < options_.flood) continue;
    ++floods;
    // All of them wait: which one is the honest one cannot be told.
    for (const std::uint32_t i : members) {
      rows.push_back(i);
      quarantine(i, "one of " + std::to_string(members.size()) + " near duplicates with the same label");
    }
  }
  std::ranges::sort(rows);
  raise(kFloodRule, rows, std::to_string(floods) + " groups of near duplicates with one label");
}

bool Judge::contradicts(std::int32_t label, const std::uint32_t* near, std::size_t count) const {
  std::size_t voters = 0;
  std::size_t others = 0;
  for (std::size_t n = 0; n < count; ++n) {
    if (base_.labels[near[n]] < 0) continue;
    ++voters;
    others += base_.labels[near[n]] != label ? 1U : 0U;
  }
  return 2 * others > voters;
}

void Judge::find_contradictions() {
  const stats::MatrixView points{.values = shared_.batch, .rows = batch_.rows, .width = shared_.width};
  const stats::MatrixView trusted{.values = shared_.base, .rows = base_.rows, .width = shared_.width};
  const auto own =
      stats::nearest_neighbours(trusted, kVotersOfBase, stats::Distance::Euclidean, settings_.jobs);
  const auto near =
      stats::nearest_neighbours(points, trusted, kVotersOfBase, stats::Distance::Euclidean, settings_.jobs);
  std::size_t labelled = 0;
  std::size_t disagreeing = 0;
  for (std::size_t i = 0; i < base_.rows; ++i) {
    if (base_.labels[i] < 0) continue;
    ++labelled;
    disagreeing += contradicts(base_.labels[i], own.rows.data() + i * own.k, own.k) ? 1U : 0U;
  }
  contradicting_.assign(batch_.rows, 0);
  std::size_t asked = 0;
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < batch_.rows; ++i) {
    if (labels_[i] == -1) continue;
    ++asked;
    if (!contradicts(labels_[i], near.rows.data() + i * near.k, near.k)) continue;
    contradicting_[i] = 1;
    rows.push_back(i);
  }
  const double expected = (static_cast<double>(disagreeing) + 1) / (static_cast<double>(labelled) + 2);
  const double p = stats::binomial_at_least(rows.size(), asked, expected);
  const stats::Interval share = stats::wilson(rows.size(), asked);
  contradiction_ = json_map({{"rows", integer(asked)},
                             {"contradicting", integer(rows.size())},
                             {"interval", interval_json(share)},
                             {"expected", json_number(expected)},
                             {"p", json_number(p)}});
  result_.measures.push_back(
      {.name = "share of rows that contradict the base", .interval = share, .threshold = expected});
  // Single contradicting rows wait as well, but only more of them than the base has of itself are a finding.
  for (const std::uint32_t i : rows) quarantine(i, "its label contradicts the trusted rows around it");
  if (p < options_.contradiction_alpha && rows.size() >= kSupport)
    raise(kFeedbackRule, rows,
          std::to_string(rows.size()) + " of " + std::to_string(asked) +
              " labels contradict the trusted base, where " +
              std::to_string(static_cast<int>(std::lround(100 * expected))) + " % are expected");
}

void Judge::finish() {
  std::vector<Document> waiting;
  Listing listing;
  listing.title = "Quarantined rows";
  listing.header = {"row", "why"};
  for (const auto& [row, reasons] : reasons_) {
    result_.rows.push_back(batch_.row_number(row));
    std::vector<Document> list;
    for (const std::string& reason : reasons) list.push_back(json_string(reason));
    waiting.push_back(
        json_map({{"row", integer(batch_.row_number(row))}, {"reasons", json_list(std::move(list))}}));
    if (listing.rows.size() < settings_.listed)
      listing.rows.push_back({std::to_string(batch_.row_number(row)), reasons.front()});
  }
  std::ranges::sort(result_.rows);
  if (reasons_.size() > listing.rows.size())
    listing.note = std::to_string(reasons_.size() - listing.rows.size()) + " more";
  std::vector<Document> contributors;
  for (std::size_t s = 0; s < batch_.source_names.size(); ++s) {
    std::size_t rows = 0;
    std::size_t contradicting = 0;
    for (std::size_t i = 0; i < batch_.rows; ++i)
      if (!batch_.source.empty() && batch_.source[i] == static_cast<std::int32_t>(s)) {
        ++rows;
        contradicting += contradicting_[i];
      }
    contributors.push_back(json_map({{"source", json_string(printable(batch_.source_names[s], 60))},
                                     {"rows", integer(rows)},
                                     {"kept", integer(rows - (over_.empty() ? 0 : over_[s]))},
                                     {"contradicting", integer(contradicting)},
                                     {"interval", interval_json(stats::wilson(contradicting, rows))}}));
  }
  result_.details = json_map({{"quarantine", json_list(std::move(waiting))},
                              {"contributors", json_list(std::move(contributors))},
                              {"contradiction", contradiction_}});
  if (!listing.rows.empty()) result_.listings.push_back(std::move(listing));
  result_.outcome = result_.findings.empty() ? Outcome::Passed : Outcome::Failed;
  result_.why =
      std::to_string(reasons_.size()) + " of " + std::to_string(batch_.rows) + " rows are quarantined";
  result_.blind.emplace_back(
      "Feedback that agrees with the base, or lies where the base has no rows, is not contradicted.");
}

PartResult Judge::result() {
  result_.part = "feedback";
  if (const std::string why = unfit(); !why.empty()) {
    result_.why = why;
    return std::move(result_);
  }
  std::map<std::string, std::int32_t> known;
  for (std::size_t k = 0; k < base_.classes.size(); ++k)
    known.emplace(base_.classes[k], static_cast<std::int32_t>(k));
  for (const std::int32_t label : batch_.labels) {
    const auto found = label < 0 ? known.end() : known.find(batch_.classes[static_cast<std::size_t>(label)]);
    labels_.push_back(label < 0 ? -1 : found == known.end() ? -2 : found->second);
  }
  cap_contributors();
  find_floods();
  find_contradictions();
  finish();
  return std::move(result_);
}

}  // namespace

PartResult assay_feedback(const Frame& base, const Frame& batch, const FeedbackOptions& options,
                          const Settings& settings) {
  return Judge(base, batch, options, settings).result();
}

}  // namespace bulwark::assay
