#include <algorithm>
#include <map>
#include <numeric>

#include "assay/poison/crowds.h"
#include "assay/poison/rules_of_poison.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kFlood = 10;     // rows that are no accident
constexpr double kUsualCopies = 0.05;  // share of rows in small groups above which copies are normal here
constexpr double kOneLabel = 0.95;

}  // namespace

std::vector<std::vector<std::uint32_t>> duplicate_groups(const Neighbourhood& around) {
  const std::size_t rows = around.disagree.size();
  std::vector<std::uint32_t> parent(rows);
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](std::uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const std::size_t k = around.near.k;
  for (std::uint32_t i = 0; i < rows; ++i)
    for (std::size_t n = 0;
         n < k && static_cast<double>(around.near.distances[i * k + n]) <= around.duplicate; ++n)
      parent[root(i)] = root(around.near.rows[i * k + n]);
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_root;
  for (std::uint32_t i = 0; i < rows; ++i) by_root[root(i)].push_back(i);
  std::vector<std::vector<std::uint32_t>> groups;
  for (auto& [first, members] : by_root)
    if (members.size() > 1) groups.push_back(std::move(members));
  std::ranges::stable_sort(groups, std::ranges::greater(), &std::vector<std::uint32_t>::size);
  return groups;
}

DetectorRun find_floods(const Frame& frame, const LabelledRows& labelled, const Neighbourhood& around) {
  if (!around.why_not.empty()) return did_not_run("floods", 'D', around.why_not);
  if (around.duplicate <= 0)
    return did_not_run("floods", 'D', "most rows have an exact copy, so that copies say nothing here");
  const auto groups = duplicate_groups(around);
  std::size_t in_small = 0;
  for (const auto& group : groups) in_small += group.size() < kFlood ? group.size() : 0;
  if (static_cast<double>(in_small) > kUsualCopies * static_cast<double>(labelled.rows.size()))
    return did_not_run("floods", 'D', "near duplicates are usual in this data");

  DetectorRun run;
  run.name = "floods";
  run.ran = true;
  run.rule = &kFloodRule;
  run.basis = "groups of " + std::to_string(kFlood) +
              " near duplicates (nearer than 0.13 of the usual distance) "
              "where at most one row in twenty has one; none in clean reference data";
  std::size_t floods = 0;
  for (const auto& group : groups) {
    if (group.size() < kFlood) break;
    std::vector<std::size_t> labels(labelled.classes);
    for (const std::uint32_t i : group) ++labels[static_cast<std::size_t>(labelled.labels[i])];
    const auto most = std::ranges::max_element(labels);
    if (static_cast<double>(*most) < kOneLabel * static_cast<double>(group.size())) continue;
    ++floods;
    const std::string name = printable(frame.classes[static_cast<std::size_t>(most - labels.begin())], 40);
    for (const std::uint32_t i : group)
      run.rows.push_back(
          {.row = labelled.rows[i],
           .reason = "one of " + std::to_string(group.size()) + " near duplicates with label " + name});
    if (run.summary.empty())
      run.summary = std::to_string(group.size()) + " near duplicates have label " + name;
  }
  std::ranges::sort(run.rows, {}, &Suspicion::row);
  run.details = json_map({{"groups", json_integer(static_cast<std::int64_t>(floods))}});
  return run;
}

}  // namespace bulwark::assay
