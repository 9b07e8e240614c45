#include "cli/assay_run.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/progress.h"

namespace bulwark::cli {
namespace {

using assay::Outcome;
using assay::PartResult;

constexpr auto kStreaming = std::to_array<std::string_view>({"profile", "pii", "text"});

bool wanted(const AssayRequest& request, std::string_view part) {
  return request.only.empty() || std::ranges::find(request.only, part) != request.only.end();
}

// The column that holds the labels, where nobody has said so: only names that mean nothing else.
std::string guessed_label(const std::vector<tables::Column>& columns) {
  constexpr auto kNames = std::to_array<std::string_view>({"label", "labels", "target", "class", "y"});
  std::string guess;
  for (const tables::Column& column : columns) {
    if (std::ranges::find(kNames, lower(column.name)) == kNames.end()) continue;
    if (!guess.empty()) return {};
    guess = column.name;
  }
  // A data set of one column of labels, beside its probabilities.
  return guess;
}

Result<tables::Array> array_of(const std::string& path, std::string_view option,
                               const tables::DatasetOptions& options) {
  const auto named = [&](Error error) { return std::move(error).within("--" + std::string(option)); };
  auto dataset = tables::open_dataset(path, {.limits = options.limits, .jobs = options.jobs});
  if (!dataset) return std::unexpected(named(std::move(dataset).error()));
  if ((*dataset)->about().arrays.size() != 1)
    return std::unexpected(
        named({.code = Code::InvalidInput,
               .message = printable(path, 200) + " must hold one array of two dimensions, and holds " +
                          std::to_string((*dataset)->about().arrays.size())}));
  auto array = (*dataset)->array((*dataset)->about().arrays.front().name);
  if (!array) return std::unexpected(named(std::move(array).error()));
  return array;
}

class Run {
 public:
  Run(const AssayRequest& request, const tables::Dataset& dataset)
      : request_(request), settings_(request.settings), dataset_(dataset) {}

  Result<AssayOutcome> run() {
    describe();
    TRY(stream());
    TRY(with_frame());
    collect();
    return std::move(outcome_);
  }

 private:
  void describe() {
    const tables::Description& about = dataset_.about();
    report::AssayedData& data = outcome_.data;
    data.path = about.path;
    data.format = about.format;
    data.bytes = about.bytes;
    data.columns = about.columns.size();
    assay::Roles& roles = settings_.roles;
    if (roles.label.empty()) {
      roles.label = guessed_label(about.columns);
      if (roles.label.empty() && about.columns.size() == 1 && !request_.probabilities.empty())
        roles.label = about.columns.front().name;
      if (!roles.label.empty())
        data.notes.push_back("Column '" + printable(roles.label, 60) +
                             "' was taken for the label (--label).");
    }
    for (const auto& [name, column] : {std::pair<std::string, const std::string&>{"label", roles.label},
                                       {"group", roles.group},
                                       {"source", roles.source},
                                       {"time", roles.time},
                                       {"id", roles.id}})
      if (!column.empty()) data.roles.emplace_back(name, column);
  }

  std::unique_ptr<assay::StreamingPart> make(std::string_view part) const {
    const std::vector<tables::Column>& columns = dataset_.about().columns;
    if (part == "profile") return assay::profile_part(columns, settings_);
    if (part == "pii") return assay::pii_part(columns, settings_);
    return assay::text_part(columns, settings_);
  }

  Result<void> stream() {
    std::vector<std::unique_ptr<assay::StreamingPart>> parts;
    for (const std::string_view name : kStreaming)
      if (wanted(request_, name)) parts.push_back(make(name));
    if (parts.empty() || dataset_.about().columns.empty()) return {};
    auto reader = TRY(dataset_.read({}));
    tables::Block block;
    while (TRY(reader->next(block))) {
      rows_ += block.rows;
      for (const auto& part : parts) part->take(block);
    }
    outcome_.report.gaps.insert(outcome_.report.gaps.end(), reader->gaps().begin(), reader->gaps().end());
    gaps_told_ = true;
    for (const auto& part : parts) results_.push_back(part->finish());
    return {};
  }

  bool needs_frame() const {
    return std::ranges::any_of(assay_parts(), [&](std::string_view part) {
      return std::ranges::find(kStreaming, part) == kStreaming.end() && wanted(request_, part);
    });
  }

  Result<void> with_frame() {
    if (!needs_frame()) return {};
    std::vector<Gap> gaps;
    const assay::Frame frame = TRY(assay::read_frame(dataset_, settings_, gaps));
    if (!gaps_told_) outcome_.report.gaps.insert(outcome_.report.gaps.end(), gaps.begin(), gaps.end());
    rows_ = frame.rows_in_all;
    if (!frame.row.empty()) outcome_.data.sampled = frame.rows;

    std::optional<assay::Frame> reference;
    if (!request_.against.empty() && (wanted(request_, "leakage") || wanted(request_, "drift")))
      reference = TRY(reference_frame());
    std::optional<tables::Array> probabilities;
    std::optional<tables::Array> embeddings;
    if (!request_.probabilities.empty())
      probabilities = TRY(array_of(request_.probabilities, "probabilities", request_.dataset));
    if (!request_.embeddings.empty())
      embeddings = TRY(array_of(request_.embeddings, "embeddings", request_.dataset));
    const assay::Extras extras{.probabilities = probabilities ? &*probabilities : nullptr,
                               .embeddings = embeddings ? &*embeddings : nullptr,
                               .model = nullptr,
                               .label_filter = request_.label_filter,
                               .allow_in_sample = request_.allow_in_sample};
    if (wanted(request_, "labels")) results_.push_back(assay::assay_labels(frame, extras, settings_));
    if (wanted(request_, "leakage"))
      results_.push_back(assay::assay_leakage(frame, reference ? &*reference : nullptr, extras, settings_));
    if (wanted(request_, "poison")) results_.push_back(assay::assay_poison(frame, extras, settings_));
    if (wanted(request_, "drift")) results_.push_back(drift(frame, reference));
    return {};
  }

  Result<assay::Frame> reference_frame() {
    auto dataset = tables::open_dataset(request_.against, request_.dataset);
    if (!dataset) return std::unexpected(std::move(dataset).error().within("--against"));
    auto frame = assay::read_frame(**dataset, settings_, outcome_.report.gaps);
    if (!frame) return std::unexpected(std::move(frame).error().within("--against"));
    return frame;
  }

  PartResult drift(const assay::Frame& frame, const std::optional<assay::Frame>& reference) const {
    if (reference) return assay::assay_drift(*reference, frame, settings_);
    PartResult result;
    result.part = "drift";
    result.why = "needs a data set to compare with (--against)";
    return result;
  }

  void collect() {
    outcome_.data.rows = rows_;
    for (const std::string_view name : assay_parts()) {
      const auto found = std::ranges::find(results_, name, &PartResult::part);
      if (found == results_.end()) continue;
      PartResult& part = *found;
      outcome_.undecided = outcome_.undecided || part.outcome == Outcome::Undecided ||
                           (part.outcome == Outcome::NotAssessed && !request_.only.empty());
      for (Finding& finding : part.findings) {
        finding.path = outcome_.data.path;
        outcome_.report.findings.push_back(std::move(finding));
      }
      for (Gap& gap : part.gaps) outcome_.report.gaps.push_back(std::move(gap));
      outcome_.data.parts.push_back(std::move(part));
    }
    for (Gap& gap : outcome_.report.gaps)
      if (gap.path.empty()) gap.path = outcome_.data.path;
    outcome_.report.inspected.push_back({.path = outcome_.data.path,
                                         .origin = {},
                                         .size = outcome_.data.bytes,
                                         .formats = {outcome_.data.format},
                                         .facts = {},
                                         .trace = {}});
  }

  const AssayRequest& request_;
  assay::Settings settings_;
  const tables::Dataset& dataset_;
  AssayOutcome outcome_;
  std::vector<PartResult> results_;
  std::uint64_t rows_ = 0;
  bool gaps_told_ = false;  // of the reader
};

}  // namespace

const std::vector<std::string_view>& assay_parts() {
  static const std::vector<std::string_view> kParts = {"profile", "pii",  "labels", "leakage",
                                                       "poison",  "text", "drift"};
  return kParts;
}

Result<AssayOutcome> assay_data(const AssayRequest& request) {
  const auto dataset = TRY(tables::open_dataset(request.path, request.dataset));
  return Run(request, *dataset).run();
}

}  // namespace bulwark::cli
