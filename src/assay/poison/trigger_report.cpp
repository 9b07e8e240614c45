#include "assay/poison/trigger_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "assay/words.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kPictures = 12;
constexpr std::size_t kCodeDigits = 26;  // of base 4: a code that a double of json holds exactly

Document integer(std::size_t value) {
  return json_integer(static_cast<std::int64_t>(value));
}

// The levels read row by row as one number in base 4; none if there are too many of them.
Document code_of(const Trigger& trigger) {
  if (trigger.kind != "window" || trigger.values.size() > kCodeDigits) return json_null();
  std::int64_t code = 0;
  for (const float level : trigger.values) code = code * 4 + static_cast<std::int64_t>(level);
  return json_integer(code);
}

std::string class_of(const Frame& frame, const Trigger& trigger) {
  return frame.classes[static_cast<std::size_t>(trigger.label)];
}

Document trigger_json(const Frame& frame, const DetectorRun& run, const Trigger& trigger) {
  std::vector<Document> values;
  for (const float value : trigger.values) values.push_back(json_number(static_cast<double>(value)));
  std::vector<Document::Entry> entry = {{"detector", json_string(run.name)},
                                        {"kind", json_string(trigger.kind)}};
  if (trigger.size > 0) {
    entry.emplace_back("position",
                       json_map({{"row", integer(trigger.row)}, {"column", integer(trigger.column)}}));
    entry.emplace_back("window", integer(trigger.size));
    entry.emplace_back("code", code_of(trigger));
  }
  if (!trigger.names.empty()) {
    std::vector<Document> names;
    for (const std::string& name : trigger.names) names.push_back(json_string(name));
    entry.emplace_back("columns", json_list(std::move(names)));
  }
  if (!trigger.phrase.empty()) entry.emplace_back("phrase", json_string(printable(trigger.phrase)));
  if (!values.empty()) entry.emplace_back("values", json_list(std::move(values)));
  entry.emplace_back("class", json_string(class_of(frame, trigger)));
  entry.emplace_back("mask", json_string(trigger.mask));
  entry.emplace_back("carriers", integer(trigger.carriers));
  entry.emplace_back("disagreeing", integer(trigger.disagreeing));
  entry.emplace_back("interval", interval_json(trigger.share));
  entry.emplace_back("expected", json_number(trigger.expected));
  entry.emplace_back("p", json_number(trigger.p));
  entry.emplace_back("rows", json_rows(frame, trigger.rows));
  return json_map(std::move(entry));
}

std::string where(const Trigger& trigger) {
  if (trigger.kind == "anywhere") return "anywhere";
  if (trigger.size > 0) return std::to_string(trigger.row) + "," + std::to_string(trigger.column);
  if (!trigger.phrase.empty()) return printable(trigger.phrase, 60);
  std::string names;
  for (const std::string& name : trigger.names) names += (names.empty() ? "" : ", ") + printable(name, 40);
  return names;
}

std::string percent(double share) {
  return std::to_string(static_cast<int>(std::lround(100 * share))) + " %";
}

std::string short_number(double value) {
  std::array<char, 32> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 1);
  return {text.data(), end.ptr};
}

// Mean of the carriers, scaled to 0..255.
Raster raster_of(const Frame& frame, const DetectorRun& run, const Trigger& trigger) {
  const Images& images = *frame.images;
  const std::size_t pixels = images.height * images.width;
  const std::size_t shown = images.channels == 3 ? 3 : 1;
  Raster raster;
  raster.height = images.height;
  raster.width = images.width;
  raster.channels = shown;
  std::vector<double> sum(pixels * shown);
  for (const std::uint32_t row : trigger.rows)
    for (std::size_t channel = 0; channel < shown; ++channel)
      for (std::size_t i = 0; i < pixels; ++i)
        sum[i * shown + channel] +=
            static_cast<double>(images.values[(row * images.channels + channel) * pixels + i]);
  const auto [low, high] = std::ranges::minmax(sum);
  for (const double value : sum)
    raster.values.push_back(
        static_cast<std::uint8_t>(high > low ? std::lround(255 * (value - low) / (high - low)) : 0));
  raster.mask.assign(pixels, 0);
  for (const std::uint32_t c : trigger.columns) raster.mask[c % pixels] = 1;
  raster.title = run.name + " " + where(trigger) + ", class " + printable(class_of(frame, trigger), 40);
  raster.says = "Mean of " + std::to_string(trigger.rows.size()) +
                " flagged images; the outlined pattern is owned by class " +
                printable(class_of(frame, trigger), 40) + ". Without it " + percent(trigger.share.estimate) +
                " of its " + std::to_string(trigger.carriers) + " carriers look like other classes, and " +
                percent(trigger.expected) + " of the class's other rows.";
  return raster;
}

}  // namespace

Document triggers_json(const Frame& frame, const std::vector<DetectorRun>& runs) {
  std::vector<Document> list;
  for (const DetectorRun& run : runs)
    for (const Trigger& trigger : run.triggers) list.push_back(trigger_json(frame, run, trigger));
  return json_list(std::move(list));
}

void add_trigger_pictures(const Frame& frame, const std::vector<DetectorRun>& runs, PartResult& result) {
  Listing listing;
  listing.title = "Mined triggers";
  listing.header = {"detector", "where", "window", "class", "carriers", "disagree when hidden",
                    "expected", "p"};
  for (const DetectorRun& run : runs) {
    std::set<std::uint32_t> pictured;  // columns
    for (const Trigger& trigger : run.triggers) {
      listing.rows.push_back({run.name, where(trigger), trigger.size > 0 ? std::to_string(trigger.size) : "",
                              printable(class_of(frame, trigger), 40), std::to_string(trigger.carriers),
                              std::to_string(trigger.disagreeing) + " (" + percent(trigger.share.low) +
                                  " to " + percent(trigger.share.high) + ")",
                              percent(trigger.expected), short_number(trigger.p)});
      const bool overlaps = std::ranges::any_of(
          trigger.columns, [&](std::uint32_t column) { return pictured.contains(column); });
      if (!frame.images || trigger.rows.empty() || overlaps || result.rasters.size() >= kPictures) continue;
      pictured.insert(trigger.columns.begin(), trigger.columns.end());
      result.rasters.push_back(raster_of(frame, run, trigger));
    }
  }
  if (!listing.rows.empty()) result.listings.push_back(std::move(listing));
}

}  // namespace bulwark::assay
