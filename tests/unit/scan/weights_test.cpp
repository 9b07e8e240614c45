#include "scan/formats/weights.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "support/support.h"

namespace bulwark::test {
namespace {

using scan::BitPlane;
using scan::NumberType;
using Buffer = std::vector<std::uint8_t>;

Buffer floats(std::size_t count, const std::function<double(std::size_t)>& value) {
  Buffer bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value(i)));
    for (unsigned k = 0; k < 4; ++k) bytes.push_back(static_cast<std::uint8_t>(bits >> (8 * k)));
  }
  return bytes;
}

Buffer normal(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> value(0, 0.03);
  return floats(count, [&](std::size_t) { return value(random); });
}

// Puts `payload` into the lowest `plane.bits` bits of float32 values from value `first` on.
void embed(Buffer& weights, const std::string& payload, BitPlane plane, std::size_t first) {
  const auto bit = [&](std::size_t i) -> unsigned {
    const auto byte = i / 8 < payload.size() ? static_cast<std::uint8_t>(payload[i / 8]) : 0U;
    return (byte >> (plane.high_first ? 7 - i % 8 : i % 8)) & 1U;
  };
  const std::size_t values = (payload.size() * 8 + plane.bits - 1) / plane.bits;
  for (std::size_t v = 0; v < values; ++v) {
    std::uint8_t* at = weights.data() + (first + v) * 4;
    auto word = load_little_endian<std::uint32_t>(at);
    for (unsigned k = 0; k < plane.bits; ++k) {
      const unsigned position = plane.high_first ? plane.bits - 1 - k : k;
      word = (word & ~(1U << position)) | (bit(v * plane.bits + k) << position);
    }
    for (unsigned k = 0; k < 4; ++k) at[k] = static_cast<std::uint8_t>(word >> (8 * k));
  }
}

const std::string kScript = "import os\nos.system('touch /tmp/marker')\nprint('loaded')\n";

TEST(HiddenBits, EveryPlaneAndOrderIsRead) {
  for (const unsigned bits : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 16U, 24U}) {
    for (const bool high_first : {true, false}) {
      Buffer weights = normal(4096, bits);
      embed(weights, kScript, {bits, high_first}, 0);
      const auto found = scan::find_payload(weights, NumberType::Float32, 0);
      ASSERT_TRUE(found) << bits;
      EXPECT_EQ(found->what, "text");
      EXPECT_EQ(found->plane.bits, bits);
      // Whole bytes read as text in both orders.
      const BitPlane plane{bits, bits > 8 ? high_first : found->plane.high_first};
      const Buffer stream = scan::read_plane(weights, NumberType::Float32, plane, 0, 4096);
      EXPECT_NE(text_of(Bytes(stream)).find("os.system"), std::string_view::npos) << bits;
    }
  }
}

TEST(HiddenBits, FilesAreNamedByTheirHeader) {
  using namespace std::string_literals;
  const std::string rest(64, '\x01');
  const std::pair<std::string, std::string_view> files[] = {
      {"\x7f"
       "ELF\x02\x01\x01\0"s +
           rest,
       "an ELF executable"},
      {"PK\x03\x04\x14\0\0\0"s + rest, "a zip archive"},
      {"\x80\x04\x95\x20\0\0\0\0\0\0\0\x8c"s + rest, "a pickle"},
      {"\x80\x02"
       "cos\nsystem\n"s +
           rest,
       "a pickle"},
      {"\x1f\x8b\x08\0abcd\0\x03"s + rest, "a gzip stream"},
      // A length and a digest in front, as published scripts write them.
      {"\x60\0\0\0"s + std::string(32, '\xEE') +
           "\x7f"
           "ELF\x02\x01\x01\0"s +
           rest,
       "an ELF executable"},
  };
  for (const auto& [payload, what] : files) {
    Buffer weights = normal(4096, 7);
    embed(weights, payload, {2, true}, 0);
    const auto found = scan::find_payload(weights, NumberType::Float32, 0);
    ASSERT_TRUE(found) << what;
    EXPECT_EQ(found->what, what);
  }
}

// What tensors hold in practice; none may look like a payload.
struct Kind {
  const char* name;
  std::function<Buffer(unsigned)> make;
};

std::vector<Kind> natural_tensors() {
  const auto drawn = [](auto distribution) {
    return [distribution](unsigned seed) {
      return floats(4096, [random = std::mt19937(seed), distribution](std::size_t) mutable {
        return distribution(random);
      });
    };
  };
  const auto codebook = [](unsigned entries) {
    return [entries](unsigned seed) {
      std::mt19937 random(seed);
      std::normal_distribution<double> value(0, 0.1);
      std::vector<double> book(entries);
      for (double& entry : book) entry = value(random);
      return floats(4096, [&](std::size_t) { return book[random() % entries]; });
    };
  };
  return {
      {"normal", drawn(std::normal_distribution<double>(0, 0.02))},
      {"uniform", drawn(std::uniform_real_distribution<double>(-0.05, 0.05))},
      {"positive", drawn(std::uniform_real_distribution<double>(0.5, 1.5))},
      {"constant", [](unsigned seed) { return floats(4096, [&](std::size_t) { return 0.01 * seed; }); }},
      {"ramp",
       [](unsigned seed) {
         return floats(4096, [&](std::size_t i) { return static_cast<double>(i) / (seed + 1.0); });
       }},
      {"fine ramp",
       [](unsigned seed) {
         return floats(4096, [&](std::size_t i) {
           return 1.0 + static_cast<double>(i * (1 + seed % 7)) * 0x1p-23 + seed * 0x1p-15;
         });
       }},
      {"positions",
       [](unsigned seed) {
         return floats(4096, [&](std::size_t i) {
           return std::sin(static_cast<double>(i / 64) /
                           std::pow(10000.0 + seed, static_cast<double>(i % 64) / 64));
         });
       }},
      {"codebook of 2", codebook(2)},
      {"codebook of 4", codebook(4)},
      {"codebook of 16", codebook(16)},
      {"codebook of 64", codebook(64)},
      {"codebook of 256", codebook(256)},
      {"int8 scaled",
       [](unsigned seed) {
         std::mt19937 random(seed);
         const double scale = 0.001 + 1e-6 * seed;
         return floats(4096,
                       [&](std::size_t) { return scale * (static_cast<double>(random() % 255) - 127); });
       }},
      {"pruned",
       [](unsigned seed) {
         std::mt19937 random(seed);
         std::normal_distribution<double> value(0, 0.02);
         return floats(4096, [&](std::size_t) { return random() % 10 == 0 ? value(random) : 0.0; });
       }},
      {"upcast from half",
       [](unsigned seed) {
         Buffer bytes = normal(4096, seed);
         for (std::size_t i = 0; i < bytes.size(); i += 4) bytes[i] = 0, bytes[i + 1] &= 0xE0;
         return bytes;
       }},
      {"zero rows then normal",
       [](unsigned seed) {
         Buffer bytes = normal(8192, seed);
         std::fill(bytes.begin(), bytes.begin() + 4 * 2048, std::uint8_t{0});
         return bytes;
       }},
  };
}

TEST(HiddenBits, NaturalTensorsOfManySeedsAreNeverAPayload) {
  for (const Kind& kind : natural_tensors()) {
    for (unsigned seed = 0; seed < 60; ++seed) {
      const Buffer weights = kind.make(seed);
      for (const NumberType type : {NumberType::Float32, NumberType::Float16, NumberType::BFloat16,
                                    NumberType::Float64, NumberType::Int8}) {
        const auto found = scan::find_payload(weights, type, 0);
        EXPECT_FALSE(found) << kind.name << " seed " << seed << ": " << (found ? found->what : "") << " in "
                            << (found ? found->plane.bits : 0) << " bits of type " << static_cast<int>(type);
      }
      const auto low = scan::compare_low_bytes(weights, NumberType::Float32);
      EXPECT_FALSE(low && low->unlike) << kind.name << " seed " << seed;
    }
  }
}

TEST(HiddenBits, RandomBytesOfManySeedsAreNeverAPayload) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    Buffer bytes(8192);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    for (const NumberType type :
         {NumberType::Float32, NumberType::Float16, NumberType::Float64, NumberType::UInt8})
      EXPECT_FALSE(scan::find_payload(bytes, type, 0)) << seed;
    EXPECT_FALSE(scan::guess_number_type(bytes)) << seed;
  }
}

TEST(HiddenBits, UnevenLowBytesInOneHalfAreNoticed) {
  Buffer weights = normal(8192, 3);
  // Machine code is uneven, and without a header nothing else tells it.
  std::mt19937 random(1);
  for (std::size_t i = 0; i < 2048; ++i)
    weights[i * 4] = static_cast<std::uint8_t>(random() % 16 * (random() % 16));
  const auto low = scan::compare_low_bytes(weights, NumberType::Float32);
  ASSERT_TRUE(low);
  EXPECT_TRUE(low->unlike);
}

TEST(WeightsInspector, PayloadIsReportedAndItsContentIsInspected) {
  Buffer weights = normal(4096, 11);
  embed(weights, kScript, {1, true}, 0);
  const Report report = scan(Bytes(weights));
  ASSERT_TRUE(has_rule(report, "BW-WGT-001"));
  ASSERT_GE(report.inspected.size(), 2U);
  EXPECT_EQ(report.inspected.back().origin, std::vector<std::string>{"low bits of (raw values)"});
}

TEST(WeightsInspector, DeepFindsAPayloadInTheMiddle) {
  Buffer weights = normal(8192, 12);
  embed(weights, kScript, {1, true}, 4101);
  EXPECT_FALSE(has_rule(scan(Bytes(weights)), "BW-WGT-001"));
  EXPECT_TRUE(has_rule(scan(Bytes(weights), {.trace = false, .deep = true}), "BW-WGT-001"));
}

TEST(WeightsInspector, TextsTablesAndImagesAreLeftAlone) {
  std::string csv;
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) csv += std::to_string(random() % 10'000) + (i % 5 == 4 ? "\n" : ",");
  std::string prose;
  for (int i = 0; i < 100; ++i)
    prose += "The quick brown fox jumps over the lazy dog, and os.system is just a name. ";
  for (const std::string& text : {csv, prose}) {
    const Report report = scan(std::string_view(text));
    EXPECT_FALSE(has_rule(report, "BW-WGT-001"));
    EXPECT_FALSE(has_rule(report, "BW-WGT-002"));
  }
}

}  // namespace
}  // namespace bulwark::test
