#include "scan/formats/npy.h"

#include <gtest/gtest.h>

#include <string>

namespace bulwark::scan {
namespace {

std::string file(std::string header, std::string_view content = {}) {
  std::string bytes("\x93NUMPY\x01\0", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + std::string(content);
}

Result<NpyHeader> read(const std::string& bytes) {
  return read_npy_header(bytes_of(bytes), Limits{});
}

TEST(Npy, SubArraysAndStructuresAddUp) {
  const std::string bytes = file(
      "{'descr': [('a', '<f8'), ('b', '<i2', (3, 2)), ('c', '<U4')], 'fortran_order': False, 'shape': (2, "
      "5)}");
  const auto header = read(bytes);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->item_size, 8u + 12u + 16u);
  EXPECT_EQ(header->content_size, 36u * 10u);
  EXPECT_FALSE(header->has_objects);
}

TEST(Npy, ObjectsAreFoundWhereverTheyHide) {
  for (const std::string_view type :
       {"'|O'", "'object'", "[('a', '<f8'), ('b', 'O')]", "[('a', [('deep', '|O')])]", "'f8,O'"}) {
    const auto header =
        read(file("{'descr': " + std::string(type) + ", 'fortran_order': False, 'shape': (1,)}"));
    ASSERT_TRUE(header) << type << ": " << header.error().message;
    EXPECT_TRUE(header->has_objects) << type;
  }
}

TEST(Npy, OrdinaryTypesAreNoObjects) {
  for (const std::string_view type : {"'<f8'", "'|b1'", "'<M8[ns]'", "'<c16'", "'|S7'", "'|V10'"}) {
    const auto header =
        read(file("{'descr': " + std::string(type) + ", 'fortran_order': True, 'shape': ()}"));
    ASSERT_TRUE(header) << type << ": " << header.error().message;
    EXPECT_FALSE(header->has_objects) << type;
    EXPECT_TRUE(header->item_size) << type;
  }
}

TEST(Npy, ExpressionIsNotTakenForAHeader) {
  const auto header = read(file("{'descr': '<f8', 'fortran_order': False, 'shape': (exit(),)}"));
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, Code::Denied);
  EXPECT_EQ(header.error().offset, 10u + 51u);
}

TEST(Npy, ShapeThatOverflowsSaysSo) {
  const auto header =
      read(file("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 3)}"));
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->overflows);
  EXPECT_FALSE(header->content_size);
}

TEST(Npy, ZeroDimensionMakesAnyShapeEmpty) {
  const auto header =
      read(file("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 0)}"));
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->overflows);
  EXPECT_EQ(header->content_size, 0u);
}

TEST(Npy, NestingHasAnEnd) {
  const auto header = read(file("{'descr': " + std::string(500, '(') + ", 'shape': (1,)}"));
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::scan
