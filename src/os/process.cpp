#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "os/descriptor.h"
#include "os/interrupt.h"
#include "os/start_process.h"

namespace bulwark::os {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long a signal or the end of a child that left its pipes open may go unseen.
constexpr auto kTick = 20ms;

// One stream of the child: what fits is kept, the rest is read so that the child does not block.
struct Stream {
  Descriptor from;
  std::string* to;

  void take(std::uint64_t most, bool& cut) {
    std::array<char, 16384> buffer{};
    const ssize_t got = read(from.number(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) return from.reset();
    const std::size_t room = most - std::min<std::uint64_t>(most, to->size());
    const auto have = static_cast<std::size_t>(got);
    to->append(buffer.data(), std::min(room, have));
    cut = cut || have > room;
  }
};

class Watch {
 public:
  Watch(const Child& child, Started started, Ended& ended)
      : child_(child),
        leader_(started.leader),
        input_(std::move(started.input)),
        streams_{Stream{std::move(started.output), &ended.output},
                 Stream{std::move(started.errors), &ended.errors}},
        ended_(ended) {
    (void)fcntl(input_.number(), F_SETFL, O_NONBLOCK);
    for (const Stream& stream : streams_) (void)fcntl(stream.from.number(), F_SETFL, O_NONBLOCK);
  }

  void run() {
    const auto deadline = Clock::now() + child_.wall;
    while (!gone()) {
      ended_.interrupted = interrupted();
      ended_.timed_out = !ended_.interrupted && Clock::now() >= deadline;
      if (ended_.interrupted || ended_.timed_out) break;
      exchange(kTick);
    }
    // The leader has not been reaped, so its number still names its group and nobody else's.
    (void)kill(-leader_, SIGKILL);
    (void)kill(leader_, SIGKILL);
    // What was written before the end is still in the pipes; a process that left the group may hold them
    // open.
    for (int rounds = 0; rounds < 64 && is_open(); ++rounds) exchange(kTick / 4);
    reap();
  }

 private:
  [[nodiscard]] bool is_open() const {
    return std::ranges::any_of(streams_, [](const Stream& stream) { return stream.from.is_open(); });
  }

  [[nodiscard]] bool gone() const {
    siginfo_t about{};
    return waitid(P_PID, static_cast<id_t>(leader_), &about, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           about.si_pid == leader_;
  }

  void exchange(std::chrono::milliseconds longest) {
    std::array<pollfd, 3> asked{};
    asked[0] = {.fd = input_.number(), .events = POLLOUT, .revents = 0};
    for (std::size_t i = 0; i < streams_.size(); ++i)
      asked[i + 1] = {.fd = streams_[i].from.number(), .events = POLLIN, .revents = 0};
    // Once both streams are at their end only the clock can wake us: the child is about to be gone.
    const auto pause = is_open() ? longest : 1ms;
    if (poll(asked.data(), asked.size(), static_cast<int>(pause.count())) <= 0) return;
    if (asked[0].revents != 0) feed();
    for (std::size_t i = 0; i < streams_.size(); ++i)
      if (asked[i + 1].revents != 0) streams_[i].take(child_.output_bytes, ended_.output_cut);
  }

  void feed() {
    const std::string_view rest = std::string_view(child_.input).substr(fed_);
    const ssize_t put = rest.empty() ? 0 : write(input_.number(), rest.data(), rest.size());
    if (put > 0) fed_ += static_cast<std::size_t>(put);
    if (fed_ == child_.input.size() || (put < 0 && errno != EINTR && errno != EAGAIN)) input_.reset();
  }

  void reap() {
    int status = 0;
    while (waitpid(leader_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) ended_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended_.signal = WTERMSIG(status);
  }

  const Child& child_;
  const pid_t leader_;
  Descriptor input_;
  std::array<Stream, 2> streams_;
  Ended& ended_;
  std::size_t fed_ = 0;
};

}  // namespace

Result<Ended> run_child(const Child& child) {
  const NoBrokenPipe quiet;
  Started started = TRY(start_process(child));
  Ended ended;
  ended.isolated = started.isolated;
  Watch(child, std::move(started), ended).run();
  return ended;
}

}  // namespace bulwark::os
