#include "scan/formats/flatbuffer.h"

#include <gtest/gtest.h>

#include <string>

namespace bulwark::scan {
namespace {

using namespace std::string_view_literals;

// Header, then a table description (two fields) at 8 and the table at 16 with a number and a text "hi" at 28.
constexpr std::string_view kSample =
    "\x10\0\0\0TEST"
    "\x08\0\x0C\0\x04\0\x08\0"
    "\x08\0\0\0\x2A\0\0\0\x04\0\0\0"
    "\x02\0\0\0hi\0\0"sv;

TEST(FlatBuffer, ReadsFieldsByNumber) {
  FlatBuffer flat(bytes_of(kSample));
  const auto root = flat.root();
  ASSERT_TRUE(root);
  EXPECT_EQ(root->uint32(0), 42U);
  EXPECT_EQ(root->text(1), "hi");
  EXPECT_FALSE(root->has(2));
  EXPECT_EQ(root->uint32(7), 0U);
  EXPECT_FALSE(flat.defect());
}

TEST(FlatBuffer, EveryCutSaysWhatIsMissing) {
  for (std::size_t cut = 0; cut < 34; ++cut) {
    FlatBuffer flat(bytes_of(kSample).first(cut));
    const auto root = flat.root();
    if (root) {
      EXPECT_EQ(root->text(1), "");
    }
    EXPECT_TRUE(flat.defect()) << cut;
  }
}

TEST(FlatBuffer, OffsetsAndLengthsThatLieAreDefects) {
  for (const std::size_t at : {0U, 8U, 10U, 16U, 24U, 28U}) {
    std::string bytes(kSample);
    bytes[at] = '\x7F';
    bytes[at + 1] = '\x7F';
    FlatBuffer flat(bytes_of(bytes));
    const auto root = flat.root();
    if (root) (void)root->text(1);
    EXPECT_TRUE(flat.defect()) << at;
  }
}

}  // namespace
}  // namespace bulwark::scan
