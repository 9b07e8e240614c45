#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/poison/crowds.h"
#include "assay/poison/rules_of_poison.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/distribution.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr std::uint8_t kSure = 8;  // of ten neighbours with the other label
constexpr std::size_t kLeastFlips = 8;
constexpr double kFlipAlpha = 0.001;         // of all pairs of classes together
constexpr double kMostContradicting = 0.12;  // of all rows: beyond, classes overlap, and rarely evenly
constexpr double kOneWay = 4;                // times the opposite direction
constexpr std::size_t kPermutations = 999;
constexpr double kBurstAlpha = 0.002;
constexpr std::size_t kWindow = 20;  // consecutive rows of a class

std::string name_of_class(const Frame& frame, std::size_t k) {
  return printable(frame.classes[k], 40);
}

}  // namespace

DetectorRun find_flips(const Frame& frame, const LabelledRows& labelled, const Neighbourhood& around) {
  if (!around.why_not.empty()) return did_not_run("label_flips", 'D', around.why_not);
  const std::size_t classes = labelled.classes;
  if (classes > 2'000) return did_not_run("label_flips", 'D', "there are more than two thousand classes");
  const auto contradicting = static_cast<double>(std::ranges::count(around.disagree, 1));
  if (contradicting > kMostContradicting * static_cast<double>(labelled.rows.size()))
    return did_not_run(
        "label_flips", 'D',
        "rows contradict their neighbours too often for flips to stand out (the labels part counts "
        "errors)");
  std::vector<std::uint32_t> sure(classes * classes);  // label, looks like
  std::vector<std::uint32_t> all(classes * classes);   // sure or not
  for (std::size_t i = 0; i < labelled.rows.size(); ++i)
    if (around.disagree[i] != 0)
      ++all[static_cast<std::size_t>(labelled.labels[i]) * classes +
            static_cast<std::size_t>(around.looks_like[i])];
  for (std::size_t i = 0; i < labelled.rows.size(); ++i)
    if (around.disagree[i] != 0 && around.votes[i] >= kSure)
      ++sure[static_cast<std::size_t>(labelled.labels[i]) * classes +
             static_cast<std::size_t>(around.looks_like[i])];
  DetectorRun run;
  run.name = "label_flips";
  run.ran = true;
  run.rule = &kFlipRule;
  run.false_alarm_rate = kFlipAlpha;
  run.basis = "sign test of both directions of each pair of classes, Bonferroni over all pairs";
  const double pairs = static_cast<double>(classes * (classes - 1)) / 2;
  std::vector<bool> flipped(classes * classes);
  for (std::size_t k = 0; k < classes; ++k)
    for (std::size_t j = 0; j < classes; ++j) {
      const std::uint32_t here = sure[k * classes + j];
      const std::uint32_t back = sure[j * classes + k];
      // Where classes overlap, most contradicting rows lie on the border and few are sure.
      if (k == j || here < kLeastFlips || here < kOneWay * back || 2 * here <= all[k * classes + j]) continue;
      if (stats::binomial_at_least(here, here + back, 0.5) * pairs >= kFlipAlpha) continue;
      flipped[k * classes + j] = true;
      if (run.summary.empty())
        run.summary = std::to_string(here) + " rows with label " + name_of_class(frame, k) +
                      " surely look like " + name_of_class(frame, j) + ", and " + std::to_string(back) +
                      " the other way round";
    }
  for (std::size_t i = 0; i < labelled.rows.size(); ++i) {
    const auto k = static_cast<std::size_t>(labelled.labels[i]);
    const auto j = static_cast<std::size_t>(around.looks_like[i]);
    if (around.disagree[i] == 0 || around.votes[i] < kSure || !flipped[k * classes + j]) continue;
    run.rows.push_back({.row = labelled.rows[i],
                        .reason = "labelled " + name_of_class(frame, k) + ", but its neighbours are " +
                                  name_of_class(frame, j) + "; so are many, and few the other way round"});
  }
  return run;
}

namespace {

// Most contradicting rows among kWindow consecutive ones, and where the window begins.
std::pair<std::size_t, std::size_t> densest(const std::vector<std::uint8_t>& marks) {
  std::size_t sum = 0;
  std::pair<std::size_t, std::size_t> best = {0, 0};
  for (std::size_t i = 0; i < marks.size(); ++i) {
    sum += marks[i];
    if (i >= kWindow) sum -= marks[i - kWindow];
    if (sum > best.first) best = {sum, i + 1 >= kWindow ? i + 1 - kWindow : 0};
  }
  return best;
}

}  // namespace

DetectorRun find_bursts(const Frame& frame, const LabelledRows& labelled, const Neighbourhood& around,
                        std::uint64_t seed, std::size_t jobs) {
  if (!around.why_not.empty()) return did_not_run("bursts", 'D', around.why_not);
  std::vector<std::vector<std::uint32_t>> of_class(labelled.classes);
  for (std::uint32_t i = 0; i < labelled.rows.size(); ++i)
    of_class[static_cast<std::size_t>(labelled.labels[i])].push_back(i);
  const bool timed = !frame.time.empty();
  DetectorRun run;
  run.name = "bursts";
  run.ran = true;
  run.rule = &kBurstRule;
  run.false_alarm_rate = std::min(1.0, kBurstAlpha * static_cast<double>(of_class.size()));
  run.basis = std::to_string(kPermutations) +
              " permutations of the order within each class, without a correction "
              "for the number of classes";
  run.details = json_map({{"order", json_string(timed ? "time" : "row")}});
  std::vector<std::vector<std::uint32_t>> found(of_class.size());
  parallel_for(of_class.size(), jobs, [&](std::size_t k) {
    std::vector<std::uint32_t>& rows = of_class[k];
    if (rows.size() < 2 * kWindow) return;
    if (timed)
      std::ranges::stable_sort(rows, {}, [&](std::uint32_t i) {
        const double time = frame.time[labelled.rows[i]];
        return std::isnan(time) ? std::numeric_limits<double>::infinity() : time;
      });
    std::vector<std::uint8_t> marks;
    for (const std::uint32_t i : rows) marks.push_back(around.disagree[i]);
    const auto [most, begin] = densest(marks);
    if (most < kLeastFlips) return;
    std::size_t as_dense = 0;
    stats::Philox random(seed, stats::stream_key("poison.bursts"), k);
    for (std::size_t draw = 0; draw < kPermutations; ++draw) {
      std::vector<std::uint8_t> shuffled = marks;
      random.shuffle(std::span<std::uint8_t>(shuffled));
      as_dense += densest(shuffled).first >= most ? 1U : 0U;
    }
    const double p = (static_cast<double>(as_dense) + 1) / (kPermutations + 1);
    if (p >= kBurstAlpha) return;
    for (std::size_t i = begin; i < std::min(begin + kWindow, rows.size()); ++i)
      if (marks[i] != 0) found[k].push_back(rows[i]);
  });
  for (std::size_t k = 0; k < found.size(); ++k) {
    for (const std::uint32_t i : found[k])
      run.rows.push_back({.row = labelled.rows[i],
                          .reason = "one of " + std::to_string(found[k].size()) + " rows of class " +
                                    name_of_class(frame, k) +
                                    " that contradict their neighbours and came within " +
                                    std::to_string(kWindow) + " rows of it"});
    if (!found[k].empty() && run.summary.empty())
      run.summary = std::to_string(found[k].size()) + " of " + std::to_string(kWindow) +
                    " consecutive rows of class " + name_of_class(frame, k) + " contradict their neighbours";
  }
  std::ranges::sort(run.rows, {}, &Suspicion::row);
  return run;
}

DetectorRun rank_disagreement(const LabelledRows& labelled, const Neighbourhood& around) {
  if (!around.why_not.empty()) return did_not_run("neighbour_disagreement", 'D', around.why_not);
  DetectorRun run;
  run.name = "neighbour_disagreement";
  run.ran = true;
  run.false_alarm_rate = 1;
  run.basis = "a second vote for rows that others flag; honest mistakes disagree as well";
  for (std::size_t i = 0; i < labelled.rows.size(); ++i)
    if (around.disagree[i] != 0)
      run.rows.push_back(
          {.row = labelled.rows[i], .reason = "most of its ten nearest rows have another label"});
  return run;
}

}  // namespace bulwark::assay
