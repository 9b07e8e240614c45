#include "atlas/map.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "atlas/embedded.h"
#include "atlas/table.h"

namespace bulwark::atlas {
namespace {

template <class Item, class Key>
const Item* find_in(const std::vector<Item>& items, std::string_view id, Key key) {
  const auto found = std::ranges::find(items, id, key);
  return found == items.end() ? nullptr : &*found;
}

Result<std::vector<Control>> read_controls() {
  const Table table =
      TRY(Table::read("controls", embedded::controls(), {"control_id", "module", "statement"}));
  std::vector<Control> controls;
  for (std::size_t i = 0; i < table.rows(); ++i)
    controls.push_back({table.at(i, 0), table.at(i, 1), table.at(i, 2)});
  return controls;
}

Result<std::vector<Defence>> read_defences() {
  const Table table = TRY(Table::read(
      "control_map", embedded::control_map(),
      {"technique_id", "name", "family", "class", "can_prevent", "can_detect", "can_test", "phases",
       "controls", "control", "drill_id", "drill", "oracle", "drill_kind", "proof_type", "wave"}));
  std::vector<Defence> defences;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const int wave = TRY(table.number(i, 15));
    defences.push_back({.technique = table.at(i, 0),
                        .name = table.at(i, 1),
                        .family = table.at(i, 2),
                        .kind = table.at(i, 3),
                        .can_prevent = table.at(i, 4) == "1",
                        .can_detect = table.at(i, 5) == "1",
                        .can_test = table.at(i, 6) == "1",
                        .phases = table.list(i, 7),
                        .controls = table.list(i, 8),
                        .control = table.at(i, 9),
                        .drill_id = table.at(i, 10),
                        .drill = table.at(i, 11),
                        .oracle = table.at(i, 12),
                        .drill_kind = table.at(i, 13),
                        .proof_type = table.at(i, 14),
                        .wave = wave});
  }
  std::ranges::sort(defences, {}, &Defence::technique);
  return defences;
}

Result<std::vector<Answer>> read_answers() {
  const Table table = TRY(Table::read("mitigation_map", embedded::mitigation_map(),
                                      {"mitigation_id", "name", "coverage", "controls", "how", "proof"}));
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    answers.push_back(
        {table.at(i, 0), table.at(i, 1), table.at(i, 2), table.list(i, 3), table.at(i, 4), table.at(i, 5)});
  }
  std::ranges::sort(answers, {}, &Answer::mitigation);
  return answers;
}

Result<int> step_number(const Table& table, std::size_t row, std::size_t column) {
  if (table.at(row, column).empty()) return 0;
  return table.number(row, column);
}

Result<std::vector<Replay>> read_replays() {
  const Table table =
      TRY(Table::read("casestudy_drills", embedded::casestudy_drills(),
                      {"casestudy_id", "name", "replay", "first_preventable_step", "first_detectable_step",
                       "expected_result", "drill", "control_text", "control_ids"}));
  std::vector<Replay> replays;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const int preventable = TRY(step_number(table, i, 3));
    const int detectable = TRY(step_number(table, i, 4));
    replays.push_back({table.at(i, 0), table.at(i, 1), table.at(i, 2) == "full", preventable, detectable,
                       table.at(i, 5), table.at(i, 6), table.at(i, 7), table.list(i, 8)});
  }
  std::ranges::sort(replays, {}, &Replay::case_study);
  return replays;
}

Result<std::vector<Crossing>> read_crosswalk() {
  const Table table =
      TRY(Table::read("crosswalk", embedded::crosswalk(), {"framework", "item", "note", "controls"}));
  std::vector<Crossing> crosswalk;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    auto controls = table.at(i, 3) == "-" ? std::vector<std::string_view>() : table.list(i, 3);
    crosswalk.push_back({table.at(i, 0), table.at(i, 1), table.at(i, 2), std::move(controls)});
  }
  return crosswalk;
}

Result<std::vector<UpstreamChange>> read_upstream() {
  const Table table = TRY(Table::read("upstream_delta", embedded::upstream_delta(),
                                      {"release", "kind", "id", "name_or_change", "source"}));
  std::vector<UpstreamChange> changes;
  for (std::size_t i = 0; i < table.rows(); ++i)
    changes.push_back({table.at(i, 0), table.at(i, 1), table.at(i, 2), table.at(i, 3), table.at(i, 4)});
  return changes;
}

Result<Map> read_map() {
  Map map;
  map.controls = TRY(read_controls());
  map.defences = TRY(read_defences());
  map.answers = TRY(read_answers());
  map.replays = TRY(read_replays());
  map.crosswalk = TRY(read_crosswalk());
  map.upstream = TRY(read_upstream());
  return map;
}

}  // namespace

const Control* Map::control(std::string_view id) const {
  return find_in(controls, id, &Control::id);
}
const Defence* Map::defence(std::string_view technique) const {
  return find_in(defences, technique, &Defence::technique);
}
const Answer* Map::answer(std::string_view mitigation) const {
  return find_in(answers, mitigation, &Answer::mitigation);
}
const Replay* Map::replay(std::string_view case_study) const {
  return find_in(replays, case_study, &Replay::case_study);
}

const Map& map() {
  static const Map map = [] {
    auto read = read_map();
    if (!read) std::abort();  // our own data; a test reads every table
    return std::move(*read);
  }();
  return map;
}

const std::vector<Phase>& phases() {
  // The survey: "Towards Secure MLOps", arXiv 2506.02032 v2, three phases.
  static const std::vector<Phase> phases = {
      {"DC", "data collection", "Design / Setup"},
      {"DP", "data preparation", "Design / Setup"},
      {"TR", "training", "Model Development and Evaluation"},
      {"VT", "validation and trials", "Model Development and Evaluation"},
      {"CI", "CI/CD and packaging", "Model Development and Evaluation"},
      {"RG", "registry", "Model Development and Evaluation"},
      {"DE", "deployment", "Operations"},
      {"SV", "serving", "Operations"},
      {"MO", "monitoring", "Operations"},
      {"XI", "cross-cutting (identity, infrastructure)", "Design / Setup"},
  };
  return phases;
}

const Phase* phase(std::string_view code) {
  return find_in(phases(), code, &Phase::code);
}

}  // namespace bulwark::atlas
