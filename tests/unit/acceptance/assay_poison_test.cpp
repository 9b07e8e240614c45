// Cases of reference/poison: training sets with and without triggers, judged from the data alone and with the
// stored activations.

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "assay/parts.h"
#include "assay/poison/image_triggers.h"
#include "base/json_text.h"
#include "support/support.h"
#include "unit/assay/poison_cases.h"

namespace bulwark::assay {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Members of a NPZ file by its central directory, inflated; payloads without the NPY header.
std::map<std::string, std::string> npz(const std::filesystem::path& path) {
  const std::string file = bytes_of(path);
  std::map<std::string, std::string> members;
  const std::size_t end = file.rfind("PK\5\6");
  std::size_t entry = little(file, end + 16, 4);
  for (std::uint64_t left = little(file, end + 10, 2); left > 0; --left) {
    const std::size_t name_size = little(file, entry + 28, 2);
    const std::string name = file.substr(entry + 46, name_size);
    const std::size_t local = little(file, entry + 42, 4);
    const std::size_t data = local + 30 + little(file, local + 26, 2) + little(file, local + 28, 2);
    std::string out(little(file, entry + 24, 4), '\0');
    std::string in = file.substr(data, little(file, entry + 20, 4));
    z_stream stream{};
    inflateInit2(&stream, -15);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    members[name] = out.substr(10 + little(out, 8, 2));
    entry += 46 + name_size + little(file, entry + 30, 2) + little(file, entry + 32, 2);
  }
  return members;
}

test::PoisonCase read_case(const std::filesystem::path& path) {
  auto members = npz(path);
  test::PoisonCase made;
  Frame& frame = made.frame;
  const std::string& x = members.at("x.npy");
  const std::string& y = members.at("y.npy");
  frame.rows = frame.rows_in_all = y.size();
  frame.images = Images{.height = 8, .width = 8, .channels = 1, .top = 16, .values = {}};
  for (const char value : x)
    frame.images->values.push_back(static_cast<float>(static_cast<unsigned char>(value)));
  for (int k = 0; k < 10; ++k) frame.classes.push_back(std::to_string(k));
  for (const char label : y) frame.labels.push_back(label);
  for (const char poisoned : members.at("is_poison.npy")) made.poisoned.push_back(poisoned != 0);
  return made;
}

std::filesystem::path folder() {
  return std::filesystem::path(test::shared_folder()) / "reference" / "poison";
}

#define BULWARK_NEEDS_REFERENCE() \
  if (!std::filesystem::exists(folder())) GTEST_SKIP() << "the reference cases are not here"

TEST(AssayPoison, CleanSetGivesNoFlags) {
  BULWARK_NEEDS_REFERENCE();
  const PartResult result = assay_poison(read_case(folder() / "badnets_00.npz").frame, {}, {});
  EXPECT_EQ(result.outcome, Outcome::Passed);
  EXPECT_TRUE(result.rows.empty());
}

TEST(AssayPoison, BadNetsAreFoundWithTheirTrigger) {
  BULWARK_NEEDS_REFERENCE();
  const test::PoisonCase made = read_case(folder() / "badnets_05.npz");
  const PartResult result = assay_poison(made.frame, {}, {});
  EXPECT_EQ(result.outcome, Outcome::Failed);
  const test::Score score = test::score(result, made.poisoned);
  EXPECT_GE(score.precision(), 0.95);
  EXPECT_GE(score.recall(), 0.95);
  EXPECT_TRUE(std::ranges::any_of(result.details.find("triggers")->list, [](const Document& trigger) {
    return trigger.text("kind") == "window" && trigger.find("window")->integer == 2 &&
           trigger.find("position")->find("row")->integer == 6 &&
           trigger.find("position")->find("column")->integer == 6 && trigger.find("code")->integer == 195 &&
           trigger.text("class") == "3";
  }));
}

TEST(AssayPoison, ActivationsOfTheCleanModelGiveNoFlagsAndThoseOfThePoisonedOneOnlyPoison) {
  BULWARK_NEEDS_REFERENCE();
  for (const std::string name : {"badnets_00", "badnets_05"}) {
    const test::PoisonCase made = read_case(folder() / (name + ".npz"));
    const std::string file = bytes_of(folder() / (name + "_acts.npy"));
    const std::size_t start = 10 + little(file, 8, 2);
    std::vector<float> values((file.size() - start) / sizeof(float));
    std::memcpy(values.data(), file.data() + start, values.size() * sizeof(float));
    tables::Array embeddings{
        .about = {.name = "acts", .element = tables::Element::Float32, .shape = {1297, 64}},
        .bytes = {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)},
        .owner = nullptr};
    const PartResult result = assay_poison(made.frame, {.embeddings = &embeddings}, {});
    for (const Document& detector : result.details.find("detectors")->list) {
      if (detector.text("tier") != "A") continue;
      ASSERT_TRUE(detector.find("ran")->boolean) << detector.text("why_not");
      if (name == "badnets_00") {
        EXPECT_EQ(detector.find("flagged")->integer, 0) << detector.text("name");
      }
      if (name == "badnets_05" && detector.text("name") == "activation_clustering") {
        EXPECT_GE(detector.find("flagged")->integer, 20);
      }
    }
    EXPECT_GE(test::score(result, made.poisoned).precision(), 0.95) << name;
  }
}

// Flagged rows of the image detectors; the others have no part in the variants.
std::vector<bool> flagged(const test::PoisonCase& made) {
  const ImageTriggers found = find_image_triggers(made.frame, labelled_rows(made.frame), {.jobs = 2});
  std::vector<bool> rows(made.poisoned.size());
  for (const DetectorRun* run : {&found.windows, &found.values, &found.anywhere})
    for (const Suspicion& suspicion : run->rows) rows[suspicion.row] = true;
  return rows;
}

struct Variant {
  const char* file;
  double recall;  // least; clean-label rows carry the label that they look like
};

class AssayPoisonVariant : public testing::TestWithParam<Variant> {};

TEST_P(AssayPoisonVariant, IsFoundOrLeftAlone) {
  BULWARK_NEEDS_REFERENCE();
  const test::PoisonCase made = read_case(folder() / "variants" / (std::string(GetParam().file) + ".npz"));
  const std::vector<bool> rows = flagged(made);
  std::size_t right = 0;
  const auto all = static_cast<std::size_t>(std::ranges::count(rows, true));
  for (std::size_t i = 0; i < rows.size(); ++i) right += rows[i] && made.poisoned[i] ? 1U : 0U;
  EXPECT_GE(static_cast<double>(right), 0.95 * static_cast<double>(all));
  EXPECT_GE(static_cast<double>(right),
            GetParam().recall * static_cast<double>(std::ranges::count(made.poisoned, true)));
  if (GetParam().recall == 0) {
    EXPECT_EQ(all, 0U);
  }
}

// Of each kind the harder one; all 21 are in bench/poison_bench.
INSTANTIATE_TEST_SUITE_P(Reference, AssayPoisonVariant,
                         testing::Values(Variant{"blend20_s0_r01", 0.95}, Variant{"blend20_s0_r05", 0.95},
                                         Variant{"checker2x2_s0_r05", 0.95}, Variant{"sinusoid_s1_r01", 0.6},
                                         Variant{"sinusoid_s0_r05", 0.95},
                                         Variant{"white3x3_corner_s0_r05", 0.95},
                                         Variant{"one_pixel_corner_s0_r01", 0.95},
                                         Variant{"clean_label_checker_s0_r05", 0}),
                         [](const auto& variant) { return std::string(variant.param.file); });

}  // namespace
}  // namespace bulwark::assay
