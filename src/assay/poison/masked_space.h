#pragma once
// Rows with labels in a space where single columns, or single rows, can be hidden: which rows then look like
// another class? What every kind of trigger mining stands on.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/neighbours.h"

namespace bulwark::assay {

// Nearest neighbours that vote, and how many of them must belong to another class for a row to disagree with
// its label.
inline constexpr std::size_t kVoters = 10;
inline constexpr std::size_t kOthers = 6;

// A row disagrees if more than half of its ten nearest rows have another label. Rows are kept class by class
// and in random order within a class, so that any first part of a class is a sample of it; all indices below
// are places in that order.
class MaskedSpace {
 public:
  // `labels`: class of each row, none negative. Memory: 4 bytes × rows² besides a copy of the points.
  // Deterministic by seed, whatever `jobs`.
  MaskedSpace(const stats::MatrixView& points, std::span<const std::int32_t> labels, std::uint64_t seed,
              std::size_t jobs);

  [[nodiscard]] std::size_t rows() const { return row_.size(); }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::size_t classes() const { return begin_.size() - 1; }
  [[nodiscard]] std::uint32_t row(std::size_t place) const { return row_[place]; }  // as it was given
  [[nodiscard]] std::int32_t label(std::size_t place) const { return label_[place]; }
  [[nodiscard]] std::size_t class_begin(std::size_t label) const { return begin_[label]; }
  [[nodiscard]] std::size_t class_end(std::size_t label) const { return begin_[label + 1]; }
  [[nodiscard]] std::span<const float> column(std::size_t c) const {
    return {columns_.data() + c * stride_, row_.size()};
  }
  // Squared Euclidean distances from a place to all places; to itself: infinite.
  [[nodiscard]] std::span<const float> distances(std::size_t place) const {
    return {distances_.data() + place * stride_, row_.size()};
  }

  // What is hidden: columns (a window, a cell; ascending), and rows that may not vote.
  struct Mask {
    std::span<const std::uint32_t> columns;
    std::span<const float> barred;  // of each place 0, or infinity if it may not vote; empty: all may
  };
  // Room for one thread's work.
  class Scratch {
    friend class MaskedSpace;
    std::vector<float> distances;
  };
  [[nodiscard]] bool disagrees(std::size_t place, const Mask& mask, Scratch& scratch) const;
  // The same of a row outside of the space; `point`: its columns.
  [[nodiscard]] bool disagrees(std::span<const float> point, std::int32_t label, const Mask& mask,
                               Scratch& scratch) const;
  // The nearest places under the mask, nearest first.
  [[nodiscard]] std::vector<std::uint32_t> nearest(std::size_t place, std::size_t k, const Mask& mask,
                                                   Scratch& scratch) const;

 private:
  [[nodiscard]] bool vote(std::int32_t label, std::span<const float> distances) const;

  std::size_t width_ = 0;
  std::size_t stride_ = 0;  // rows rounded up to whole blocks of the kernels
  std::vector<std::uint32_t> row_;
  std::vector<std::int32_t> label_;
  std::vector<std::size_t> begin_;
  std::vector<float> columns_;    // width × stride
  std::vector<float> distances_;  // rows × stride
};

}  // namespace bulwark::assay
