#include "os/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "base/text.h"
#include "os/error.h"
#include "os/files.h"
#include "os/interrupt.h"
#include "os/start_process.h"

namespace bulwark::os {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long an interruption may go unseen.
constexpr auto kTick = 100ms;
// A child that closed its pipes is about to be gone.
constexpr auto kLastWords = 200ms;
// Pipes as large as the kernel gives to anybody: fewer changes between the two processes.
constexpr int kPipe = 1 << 20;
// Of what the child complains about: the last lines of a library that gives up.
constexpr std::size_t kComplaint = 2048;

std::array<std::uint8_t, 8> length_of(std::span<const Bytes> pieces) {
  std::uint64_t length = 0;
  for (const Bytes piece : pieces) length += piece.size();
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(length >> (8 * i));
  return bytes;
}

// What is still to be written, over several pieces.
class Sending {
 public:
  explicit Sending(std::span<const Bytes> pieces) : length_(length_of(pieces)) {
    rest_.emplace_back(length_);
    for (const Bytes piece : pieces) rest_.push_back(piece);
    drop_empty();
  }

  [[nodiscard]] bool done() const { return at_ == rest_.size(); }
  // False if the other end is gone.
  [[nodiscard]] bool write_some(int to) {
    const ssize_t put = write(to, rest_[at_].data(), rest_[at_].size());
    if (put < 0) return errno == EINTR || errno == EAGAIN;
    rest_[at_] = rest_[at_].subspan(static_cast<std::size_t>(put));
    drop_empty();
    return true;
  }

 private:
  void drop_empty() {
    while (at_ < rest_.size() && rest_[at_].empty()) ++at_;
  }

  std::array<std::uint8_t, 8> length_;
  std::vector<Bytes> rest_;
  std::size_t at_ = 0;
};

// A message that arrives. Its room grows with what arrives: a length alone costs nothing.
class Receiving {
 public:
  explicit Receiving(std::uint64_t longest) : longest_(longest) {}

  [[nodiscard]] bool done() const {
    return have_ == sizeof(std::uint64_t) + length_ && have_ >= sizeof(std::uint64_t);
  }
  [[nodiscard]] bool too_long() const { return have_ >= sizeof(std::uint64_t) && length_ > longest_; }

  enum class Got : std::uint8_t { Bytes, Nothing, End };
  [[nodiscard]] Got read_some(int from) {
    const bool in_head = have_ < head_.size();
    if (!in_head) content_.resize(std::min<std::uint64_t>(length_, have_ - head_.size() + kPiece));
    const std::span<std::uint8_t> room =
        in_head ? std::span(head_).subspan(have_) : std::span(content_).subspan(have_ - head_.size());
    const ssize_t got = read(from, room.data(), room.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN ? Got::Nothing : Got::End;
    if (got == 0) return Got::End;
    have_ += static_cast<std::uint64_t>(got);
    if (in_head && have_ == head_.size()) length_ = load_little_endian<std::uint64_t>(head_.data());
    return Got::Bytes;
  }

  [[nodiscard]] bool started() const { return have_ > 0; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(content_); }

 private:
  static constexpr std::size_t kPiece = std::size_t{4} << 20;

  std::uint64_t longest_;
  std::array<std::uint8_t, 8> head_{};
  std::uint64_t have_ = 0;    // head and content
  std::uint64_t length_ = 0;  // of the content, once the head is there
  std::vector<std::uint8_t> content_;
};

}  // namespace

class WorkerProcess::State {
 public:
  explicit State(Started started) : started_(std::move(started)) {
    for (const Descriptor* end : {&started_.input, &started_.output, &started_.errors})
      (void)fcntl(end->number(), F_SETFL, O_NONBLOCK);
    for (const Descriptor* end : {&started_.input, &started_.output})
      (void)fcntl(end->number(), F_SETPIPE_SZ, kPipe);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { end(); }

  [[nodiscard]] bool isolated() const { return started_.isolated; }

  Result<std::vector<std::uint8_t>> ask(std::span<const Bytes> pieces, std::uint64_t longest,
                                        std::chrono::milliseconds time) {
    if (started_.leader == 0) return fail(Code::Unavailable, "the child that should answer has ended");
    auto got = exchange(pieces, longest, Clock::now() + time);
    if (!got) end();
    return got;
  }

 private:
  Result<std::vector<std::uint8_t>> exchange(std::span<const Bytes> pieces, std::uint64_t longest,
                                             Clock::time_point deadline) {
    const NoBrokenPipe quiet;
    Sending sending(pieces);
    Receiving receiving(longest);
    while (!receiving.done()) {
      if (interrupted()) return fail(Code::Unavailable, "interrupted");
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left <= 0ms) return fail(Code::LimitReached, "the child did not answer in time");
      std::array<pollfd, 3> asked{};
      asked[0] = {.fd = started_.output.number(), .events = POLLIN, .revents = 0};
      asked[1] = {.fd = started_.errors.number(), .events = POLLIN, .revents = 0};
      asked[2] = {.fd = sending.done() ? -1 : started_.input.number(), .events = POLLOUT, .revents = 0};
      if (poll(asked.data(), asked.size(),
               static_cast<int>(std::min<std::chrono::milliseconds>(left, kTick).count())) <= 0)
        continue;
      if (asked[1].revents != 0) listen_to_complaints();
      if (asked[2].revents != 0 && !sending.write_some(started_.input.number())) return ended();
      if (asked[0].revents != 0 && receiving.read_some(started_.output.number()) == Receiving::Got::End)
        return ended();
      if (receiving.too_long())
        return fail(Code::LimitReached, "the child's answer is longer than any can be");
    }
    return receiving.take();
  }

  void listen_to_complaints() {
    std::array<char, kComplaint> buffer{};
    const ssize_t got = read(started_.errors.number(), buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return started_.errors.reset();
    if (got < 0) return;
    complaint_.append(buffer.data(), static_cast<std::size_t>(got));
    if (complaint_.size() > kComplaint) complaint_.erase(0, complaint_.size() - kComplaint);
  }

  // It closed a pipe: it is gone, or as good as gone.
  std::unexpected<Error> ended() {
    const int status = end(kLastWords);
    if (started_.errors.is_open()) listen_to_complaints();
    std::string why = "the child ended";
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
      why += " by signal " + std::to_string(WTERMSIG(status));
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) why += " or was killed";
    if (WIFEXITED(status)) why += " with exit code " + std::to_string(WEXITSTATUS(status));
    const std::string_view complaint = trim(complaint_);
    if (!complaint.empty()) why += ": " + printable(complaint, 300);
    return fail(Code::Unavailable, std::move(why));
  }

  // Its status. `patience`: how long it may take to end by itself, so that its reason is known.
  int end(std::chrono::milliseconds patience = 0ms) {
    if (started_.leader == 0) return 0;
    started_.input.reset();
    const auto deadline = Clock::now() + patience;
    siginfo_t about{};
    while (waitid(P_PID, static_cast<id_t>(started_.leader), &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           about.si_pid == 0 && Clock::now() < deadline)
      (void)poll(nullptr, 0, 1);
    // It has not been reaped, so its number still names its group and nobody else's.
    (void)kill(-started_.leader, SIGKILL);
    int status = 0;
    while (waitpid(started_.leader, &status, 0) < 0 && errno == EINTR) {
    }
    started_.leader = 0;
    return status;
  }

  Started started_;
  std::string complaint_;
};

WorkerProcess::WorkerProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
WorkerProcess::~WorkerProcess() = default;

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const Child& child) {
  Started started = TRY(start_process(child));
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(std::make_unique<State>(std::move(started))));
}

Result<std::vector<std::uint8_t>> WorkerProcess::ask(std::span<const Bytes> pieces,
                                                     std::uint64_t longest_answer,
                                                     std::chrono::milliseconds time) {
  return state_->ask(pieces, longest_answer, time);
}

bool WorkerProcess::isolated() const {
  return state_->isolated();
}

Result<std::optional<std::vector<std::uint8_t>>> next_question(std::uint64_t longest) {
  Receiving receiving(longest);
  while (!receiving.done()) {
    if (receiving.read_some(STDIN_FILENO) == Receiving::Got::End) {
      if (!receiving.started()) return std::nullopt;
      return fail(Code::Unavailable, "the question ends early");
    }
    if (receiving.too_long()) return fail(Code::LimitReached, "the question is longer than any can be");
  }
  return receiving.take();
}

Result<void> answer(std::span<const Bytes> pieces) {
  Sending sending(pieces);
  while (!sending.done())
    if (!sending.write_some(STDOUT_FILENO)) return system_error("cannot answer");
  return {};
}

}  // namespace bulwark::os
