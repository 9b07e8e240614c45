#include "os/start_process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "os/error.h"

namespace bulwark::os {
namespace {

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

}  // namespace

Result<Started> start_process(const Child& child) {
  if (child.arguments.empty() || !child.arguments[0].starts_with('/'))
    return fail(Code::InvalidInput, "a program is named by its absolute path");
  Pipes pipes;
  for (Pipe* pipe : {&pipes.in, &pipes.out, &pipes.err, &pipes.word}) *pipe = TRY(make_pipe());
  const std::vector<char*> arguments = pointers(child.arguments);
  const std::vector<char*> environment = pointers(child.environment);

  const pid_t leader = fork();
  if (leader < 0) return system_error("cannot start a process");
  if (leader == 0) become(child, pipes, arguments.data(), environment.data());
  (void)setpgid(leader, leader);  // whoever comes first
  pipes.in.reads.reset();
  pipes.out.writes.reset();
  pipes.err.writes.reset();
  pipes.word.writes.reset();

  auto isolated = listen(pipes.word.reads, child);
  if (!isolated) {
    (void)kill(leader, SIGKILL);
    while (waitpid(leader, nullptr, 0) < 0 && errno == EINTR) {
    }
    return std::unexpected(std::move(isolated).error());
  }
  return Started{.leader = leader,
                 .isolated = *isolated,
                 .input = std::move(pipes.in.writes),
                 .output = std::move(pipes.out.reads),
                 .errors = std::move(pipes.err.reads)};
}

NoBrokenPipe::NoBrokenPipe() {
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  (void)pthread_sigmask(SIG_BLOCK, &pipes, &before_);
}

NoBrokenPipe::~NoBrokenPipe() {
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  const timespec now{};
  while (sigtimedwait(&pipes, nullptr, &now) > 0) {
  }
  (void)pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace bulwark::os
