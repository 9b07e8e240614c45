#include "base/byte_reader.h"

#include <gtest/gtest.h>

namespace bulwark {
namespace {

TEST(ByteReader, NamesTheFieldTheOffsetAndWhatIsMissing) {
  ByteReader in(bytes_of(std::string_view("\x01\x02\x03\x04\x05", 5)), 3);
  const auto count = in.little_endian<std::uint64_t>("tensor count");
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().message, "tensor count at offset 3: needs 8 bytes, 2 remain");
  EXPECT_EQ(count.error().offset, 3u);
}

TEST(ByteReader, FailedReadMovesNothing) {
  ByteReader in(bytes_of("ab"));
  EXPECT_FALSE(in.take(3, "name").has_value());
  EXPECT_EQ(in.offset(), 0u);
  EXPECT_EQ(text_of(*in.take(2, "name")), "ab");
  EXPECT_TRUE(in.at_end());
}

TEST(ByteReader, LengthNearTheEndOfTheNumberRangeDoesNotWrap) {
  ByteReader in(bytes_of("abcd"), 2);
  EXPECT_FALSE(in.take(~std::uint64_t{0} - 1, "string").has_value());
  EXPECT_FALSE(in.skip(~std::uint64_t{0}, "padding").has_value());
  EXPECT_FALSE(in.seek(5, "table").has_value());
  EXPECT_TRUE(in.seek(4, "table").has_value());
}

TEST(ByteReader, VarintOfElevenBytesIsRefused) {
  const std::string endless(11, '\xFF');
  ByteReader in(bytes_of(endless));
  EXPECT_FALSE(in.varint("field").has_value());
  ByteReader small(bytes_of(std::string_view("\xAC\x02", 2)));
  EXPECT_EQ(*small.varint("field"), 300u);
}

}  // namespace
}  // namespace bulwark
