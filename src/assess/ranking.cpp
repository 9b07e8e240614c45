#include "assess/ranking.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace bulwark::assess {
namespace {

// Below this a control adds nothing that the estimate could tell from nothing.
constexpr double kNothing = 1e-9;

bool contains(const std::vector<std::string_view>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

class Greedy {
 public:
  Greedy(const std::vector<Risk>& risks, const atlas::Map& map, const Knowledge& knowledge,
         const std::vector<std::string_view>& in_use, const std::vector<std::string_view>& implemented)
      : risks_(risks), left_(risks.size(), 1.0) {
    for (const Risk& risk : risks) ranking_.risk += risk.weight;
    for (std::size_t i = 0; i < map.controls.size(); ++i) {
      const std::string_view id = map.controls[i].id;
      if (contains(in_use, id)) {
        ranking_.closed += gain_of(id);
        take(id);
        continue;
      }
      const Change* change = knowledge.change_of(id);
      if (change == nullptr) continue;
      const auto phase = std::ranges::find(atlas::phases(), change->phase, &atlas::Phase::code);
      const bool known = phase != atlas::phases().end();
      candidates_.push_back({.id = id,
                             .change = change,
                             .early = known && phase->survey != atlas::phase("SV")->survey,
                             .effort = change->effort * (contains(implemented, id) ? 1 : 2),
                             .phase = static_cast<std::size_t>(phase - atlas::phases().begin()),
                             .order = i});
    }
  }

  Ranking run() {
    for (const bool early : {true, false})
      while (next(early)) {
      }
    return std::move(ranking_);
  }

 private:
  struct Candidate {
    std::string_view id;
    const Change* change;
    bool early;
    int effort;
    std::size_t phase;  // place in the order of a pipeline
    std::size_t order;  // place in the map
  };

  double gain_of(std::string_view control) const {
    double gain = 0;
    for (std::size_t i = 0; i < risks_.size(); ++i)
      gain += risks_[i].weight * left_[i] * share_of(*risks_[i].defence, control);
    return gain;
  }

  void take(std::string_view control) {
    for (std::size_t i = 0; i < risks_.size(); ++i) left_[i] *= 1.0 - share_of(*risks_[i].defence, control);
  }

  // Ranks the best of the candidates of that part; false if none closes anything.
  bool next(bool early) {
    const Candidate* best = nullptr;
    double best_gain = 0;
    const auto rank_of = [](const Candidate& candidate, double gain) {
      return std::tuple(-gain / candidate.effort, candidate.phase, candidate.effort, candidate.order);
    };
    for (const Candidate& candidate : candidates_) {
      if (candidate.early != early) continue;
      const double gain = gain_of(candidate.id);
      if (gain <= kNothing) continue;
      if (best == nullptr || rank_of(candidate, gain) < rank_of(*best, best_gain)) {
        best = &candidate;
        best_gain = gain;
      }
    }
    if (best == nullptr) return false;
    ranking_.controls.push_back({.control = best->id,
                                 .change = best->change,
                                 .early = early,
                                 .effort = best->effort,
                                 .closes = best_gain,
                                 .score = best_gain / best->effort,
                                 .techniques = helped(best->id)});
    take(best->id);
    std::erase_if(candidates_, [id = best->id](const Candidate& candidate) { return candidate.id == id; });
    return true;
  }

  std::vector<std::string_view> helped(std::string_view control) const {
    std::vector<std::pair<double, std::string_view>> all;
    for (std::size_t i = 0; i < risks_.size(); ++i) {
      const double share = share_of(*risks_[i].defence, control);
      if (share > 0) all.emplace_back(-risks_[i].weight * left_[i] * share, risks_[i].defence->technique);
    }
    std::ranges::sort(all);
    std::vector<std::string_view> techniques;
    for (const auto& [gain, technique] : all) techniques.push_back(technique);
    return techniques;
  }

  const std::vector<Risk>& risks_;
  std::vector<double> left_;  // part of each risk that is still open
  std::vector<Candidate> candidates_;
  Ranking ranking_;
};

}  // namespace

int weight_of(std::string_view maturity, int incidents, int exercises, Exposure exposure) {
  const int mature = maturity == "realized" ? 3 : maturity == "demonstrated" ? 2 : 1;
  const int cases = 4 + std::min(12, 4 * incidents + exercises);
  const int exposed = exposure == Exposure::Public ? 4 : exposure == Exposure::Network ? 3 : 2;
  return mature * cases * exposed;
}

double share_of(const atlas::Defence& defence, std::string_view control) {
  const auto found = std::ranges::find(defence.controls, control);
  if (found == defence.controls.end() || !defence.in_reach()) return 0;
  double share = defence.kind == "prevent" ? 0.5 : defence.kind == "detect" ? 0.25 : 0.125;
  for (auto before = defence.controls.begin(); before != found; ++before) share /= 2;
  return share;
}

Ranking rank(const std::vector<Risk>& risks, const atlas::Map& map, const Knowledge& knowledge,
             const std::vector<std::string_view>& in_use, const std::vector<std::string_view>& implemented) {
  return Greedy(risks, map, knowledge, in_use, implemented).run();
}

}  // namespace bulwark::assess
