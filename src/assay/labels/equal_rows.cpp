#include "assay/labels/equal_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>
#include <utility>

namespace bulwark::assay::labels {
namespace {

void mix(std::uint64_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0xFF51AFD7ED558CCD;
  hash ^= hash >> 32;
}

std::uint64_t bits_of(float value) {
  if (std::isnan(value)) return 0x7FC00000;           // one null is like another
  return std::bit_cast<std::uint32_t>(value + 0.0F);  // -0 is 0
}

std::span<const float> pixels(const Frame& frame, std::size_t row) {
  if (!frame.images) return {};
  const std::size_t size = frame.images->channels * frame.images->height * frame.images->width;
  return std::span(frame.images->values).subspan(row * size, size);
}

std::uint64_t hash_of(const Frame& frame, std::size_t row) {
  std::uint64_t hash = 0x9E3779B97F4A7C15;
  for (const float value : frame.matrix().row(row)) mix(hash, bits_of(value));
  for (const float value : pixels(frame, row)) mix(hash, bits_of(value));
  for (const Category& category : frame.categories)
    mix(hash, static_cast<std::uint32_t>(category.codes[row]));
  for (const TextColumn& text : frame.texts) mix(hash, std::hash<std::string_view>{}(text.values[row]));
  return hash;
}

// Negative, 0, positive; an order of any kind will do.
int compare(const Frame& frame, std::uint32_t a, std::uint32_t b) {
  const auto floats = [](std::span<const float> x, std::span<const float> y) {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (bits_of(x[i]) != bits_of(y[i])) return bits_of(x[i]) < bits_of(y[i]) ? -1 : 1;
    return 0;
  };
  if (const int order = floats(frame.matrix().row(a), frame.matrix().row(b)); order != 0) return order;
  if (const int order = floats(pixels(frame, a), pixels(frame, b)); order != 0) return order;
  for (const Category& category : frame.categories)
    if (category.codes[a] != category.codes[b]) return category.codes[a] < category.codes[b] ? -1 : 1;
  for (const TextColumn& text : frame.texts)
    if (const int order = text.values[a].compare(text.values[b]); order != 0) return order;
  return 0;
}

}  // namespace

std::vector<RowGroup> equal_rows(const Frame& frame) {
  const bool empty =
      frame.feature_names.empty() && frame.categories.empty() && frame.texts.empty() && !frame.images;
  if (empty) return {};
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(frame.rows);
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = {hash_of(frame, i), static_cast<std::uint32_t>(i)};
  std::ranges::sort(order, [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const int by_values = compare(frame, a.second, b.second);
    return by_values != 0 ? by_values < 0 : a.second < b.second;
  });
  std::vector<RowGroup> groups;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && order[end].first == order[i].first &&
           compare(frame, order[i].second, order[end].second) == 0)
      ++end;
    if (end - i > 1) {
      RowGroup& group = groups.emplace_back();
      for (; i < end; ++i) group.push_back(order[i].second);
    }
    i = end;
  }
  std::ranges::sort(groups);
  return groups;
}

std::vector<RowGroup> conflicting(const std::vector<RowGroup>& groups, const Frame& frame) {
  std::vector<RowGroup> result;
  if (frame.labels.empty()) return result;
  for (const RowGroup& group : groups) {
    std::int32_t first = -1;
    bool conflict = false;
    for (const std::uint32_t row : group) {
      const std::int32_t label = frame.labels[row];
      if (label < 0) continue;
      if (first < 0) first = label;
      conflict = conflict || label != first;
    }
    if (conflict) result.push_back(group);
  }
  return result;
}

}  // namespace bulwark::assay::labels
