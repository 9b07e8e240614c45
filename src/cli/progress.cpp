#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "os/files.h"
#include "os/terminal.h"

namespace bulwark::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWidth = 30;

std::string bar(std::size_t done, std::size_t total, std::string_view things) {
  const std::size_t filled = total == 0 ? kWidth : kWidth * std::min(done, total) / total;
  return "\r[" + std::string(filled, '=') + std::string(kWidth - filled, ' ') + "] " + std::to_string(done) +
         "/" + std::to_string(total) + " " + std::string(things);
}

}  // namespace

Progress::Progress(std::size_t total, bool wanted, std::string_view things) : total_(total), things_(things) {
  if (wanted && os::is_terminal(STDERR_FILENO))
    painter_ = std::jthread([this](const std::stop_token& stop) { draw(stop); });
}

void Progress::draw(const std::stop_token& stop) const {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const auto ended_within = [&](std::chrono::milliseconds time) {
    return wake.wait_for(lock, stop, time, [&] { return stop.stop_requested(); }) || stop.stop_requested();
  };
  if (ended_within(1s)) return;
  do {
    // A terminal that is gone is no reason to stop scanning.
    (void)os::write_stream(STDERR_FILENO, bar(done_.load(std::memory_order_relaxed), total_, things_));
  } while (!ended_within(100ms));
  (void)os::write_stream(STDERR_FILENO, "\r\x1b[K");
}

}  // namespace bulwark::cli
