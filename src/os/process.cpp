#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "os/descriptor.h"
#include "os/error.h"
#include "os/interrupt.h"

namespace bulwark::os {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long a signal or the end of a child that left its pipes open may go unseen.
constexpr auto kTick = 20ms;

struct Pipe {
  Descriptor reads;
  Descriptor writes;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("cannot make a pipe");
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// What the child says before it becomes the program, or why it could not.
struct Word {
  enum class About : std::uint8_t { Isolated, Folder, Program } about = About::Isolated;
  int number = 0;  // errno, or 1 for yes
};

struct Pipes {
  Pipe in, out, err, word;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

void limit(__rlimit_resource_t what, std::uint64_t value) {
  const rlimit both{value, value};
  (void)setrlimit(what, &both);
}

void tell(int to, Word::About about, int number) {
  const Word word{about, number};
  // A parent that is gone needs no answer.
  (void)!write(to, &word, sizeof word);
}

// A user namespace gives the right to make a network namespace; privileged callers need none.
bool cut_network() {
  return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare(CLONE_NEWNET) == 0;
}

// Between fork and exec: other threads' locks may be held, so nothing here allocates.
[[noreturn]] void become(const Child& child, const Pipes& pipes, char* const* arguments,
                         char* const* environment) {
  const int word = fcntl(pipes.word.writes.number(), F_DUPFD_CLOEXEC, 3);
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (dup2(pipes.in.reads.number(), 0) < 0 || dup2(pipes.out.writes.number(), 1) < 0 ||
      dup2(pipes.err.writes.number(), 2) < 0)
    _exit(127);
  // The word pipe moves to 3, everything behind it is closed.
  if (word != 3 && dup3(word, 3, O_CLOEXEC) < 0) _exit(127);
  (void)close_range(4, ~0U, 0);
  if (child.network == Network::None) tell(3, Word::About::Isolated, cut_network() ? 1 : 0);
  (void)fcntl(3, F_SETFD, FD_CLOEXEC);
  sigset_t none;
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, nullptr);
  (void)std::signal(SIGPIPE, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, static_cast<std::uint64_t>(child.processor.count()));
  limit(RLIMIT_AS, child.memory);
  limit(RLIMIT_FSIZE, child.file_bytes);
  if (chdir(child.folder.c_str()) != 0) {
    tell(3, Word::About::Folder, errno);
    _exit(127);
  }
  execve(arguments[0], arguments, environment);
  tell(3, Word::About::Program, errno);
  _exit(127);
}

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
  Watch(const Child& child, pid_t leader, Pipes pipes, Ended& ended)
      : child_(child),
        leader_(leader),
        input_(std::move(pipes.in.writes)),
        streams_{Stream{std::move(pipes.out.reads), &ended.output},
                 Stream{std::move(pipes.err.reads), &ended.errors}},
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

// Reads what the child said; its end of the pipe closes when it becomes the program.
Result<bool> listen(const Descriptor& from, const Child& child) {
  bool isolated = false;
  Word word;
  for (;;) {
    const ssize_t got = read(from.number(), &word, sizeof word);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof word) return isolated;
    if (word.about == Word::About::Isolated) {
      isolated = word.number == 1;
      continue;
    }
    errno = word.number;
    return word.about == Word::About::Folder ? system_error("cannot enter " + child.folder)
                                             : system_error("cannot run " + child.arguments[0]);
  }
}

// A write to a child that has closed its input must not end us.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigset_t pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipes, &before_);
  }
  ~NoBrokenPipe() {
    sigset_t pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    const timespec now{};
    while (sigtimedwait(&pipes, nullptr, &now) > 0) {
    }
    (void)pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<Ended> run_child(const Child& child) {
  if (child.arguments.empty() || !child.arguments[0].starts_with('/'))
    return fail(Code::InvalidInput, "a program is named by its absolute path");
  Pipes pipes;
  for (Pipe* pipe : {&pipes.in, &pipes.out, &pipes.err, &pipes.word}) *pipe = TRY(make_pipe());
  const std::vector<char*> arguments = pointers(child.arguments);
  const std::vector<char*> environment = pointers(child.environment);

  const NoBrokenPipe quiet;
  const pid_t leader = fork();
  if (leader < 0) return system_error("cannot start a process");
  if (leader == 0) become(child, pipes, arguments.data(), environment.data());
  (void)setpgid(leader, leader);  // whoever comes first
  pipes.in.reads.reset();
  pipes.out.writes.reset();
  pipes.err.writes.reset();
  pipes.word.writes.reset();

  Ended ended;
  const Descriptor words = std::move(pipes.word.reads);
  auto isolated = listen(words, child);
  Watch(child, leader, std::move(pipes), ended).run();
  if (!isolated) return std::unexpected(std::move(isolated).error());
  ended.isolated = *isolated;
  return ended;
}

}  // namespace bulwark::os
