#include "os/interrupt.h"

#include <csignal>
#include <cstdlib>

namespace bulwark::os {
namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void remember_signal(int signal) {
  caught = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = remember_signal;
  // The handler removes itself: the second signal ends the process.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
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
