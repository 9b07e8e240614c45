#include "scan/formats/marshal/marshal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scan/formats/marshal/bytecode.h"
#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::marshal {
namespace {

std::vector<std::uint8_t> sample(const std::string& name) {
  auto recipe = test::load_recipe("tests/fixtures/marshal/" + name + ".recipe");
  EXPECT_TRUE(recipe);
  return recipe ? recipe->bytes : std::vector<std::uint8_t>{};
}

TEST(Marshal, RawCodeIsReadWithTheTableOfItsInterpreter) {
  for (const char* version : {"3.8", "3.10", "3.12"}) {
    const std::string name = std::string("raw_eval_3") + (version + 2);
    const auto bytes = sample(name);
    const auto program = read(Bytes(bytes), Limits{});
    ASSERT_TRUE(program) << name << ": " << program.error().message;
    EXPECT_EQ(program->end, bytes.size());
    // 3.8 to 3.10 share the opcodes that this program uses.
    if (std::string_view(version) == "3.12") {
      EXPECT_EQ(version_of(*program), "3.12");
    }
    const Reach reach = reach_of(*program, version_of(*program));
    EXPECT_TRUE(std::ranges::any_of(reach.uses, [](const Use& use) {
      return use.dotted == "exec" && use.called;
    })) << disassemble(*program, version_of(*program), 4000);
    EXPECT_TRUE(
        std::ranges::any_of(reach.uses, [](const Use& use) { return use.dotted == "base64.b64decode"; }));
  }
}

TEST(Marshal, HeaderNamesTheInterpreter) {
  EXPECT_EQ(version_of_pyc(Bytes(sample("pyc_command_36"))), "3.6");
  EXPECT_EQ(version_of_pyc(Bytes(sample("pyc_command_313"))), "3.13");
  EXPECT_EQ(version_of_pyc(bytes_of("PK\x03\x04 no python at all")), "");
}

TEST(Marshal, OpcodeTablesKnowEveryInterpreter) {
  for (const char* version : {"3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"}) {
    const OpcodeTable table = opcodes_of(version);
    EXPECT_TRUE(std::ranges::any_of(table, [](const Opcode& o) { return o.name == "IMPORT_NAME"; }))
        << version;
    EXPECT_TRUE(std::ranges::any_of(table, [](const Opcode& o) { return o.name == "LOAD_CONST"; }))
        << version;
  }
  EXPECT_TRUE(opcodes_of("4.0")[0].name.empty());
}

TEST(Marshal, LiesAboutSizesAllocateNothing) {
  // A tuple of four billion items, a string of two, a reference to nothing.
  for (const std::string_view bytes :
       {std::string_view("(\xff\xff\xff\xff", 5), std::string_view("s\xff\xff\xff\x7f", 5),
        std::string_view("r\x05\x00\x00\x00", 5), std::string_view("l\x00\x00\x00\x80", 5)}) {
    EXPECT_FALSE(read(bytes_of(bytes), Limits{}));
  }
  EXPECT_FALSE(read(Bytes{}, Limits{}));
}

TEST(Marshal, NestingStopsAtItsLimit) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += std::string(")\x01", 2);
  deep += "N";
  const auto program = read(bytes_of(deep), Limits{});
  ASSERT_FALSE(program);
}

TEST(Marshal, TupleThatContainsItselfIsReadAndPrinted) {
  const auto program = read(bytes_of(std::string_view("\xa9\x01r\x00\x00\x00\x00", 7)), Limits{});
  ASSERT_TRUE(program);
  EXPECT_EQ(program->objects.size(), 1U);
}

TEST(Marshal, RawTensorBytesAreNotClaimed) {
  std::string floats;
  for (int i = 0; i < 4096; ++i) floats += std::string("c\x00\x80\x3f", 4);
  const Report report = test::scan(floats);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_TRUE(report.gaps.empty());
}

}  // namespace
}  // namespace bulwark::marshal
