#include "assay/drift/match.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kPooled = 8;           // images become kPooled × kPooled × channels
constexpr std::size_t kFrequentValues = 12;  // of a category that get a 0/1 column
constexpr std::size_t kJointWidth = 512;     // beyond it, columns are left out evenly

enum class Type : std::uint8_t { Number, Category, Text };
constexpr std::array<std::string_view, 3> kTypeNames = {"number", "category", "text"};

struct Where {
  Type type = Type::Number;
  std::size_t at = 0;
};

using Places = std::map<std::string, Where, std::less<>>;

Places places_of(const Frame& frame) {
  Places places;
  for (std::size_t i = 0; i < frame.feature_names.size(); ++i)
    places.emplace(frame.feature_names[i], Where{.type = Type::Number, .at = i});
  for (std::size_t i = 0; i < frame.categories.size(); ++i)
    places.emplace(frame.categories[i].name, Where{.type = Type::Category, .at = i});
  for (std::size_t i = 0; i < frame.texts.size(); ++i)
    places.emplace(frame.texts[i].name, Where{.type = Type::Text, .at = i});
  return places;
}

std::string type_name(Type type) {
  return std::string(kTypeNames[static_cast<std::size_t>(type)]);
}

Category category_of(const Frame& frame, Where where) {
  if (where.type == Type::Category) return frame.categories[where.at];
  const TextColumn& column = frame.texts[where.at];
  Category out{.name = column.name, .codes = {}, .values = {}};
  std::unordered_map<std::string_view, std::int32_t> codes;
  for (const std::string& value : column.values) {
    if (trim(value).empty()) {
      out.codes.push_back(-1);
      continue;
    }
    const auto [at, fresh] = codes.emplace(value, static_cast<std::int32_t>(out.values.size()));
    if (fresh) out.values.push_back(value);
    out.codes.push_back(at->second);
  }
  return out;
}

}  // namespace

std::string plain_value(std::string_view value) {
  const std::optional<double> number = tables::number_of(value);
  if (!number) return std::string(value);
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), *number);
  return error == std::errc{} ? std::string(digits.data(), end) : std::string(value);
}

Category label_category(const Frame& frame, const std::string& name) {
  Category out{.name = name, .codes = frame.labels, .values = {}};
  for (const std::string& value : frame.classes) out.values.push_back(plain_value(value));
  return out;
}

MatchedColumns match_columns(const Frame& reference, const Frame& current) {
  MatchedColumns out;
  const Places before = places_of(reference);
  const Places after = places_of(current);
  for (const auto& [name, was] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      out.changes.push_back({.name = name, .before = type_name(was.type), .after = {}});
      continue;
    }
    const Where is = found->second;
    if (was.type != is.type && (was.type == Type::Number || is.type == Type::Number)) {
      out.changes.push_back({.name = name, .before = type_name(was.type), .after = type_name(is.type)});
    } else if (was.type != is.type) {
      out.mixed.emplace_back(category_of(reference, was), category_of(current, is));
    } else {
      auto& pairs = was.type == Type::Number     ? out.numbers
                    : was.type == Type::Category ? out.categories
                                                 : out.texts;
      pairs.emplace_back(was.at, is.at);
    }
  }
  for (const auto& [name, is] : after)
    if (!before.contains(name))
      out.changes.push_back({.name = name, .before = {}, .after = type_name(is.type)});
  for (auto* pairs : {&out.numbers, &out.categories, &out.texts}) std::ranges::sort(*pairs);
  return out;
}

std::vector<NumberColumn> gather_numbers(const Frame& frame, std::span<const std::size_t> features) {
  std::vector<NumberColumn> out(features.size());
  const std::size_t width = frame.feature_names.size();
  for (std::size_t i = 0; i < features.size(); ++i) {
    out[i].name = frame.feature_names[features[i]];
    out[i].values.reserve(frame.rows);
  }
  for (std::size_t row = 0; row < frame.rows; ++row) {
    const float* values = frame.features.data() + row * width;
    for (std::size_t i = 0; i < features.size(); ++i) {
      const float value = values[features[i]];
      if (std::isfinite(value)) {
        out[i].values.push_back(value);
      } else {
        ++out[i].nulls;
      }
    }
  }
  return out;
}

std::vector<NumberColumn> image_columns(const Images& images, std::uint64_t rows) {
  std::vector<NumberColumn> out(2);
  out[0].name = "image brightness";
  out[1].name = "image contrast";
  const std::size_t size = images.height * images.width * images.channels;
  if (size == 0) return out;
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    double squares = 0;
    for (const float value : std::span(images.values).subspan(row * size, size)) {
      sum += static_cast<double>(value);
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    const double mean = sum / static_cast<double>(size);
    out[0].values.push_back(static_cast<float>(mean));
    out[1].values.push_back(
        static_cast<float>(std::sqrt(std::max(0.0, squares / static_cast<double>(size) - mean * mean))));
  }
  return out;
}

namespace {

// Cells of an image: which of the kPooled parts of `size` a place belongs to.
std::size_t part_of(std::size_t place, std::size_t size) {
  return size <= kPooled ? place : place * kPooled / size;
}

void append_image(const Images& images, std::size_t row, std::vector<float>& out) {
  const std::size_t height = std::min(images.height, kPooled);
  const std::size_t width = std::min(images.width, kPooled);
  const std::size_t from = out.size();
  out.resize(from + images.channels * height * width);
  std::vector<float> counts(out.size() - from);
  const std::size_t size = images.height * images.width;
  for (std::size_t c = 0; c < images.channels; ++c)
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t cell = (c * height + part_of(i / images.width, images.height)) * width +
                               part_of(i % images.width, images.width);
      out[from + cell] += images.values[(row * images.channels + c) * size + i];
      counts[cell] += 1;
    }
  for (std::size_t i = 0; i < counts.size(); ++i) out[from + i] /= counts[i];
}

// A category of both frames with the values that get a column of their own.
struct FrequentValues {
  const Category* side[2];
  std::vector<std::string_view> values;
};

FrequentValues frequent_values(const Category& a, const Category& b) {
  FrequentValues out{.side = {&a, &b}, .values = {}};
  std::map<std::string_view, std::size_t> counts;
  for (const Category* side : out.side) {
    std::vector<std::size_t> of_code(side->values.size());
    for (const std::int32_t code : side->codes)
      if (code >= 0) ++of_code[static_cast<std::size_t>(code)];
    for (std::size_t i = 0; i < of_code.size(); ++i) counts[side->values[i]] += of_code[i];
  }
  std::vector<std::pair<std::string_view, std::size_t>> order(counts.begin(), counts.end());
  std::ranges::stable_sort(order, std::greater<>(), &std::pair<std::string_view, std::size_t>::second);
  for (std::size_t i = 0; i < std::min(order.size(), kFrequentValues); ++i)
    out.values.push_back(order[i].first);
  return out;
}

bool same_size(const std::optional<Images>& a, const std::optional<Images>& b) {
  return a && b && a->height == b->height && a->width == b->width && a->channels == b->channels;
}

struct Selection {
  std::vector<std::pair<std::size_t, std::size_t>> numbers;
  std::vector<FrequentValues> categories;
  bool images = false;
};

std::vector<float> rows_of(const Frame& frame, const Selection& selection, std::size_t side,
                           const std::vector<std::uint32_t>& rows) {
  std::vector<float> out;
  for (const std::uint32_t row : rows) {
    for (const auto& pair : selection.numbers)
      out.push_back(
          frame.features[row * frame.feature_names.size() + (side == 0 ? pair.first : pair.second)]);
    for (const FrequentValues& frequent : selection.categories) {
      const Category& category = *frequent.side[side];
      const std::int32_t code = category.codes[row];
      for (const std::string_view value : frequent.values)
        out.push_back(code >= 0 && category.values[static_cast<std::size_t>(code)] == value ? 1.0F : 0.0F);
    }
    if (selection.images) append_image(*frame.images, row, out);
  }
  return out;
}

void standardise(Standardised& both) {
  for (std::size_t column = 0; column < both.width; ++column) {
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (const std::vector<float>* side : {&both.reference, &both.current})
      for (std::size_t i = column; i < side->size(); i += both.width) {
        const auto value = static_cast<double>((*side)[i]);
        if (!std::isfinite(value)) continue;
        sum += value;
        squares += value * value;
        ++count;
      }
    const double mean = count == 0 ? 0 : sum / count;
    const double deviation = count == 0 ? 0 : std::sqrt(std::max(0.0, squares / count - mean * mean));
    for (std::vector<float>* side : {&both.reference, &both.current})
      for (std::size_t i = column; i < side->size(); i += both.width) {
        float& value = (*side)[i];
        value =
            !std::isfinite(value) || deviation <= std::abs(mean) * 1e-9
                ? 0
                : static_cast<float>(std::clamp((static_cast<double>(value) - mean) / deviation, -5.0, 5.0));
      }
  }
}

}  // namespace

Standardised joint_features(const Frame& reference, const Frame& current, const MatchedColumns& columns,
                            std::size_t most, std::uint64_t seed) {
  Selection selection{.numbers = columns.numbers, .categories = {}, .images = false};
  if (selection.numbers.size() > kJointWidth) {
    for (std::size_t i = 0; i < kJointWidth; ++i)
      selection.numbers[i] = columns.numbers[i * columns.numbers.size() / kJointWidth];
    selection.numbers.resize(kJointWidth);
  }
  for (const auto& pair : columns.categories)
    if (selection.categories.size() * kFrequentValues < kJointWidth)
      selection.categories.push_back(
          frequent_values(reference.categories[pair.first], current.categories[pair.second]));
  selection.images = same_size(reference.images, current.images);
  Standardised out;
  const std::vector<std::uint32_t> before = some_rows(reference.rows, most, seed, 3);
  const std::vector<std::uint32_t> after = some_rows(current.rows, most, seed, 4);
  out.reference = rows_of(reference, selection, 0, before);
  out.current = rows_of(current, selection, 1, after);
  out.width = before.empty() ? 0 : out.reference.size() / before.size();
  standardise(out);
  return out;
}

}  // namespace bulwark::assay
