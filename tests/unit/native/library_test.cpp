#include "native/library.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "os/temporary_folder.h"

namespace bulwark::native {
namespace {

constexpr const char* kFolder = "BULWARK_LIBRARIES";

// Points $BULWARK_LIBRARIES to a folder of the test.
class Native : public testing::Test {
 protected:
  void SetUp() override {
    auto made = os::TemporaryFolder::make(os::temporary_parent());
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    if (const char* before = std::getenv(kFolder)) before_ = before;
    setenv(kFolder, folder_->path().c_str(), 1);
  }
  void TearDown() override {
    if (before_)
      setenv(kFolder, before_->c_str(), 1);
    else
      unsetenv(kFolder);
  }
  void write(const char* name, const std::string& content) const {
    std::ofstream(folder_->path() + "/" + name, std::ios::binary) << content;
  }

  std::optional<os::TemporaryFolder> folder_;
  std::optional<std::string> before_;
};

TEST_F(Native, MissingLibrarySaysWhereItLookedAndHowToGetIt) {
  const auto library = Library::open("libnothing.so", std::string(64, '0'));
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, Code::NotFound);
  EXPECT_NE(library.error().message.find(folder_->path()), std::string::npos);
  EXPECT_NE(library.error().message.find("script/bootstrap"), std::string::npos);
}

TEST_F(Native, AnotherBuildIsNeverLoaded) {
  write("libduckdb.so",
        "\x7f"
        "ELF of somebody else");
  const auto library = Library::open("libduckdb.so", std::string(64, '0'));
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, Code::Corrupt);
  EXPECT_NE(library.error().message.find("not the build that was tested"), std::string::npos);
}

TEST_F(Native, WhatIsNoLibraryIsAnErrorOfTheLoader) {
  write("libempty.so", "");
  const auto library =
      Library::open("libempty.so", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, Code::Unavailable);
}

TEST_F(Native, FifoAndFolderOfThatNameDoNotHang) {
  std::filesystem::create_directory(folder_->path() + "/libfolder.so");
  EXPECT_FALSE(Library::open("libfolder.so", std::string(64, '0')));
}

TEST(NativePins, TwoLibrariesAreTwoLibraries) {
  const auto duckdb = Library::open(kDuckDb);
  if (!duckdb && duckdb.error().code == Code::NotFound) GTEST_SKIP() << duckdb.error().message;
  ASSERT_TRUE(duckdb) << duckdb.error().message;
  const auto runtime = Library::open(kOnnxRuntime);
  ASSERT_TRUE(runtime) << runtime.error().message;
  EXPECT_TRUE(duckdb->function<const char*()>("duckdb_library_version"));
  EXPECT_FALSE(duckdb->symbol("OrtGetApiBase"));
  EXPECT_TRUE(runtime->symbol("OrtGetApiBase"));
  const auto again = Library::open(kDuckDb);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->symbol("duckdb_open").value(), duckdb->symbol("duckdb_open").value());
}

}  // namespace
}  // namespace bulwark::native
