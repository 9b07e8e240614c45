#include "os/sink.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "os/error.h"

namespace bulwark::os {
namespace {

constexpr int kTick = 20;          // milliseconds until a request to stop is seen
constexpr std::size_t kMost = 16;  // connections at once; nobody has use for more

}  // namespace

Result<std::unique_ptr<Sink>> Sink::open() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return system_error("cannot open a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, size) != 0 || listen(listener, static_cast<int>(kMost)) != 0 ||
      getsockname(listener, generic, &size) != 0) {
    auto error = system_error("cannot listen on the loopback");
    close(listener);
    return error;
  }
  return std::unique_ptr<Sink>(new Sink(listener, ntohs(address.sin_port)));
}

Sink::Sink(int listener, std::uint16_t port)
    : listener_(listener), port_(port), server_([this](const std::stop_token& stop) { serve(stop); }) {}

Sink::~Sink() {
  server_.request_stop();
  server_.join();
  close(listener_);
}

void Sink::serve(const std::stop_token& stop) {
  std::vector<pollfd> open = {{.fd = listener_, .events = POLLIN, .revents = 0}};
  while (!stop.stop_requested()) {
    if (poll(open.data(), open.size(), kTick) <= 0) continue;
    for (std::size_t i = open.size(); i-- > 1;) {
      if (open[i].revents == 0) continue;
      std::array<char, 4096> buffer{};
      const ssize_t got = read(open[i].fd, buffer.data(), buffer.size());
      if (got > 0) {
        arrived_ += static_cast<std::uint64_t>(got);
        continue;
      }
      close(open[i].fd);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
    }
    const int caller = open[0].revents == 0 ? -1 : accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (caller >= 0 && open.size() <= kMost) {
      open.push_back({.fd = caller, .events = POLLIN, .revents = 0});
    } else if (caller >= 0) {
      close(caller);
    }
  }
  for (std::size_t i = 1; i < open.size(); ++i) close(open[i].fd);
}

}  // namespace bulwark::os
