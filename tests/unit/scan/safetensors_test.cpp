#include "scan/formats/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/support.h"

namespace bulwark {
namespace {

std::string file_of(const std::string& header, std::size_t data) {
  std::string out;
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
  return out + header + std::string(data, '\x01');
}

TEST(Safetensors, TextIsNeverClaimed) {
  for (const std::string_view text :
       {"{\"ab\": {\"data_offsets\": [0, 1]}}", "# \"data_offsets\" are explained here", "{\"abcde\":{}}"}) {
    EXPECT_FALSE(scan::looks_like_safetensors(bytes_of(text))) << text;
  }
}

TEST(Safetensors, EveryCutBehindTheFirstBytesIsSaid) {
  const std::string whole = file_of("{\"w\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24]}}", 24);
  EXPECT_TRUE(test::rules_of(test::scan(whole)).empty());
  for (std::size_t length = 10; length < whole.size(); ++length) {
    const Report report = test::scan(std::string_view(whole).substr(0, length));
    EXPECT_FALSE(report.gaps.empty()) << length;
  }
}

TEST(Safetensors, GraphHasTheTensorsOfTheFile) {
  const std::string whole =
      file_of("{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24);
  const test::StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), Limits{}, {}, clock);
  const auto graph = engine.graph({.path = "x", .origin = {}, .bytes = bytes_of(whole), .keeps = nullptr});
  ASSERT_TRUE(graph);
  ASSERT_EQ(graph->tensors.size(), 1U);
  EXPECT_EQ(graph->tensors[0].type, "float32");
  EXPECT_THAT(graph->tensors[0].shape, testing::ElementsAre(2U, 3U));
  EXPECT_EQ(graph->tensors[0].content.size(), 24U);
}

TEST(Safetensors, OverflowingShapesHaveNoSize) {
  const std::string whole =
      file_of("{\"w\":{\"dtype\":\"F64\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,24]}}", 24);
  const auto header = scan::read_safetensors(bytes_of(whole), Limits{});
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->tensors[0].size);
  EXPECT_TRUE(test::has_rule(test::scan(whole), "BW-ST-006"));
}

TEST(Safetensors, SubByteTypesAreMeasuredInBits) {
  EXPECT_TRUE(test::rules_of(test::scan(file_of(
                                 "{\"w\":{\"dtype\":\"F4\",\"shape\":[48],\"data_offsets\":[0,24]}}", 24)))
                  .empty());
}

}  // namespace
}  // namespace bulwark
