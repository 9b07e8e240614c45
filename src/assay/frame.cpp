#include "assay/frame.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "assay/column_use.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/random.h"
#include "tables/values.h"

namespace bulwark::assay {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
// Bytes of a frame. Larger data sets are looked at by sample.
constexpr std::uint64_t kFrameBytes = std::uint64_t{8} << 30;
// A text is kept up to this length: what a document says beyond it hardly tells documents apart.
constexpr std::size_t kKeptText = 64 << 10;

// Codes for texts in order of appearance.
class Codes {
 public:
  std::int32_t code_of(std::string_view text) {
    const auto [at, added] = codes_.try_emplace(std::string(text), static_cast<std::int32_t>(names_.size()));
    if (added) names_.push_back(at->first);
    return at->second;
  }
  std::vector<std::string>& names() { return names_; }

 private:
  std::unordered_map<std::string, std::int32_t> codes_;
  std::vector<std::string> names_;
};

// What one column becomes, filled block by block.
struct Filling {
  Use use = Use::Ignored;
  std::size_t feature = 0;  // Number: column of the matrix
  std::vector<std::int32_t> codes;
  Codes names;
  std::vector<std::string> texts;
  std::vector<double> time;
};

// The rows to keep, ascending: all of them, or a draw without replacement (selection sampling, Knuth's
// algorithm S).
std::vector<std::uint64_t> drawn_rows(std::uint64_t rows, const Settings& settings) {
  std::vector<std::uint64_t> kept;
  if (settings.sample == 0 || settings.sample >= rows) return kept;
  stats::Philox random(settings.seed, stats::stream_key("frame sample"));
  std::uint64_t wanted = settings.sample;
  for (std::uint64_t row = 0; row < rows && wanted > 0; ++row)
    if (random.below(rows - row) < wanted) {
      kept.push_back(row);
      --wanted;
    }
  return kept;
}

class FrameReader {
 public:
  FrameReader(const tables::Dataset& dataset, const Settings& settings)
      : dataset_(dataset), settings_(settings) {}

  Result<Frame> read(std::vector<Gap>& gaps) {
    frame_.path = dataset_.about().path;
    if (dataset_.about().columns.empty()) {
      TRY(read_arrays());
      return std::move(frame_);
    }
    uses_ = TRY(column_uses(dataset_, settings_, gaps));
    frame_.rows_in_all = uses_.rows;
    frame_.row = drawn_rows(uses_.rows, settings_);
    frame_.rows = frame_.row.empty() ? uses_.rows : frame_.row.size();
    TRY(plan());
    TRY(fill());
    finish();
    TRY(read_arrays());
    return std::move(frame_);
  }

 private:
  Result<void> plan() {
    for (std::size_t i = 0; i < uses_.columns.size(); ++i) {
      Filling& filling = fillings_.emplace_back();
      filling.use = uses_.columns[i].use;
      if (filling.use != Use::Number) continue;
      filling.feature = frame_.feature_names.size();
      frame_.feature_names.push_back(uses_.columns[i].name);
    }
    const std::uint64_t width = frame_.feature_names.size();
    if (width > 0 && frame_.rows > kFrameBytes / sizeof(float) / width)
      return fail(Code::LimitReached, std::to_string(frame_.rows) + " rows of " + std::to_string(width) +
                                          " numbers are more than " + human_size(kFrameBytes) +
                                          "; look at a part of them with --sample ROWS");
    frame_.features.assign(frame_.rows * width, kMissing);
    return {};
  }

  Result<void> fill() {
    auto reader = TRY(dataset_.read({}));
    tables::Block block;
    std::size_t done = 0;  // rows of the frame
    std::vector<std::size_t> chosen;
    while (true) {
      const bool more = TRY(reader->next(block));
      if (!more) break;
      chosen.clear();
      if (frame_.row.empty()) {
        for (std::size_t row = 0; row < block.rows; ++row) chosen.push_back(row);
      } else {
        for (std::size_t at = done; at < frame_.row.size() && frame_.row[at] < block.first_row + block.rows;
             ++at)
          chosen.push_back(static_cast<std::size_t>(frame_.row[at] - block.first_row));
      }
      // A file that grew between the passes has rows for which there is no room.
      chosen.resize(std::min<std::size_t>(chosen.size(), frame_.rows - done));
      parallel_for(fillings_.size(), settings_.jobs,
                   [&](std::size_t i) { take(block.columns[i], chosen, done, fillings_[i]); });
      done += chosen.size();
    }
    if (done != frame_.rows)
      return fail(Code::Unavailable, "the data set changed while it was read; try again on a copy");
    return {};
  }

  void take(const tables::Cells& cells, std::span<const std::size_t> rows, std::size_t done,
            Filling& filling) {
    const std::size_t width = frame_.feature_names.size();
    std::string scratch;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t row = rows[i];
      const bool null = tables::null_of(cells, row) != tables::Null::None;
      switch (filling.use) {
        case Use::Number:
          if (const auto number = tables::number_of(cells, row))
            frame_.features[(done + i) * width + filling.feature] = static_cast<float>(*number);
          break;
        case Use::Time: filling.time.push_back(null ? std::nan("") : time_of(cells, row)); break;
        case Use::Text:
          filling.texts.emplace_back(null ? std::string_view()
                                          : tables::text_of(cells, row, scratch).substr(0, kKeptText));
          break;
        case Use::Category:
        case Use::Label:
        case Use::Group:
        case Use::Source:
          filling.codes.push_back(null ? -1 : filling.names.code_of(tables::text_of(cells, row, scratch)));
          break;
        case Use::Ignored:
        case Use::Id: break;
      }
    }
  }

  static double time_of(const tables::Cells& cells, std::size_t row) {
    if (const auto number = tables::number_of(cells, row)) return *number;
    std::string scratch;
    return tables::instant_of(tables::text_of(cells, row, scratch)).value_or(std::nan(""));
  }

  void finish() {
    for (std::size_t i = 0; i < fillings_.size(); ++i) {
      Filling& filling = fillings_[i];
      const std::string& name = uses_.columns[i].name;
      switch (filling.use) {
        case Use::Category:
          frame_.categories.push_back({name, std::move(filling.codes), filling.names.names()});
          break;
        case Use::Text: frame_.texts.push_back({name, std::move(filling.texts)}); break;
        case Use::Label: set_labels(filling); break;
        case Use::Group:
          frame_.group = std::move(filling.codes);
          frame_.group_names = filling.names.names();
          break;
        case Use::Source:
          frame_.source = std::move(filling.codes);
          frame_.source_names = filling.names.names();
          break;
        case Use::Time: frame_.time = std::move(filling.time); break;
        case Use::Number:
        case Use::Ignored:
        case Use::Id: break;
      }
    }
    frame_.line.resize(frame_.rows);
    for (std::size_t i = 0; i < frame_.rows; ++i) frame_.line[i] = dataset_.line_of(frame_.row_number(i));
    if (std::ranges::all_of(frame_.line, [](std::uint32_t line) { return line == 0; })) frame_.line.clear();
    set_pixels();
  }

  // Classes in an order that does not depend on the order of rows: numbers by value, else by text. Labels
  // that are the same number in two forms ("1", "1.0") are one class.
  void set_labels(Filling& filling) {
    const std::vector<std::string>& names = filling.names.names();
    std::vector<double> numbers;
    for (const std::string& name : names)
      if (const auto number = tables::number_of(name)) numbers.push_back(*number);
    std::vector<std::int32_t> code(names.size());
    if (numbers.size() == names.size()) {
      std::map<double, std::vector<std::size_t>> order;
      for (std::size_t i = 0; i < names.size(); ++i) order[numbers[i]].push_back(i);
      for (const auto& [number, members] : order) {
        for (const std::size_t member : members)
          code[member] = static_cast<std::int32_t>(frame_.classes.size());
        frame_.classes.push_back(names[members.front()]);
      }
    } else {
      std::vector<std::size_t> order(names.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return names[i]; });
      for (const std::size_t member : order) {
        code[member] = static_cast<std::int32_t>(frame_.classes.size());
        frame_.classes.push_back(names[member]);
      }
    }
    frame_.labels = std::move(filling.codes);
    for (std::int32_t& label : frame_.labels)
      if (label >= 0) label = code[static_cast<std::size_t>(label)];
  }

  void set_pixels() {
    std::vector<std::size_t> columns;
    const std::size_t side = pixel_columns(uses_, columns);
    if (side == 0) return;
    Images images{.height = side, .width = side, .channels = columns.size() / (side * side)};
    images.values.resize(frame_.rows * columns.size());
    const std::size_t width = frame_.feature_names.size();
    // Tables of colour images hold the channels of a pixel side by side; ours lie channel by channel.
    for (std::size_t row = 0; row < frame_.rows; ++row)
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const float value = frame_.features[row * width + fillings_[columns[i]].feature];
        const std::size_t at = i % images.channels * side * side + i / images.channels;
        images.values[row * columns.size() + at] = value;
        images.top = std::max(images.top, static_cast<double>(value));
      }
    frame_.images = std::move(images);
  }

  // Arrays of two dimensions are features, of three and four images; row i belongs to row i of the columns.
  Result<void> read_arrays() {
    for (const tables::ArrayInfo& info : dataset_.about().arrays) {
      if (info.shape.empty() ||
          std::ranges::find(settings_.roles.ignored, info.name) != settings_.roles.ignored.end())
        continue;
      if (frame_.rows_in_all == 0) {
        frame_.rows_in_all = info.shape[0];
        frame_.row = drawn_rows(info.shape[0], settings_);
        frame_.rows = frame_.row.empty() ? info.shape[0] : frame_.row.size();
      }
      if (info.shape[0] != frame_.rows_in_all) continue;  // something else, such as weights
      if (info.shape.size() == 2) {
        TRY(add_features(info));
      } else if (info.shape.size() <= 4 && !frame_.images) {
        TRY(add_images(info));
      }
    }
    return {};
  }

  Result<void> add_features(const tables::ArrayInfo& info) {
    const std::size_t before = frame_.feature_names.size();
    const std::size_t more = info.shape[1];
    if (more == 0) return {};
    if (frame_.rows > kFrameBytes / sizeof(float) / (before + more))
      return fail(Code::LimitReached, "array '" + printable(info.name, 60) +
                                          "' is too large to look at whole; use --sample ROWS");
    const tables::Array array = TRY(dataset_.array(info.name));
    std::vector<float> wider(frame_.rows * (before + more));
    for (std::size_t row = 0; row < frame_.rows; ++row) {
      std::copy_n(frame_.features.begin() + static_cast<std::ptrdiff_t>(row * before), before,
                  wider.begin() + static_cast<std::ptrdiff_t>(row * (before + more)));
      for (std::size_t i = 0; i < more; ++i)
        wider[row * (before + more) + before + i] =
            static_cast<float>(array.at(frame_.row_number(row) * more + i));
    }
    frame_.features = std::move(wider);
    for (std::size_t i = 0; i < more; ++i)
      frame_.feature_names.push_back(info.name + "_" + std::to_string(i));
    return {};
  }

  Result<void> add_images(const tables::ArrayInfo& info) {
    std::uint64_t pixels = 1;
    for (std::size_t i = 1; i < info.shape.size(); ++i) {
      if (info.shape[i] == 0 || pixels > kFrameBytes / info.shape[i]) return {};
      pixels *= info.shape[i];
    }
    if (frame_.rows > kFrameBytes / sizeof(float) / pixels)
      return fail(Code::LimitReached, "images '" + printable(info.name, 60) +
                                          "' are too large to look at whole; use --sample ROWS");
    // Channels stand first (PyTorch) or last (TensorFlow); three and fewer dimensions have none.
    const bool flat = info.shape.size() == 3;
    const bool last = !flat && info.shape[3] <= 4 && info.shape[1] > 4;
    Images images{.height = info.shape[flat || last ? 1 : 2],
                  .width = info.shape[flat || last ? 2 : 3],
                  .channels = flat ? 1 : info.shape[last ? 3 : 1]};
    const tables::Array array = TRY(dataset_.array(info.name));
    const std::uint64_t plane = images.height * images.width;
    images.values.resize(frame_.rows * pixels);
    for (std::size_t row = 0; row < frame_.rows; ++row)
      for (std::uint64_t i = 0; i < pixels; ++i) {
        const double value = array.at(frame_.row_number(row) * pixels + i);
        const std::uint64_t at = last ? i % images.channels * plane + i / images.channels : i;
        images.values[row * pixels + at] = static_cast<float>(value);
        if (value > images.top) images.top = value;
      }
    frame_.images = std::move(images);
    return {};
  }

  const tables::Dataset& dataset_;
  const Settings& settings_;
  ColumnUses uses_;
  std::vector<Filling> fillings_;
  Frame frame_;
};

// Column `i` of the matrix without nulls; empty if all its values are equal.
std::vector<float> filled(const Frame& frame, std::size_t i) {
  const std::size_t width = frame.feature_names.size();
  std::vector<float> values(frame.rows);
  std::vector<float> known;
  for (std::size_t row = 0; row < frame.rows; ++row) {
    values[row] = frame.features[row * width + i];
    if (std::isfinite(values[row])) known.push_back(values[row]);
  }
  if (known.empty()) return {};
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::ranges::nth_element(known, middle);
  const float median = *middle;
  bool constant = true;
  for (float& value : values) {
    if (!std::isfinite(value)) value = median;
    constant = constant && value == values.front();
  }
  return constant ? std::vector<float>() : values;
}

void scale(std::vector<float>& values) {
  double mean = 0;
  for (const float value : values) mean += value;
  mean /= static_cast<double>(values.size());
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
  if (!(deviation > 0)) return;
  for (float& value : values) value = static_cast<float>((value - mean) / deviation);
}

}  // namespace

Result<Frame> read_frame(const tables::Dataset& dataset, const Settings& settings, std::vector<Gap>& gaps) {
  return FrameReader(dataset, settings).read(gaps);
}

Features dense_features(const Frame& frame, Scaling scaling) {
  constexpr std::size_t kMostValues = 50;  // of a category: more columns than that say little each
  std::vector<std::vector<float>> columns;
  Features features;
  const auto add = [&](std::vector<float> values, std::string name) {
    if (values.empty()) return;
    if (scaling == Scaling::Deviation) scale(values);
    columns.push_back(std::move(values));
    features.names.push_back(std::move(name));
  };
  for (std::size_t i = 0; i < frame.feature_names.size(); ++i) add(filled(frame, i), frame.feature_names[i]);
  for (const Category& category : frame.categories) {
    if (category.values.size() < 2 || category.values.size() > kMostValues) continue;
    for (std::size_t value = 0; value < category.values.size(); ++value) {
      std::vector<float> is(frame.rows);
      for (std::size_t row = 0; row < frame.rows; ++row)
        is[row] = category.codes[row] == static_cast<std::int32_t>(value) ? 1.0F : 0.0F;
      add(std::move(is), category.name + "=" + category.values[value]);
    }
  }
  if (columns.empty() && frame.images) {
    features.width = frame.images->channels * frame.images->height * frame.images->width;
    features.values = frame.images->values;
    for (std::size_t i = 0; i < features.width; ++i) features.names.push_back("pixel_" + std::to_string(i));
    return features;
  }
  features.width = columns.size();
  features.values.resize(frame.rows * columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    for (std::size_t row = 0; row < frame.rows; ++row)
      features.values[row * columns.size() + i] = columns[i][row];
  return features;
}

}  // namespace bulwark::assay
