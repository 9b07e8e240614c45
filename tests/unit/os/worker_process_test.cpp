// Children that answer: messages, their bounds, and every way to end in between.

#include "os/worker_process.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace bulwark::os {
namespace {

using namespace std::chrono_literals;

Child shell(const std::string& script) {
  return {.arguments = {"/bin/sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}, .folder = "/tmp"};
}

Result<std::string> asked(WorkerProcess& worker, std::string_view question, std::uint64_t longest = 1 << 24,
                          std::chrono::milliseconds time = 10s) {
  const std::array<Bytes, 3> pieces = {bytes_of(question.substr(0, 1)), Bytes(),
                                       bytes_of(question.substr(1))};
  auto got = worker.ask(pieces, longest, time);
  if (!got) return std::unexpected(got.error());
  return std::string(text_of(*got));
}

TEST(WorkerProcess, AnswersAsOftenAsItIsAsked) {
  const auto echo = WorkerProcess::start(shell("exec cat"));
  ASSERT_TRUE(echo.has_value()) << echo.error().message;
  for (const std::string& question : {std::string("one"), std::string("2"), std::string(3'000'000, 'x')}) {
    const auto answer = asked(**echo, question);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(*answer, question);
  }
}

TEST(WorkerProcess, SilenceIsATimeOutAndTheEnd) {
  const auto silent = WorkerProcess::start(shell("exec sleep 60"));
  ASSERT_TRUE(silent.has_value());
  const auto first = asked(**silent, "well?", 100, 50ms);
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().code, Code::LimitReached);
  EXPECT_EQ(asked(**silent, "well?").error().code, Code::Unavailable);
}

// A child that neither reads nor answers must not block us once its pipe is full.
TEST(WorkerProcess, AQuestionThatNobodyReadsIsATimeOut) {
  const auto deaf = WorkerProcess::start(shell("exec sleep 60"));
  ASSERT_TRUE(deaf.has_value());
  EXPECT_EQ(asked(**deaf, std::string(4'000'000, 'x'), 100, 50ms).error().code, Code::LimitReached);
}

TEST(WorkerProcess, ADeathIsToldWithItsReason) {
  const auto failing = WorkerProcess::start(shell("read -r x; echo out of paper >&2; exit 7"));
  ASSERT_TRUE(failing.has_value());
  const auto answer = asked(**failing, "print\n");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Code::Unavailable);
  EXPECT_EQ(answer.error().message, "the child ended with exit code 7: out of paper");
  const auto killed = WorkerProcess::start(shell("read -r x; kill -SEGV $$"));
  ASSERT_TRUE(killed.has_value());
  EXPECT_EQ(asked(**killed, "crash\n").error().message, "the child ended by signal 11");
}

TEST(WorkerProcess, LengthsAreNotBelieved) {
  // An answer of 2^56 bytes, and one that ends early.
  for (const char* head :
       {"printf '\\0\\0\\0\\0\\0\\0\\0\\1'; exec sleep 60", "printf '\\5\\0\\0\\0\\0\\0\\0\\0abc'"}) {
    const auto liar = WorkerProcess::start(shell(head));
    ASSERT_TRUE(liar.has_value());
    EXPECT_FALSE(asked(**liar, "well?", 1000).has_value());
  }
}

TEST(WorkerProcess, MuchComplaintDoesNotBlockIt) {
  const auto loud = WorkerProcess::start(shell(
      "head -c 500000 /dev/zero | tr '\\0' 'y' >&2; printf '\\2\\0\\0\\0\\0\\0\\0\\0ok'; exec sleep 60"));
  ASSERT_TRUE(loud.has_value());
  const auto answer = asked(**loud, "well?");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(*answer, "ok");
}

TEST(WorkerProcess, AProgramThatIsMissingIsSaidAtOnce) {
  const auto missing =
      WorkerProcess::start({.arguments = {"/no/such/program"}, .environment = {}, .folder = "/"});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::NotFound);
}

}  // namespace
}  // namespace bulwark::os
