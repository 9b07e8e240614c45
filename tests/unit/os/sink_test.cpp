// What drills let stolen bytes flow into, and the folder that they leave nothing in.

#include "os/sink.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "os/process.h"
#include "os/temporary_folder.h"

namespace bulwark::os {
namespace {

using namespace std::chrono_literals;

TEST(Sink, CountsWhatArrives) {
  const auto sink = Sink::open();
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  EXPECT_EQ((*sink)->arrived(), 0U);
  const std::string port = std::to_string((*sink)->port());
  const auto sent = run_child({.arguments = {"/bin/bash", "-c", "printf 12345 > /dev/tcp/127.0.0.1/" + port},
                               .environment = {"PATH=/usr/bin:/bin"},
                               .folder = "/",
                               .network = Network::Host});
  ASSERT_TRUE(sent.has_value()) << sent.error().message;
  for (int i = 0; i < 200 && (*sink)->arrived() < 5; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ((*sink)->arrived(), 5U);
}

TEST(TemporaryFolder, IsForOneUserAndGoneAtTheEnd) {
  std::string path;
  {
    auto folder = TemporaryFolder::make(testing::TempDir());
    ASSERT_TRUE(folder.has_value()) << folder.error().message;
    path = folder->path();
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    std::ofstream(path + "/file") << "content";
    const TemporaryFolder moved = std::move(*folder);
    EXPECT_EQ(moved.path(), path);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(TemporaryFolder::make("/nonexistent").has_value());
}

}  // namespace
}  // namespace bulwark::os
