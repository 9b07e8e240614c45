#include "scan/formats/protobuf.h"

#include <gtest/gtest.h>

#include <string>

namespace bulwark::scan {
namespace {

using namespace std::string_view_literals;

TEST(Protobuf, ReadsEveryWireTypeWithItsOffset) {
  const std::string_view message =
      "\x08\x96\x01\x12\x03"
      "abc\x1D\x01\0\0\0\x21\x02\0\0\0\0\0\0\0"sv;
  ProtoReader reader(bytes_of(message), 100);
  ProtoField field;
  ASSERT_TRUE(reader.next(field));
  EXPECT_TRUE(field.is_varint(1));
  EXPECT_EQ(field.value, 150U);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.text(), "abc");
  EXPECT_EQ(field.offset, 105U);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::Fixed32);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::Fixed64);
  EXPECT_EQ(field.value, 2U);
  EXPECT_FALSE(reader.next(field));
  EXPECT_EQ(reader.stop(), ProtoReader::Stop::None);
}

TEST(Protobuf, SkipsNestedGroups) {
  const std::string_view message = "\x0B\x13\x08\x01\x14\x0C\x18\x07"sv;  // group 1 { group 2 { 1: 1 } } 3: 7
  ProtoReader reader(bytes_of(message));
  ProtoField field;
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::Group);
  EXPECT_EQ(field.bytes.size(), 4U);
  ASSERT_TRUE(reader.next(field));
  EXPECT_TRUE(field.is_varint(3));
}

TEST(Protobuf, GroupsThatDoNotCloseOrNestWithoutEndAreDefects) {
  ProtoField field;
  ProtoReader open(bytes_of("\x0B\x08\x01"sv));
  EXPECT_FALSE(open.next(field));
  EXPECT_EQ(open.stop(), ProtoReader::Stop::Truncated);
  ProtoReader wrong(bytes_of("\x0B\x14"sv));
  EXPECT_FALSE(wrong.next(field));
  EXPECT_EQ(wrong.stop(), ProtoReader::Stop::Malformed);
  const std::string deep(100'000, '\x0B');
  ProtoReader nested(bytes_of(deep));
  EXPECT_FALSE(nested.next(field));
  EXPECT_EQ(nested.stop(), ProtoReader::Stop::Malformed);
}

TEST(Protobuf, ALengthBeyondTheEndKeepsWhatIsThere) {
  ProtoReader reader(bytes_of("\x3A\x7F\x0A\x01x"sv), 10);
  ProtoField field;
  EXPECT_FALSE(reader.next(field));
  EXPECT_EQ(reader.stop(), ProtoReader::Stop::Truncated);
  ASSERT_TRUE(reader.cut());
  EXPECT_EQ(reader.cut()->number, 7U);
  EXPECT_EQ(reader.cut()->bytes.size(), 3U);
  EXPECT_EQ(reader.cut()->offset, 12U);
  const auto error = reader.error("model");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->offset, 10U);
}

TEST(Protobuf, FieldZeroWireTypeSevenAndEndlessVarintsAreMalformed) {
  for (const std::string_view message :
       {"\x00\x01"sv, "\x0F\x01"sv, "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv, "\x0C"sv}) {
    ProtoReader reader(bytes_of(message));
    ProtoField field;
    EXPECT_FALSE(reader.next(field));
    EXPECT_EQ(reader.stop(), ProtoReader::Stop::Malformed);
  }
}

TEST(Protobuf, PackedAndSingleNumbersAreReadAlike) {
  std::vector<std::uint64_t> values;
  append_varints({.number = 1, .type = WireType::Varint, .value = 3}, values, 10);
  append_varints({.number = 1, .type = WireType::Bytes, .value = 0, .bytes = bytes_of("\x04\x80\x01\xFF"sv)},
                 values, 10);
  EXPECT_EQ(values, (std::vector<std::uint64_t>{3, 4, 128}));
}

TEST(Protobuf, AShapeToleratesUnknownFieldsButNoContradiction) {
  constexpr FieldShape kSchema[] = {{1, WireType::Varint}, {2, WireType::Bytes}};
  const ShapeMatch fits = match_shape(bytes_of("\x08\x01\x12\x01x\x98\x06\x01"sv), kSchema, 16);
  EXPECT_FALSE(fits.contradicts);
  EXPECT_EQ(fits.known, 2U);
  EXPECT_EQ(fits.unknown, 1U);
  EXPECT_TRUE(match_shape(bytes_of("\x0A\x01x"sv), kSchema, 16).contradicts);
}

}  // namespace
}  // namespace bulwark::scan
