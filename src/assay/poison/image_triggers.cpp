#include "assay/poison/image_triggers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "assay/poison/image_mining.h"
#include "assay/poison/rules_of_poison.h"
#include "assay/poison/value_mining.h"
#include "base/text.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

// Carriers of a trigger among rows that were not mined.
class Extension {
 public:
  Extension(const MaskedSpace& space, const LevelColumns& levels) : space_(space), levels_(levels) {}

  void extend(Trigger& trigger, const Frame& frame, const LabelledRows& labelled,
              const std::vector<std::uint32_t>& mined) {
    barred_.clear();
    if (trigger.kind == "value") {
      barred_.assign(space_.rows(), 0.0F);
      const std::span<const float> column = space_.column(trigger.columns.front());
      for (std::size_t place = 0; place < barred_.size(); ++place)
        if (column[place] == trigger.values.front()) barred_[place] = std::numeric_limits<float>::infinity();
    }
    extend_to_others(
        trigger, {.values = frame.images->values, .rows = frame.rows, .width = space_.width()}, labelled,
        mined, space_, {.columns = trigger.hidden, .barred = barred_},
        [&](std::span<const float> point) { return carries(trigger, point); }, scratch_);
  }

 private:
  [[nodiscard]] bool carries(const Trigger& trigger, std::span<const float> point) const {
    for (std::size_t i = 0; i < trigger.columns.size(); ++i) {
      const float value = point[trigger.columns[i]];
      if (trigger.kind == "value" ? value != trigger.values[i]
                                  : static_cast<float>(levels_.level(value)) != trigger.values[i])
        return false;
    }
    return true;
  }

  const MaskedSpace& space_;
  const LevelColumns& levels_;
  MaskedSpace::Scratch scratch_;
  std::vector<float> barred_;
};

// Carriers whose pixels below the pattern are to the last bit those of nearly all flagged rows got them from
// the same hand, even if the rest of them happens to look like the class.
constexpr double kSamePixels = 0.9;
constexpr double kSureShare = 0.7;  // of disagreeing carriers, at least

void flag_twins(const Frame& frame, Trigger& trigger) {
  if (trigger.size < 2 || trigger.rows.empty() || trigger.share.low < kSureShare) return;
  const Images& images = *frame.images;
  const std::size_t width = images.height * images.width * images.channels;
  const auto pixels_of = [&](std::uint32_t row) {
    std::vector<float> pixels;
    for (const std::uint32_t c : trigger.columns) pixels.push_back(images.values[row * width + c]);
    return pixels;
  };
  std::map<std::vector<float>, std::size_t> seen;
  for (const std::uint32_t row : trigger.rows) ++seen[pixels_of(row)];
  const auto most = std::ranges::max_element(seen, {}, [](const auto& entry) { return entry.second; });
  if (static_cast<double>(most->second) < kSamePixels * static_cast<double>(trigger.rows.size())) return;
  std::vector<std::uint32_t> twins;
  for (const std::uint32_t row : trigger.carrier_rows)
    if (!std::ranges::binary_search(trigger.rows, row) && pixels_of(row) == most->first) twins.push_back(row);
  trigger.rows.insert(trigger.rows.end(), twins.begin(), twins.end());
  std::ranges::sort(trigger.rows);
}

// A window that explains part of another detector's trigger explains it all: what else that one names are odd
// rows of the class, which share a value with the pattern.
void trust_windows(const std::vector<Trigger>& windows, std::vector<Trigger>& others) {
  std::map<std::int32_t, std::set<std::uint32_t>> named;
  for (const Trigger& trigger : windows)
    named[trigger.label].insert(trigger.rows.begin(), trigger.rows.end());
  for (Trigger& trigger : others) {
    const std::set<std::uint32_t>& known = named[trigger.label];
    const auto is_known = [&](std::uint32_t row) { return known.contains(row); };
    if (4 * static_cast<std::size_t>(std::ranges::count_if(trigger.rows, is_known)) >= trigger.rows.size())
      std::erase_if(trigger.rows, [&](std::uint32_t row) { return !is_known(row); });
  }
}

std::string class_name(const Frame& frame, std::int32_t label) {
  return printable(frame.classes[static_cast<std::size_t>(label)], 40);
}

std::string reason_of(const Frame& frame, const ImageShape& shape, const Trigger& trigger) {
  const std::string tail = " looks like another class; " + std::to_string(trigger.disagreeing) + " of " +
                           std::to_string(trigger.carriers) + " rows of class " +
                           class_name(frame, trigger.label) + " with it do";
  if (trigger.kind == "anywhere")
    return "without the rows that share its " + std::to_string(trigger.size) + "x" +
           std::to_string(trigger.size) + " pattern, wherever it is, it" + tail;
  if (trigger.kind == "value") {
    const std::size_t c = trigger.columns.front();
    return "without the rows that share its value at pixel " +
           std::to_string(c / shape.width % shape.height) + "," + std::to_string(c % shape.width) + " it" +
           tail;
  }
  return "with the " + std::to_string(trigger.size) + "x" + std::to_string(trigger.size) + " pattern at " +
         std::to_string(trigger.row) + "," + std::to_string(trigger.column) + " hidden it" + tail;
}

// The most significant trigger speaks for a row.
void tell_rows(const Frame& frame, const ImageShape& shape, DetectorRun& run) {
  std::map<std::uint32_t, std::string> reasons;
  for (const Trigger& trigger : run.triggers)
    for (const std::uint32_t row : trigger.rows)
      if (!reasons.contains(row)) reasons.emplace(row, reason_of(frame, shape, trigger));
  for (auto& [row, reason] : reasons) run.rows.push_back({.row = row, .reason = std::move(reason)});
}

DetectorRun run_of(std::string name, const Rule& rule, Mined&& mined) {
  DetectorRun run;
  run.name = std::move(name);
  run.ran = true;
  run.rule = &rule;
  run.false_alarm_rate = kTriggerAlpha;
  run.basis = "Bonferroni over " + std::to_string(mined.tests) +
              " codes, against other rows of the class under the same mask";
  run.triggers = std::move(mined.triggers);
  run.details = json_map({{"tests", json_integer(static_cast<std::int64_t>(mined.tests))},
                          {"owned", json_integer(static_cast<std::int64_t>(mined.owned))}});
  return run;
}

}  // namespace

std::size_t mined_rows(std::size_t rows, std::size_t width, const MiningLimits& limits) {
  const double most = std::sqrt(limits.work / static_cast<double>(std::max<std::size_t>(width, 1)));
  return std::min({rows, limits.rows, std::max<std::size_t>(500, static_cast<std::size_t>(most))});
}

std::vector<std::uint32_t> mined_sample(std::size_t rows, std::size_t wanted, std::uint64_t seed) {
  std::vector<std::uint32_t> all(rows);
  std::iota(all.begin(), all.end(), 0U);
  if (wanted >= rows) return all;
  stats::Philox random(seed, stats::stream_key("poison.sample"));
  for (std::size_t i = 0; i < wanted; ++i) std::swap(all[i], all[i + random.below(rows - i)]);
  all.resize(wanted);
  std::ranges::sort(all);
  return all;
}

void extend_to_others(Trigger& trigger, const stats::MatrixView& points, const LabelledRows& labelled,
                      const std::vector<std::uint32_t>& mined, const MaskedSpace& space,
                      const MaskedSpace::Mask& mask,
                      const std::function<bool(std::span<const float>)>& carries,
                      MaskedSpace::Scratch& scratch) {
  auto next = mined.begin();
  for (std::uint32_t i = 0; i < labelled.rows.size(); ++i) {
    if (next != mined.end() && *next == i) {
      ++next;
      continue;
    }
    if (labelled.labels[i] != trigger.label) continue;
    const std::span<const float> point = points.row(labelled.rows[i]);
    if (!carries(point)) continue;
    ++trigger.carriers;
    trigger.carrier_rows.push_back(labelled.rows[i]);
    if (!space.disagrees(point, trigger.label, mask, scratch)) continue;
    ++trigger.disagreeing;
    trigger.rows.push_back(labelled.rows[i]);
  }
  std::ranges::sort(trigger.rows);
  std::ranges::sort(trigger.carrier_rows);
  trigger.share = stats::wilson(trigger.disagreeing, trigger.carriers);
}

ImageTriggers find_image_triggers(const Frame& frame, const LabelledRows& labelled, const Settings& settings,
                                  const MiningLimits& limits) {
  const Images& images = *frame.images;
  const ImageShape shape{.height = images.height, .width = images.width, .channels = images.channels};
  const std::size_t width = shape.height * shape.width * shape.channels;
  const std::vector<std::uint32_t> mined =
      mined_sample(labelled.rows.size(), mined_rows(labelled.rows.size(), width, limits), settings.seed);

  std::vector<float> values;
  std::vector<std::int32_t> labels;
  std::vector<std::uint32_t> frame_rows;
  for (const std::uint32_t i : mined) {
    const auto point = std::span<const float>(images.values).subspan(labelled.rows[i] * width, width);
    values.insert(values.end(), point.begin(), point.end());
    labels.push_back(labelled.labels[i]);
    frame_rows.push_back(labelled.rows[i]);
  }
  const MaskedSpace space({.values = values, .rows = mined.size(), .width = width}, labels, settings.seed,
                          settings.jobs);
  const LevelColumns levels = levels_of(space);

  ImageTriggers found;
  found.mined_rows = mined.size();
  found.windows = run_of("windows", kTriggerRule, mine_windows(space, levels, shape, settings.jobs));
  found.values = run_of("shared_values", kSharedValueRule, mine_values(space, Hide::Carriers, settings.jobs));
  Extension extension(space, levels);
  found.anywhere = run_of("anywhere", kTriggerRule, mine_anywhere(space, levels, shape, settings.jobs));
  for (DetectorRun* run : {&found.windows, &found.values, &found.anywhere}) {
    for (Trigger& trigger : run->triggers) {
      for (std::uint32_t& row : trigger.rows) row = frame_rows[row];
      for (std::uint32_t& row : trigger.carrier_rows) row = frame_rows[row];
      if (mined.size() < labelled.rows.size() && run != &found.anywhere)
        extension.extend(trigger, frame, labelled, mined);
    }
    if (run == &found.values) drop_stragglers(run->triggers);
    if (run == &found.windows)
      for (Trigger& trigger : run->triggers) flag_twins(frame, trigger);
    if (run != &found.windows) trust_windows(found.windows.triggers, run->triggers);
    tell_rows(frame, shape, *run);
  }
  return found;
}

}  // namespace bulwark::assay
