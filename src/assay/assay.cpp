#include "assay/assay.h"

#include <algorithm>
#include <array>

#include "assay/poison/feedback.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr auto kStreaming = std::to_array<std::string_view>({"profile", "pii", "text"});

// A batch of feedback is only judged as one if somebody says that it is one.
bool wanted(const Request& request, std::string_view part) {
  if (request.only.empty()) return part != "feedback";
  return std::ranges::find(request.only, part) != request.only.end();
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

class Run {
 public:
  explicit Run(const Request& request)
      : request_(request), settings_(request.settings), dataset_(*request.dataset) {}

  Result<Assayed> run() {
    describe();
    TRY(stream());
    TRY(with_frame());
    collect();
    return std::move(outcome_);
  }

 private:
  void describe() {
    const tables::Description& about = dataset_.about();
    outcome_.path = about.path;
    outcome_.format = about.format;
    outcome_.bytes = about.bytes;
    outcome_.columns = about.columns.size();
    Roles& roles = settings_.roles;
    if (roles.label.empty()) {
      roles.label = guessed_label(about.columns);
      if (roles.label.empty() && about.columns.size() == 1 && request_.extras.probabilities != nullptr)
        roles.label = about.columns.front().name;
      if (!roles.label.empty())
        outcome_.notes.push_back("Column '" + printable(roles.label, 60) +
                                 "' was taken for the label (--label).");
    }
    for (const auto& [name, column] : {std::pair<std::string, const std::string&>{"label", roles.label},
                                       {"group", roles.group},
                                       {"source", roles.source},
                                       {"time", roles.time},
                                       {"id", roles.id}})
      if (!column.empty()) outcome_.roles.emplace_back(name, column);
  }

  std::unique_ptr<StreamingPart> make(std::string_view part) {
    const std::vector<tables::Column>& columns = dataset_.about().columns;
    if (part == "profile") {
      auto made = profile::make_part(columns, {.settings = settings_,
                                               .contract = request_.contract,
                                               .reference = request_.reference_profile,
                                               .exact_unique = request_.keep_profile,
                                               .limits = {}});
      profile_ = made.get();
      return made;
    }
    if (part == "pii") return pii_part(columns, settings_);
    return text_part(columns, settings_);
  }

  Result<void> stream() {
    std::vector<std::unique_ptr<StreamingPart>> parts;
    for (const std::string_view name : kStreaming)
      if (wanted(request_, name) || (name == "profile" && profile_asked_for())) parts.push_back(make(name));
    if (parts.empty() || dataset_.about().columns.empty()) return {};
    auto reader = TRY(dataset_.read({}));
    tables::Block block;
    while (true) {
      const bool more = TRY(reader->next(block));
      if (!more) break;
      rows_ += block.rows;
      for (const auto& part : parts) part->take(block);
    }
    outcome_.report.gaps.insert(outcome_.report.gaps.end(), reader->gaps().begin(), reader->gaps().end());
    gaps_told_ = true;
    for (const auto& part : parts) add(part->finish());
    if (request_.keep_profile && profile_ != nullptr) outcome_.profile = profile_->profile();
    profile_ = nullptr;
    return {};
  }

  bool profile_asked_for() const {
    return request_.contract != nullptr || request_.reference_profile != nullptr || request_.keep_profile;
  }

  void add(PartResult result) {
    results_.push_back(std::move(result));
    if (request_.on_part) request_.on_part();
  }

  bool needs_frame() const {
    return std::ranges::any_of(part_names(), [&](std::string_view part) {
      return std::ranges::find(kStreaming, part) == kStreaming.end() && wanted(request_, part);
    });
  }

  Result<void> with_frame() {
    if (!needs_frame()) return {};
    std::vector<Gap> gaps;
    const Frame frame = TRY(read_frame(dataset_, settings_, gaps));
    if (!gaps_told_) outcome_.report.gaps.insert(outcome_.report.gaps.end(), gaps.begin(), gaps.end());
    rows_ = frame.rows_in_all;
    if (!frame.row.empty()) outcome_.sampled = frame.rows;

    std::optional<Frame> reference;
    if (request_.reference != nullptr &&
        (wanted(request_, "leakage") || wanted(request_, "drift") || wanted(request_, "feedback")))
      reference = TRY(reference_frame());
    const Extras& extras = request_.extras;
    if (wanted(request_, "labels")) add(assay_labels(frame, extras, settings_));
    if (wanted(request_, "leakage"))
      add(assay_leakage(frame, reference ? &*reference : nullptr, extras, settings_));
    if (wanted(request_, "poison")) add(assay_poison(frame, extras, settings_));
    if (wanted(request_, "drift")) add(drift(frame, reference));
    if (wanted(request_, "feedback")) add(feedback(frame, reference));
    return {};
  }

  Result<Frame> reference_frame() {
    const std::string& path = request_.reference->about().path;
    std::vector<Gap> gaps;
    auto frame = read_frame(*request_.reference, settings_, gaps);
    if (!frame) return std::unexpected(std::move(frame).error().within(path));
    for (Gap& gap : gaps) {
      gap.path = path;
      outcome_.report.gaps.push_back(std::move(gap));
    }
    return frame;
  }

  PartResult drift(const Frame& frame, const std::optional<Frame>& reference) const {
    if (reference) return assay_drift(*reference, frame, settings_);
    PartResult result;
    result.part = "drift";
    result.why = "needs a data set to compare with (--against)";
    return result;
  }

  PartResult feedback(const Frame& frame, const std::optional<Frame>& base) const {
    if (base) return assay_feedback(*base, frame, {}, settings_);
    PartResult result;
    result.part = "feedback";
    result.why = "needs the data that are trusted (--against)";
    return result;
  }

  void collect() {
    outcome_.rows = rows_;
    for (const std::string_view name : part_names()) {
      const auto found = std::ranges::find(results_, name, &PartResult::part);
      if (found == results_.end()) continue;
      PartResult& part = *found;
      outcome_.undecided = outcome_.undecided || part.outcome == Outcome::Undecided ||
                           (part.outcome == Outcome::NotAssessed && !request_.only.empty());
      for (Finding& finding : part.findings) {
        finding.path = outcome_.path;
        outcome_.report.findings.push_back(std::move(finding));
      }
      for (Gap& gap : part.gaps) outcome_.report.gaps.push_back(std::move(gap));
      outcome_.parts.push_back(std::move(part));
    }
    for (Gap& gap : outcome_.report.gaps)
      if (gap.path.empty()) gap.path = outcome_.path;
    outcome_.report.inspected.push_back({.path = outcome_.path,
                                         .origin = {},
                                         .size = outcome_.bytes,
                                         .formats = {outcome_.format},
                                         .facts = {},
                                         .trace = {}});
  }

  const Request& request_;
  Settings settings_;
  const tables::Dataset& dataset_;
  Assayed outcome_;
  std::vector<PartResult> results_;
  const profile::Part* profile_ = nullptr;  // while its part lives
  std::uint64_t rows_ = 0;
  bool gaps_told_ = false;  // of the reader
};

}  // namespace

const std::vector<std::string_view>& part_names() {
  static const std::vector<std::string_view> kParts = {"profile", "pii",  "labels", "leakage",
                                                       "poison",  "text", "drift",  "feedback"};
  return kParts;
}

Result<Assayed> assay(const Request& request) {
  return Run(request).run();
}

}  // namespace bulwark::assay
