// Sketches: their bounds, that parts merged say what the whole says, and that they survive being written.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stats/hash.h"
#include "stats/random.h"
#include "stats/sketch_distinct.h"
#include "stats/sketch_frequent.h"
#include "stats/sketch_moments.h"
#include "stats/sketch_quantiles.h"

namespace bulwark::stats {
namespace {

std::vector<double> drawn(std::size_t n, std::uint64_t seed, int shape) {
  Philox random(seed, stream_key("sketches test"));
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    switch (shape) {
      case 0: values[i] = random.uniform(); break;
      case 1: values[i] = std::exp(3 * random.normal()); break;
      case 2: values[i] = static_cast<double>(i); break;
      case 3: values[i] = static_cast<double>(n - i); break;
      default: values[i] = static_cast<double>(random.below(7)); break;
    }
  }
  return values;
}

// Largest |rank in the sketch - true rank| over many quantiles. With ties the true rank is a range.
double rank_error(const QuantileSketch& sketch, std::vector<double> values) {
  std::ranges::sort(values);
  double worst = 0;
  const auto n = static_cast<double>(values.size());
  for (int i = 1; i < 100; ++i) {
    const double p = i / 100.0;
    const double at = sketch.quantile(p);
    const double low = static_cast<double>(std::ranges::lower_bound(values, at) - values.begin()) / n;
    const double high = static_cast<double>(std::ranges::upper_bound(values, at) - values.begin()) / n;
    worst = std::max({worst, low - p, p - high});
  }
  return worst;
}

TEST(Hash, LeadingBytesAreThoseOfTheTextAtEveryLength) {
  const std::string text = "0123456789abcdefXYZ";
  for (std::size_t n = 0; n <= 16; ++n) {
    const Leading words = leading(std::string_view(text).substr(0, n));
    for (std::size_t i = 0; i < 16; ++i) {
      const std::uint64_t byte = (i < 8 ? words.low >> (8 * i) : words.high >> (8 * (i - 8))) & 0xFF;
      EXPECT_EQ(byte, i < n ? static_cast<unsigned char>(text[i]) : 0U) << n << " " << i;
    }
  }
}

TEST(Hash, LeadingBytesOfAPageAreTheSameWhereverTheTextLies) {
  std::string pages(3 * 4096, ' ');
  for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = static_cast<char>(i * 37 % 251 + 1);
  for (std::size_t at = 0; at + 20 < pages.size(); at += at % 4096 < 3'500 ? 331 : 1) {
    for (std::size_t n = 0; n <= 20; ++n) {
      const std::string_view text = std::string_view(pages).substr(at, n);
      const Leading plain = leading(text);
      const Leading quick = leading_of_page(text);
      ASSERT_EQ(plain.low, quick.low) << at << " " << n;
      ASSERT_EQ(plain.high, quick.high) << at << " " << n;
    }
  }
}

TEST(Hash, EveryByteOfEveryLengthCounts) {
  std::unordered_set<std::uint64_t> seen;
  std::size_t made = 0;
  for (std::size_t n = 0; n < 150; ++n) {
    std::string text(n, 'a');
    seen.insert(hash_of(text));
    ++made;
    for (std::size_t i = 0; i < n; ++i) {
      text[i] = 'b';
      seen.insert(hash_of(text));
      ++made;
      text[i] = 'a';
    }
  }
  EXPECT_EQ(seen.size(), made);
}

TEST(Moments, AreThoseOfTwoPassesAndMerge) {
  for (const int shape : {0, 1, 2, 4}) {
    std::vector<double> values = drawn(5000, 1, shape);
    for (double& value : values) value += 1e6;
    Moments whole;
    whole.add(values);
    Moments left;
    Moments right;
    left.add(std::span(values).first(1234));
    for (const double value : std::span(values).subspan(1234)) right.add(value, 1);
    left.merge(right);
    EXPECT_EQ(left.count, whole.count);
    EXPECT_NEAR(left.mean, whole.mean, 1e-9 * std::abs(whole.mean));
    EXPECT_NEAR(left.deviation(), whole.deviation(), 1e-6 * whole.deviation());
    EXPECT_NEAR(left.skewness(), whole.skewness(), 1e-5 * (1 + std::abs(whole.skewness())));
    EXPECT_NEAR(left.excess_kurtosis(), whole.excess_kurtosis(),
                1e-4 * (1 + std::abs(whole.excess_kurtosis())));
  }
}

TEST(Moments, OfKnownNumbers) {
  Moments moments;
  moments.add(2, 3);
  moments.add(4, 1);
  EXPECT_DOUBLE_EQ(moments.mean, 2.5);
  EXPECT_DOUBLE_EQ(moments.deviation(), 1);
  EXPECT_NEAR(moments.skewness(), 1.1547005383792515, 1e-12);
  EXPECT_NEAR(moments.excess_kurtosis(), -2.0 / 3, 1e-12);
}

TEST(Moments, OfEqualNumbersHaveNoShape) {
  Moments moments;
  moments.add(std::vector<double>(10, 0.1));
  EXPECT_NEAR(moments.deviation(), 0, 1e-15);
  EXPECT_EQ(Moments{}.skewness(), 0);
}

TEST(Quantiles, KeepTheRankErrorWhateverTheDistribution) {
  for (int shape = 0; shape < 5; ++shape) {
    for (const std::uint64_t seed : {1U, 2U}) {
      const std::vector<double> values = drawn(60'000, seed, shape);
      QuantileSketch sketch(200, seed);
      for (const double value : values) sketch.add(value);
      EXPECT_LE(rank_error(sketch, values), sketch.rank_error()) << shape << " " << seed;
      EXPECT_EQ(sketch.count(), values.size());
      EXPECT_LT(sketch.weighted().size(), 800U);
    }
  }
}

TEST(Quantiles, OfLongStreamsAreSampledWithinTheSameError) {
  const std::vector<double> values = drawn(600'000, 3, 1);
  QuantileSketch sketch(200, 3);
  for (std::size_t at = 0; at < values.size(); at += 1000) sketch.add(std::span(values).subspan(at, 1000));
  EXPECT_EQ(sketch.count(), values.size());
  std::uint64_t weight = 0;
  for (const auto& [value, times] : sketch.weighted()) weight += times;
  EXPECT_EQ(weight, values.size());
  EXPECT_LE(rank_error(sketch, values), sketch.rank_error());
  EXPECT_EQ(sketch.least(), *std::ranges::min_element(values));
  EXPECT_EQ(sketch.most(), *std::ranges::max_element(values));
}

TEST(Quantiles, MergedKeepTheErrorInWhateverOrder) {
  const std::vector<double> values = drawn(50'000, 4, 1);
  std::vector<QuantileSketch> parts;
  for (std::size_t i = 0; i < 5; ++i) {
    parts.emplace_back(200, i);
    parts.back().add(std::span(values).subspan(i * 10'000, 10'000));
  }
  QuantileSketch forward(200);
  QuantileSketch backward(200);
  for (std::size_t i = 0; i < 5; ++i) {
    forward.merge(parts[i]);
    backward.merge(parts[4 - i]);
  }
  for (const QuantileSketch* sketch : {&forward, &backward}) {
    EXPECT_EQ(sketch->count(), values.size());
    EXPECT_LE(rank_error(*sketch, values), sketch->rank_error());
  }
}

TEST(Quantiles, KeepTheErrorOfNumbersThatCrowdOrLieFarApart) {
  for (int shape = 0; shape < 5; ++shape) {
    std::vector<double> values = drawn(20'000, 5, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (shape == 0 && i % 100 != 0) values[i] = 1e-9 * values[i];
      if (shape == 1) values[i] = (2 * values[i] - 1) * 1.7e308;  // differences overflow
      if (shape == 2) values[i] *= 1e-310;
      if (shape == 3) values[i] = i % 2 != 0 ? -0.0 : 0.0;
      if (shape == 4) values[i] = 1e15 + static_cast<double>(i % 3);
    }
    QuantileSketch sketch(200, 3);
    sketch.add(values);
    EXPECT_EQ(sketch.count(), values.size());
    EXPECT_LE(rank_error(sketch, values), sketch.rank_error()) << shape;
  }
}

TEST(Quantiles, AreExactWhileEverythingIsKept) {
  QuantileSketch sketch;
  for (const double value : {5.0, 1.0, 3.0, 2.0, 4.0}) sketch.add(value);
  EXPECT_EQ(sketch.quantile(0.5), 3);
  EXPECT_EQ(sketch.quantile(0), 1);
  EXPECT_EQ(sketch.quantile(1), 5);
  EXPECT_EQ(sketch.rank(2.5), 0.4);
  EXPECT_EQ(sketch.rank_error(), 0);
}

TEST(Quantiles, ManyTimesTheSameCountAsOften) {
  QuantileSketch sketch;
  sketch.add(1, 700'000);
  sketch.add(2, 300'000);
  EXPECT_EQ(sketch.count(), 1'000'000U);
  EXPECT_EQ(sketch.quantile(0.69), 1);
  EXPECT_EQ(sketch.quantile(0.71), 2);
}

TEST(Quantiles, AreReadBackAndBrokenStatesAreRefused) {
  QuantileSketch sketch(100, 9);
  sketch.add(drawn(20'000, 9, 0));
  const auto again = QuantileSketch::from(sketch.state(), 0);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->weighted(), sketch.weighted());
  EXPECT_EQ(again->count(), sketch.count());
  EXPECT_FALSE(QuantileSketch::from({.k = 3, .least = 0, .most = 0, .levels = {}}, 0).has_value());
  EXPECT_FALSE(QuantileSketch::from({.k = 200, .least = 0, .most = 1, .levels = {{2}}}, 0).has_value());
  EXPECT_FALSE(QuantileSketch::from({.k = 200, .least = 0, .most = 1, .levels = {{NAN}}}, 0).has_value());
  QuantileSketch::State deep{.k = 200, .least = 0, .most = 1, .levels = {}};
  deep.levels.resize(61);
  EXPECT_FALSE(QuantileSketch::from(deep, 0).has_value());
}

TEST(Distinct, CountsFewExactlyAndManyWithinTheStandardError) {
  double squares = 0;
  int runs = 0;
  for (const std::size_t n : {1U, 10U, 1000U, 5000U, 20'000U, 70'000U}) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      Philox random(seed, stream_key("distinct test"), n);
      DistinctSketch sketch;
      for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t hash = random.bits64();
        sketch.add(hash);
        if (i % 3 == 0) sketch.add(hash);
      }
      const double error = sketch.estimate() / static_cast<double>(n) - 1;
      if (n <= 1000) {
        EXPECT_NEAR(error, 0, 0.001) << n;
      } else {
        EXPECT_LE(std::abs(error), 4 * 0.0081) << n;
        squares += error * error;
        ++runs;
      }
    }
  }
  EXPECT_LE(std::sqrt(squares / runs), 1.5 * 0.0081);
}

TEST(Distinct, ManyAtOnceAreTheSameAsOneByOne) {
  for (const std::size_t n : {0U, 1U, 300U, 5'000U, 100'000U}) {
    DistinctSketch one;
    DistinctSketch many;
    std::vector<std::uint64_t> hashes(n);
    for (std::size_t i = 0; i < n; ++i) one.add(hashes[i] = hash_of(i));
    many.add(std::span(hashes).first(n / 3));
    many.add(std::span(hashes).subspan(n / 3));
    EXPECT_EQ(one.write(), many.write()) << n;
  }
}

TEST(Distinct, MergedIsTheWholeExactly) {
  for (const std::size_t n : {100U, 3000U, 40'000U}) {
    Philox random(1, stream_key("distinct test"), n);
    DistinctSketch whole;
    std::vector<DistinctSketch> parts(3);
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t hash = random.bits64();
      whole.add(hash);
      parts[i % 7 == 0 ? 0 : i % 2 + 1].add(hash);
    }
    DistinctSketch one = parts[0];
    one.merge(parts[1]);
    one.merge(parts[2]);
    DistinctSketch other = parts[2];
    other.merge(parts[1]);
    other.merge(parts[0]);
    // A part may have gone to registers where the whole need not have, never the other way round.
    EXPECT_EQ(one.estimate(), whole.estimate());
    EXPECT_EQ(one.write(), other.write());
  }
}

TEST(Distinct, CoarserSketchesCanStillBeMerged) {
  Philox random(2, stream_key("distinct test"));
  DistinctSketch fine(14);
  DistinctSketch coarse(8);
  DistinctSketch both(8);
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t hash = random.bits64();
    (i % 2 == 0 ? fine : coarse).add(hash);
    both.add(hash);
  }
  DistinctSketch merged = fine;
  merged.merge(coarse);
  EXPECT_EQ(merged.write(), both.write());
  coarse.merge(fine);
  EXPECT_EQ(coarse.write(), both.write());
}

TEST(Distinct, IsReadBackAndBrokenBytesAreRefused) {
  for (const int n : {0, 50, 50'000}) {
    Philox random(3, stream_key("distinct test"));
    DistinctSketch sketch(12);
    for (int i = 0; i < n; ++i) sketch.add(random.bits64());
    const std::string bytes = sketch.write();
    const auto again = DistinctSketch::read(bytes);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->write(), bytes);
    EXPECT_EQ(again->estimate(), sketch.estimate());
    for (std::size_t cut = 0; cut < std::min<std::size_t>(bytes.size(), 50); ++cut)
      (void)DistinctSketch::read(std::string_view(bytes).substr(0, cut));
  }
  EXPECT_FALSE(DistinctSketch::read("").has_value());
  EXPECT_FALSE(DistinctSketch::read(std::string("\x0E") + "d").has_value());
  EXPECT_FALSE(DistinctSketch::read(std::string("\x0E") + "x").has_value());
  EXPECT_FALSE(DistinctSketch::read(std::string("\x04") + "d" + std::string(16, '\x7F')).has_value());
}

struct NoNote {};
using Frequent = FrequentItems<NoNote>;

void count(Frequent& items, std::uint64_t value) {
  bool fresh = false;
  (void)items.add(hash_of(value), 1, fresh, [](Frequent::Item&) {});
}

TEST(Frequent, FindsEveryValueAboveItsShareAndBoundsTheCounts) {
  Philox random(5, stream_key("frequent test"));
  std::unordered_map<std::uint64_t, std::uint64_t> truth;
  Frequent items(64);
  constexpr std::uint64_t n = 100'000;
  for (std::uint64_t i = 0; i < n; ++i) {
    // Zipf-like, with a long tail of values that come once.
    const std::uint64_t value =
        i % 3 == 0 ? 1'000'000 + i : static_cast<std::uint64_t>(1 / (random.uniform() + 1e-4));
    ++truth[hash_of(value)];
    count(items, value);
  }
  EXPECT_LE(items.error(), n / 64);
  std::unordered_map<std::uint64_t, std::uint64_t> found;
  for (const auto& [hash, item] : items.ordered()) {
    found[hash] = item->count;
    EXPECT_LE(item->count, truth[hash]);
    EXPECT_GE(item->count + items.error(), truth[hash]);
  }
  for (const auto& [hash, times] : truth)
    if (times > n / 64) {
      EXPECT_TRUE(found.contains(hash)) << times;
    }
}

TEST(Frequent, FewValuesAreCountedExactly) {
  Frequent items(64);
  for (std::uint64_t i = 0; i < 7000; ++i) count(items, i % 70);
  EXPECT_TRUE(items.exact());
  EXPECT_EQ(items.size(), 70U);
  for (const auto& [hash, item] : items.ordered()) EXPECT_EQ(item->count, 100U);
}

TEST(Frequent, MergedKeepTheBoundOfTheWhole) {
  Frequent left(32);
  Frequent right(32);
  std::unordered_map<std::uint64_t, std::uint64_t> truth;
  Philox random(6, stream_key("frequent test"));
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const std::uint64_t value = random.below(10) < 4 ? random.below(5) : random.below(5000);
    ++truth[hash_of(value)];
    count(i < 12'000 ? left : right, value);
  }
  left.merge(right, [](NoNote&, const NoNote&, bool) {});
  EXPECT_LE(left.error(), 20'000U / 32);
  for (const auto& [hash, item] : left.ordered()) EXPECT_GE(item->count + left.error(), truth[hash]);
  for (std::uint64_t value = 0; value < 5; ++value) {
    const auto all = left.ordered();
    EXPECT_TRUE(std::ranges::any_of(all, [&](const auto& one) { return one.first == hash_of(value); }));
  }
}

TEST(Frequent, CollidingHashesCostNoMoreThanTheError) {
  Frequent items(64);
  bool fresh = false;
  // All of them want the same place.
  for (std::uint64_t i = 1; i <= 5000; ++i) (void)items.add(i << 40 | 1, 1, fresh, [](Frequent::Item&) {});
  std::uint64_t counted = 0;
  for (const auto& [hash, item] : items.ordered()) counted += item->count;
  EXPECT_LE(counted, 5000U);
  EXPECT_GT(items.error(), 0U);
}

}  // namespace
}  // namespace bulwark::stats
