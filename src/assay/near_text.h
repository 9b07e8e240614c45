#pragma once
// Which texts are nearly the same: MinHash over character 5-grams, with banding so that few pairs are
// compared.
//
// Broder, "On the resemblance and containment of documents" (1997); one permutation and densification by Li,
// Owen and Zhang (2012) and Shrivastava (2017), so that a text is hashed once and not 128 times.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bulwark::assay {

// 128 minima of one byte each.
struct TextSketch {
  std::array<std::uint8_t, 128> minima{};
  bool empty = true;  // fewer than 12 letters and digits: nothing to compare

  friend bool operator==(const TextSketch&, const TextSketch&) = default;
};

// Case, blanks and punctuation make no difference. Linear.
[[nodiscard]] TextSketch sketch_of(std::string_view text);
// Estimated Jaccard similarity of the 5-grams, 0 to 1; deviation about 0.04.
[[nodiscard]] double similarity_of(const TextSketch& a, const TextSketch& b);

inline constexpr double kNearText = 0.7;  // from here on two texts are nearly the same
inline constexpr std::uint32_t kNoText = ~std::uint32_t{0};

// Of each text the number of the first one of its group (itself if it is alone). Groups are joined through
// any pair at least as similar as `least`.
[[nodiscard]] std::vector<std::uint32_t> near_groups(std::span<const TextSketch> texts,
                                                     double least = kNearText);

struct NearText {
  std::uint32_t at = kNoText;  // number among the points; kNoText: none is near
  double similarity = 0;
};
// Of each query the most similar point at least as similar as `least`; the first of equals.
[[nodiscard]] std::vector<NearText> nearest_texts(std::span<const TextSketch> queries,
                                                  std::span<const TextSketch> points,
                                                  double least = kNearText);

}  // namespace bulwark::assay
