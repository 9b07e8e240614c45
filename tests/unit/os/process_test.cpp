// Children: what they get, what they may use, and that nothing of them is left.

#include "os/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "base/text.h"

namespace bulwark::os {
namespace {

using namespace std::chrono_literals;

Child shell(const std::string& script) {
  return {.arguments = {"/bin/sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}, .folder = "/tmp"};
}

TEST(Process, GetsItsArgumentsEnvironmentFolderAndInput) {
  Child child = shell("printf '%s|' \"$0\" \"$KEY\" \"$HOME\"; pwd; cat; echo wrong >&2; exit 7");
  child.arguments.emplace_back("a b $(id)");
  child.environment.emplace_back("KEY=value");
  child.input = std::string(200'000, 'x');
  const auto ended = run_child(child);
  ASSERT_TRUE(ended.has_value()) << ended.error().message;
  EXPECT_EQ(ended->output, "a b $(id)|value||/tmp\n" + child.input);
  EXPECT_EQ(ended->errors, "wrong\n");
  EXPECT_EQ(ended->exit_code, 7);
  EXPECT_FALSE(ended->succeeded());
}

TEST(Process, SaysWhatCannotBeRun) {
  const auto missing = run_child({.arguments = {"/nonexistent/program"}, .environment = {}, .folder = "/"});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::NotFound);
  EXPECT_NE(missing.error().message.find("/nonexistent/program"), std::string::npos);
  const auto folder = run_child({.arguments = {"/bin/sh"}, .environment = {}, .folder = "/nonexistent"});
  ASSERT_FALSE(folder.has_value());
  EXPECT_NE(folder.error().message.find("cannot enter /nonexistent"), std::string::npos);
  EXPECT_FALSE(run_child({.arguments = {"sh"}, .environment = {}, .folder = "/"}).has_value());
}

TEST(Process, IsKilledWithItsWholeGroupWhenTheTimeIsOver) {
  Child child = shell("sleep 60 & echo $!; wait");
  child.wall = 200ms;
  const auto ended = run_child(child);
  ASSERT_TRUE(ended.has_value());
  EXPECT_TRUE(ended->timed_out);
  EXPECT_EQ(ended->signal, SIGKILL);
  const std::string grandchild = std::string(trim(ended->output));
  ASSERT_FALSE(grandchild.empty());
  // Dead, or a zombie that somebody else has to reap.
  const auto left = run_child(shell("cat /proc/" + grandchild + "/stat 2>/dev/null || true"));
  ASSERT_TRUE(left.has_value());
  EXPECT_TRUE(left->output.empty() || left->output.find(") Z ") != std::string::npos) << left->output;
}

TEST(Process, WhatItLeavesRunningEndsWithIt) {
  const auto started = std::chrono::steady_clock::now();
  const auto ended = run_child(shell("sleep 60 & echo done"));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->output, "done\n");
  EXPECT_TRUE(ended->succeeded());
  EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
}

TEST(Process, OutputIsCutAndTheChildGoesOn) {
  Child child = shell("head -c 300000 /dev/zero; echo end >&2");
  child.output_bytes = 1000;
  const auto ended = run_child(child);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->output.size(), 1000U);
  EXPECT_TRUE(ended->output_cut);
  EXPECT_EQ(ended->errors, "end\n");
  EXPECT_EQ(ended->exit_code, 0);
}

TEST(Process, ProcessorTimeAndFileSizeHaveLimits) {
  Child spins = shell("while :; do :; done");
  spins.processor = 1s;
  const auto spun = run_child(spins);
  ASSERT_TRUE(spun.has_value());
  EXPECT_FALSE(spun->timed_out);
  EXPECT_NE(spun->signal, 0);
  Child writes = shell("f=$(mktemp); head -c 200000 /dev/zero >$f; wc -c <$f; rm $f");
  writes.file_bytes = 4096;
  const auto wrote = run_child(writes);
  ASSERT_TRUE(wrote.has_value());
  EXPECT_EQ(trim(wrote->output), "4096");
}

TEST(Process, InheritsNoDescriptor) {
  const int secret = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(secret, 0);
  const auto ended = run_child(shell("ls /proc/self/fd | tr '\\n' ' '"));
  close(secret);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->output, "0 1 2 3 ");  // 3: ls reads the folder
}

TEST(Process, HasNoNetworkWhereTheKernelAllowsIt) {
  const std::string other_devices = "grep -v lo: /proc/net/dev | grep -c :";
  const auto ended = run_child(shell(other_devices));
  ASSERT_TRUE(ended.has_value());
  if (!ended->isolated) GTEST_SKIP() << "this kernel or container allows no network namespaces";
  EXPECT_EQ(trim(ended->output), "0");
  Child open = shell("true");
  open.network = Network::Host;
  const auto host = run_child(open);
  ASSERT_TRUE(host.has_value());
  EXPECT_FALSE(host->isolated);
}

TEST(Process, ThatDoesNotReadItsInputDoesNotEndUs) {
  Child child = shell("exec <&-; sleep 0.1; echo fine");
  child.input = std::string(1'000'000, 'x');
  const auto ended = run_child(child);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->output, "fine\n");
}

}  // namespace
}  // namespace bulwark::os
