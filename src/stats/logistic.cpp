#include "stats/logistic.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include <Eigen/Core>

namespace bulwark::stats {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

constexpr Eigen::Index kBlock = 512;  // rows at a time: sums stay short enough for single precision
constexpr std::size_t kMemory = 10;   // pairs of steps and gradients that L-BFGS remembers
constexpr double kFlat = 1e-5;        // largest slope of the mean loss at which it stops
constexpr double kSufficient = 1e-4;  // of the decrease that the slope promises (Armijo)
constexpr int kHalvings = 30;

Eigen::Index index(std::size_t value) {
  return static_cast<Eigen::Index>(value);
}

// Turns scores into probabilities in place; returns the sum of -log p of the labels.
double softmax(Eigen::Ref<Matrix> scores, const std::int32_t* labels) {
  double loss = 0;
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    auto row = scores.row(i);
    const float top = row.maxCoeff();
    row.array() -= top;
    const float own = labels != nullptr ? row(labels[i]) : 0;
    row = row.array().exp();
    const float sum = row.sum();
    row /= sum;
    loss += std::log(double{sum}) - double{own};
  }
  return loss;
}

// Mean loss and its slope over standardised rows.
class Objective {
 public:
  Objective(const Matrix& x, const std::vector<std::int32_t>& labels, std::size_t classes, double c)
      : x_(x),
        labels_(labels),
        classes_(index(classes)),
        penalty_(1 / (c * static_cast<double>(labels.size()))) {}

  [[nodiscard]] Eigen::Index size() const { return (x_.cols() + 1) * classes_; }

  double operator()(const Vector& weights, Vector& slope) const {
    const Eigen::Index width = x_.cols();
    const Matrix w = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
                         weights.data(), width + 1, classes_)
                         .cast<float>();
    double loss = 0;
    slope.setZero(size());
    Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> sum(
        slope.data(), width + 1, classes_);
    Matrix scores;
    Matrix part;
    for (Eigen::Index first = 0; first < x_.rows(); first += kBlock) {
      const Eigen::Index rows = std::min(kBlock, x_.rows() - first);
      const auto block = x_.middleRows(first, rows);
      scores.noalias() = block * w.topRows(width);
      scores.rowwise() += w.row(width);
      loss += softmax(scores, labels_.data() + first);
      for (Eigen::Index i = 0; i < rows; ++i) scores(i, labels_[static_cast<std::size_t>(first + i)]) -= 1;
      part.noalias() = block.transpose() * scores;
      sum.topRows(width) += part.cast<double>();
      sum.row(width) += scores.colwise().sum().cast<double>();
    }
    const auto rows = static_cast<double>(x_.rows());
    slope /= rows;
    const auto penalised = weights.head(width * classes_);
    slope.head(width * classes_) += penalty_ * penalised;
    return loss / rows + penalty_ / 2 * penalised.squaredNorm();
  }

 private:
  const Matrix& x_;
  const std::vector<std::int32_t>& labels_;
  Eigen::Index classes_;
  double penalty_;
};

struct Pair {
  Vector step;
  Vector change;  // of the slope
  double scale;   // 1 / their product
};

// Product of the slope with the remembered inverse curvature (two-loop recursion).
Vector direction(const std::deque<Pair>& pairs, const Vector& slope) {
  Vector result = slope;
  std::vector<double> shares(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    shares[i] = pairs[i].scale * pairs[i].step.dot(result);
    result -= shares[i] * pairs[i].change;
  }
  if (!pairs.empty()) result *= 1 / (pairs.back().scale * pairs.back().change.squaredNorm());
  for (std::size_t i = 0; i < pairs.size(); ++i)
    result += (shares[i] - pairs[i].scale * pairs[i].change.dot(result)) * pairs[i].step;
  return -result;
}

Vector minimise(const Objective& objective, std::size_t iterations) {
  Vector weights = Vector::Zero(objective.size());
  Vector slope;
  double value = objective(weights, slope);
  std::deque<Pair> pairs;
  Vector next;
  Vector next_slope;
  for (std::size_t round = 0; round < iterations && slope.cwiseAbs().maxCoeff() > kFlat; ++round) {
    const Vector way = direction(pairs, slope);
    const double fall = way.dot(slope);
    double length = pairs.empty() ? 1 / std::max(1.0, slope.norm()) : 1;
    double next_value = 0;
    int halvings = 0;
    for (; halvings < kHalvings; ++halvings, length /= 2) {
      next = weights + length * way;
      next_value = objective(next, next_slope);
      if (next_value <= value + kSufficient * length * fall) break;
    }
    if (halvings == kHalvings) break;  // as low as single precision can tell
    Pair pair{.step = next - weights, .change = next_slope - slope, .scale = 0};
    const double product = pair.step.dot(pair.change);
    if (product > 1e-12 * pair.change.squaredNorm()) {
      pair.scale = 1 / product;
      pairs.push_back(std::move(pair));
      if (pairs.size() > kMemory) pairs.pop_front();
    }
    weights = next;
    slope = next_slope;
    value = next_value;
  }
  return weights;
}

}  // namespace

Logistic::Logistic(const Lesson& lesson, const LogisticOptions& options) : classes_(lesson.classes) {
  const std::size_t width = lesson.points.width;
  const auto rows = static_cast<double>(lesson.rows.size());
  std::vector<double> sums(width);
  std::vector<double> squares(width);
  for (const std::uint32_t row : lesson.rows)
    for (std::size_t v = 0; v < width; ++v) sums[v] += double{lesson.points.row(row)[v]};
  for (double& sum : sums) sum /= rows;
  for (const std::uint32_t row : lesson.rows)
    for (std::size_t v = 0; v < width; ++v) {
      const double away = double{lesson.points.row(row)[v]} - sums[v];
      squares[v] += away * away;
    }
  mean_.assign(sums.begin(), sums.end());
  scale_.resize(width);
  for (std::size_t v = 0; v < width; ++v)
    scale_[v] = squares[v] > 0 ? static_cast<float>(1 / std::sqrt(squares[v] / rows)) : 0;

  Matrix x(index(lesson.rows.size()), index(width));
  std::vector<std::int32_t> labels(lesson.rows.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto values = lesson.points.row(lesson.rows[i]);
    for (std::size_t v = 0; v < width; ++v) x(index(i), index(v)) = (values[v] - mean_[v]) * scale_[v];
    labels[i] = lesson.labels[lesson.rows[i]];
  }
  const Vector weights = minimise(Objective(x, labels, classes_, options.c), options.iterations);
  weights_.resize(static_cast<std::size_t>(weights.size()));
  for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = static_cast<float>(weights(index(i)));
}

std::vector<float> Logistic::probabilities(const MatrixView& points,
                                           std::span<const std::uint32_t> rows) const {
  std::vector<float> result(rows.size() * classes_);
  const Eigen::Index width = index(points.width);
  const Eigen::Map<const Matrix> w(weights_.data(), width + 1, index(classes_));
  Matrix x;
  for (std::size_t first = 0; first < rows.size(); first += static_cast<std::size_t>(kBlock)) {
    const std::size_t count = std::min(rows.size() - first, static_cast<std::size_t>(kBlock));
    x.resize(index(count), width);
    for (std::size_t i = 0; i < count; ++i) {
      const auto values = points.row(rows[first + i]);
      for (std::size_t v = 0; v < points.width; ++v)
        x(index(i), index(v)) = (values[v] - mean_[v]) * scale_[v];
    }
    Eigen::Map<Matrix> out(result.data() + first * classes_, index(count), index(classes_));
    out.noalias() = x * w.topRows(width);
    out.rowwise() += w.row(width);
    softmax(out, nullptr);
  }
  return result;
}

}  // namespace bulwark::stats
