// Signals that ask for an end.

#include "os/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace bulwark::os {
namespace {

// timeout(1) signals the process and then its group.
TEST(InterruptDeathTest, OneWishThatArrivesTwiceAsksForATidyEnd) {
  EXPECT_EXIT(
      {
        catch_interrupts();
        (void)raise(SIGINT);
        (void)raise(SIGINT);
        _exit(interrupted() ? 7 : 1);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptDeathTest, ASecondWishEndsAtOnce) {
  EXPECT_EXIT(
      {
        catch_interrupts();
        (void)raise(SIGTERM);
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        (void)raise(SIGINT);
        _exit(7);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace bulwark::os
