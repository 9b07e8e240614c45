#include "assay/profile/profile.h"

#include <algorithm>
#include <optional>

#include "assay/profile/column_pass.h"
#include "assay/profile/contract_check.h"
#include "assay/profile/describe.h"
#include "assay/profile/rules.h"
#include "assay/words.h"
#include "base/json_text.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/random.h"

namespace bulwark::assay::profile {
namespace {

// Rows of a block that all columns are taken through before the next: they then still lie in the cache.
constexpr std::size_t kTileCells = 32'768;
constexpr std::size_t kLeastTile = 256;
constexpr std::size_t kMostTile = 2'048;

class Pass : public Part {
 public:
  Pass(std::span<const tables::Column> columns, const Options& options) : options_(options) {
    const std::size_t kept = std::min(columns.size(), options.limits.columns);
    profile_.columns_left_out = columns.size() - kept;
    const SketchSizes sizes = sketch_sizes(kept);
    const std::size_t exact = options.exact_unique && kept != 0 ? options.limits.exact_values / kept : 0;
    passes_.reserve(kept);
    for (std::size_t i = 0; i < kept; ++i) {
      stats::Philox seed(options.settings.seed, stats::stream_key("profile quantiles"), i);
      passes_.emplace_back(columns[i], sizes, seed.bits64(), exact);
    }
    tile_ = std::clamp(kTileCells / std::max<std::size_t>(1, kept), kLeastTile, kMostTile);
    if (options.contract != nullptr) check_.emplace(*options.contract, columns, options.settings);
  }

  void take(const tables::Block& block) override {
    profile_.rows += block.rows;
    const std::size_t columns = std::min(passes_.size(), block.columns.size());
    // Each column sees its rows in order, whoever takes it.
    const std::size_t jobs = std::max<std::size_t>(1, options_.settings.jobs);
    const std::size_t groups = std::min(columns, jobs == 1 ? 1 : 4 * jobs);
    parallel_for(groups, jobs, [&](std::size_t group) {
      const std::size_t begin = columns * group / groups;
      const std::size_t end = columns * (group + 1) / groups;
      for (std::size_t row = 0; row < block.rows; row += tile_)
        for (std::size_t i = begin; i < end; ++i)
          passes_[i].take(block.columns[i], block.first_row, row, std::min(row + tile_, block.rows));
    });
    if (check_) check_->take(block);
  }

  PartResult finish() override {
    for (ColumnPass& pass : passes_) profile_.columns.push_back(pass.finish());
    passes_.clear();
    PartResult result;
    result.part = "profile";
    result.outcome = profile_.rows == 0 ? Outcome::NotAssessed : Outcome::Passed;
    result.findings = profile_findings(profile_, options_.limits.findings_per_rule, left_out_);
    describe(result);
    if (check_) check_->finish(result, options_.settings.details);
    if (options_.reference != nullptr) compare(result);
    explain(result);
    return result;
  }

  const Profile& profile() const override { return profile_; }

 private:
  void describe(PartResult& result) const {
    result.listings.push_back(columns_listing(profile_, options_.settings.listed));
    result.plots = profile_plots(profile_);
    if (profile_.columns_left_out != 0)
      result.gaps.push_back({.reason = GapReason::Limit,
                             .path = {},
                             .origin = {},
                             .place = {},
                             .why = std::to_string(profile_.columns_left_out) + " columns beyond the first " +
                                    std::to_string(options_.limits.columns) + " were not profiled"});
    result.blind = {"values that are wrong but of the right type, form and range",
                    "which of several ways to write the same value is meant"};
    if (!options_.settings.details) return;
    Document columns = json_list();
    for (std::size_t i = 0; i < profile_.columns.size(); ++i)
      columns.list.push_back(column_json(profile_.columns[i], i < options_.limits.detailed_columns));
    result.details.map.emplace_back("rows", json_integer(static_cast<std::int64_t>(profile_.rows)));
    result.details.map.emplace_back("columns", std::move(columns));
  }

  void compare(PartResult& result) const {
    const std::vector<Anomaly> anomalies = diff_profiles(*options_.reference, profile_);
    Document list = json_list();
    std::size_t found = 0;
    for (const Anomaly& anomaly : anomalies) {
      if (options_.settings.details)
        list.list.push_back(json_map({{"code", json_string(std::string(anomaly.code))},
                                      {"column", json_string(printable(anomaly.column))},
                                      {"message", json_string(anomaly.message)}}));
      // One for a rule and a column; the json has all codes.
      const Rule& rule = anomaly.schema ? kSchemaChanged : kValuesChanged;
      const bool told = std::ranges::any_of(result.findings, [&](const Finding& finding) {
        return finding.rule == &rule && finding.subject == printable(anomaly.column, 100);
      });
      if (told || ++found > options_.limits.findings_per_rule) continue;
      Finding finding;
      finding.rule = &rule;
      finding.severity = rule.severity;
      finding.subject = printable(anomaly.column, 100);
      finding.message = anomaly.message;
      finding.evidence = std::string(anomaly.code);
      result.findings.push_back(std::move(finding));
    }
    if (options_.settings.details) result.details.map.emplace_back("diff", std::move(list));
    anomalies_told(result, anomalies.size());
  }

  void anomalies_told(PartResult& result, std::size_t count) const {
    if (profile_.rows == 0) return;
    if (count != 0 && result.outcome == Outcome::Passed) result.outcome = Outcome::Failed;
    result.why += (result.why.empty() ? "" : "; ") +
                  (count == 0 ? std::string("nothing departs from the reference profile")
                              : std::to_string(count) + " departures from the reference profile");
  }

  void explain(PartResult& result) const {
    std::string columns = std::to_string(profile_.columns.size()) + " columns of " +
                          std::to_string(profile_.rows) + " rows were profiled";
    if (profile_.rows == 0) columns = "there are no rows";
    result.why = result.why.empty() ? columns + (check_ || options_.reference != nullptr || profile_.rows == 0
                                                     ? ""
                                                     : "; there is no contract to hold them against")
                                    : columns + "; " + result.why;
    if (left_out_ != 0)
      result.why += "; of each kind of finding the first " +
                    std::to_string(options_.limits.findings_per_rule) + " columns are told, " +
                    std::to_string(left_out_) + " are not";
  }

  Options options_;
  std::size_t tile_ = kMostTile;
  std::size_t left_out_ = 0;  // findings
  Profile profile_;
  std::vector<ColumnPass> passes_;
  std::optional<ContractCheck> check_;
};

}  // namespace

const ColumnProfile* Profile::find(std::string_view name) const {
  const auto at = std::ranges::find(columns, name, &ColumnProfile::name);
  return at == columns.end() ? nullptr : &*at;
}

std::unique_ptr<Part> make_part(std::span<const tables::Column> columns, const Options& options) {
  return std::make_unique<Pass>(columns, options);
}

}  // namespace bulwark::assay::profile

namespace bulwark::assay {

std::unique_ptr<StreamingPart> profile_part(std::span<const tables::Column> columns,
                                            const Settings& settings) {
  return profile::make_part(
      columns,
      {.settings = settings, .contract = nullptr, .reference = nullptr, .exact_unique = false, .limits = {}});
}

}  // namespace bulwark::assay
