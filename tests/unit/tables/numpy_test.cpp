#include "tables/numpy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "recipe/archives.h"
#include "scan/formats/decompress.h"
#include "unit/tables/table_test_support.h"

namespace bulwark::tables {
namespace {

using test::Contents;
using test::contents_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Row = std::vector<std::string>;

template <class T>
std::string bytes_of_values(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string npy(const std::string& type, const std::string& shape, const std::string& content,
                bool fortran = false) {
  std::string dict = "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
                     ", 'shape': " + shape + ", }";
  dict.resize((dict.size() + 10 + 64) / 64 * 64 - 10, ' ');
  std::string text = "\x93NUMPY";
  text += {'\1', '\0', static_cast<char>(dict.size() & 0xffU), static_cast<char>(dict.size() >> 8U)};
  return text + dict + content;
}

class Numpy : public testing::Test {
 protected:
  Result<std::unique_ptr<Dataset>> open(const std::string& content, const std::string& name = "a.npy") {
    return open_dataset(folder_.file(name, content));
  }
  Contents read(const std::string& content, const std::string& name = "a.npy") {
    return contents_of(folder_.file(name, content));
  }
  test::Folder folder_;
};

std::vector<double> values_of(const Array& array) {
  std::vector<double> values;
  for (std::uint64_t i = 0; i < array.count(); ++i) values.push_back(array.at(i));
  return values;
}

TEST_F(Numpy, OneDimensionIsAColumn) {
  const Contents c = read(npy("<f8", "(3,)", bytes_of_values<double>({1.5, -2, 1e300})), "scores.npy");
  EXPECT_EQ(c.format, "npy");
  EXPECT_THAT(c.names, ElementsAre("scores"));
  EXPECT_THAT(c.rows, ElementsAre(Row{"1.5"}, Row{"-2"}, Row{"1e+300"}));
}

TEST_F(Numpy, EveryTypeOfNumber) {
  EXPECT_THAT(read(npy("|i1", "(2,)", "\x01\xff")).rows, ElementsAre(Row{"1"}, Row{"-1"}));
  EXPECT_THAT(read(npy("|b1", "(2,)", std::string("\x01\0", 2))).rows,
              ElementsAre(Row{"true"}, Row{"false"}));
  EXPECT_THAT(read(npy(">i2", "(2,)", std::string("\x01\0\xff\xfe", 4))).rows,
              ElementsAre(Row{"256"}, Row{"-2"}));
  EXPECT_THAT(read(npy("<u4", "(1,)", "\xff\xff\xff\xff")).rows, ElementsAre(Row{"4294967295"}));
  // Half precision: 1, -2, the smallest subnormal, the largest.
  EXPECT_THAT(read(npy("<f2", "(4,)", std::string("\0\x3c\0\xc0\1\0\xff\x7b", 8))).rows,
              ElementsAre(Row{"1"}, Row{"-2"}, Row{"5.960464477539063e-08"}, Row{"65504"}));
  const Contents large =
      read(npy("<u8", "(2,)", bytes_of_values<std::uint64_t>({5, std::uint64_t{1} << 63})));
  EXPECT_THAT(large.rows, ElementsAre(Row{"5"}, Row{"<absent>"}));
  EXPECT_THAT(large.gaps, ElementsAre(HasSubstr("1 integers beyond 63 bits")));
}

TEST_F(Numpy, Strings) {
  EXPECT_THAT(read(npy("|S3", "(2,)", std::string("ab\0abc", 6))).rows, ElementsAre(Row{"ab"}, Row{"abc"}));
  EXPECT_THAT(read(npy("<U2", "(2,)", std::string("a\0\0\0\xac\x20\0\0\0\xf6\1\0\0\0\0\0", 16))).rows,
              ElementsAre(Row{"a\u20ac"}, Row{"\U0001f600"}));
}

TEST_F(Numpy, ArraysAreRowMajorWhateverTheFile) {
  const auto c = open(npy("<i4", "(2, 3)", bytes_of_values<std::int32_t>({1, 2, 3, 4, 5, 6})));
  const auto fortran =
      open(npy("<i4", "(2, 3)", bytes_of_values<std::int32_t>({1, 4, 2, 5, 3, 6}), true), "f.npy");
  ASSERT_TRUE(c && fortran);
  EXPECT_THAT((*c)->about().columns, IsEmpty());
  EXPECT_EQ((*c)->about().rows, 2U);
  for (const auto* dataset : {&*c, &*fortran}) {
    const std::string name = (*dataset)->about().arrays.at(0).name;
    EXPECT_THAT(values_of((*dataset)->array(name).value()), ElementsAre(1, 2, 3, 4, 5, 6));
  }
  EXPECT_FALSE((*c)->array("other"));
}

TEST_F(Numpy, LargeFilesAreViewsOfTheFile) {
  std::vector<float> values(200'000, 0.5F);
  const auto dataset = open(npy("<f4", "(100000, 2)", bytes_of_values(values)));
  ASSERT_TRUE(dataset);
  const Array once = (*dataset)->array("a").value();
  const Array again = (*dataset)->array("a").value();
  EXPECT_EQ(once.floats().size(), 200'000U);
  EXPECT_EQ(once.bytes.data(), again.bytes.data());
  EXPECT_TRUE(once.doubles().empty());
}

TEST_F(Numpy, WhatWouldRunCodeIsRefused) {
  EXPECT_THAT(read(npy("|O", "(1,)", "cos\nsystem\n")).error, HasSubstr("pickle"));
  EXPECT_THAT(
      read("\x93NUMPY\1" + std::string("\0\x40\0", 3) + "__import__('os')" + std::string(48, ' ')).error,
      HasSubstr("not a literal"));
}

TEST_F(Numpy, ShapesThatDoNotFit) {
  EXPECT_THAT(read(npy("<f8", "(3,)", "12345678")).error, HasSubstr("ends within its array"));
  EXPECT_THAT(read(npy("<f8", "(4294967296, 4294967296)", "")).error, HasSubstr("too large"));
  EXPECT_THAT(read(npy("<f8", "(9223372036854775807, 0)", "")).error, HasSubstr("rows without elements"));
  EXPECT_THAT(read(npy("<U0", "(9223372036854775807,)", "")).error, HasSubstr("rows without elements"));
  EXPECT_THAT(read(npy("<c8", "(1,)", "12345678")).error, HasSubstr("<c8"));
  EXPECT_THAT(read(npy("<f8", "(0,)", "")).error, "");
}

TEST_F(Numpy, CutAtEveryLengthIsAnError) {
  const std::string whole = npy("<f8", "(3,)", bytes_of_values<double>({1, 2, 3}));
  for (std::size_t size = 0; size < whole.size(); size += 5)
    EXPECT_NE(read(whole.substr(0, size)).error, "") << size;
}

using Members = std::vector<std::pair<std::string, std::string>>;

recipe::ZipArchive archive_of(const Members& members, const std::string& codec) {
  recipe::ZipArchive archive;
  for (const auto& [name, content] : members)
    archive.members.push_back({.name = name, .content = {content.begin(), content.end()}, .codec = codec});
  return archive;
}

class Npz : public Numpy {
 protected:
  Result<std::unique_ptr<Dataset>> archive(const recipe::ZipArchive& archive,
                                           const DatasetOptions& options = {}) {
    const auto bytes = recipe::build_zip(archive).value();
    return open_dataset(folder_.file("a.npz", bulwark::text_of(Bytes(bytes))), options);
  }
  const std::string x_ = npy("<f4", "(3, 2)", bytes_of_values<float>({1, 2, 3, 4, 5, 6}));
  const std::string y_ = npy("<i8", "(3,)", bytes_of_values<std::int64_t>({7, 8, 9}));
};

TEST_F(Npz, ColumnsAndArraysByName) {
  for (const char* codec : {"", "deflate"}) {
    auto made = archive_of({{"x.npy", x_},
                            {"y.npy", y_},
                            {"extra.npy", npy("|u1", "(5,)", "abcde")},
                            {"count.npy", npy("|u1", "()", "a")}},
                           codec);
    for (auto& member : made.members) member.zip64 = true;  // as NumPy writes them
    const auto dataset = archive(made);
    ASSERT_TRUE(dataset) << dataset.error().message;
    const Contents c = contents_of(**dataset);
    EXPECT_EQ(c.format, "npz");
    EXPECT_THAT(c.names, ElementsAre("y"));
    EXPECT_THAT(c.rows, ElementsAre(Row{"7"}, Row{"8"}, Row{"9"}));
    EXPECT_THAT(c.gaps, IsEmpty());
    ASSERT_EQ((*dataset)->about().arrays.size(), 2U);
    EXPECT_EQ((*dataset)->about().arrays[1].name, "extra");
    EXPECT_THAT(values_of((*dataset)->array("x").value()), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(values_of((*dataset)->array("y").value()), ElementsAre(7, 8, 9));
  }
}

TEST_F(Npz, MembersThatCannotBeReadAreGaps) {
  auto made = archive_of({{"y.npy", y_},
                          {"o.npy", npy("|O", "(3,)", "cos\nsystem\n")},
                          {"y.npy", y_},
                          {"../../etc/x.npy", x_},
                          {"notes.txt", "hello"}},
                         "deflate");
  const auto dataset = archive(made);
  ASSERT_TRUE(dataset);
  const Contents c = contents_of(**dataset);
  EXPECT_THAT(c.names, ElementsAre("y"));
  EXPECT_THAT(c.gaps, ElementsAre(HasSubstr("pickle"), HasSubstr("second member"), HasSubstr("magic")));
  EXPECT_TRUE((*dataset)->array("../../etc/x"));  // a name, never a path
}

TEST_F(Npz, BombsAreRefusedBeforeTheyInflate) {
  const std::string zeros = npy("|u1", "(50000000,)", std::string(50'000'000, '\0'));
  DatasetOptions options;
  options.limits.array_bytes = 1'000'000;
  const auto dataset = archive(archive_of({{"z.npy", zeros}}, "deflate"), options);
  ASSERT_TRUE(dataset);
  const auto array = (*dataset)->array("z");
  ASSERT_FALSE(array);
  EXPECT_EQ(array.error().code, Code::LimitReached);
  // A header that promises less than the member holds.
  auto lying = archive_of({{"z.npy", npy("|u1", "(2,)", std::string(1000, '\0'))}}, "deflate");
  EXPECT_FALSE(archive(lying));
}

TEST_F(Npz, DamageIsAnError) {
  auto wrong = archive_of({{"y.npy", y_}}, "deflate");
  wrong.members[0].crc = 1;
  const auto dataset = archive(wrong);
  ASSERT_TRUE(dataset);
  EXPECT_THAT(contents_of(**dataset).error, HasSubstr("checksum"));
  auto elsewhere = archive_of({{"y.npy", y_}}, "");
  elsewhere.members[0].local_name = "z.npy";
  EXPECT_FALSE(archive(elsewhere));
  EXPECT_FALSE(open("PK\3\4 and nothing else", "b.npz"));
}

}  // namespace
}  // namespace bulwark::tables
