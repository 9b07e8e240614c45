#include "os/interrupt.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace bulwark::os {
namespace {

// timeout(1) and some supervisors signal the process and then its group: one wish arrives twice.
constexpr std::int64_t kSameWish = 300;  // milliseconds

volatile std::sig_atomic_t caught = 0;
volatile std::int64_t caught_at = 0;

std::int64_t milliseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // may be called in a signal handler
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

extern "C" void remember_signal(int signal) {
  const std::int64_t now = milliseconds_now();
  if (caught != 0 && now - caught_at >= kSameWish) {
    (void)std::signal(signal, SIG_DFL);
    (void)raise(signal);  // delivered when the handler returns
    return;
  }
  if (caught != 0) return;
  caught_at = now;
  caught = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = remember_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return caught != 0;
}

void die_interrupted() {
  (void)std::signal(caught, SIG_DFL);
  (void)std::raise(caught);
  std::_Exit(130);
}

}  // namespace bulwark::os
