#include <algorithm>

#include "assay/poison/crowds.h"
#include "assay/poison/rules_of_poison.h"
#include "base/text.h"
#include "stats/distribution.h"
#include "stats/interval.h"

namespace bulwark::assay {
namespace {

constexpr double kAlpha = 0.001;       // of all sources together
constexpr std::size_t kLeastRows = 8;  // contradicting rows of a source
constexpr std::size_t kMostSources = 10'000;

struct Source {
  std::uint64_t rows = 0;
  std::uint64_t disagreeing = 0;  // with the rows of all others
  std::uint64_t turned = 0;       // rows of others that agree with their label only without this source
  std::uint64_t helped = 0;       // rows of others that agree only with it
};

// Whether most of the ten nearest rows that are not of `source` have another label; without ten such rows
// among the neighbours the ones that are there vote.
bool disagrees_without(const Frame& frame, const LabelledRows& labelled, const Neighbourhood& around,
                       std::size_t i, std::int32_t source) {
  std::size_t voters = 0;
  std::size_t others = 0;
  for (std::size_t n = 0; n < around.near.k && voters < kVoters; ++n) {
    const std::uint32_t near = around.near.rows[i * around.near.k + n];
    if (frame.source[labelled.rows[near]] == source) continue;
    ++voters;
    others += labelled.labels[near] != labelled.labels[i] ? 1U : 0U;
  }
  return 2 * others > voters;
}

std::vector<Source> measured(const Frame& frame, const LabelledRows& labelled, const Neighbourhood& around) {
  std::vector<Source> sources(frame.source_names.size());
  std::vector<std::int32_t> seen;
  for (std::size_t i = 0; i < labelled.rows.size(); ++i) {
    const std::int32_t own = frame.source[labelled.rows[i]];
    if (own >= 0) {
      Source& source = sources[static_cast<std::size_t>(own)];
      ++source.rows;
      if (disagrees_without(frame, labelled, around, i, own)) ++source.disagreeing;
    }
    // Influence: what becomes of this row's vote without each of the sources around it.
    seen.clear();
    for (std::size_t n = 0; n < std::min(around.near.k, kVoters); ++n) {
      const std::int32_t other = frame.source[labelled.rows[around.near.rows[i * around.near.k + n]]];
      if (other < 0 || other == own || std::ranges::find(seen, other) != seen.end()) continue;
      seen.push_back(other);
      const bool without = disagrees_without(frame, labelled, around, i, other);
      Source& source = sources[static_cast<std::size_t>(other)];
      if (around.disagree[i] != 0 && !without) ++source.turned;
      if (around.disagree[i] == 0 && without) ++source.helped;
    }
  }
  return sources;
}

Document json_of(const Frame& frame, std::size_t s, const Source& source, double p, bool flagged) {
  const stats::Interval share = stats::wilson(source.disagreeing, source.rows);
  return json_map({{"source", json_string(printable(frame.source_names[s], 60))},
                   {"rows", json_integer(static_cast<std::int64_t>(source.rows))},
                   {"disagreeing", json_integer(static_cast<std::int64_t>(source.disagreeing))},
                   {"interval", json_map({{"estimate", json_number(share.estimate)},
                                          {"low", json_number(share.low)},
                                          {"high", json_number(share.high)},
                                          {"level", json_number(share.level)}})},
                   {"p", json_number(p)},
                   {"turned", json_integer(static_cast<std::int64_t>(source.turned))},
                   {"helped", json_integer(static_cast<std::int64_t>(source.helped))},
                   {"flagged", json_boolean(flagged)}});
}

}  // namespace

DetectorRun find_contributors(const Frame& frame, const LabelledRows& labelled, const Neighbourhood& around) {
  if (frame.source.empty())
    return did_not_run("contributors", 'D', "no column says who contributed a row (--source)");
  if (!around.why_not.empty()) return did_not_run("contributors", 'D', around.why_not);
  if (frame.source_names.size() < 2 || frame.source_names.size() > kMostSources)
    return did_not_run("contributors", 'D', "there is one source only, or more than ten thousand");
  const std::vector<Source> sources = measured(frame, labelled, around);
  std::uint64_t rows = 0;
  std::uint64_t disagreeing = 0;
  for (const Source& source : sources) {
    rows += source.rows;
    disagreeing += source.disagreeing;
  }
  DetectorRun run;
  run.name = "contributors";
  run.ran = true;
  run.rule = &kContributorRule;
  run.false_alarm_rate = kAlpha;
  run.basis = "binomial test of each source against all others, Bonferroni over " +
              std::to_string(sources.size()) + " sources";
  std::vector<bool> hostile(sources.size());
  std::vector<Document> list;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const Source& source = sources[s];
    // The others' rate, never below one row: a matched null as in trigger mining.
    const double expected = (static_cast<double>(disagreeing - source.disagreeing) + 1) /
                            (static_cast<double>(rows - source.rows) + 2);
    const double p = stats::binomial_at_least(source.disagreeing, source.rows, expected);
    hostile[s] = source.disagreeing >= kLeastRows && p * static_cast<double>(sources.size()) < kAlpha &&
                 stats::wilson(source.disagreeing, source.rows).low > 2 * expected;
    list.push_back(json_of(frame, s, source, p, hostile[s]));
    if (!hostile[s] || !run.summary.empty()) continue;
    run.summary = std::to_string(source.disagreeing) + " of " + std::to_string(source.rows) +
                  " rows of source " + printable(frame.source_names[s], 60) +
                  " contradict the rows of others, where " +
                  std::to_string(static_cast<int>(100 * expected + 0.5)) + " % are expected";
  }
  run.details = json_map({{"sources", json_list(std::move(list))}});
  for (std::size_t i = 0; i < labelled.rows.size(); ++i) {
    const std::int32_t own = frame.source[labelled.rows[i]];
    if (own < 0 || !hostile[static_cast<std::size_t>(own)]) continue;
    if (!disagrees_without(frame, labelled, around, i, own)) continue;
    run.rows.push_back(
        {.row = labelled.rows[i],
         .reason = "its label contradicts the rows of others around it, as many of its source do"});
  }
  return run;
}

}  // namespace bulwark::assay
