#include "os/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <vector>

#include "os/error.h"

namespace bulwark::os {
namespace {

// Up to this size reading is faster than mapping, and cannot raise SIGBUS.
constexpr std::uint64_t kCopied = std::uint64_t{256} << 10;
// Special files such as those of /proc claim to be empty.
constexpr std::uint64_t kUnsized = std::uint64_t{16} << 20;

// One piece of a pass over a large file: fits the second-level cache with room for the pages' own
// book-keeping.
constexpr std::size_t kPiece = std::size_t{1} << 20;

// Mappings that the handler knows. A signal handler may neither lock nor allocate, hence a fixed table of
// atomics.
struct Slot {
  std::atomic<std::uintptr_t> start{0};  // 0: free
  std::atomic<std::size_t> size{0};
  std::atomic<bool> torn{false};
};
std::array<Slot, 256> slots;

std::uintptr_t address_of(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

extern "C" void replace_lost_page(int signal, siginfo_t* about, void*) {
  const std::uintptr_t fault = address_of(about->si_addr);
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (Slot& slot : slots) {
    const std::uintptr_t start = slot.start.load();
    if (start == 0 || fault < start || fault - start >= slot.size.load()) continue;
    slot.torn = true;
    void* lost = static_cast<char*>(about->si_addr) - fault % page;
    if (mmap(lost, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) return;
  }
  // Not ours: end as if there were no handler.
  (void)std::signal(signal, SIG_DFL);
  (void)std::raise(signal);
}

void guard_against_lost_pages() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action{};
    action.sa_sigaction = replace_lost_page;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, nullptr);
  });
}

Slot* take_slot(const void* start, std::size_t size) {
  for (Slot& slot : slots) {
    std::size_t free = 0;
    // The size is claimed first: while `start` is 0 the handler does not look at the slot.
    if (!slot.size.compare_exchange_strong(free, size)) continue;
    slot.torn = false;
    slot.start = address_of(start);
    return &slot;
  }
  return nullptr;
}

bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

struct Mapping::State {
  int descriptor = -1;
  struct stat opened{};
  std::vector<std::uint8_t> copy;
  void* mapped = nullptr;
  std::size_t mapped_size = 0;
  Slot* slot = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (slot != nullptr) {
      slot->start = 0;
      slot->size = 0;
    }
    if (mapped != nullptr) munmap(mapped, mapped_size);
    if (descriptor >= 0) close(descriptor);
  }

  Result<void> read_all(std::uint64_t limit) {
    copy.resize(limit);
    std::size_t have = 0;
    while (have < copy.size()) {
      const ssize_t got = ::read(descriptor, copy.data() + have, copy.size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("cannot read");
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    copy.resize(have);
    return {};
  }

  Result<void> map(std::size_t size) {
    guard_against_lost_pages();
    mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped == MAP_FAILED) {
      mapped = nullptr;
      return system_error("cannot map");
    }
    mapped_size = size;
    slot = take_slot(mapped, size);
    if (slot == nullptr) return fail(Code::LimitReached, "too many files are mapped at once");
    return {};
  }
};

Mapping::Mapping(std::unique_ptr<State> state) : state_(std::move(state)) {
  bytes_ = state_->mapped == nullptr
               ? Bytes(state_->copy)
               : Bytes(static_cast<const std::uint8_t*>(state_->mapped), state_->mapped_size);
}
Mapping::~Mapping() = default;

Result<std::shared_ptr<Mapping>> Mapping::open(const std::string& path, bool follow) {
  auto state = std::make_unique<State>();
  // O_NONBLOCK: opening a FIFO without a writer must not hang.
  state->descriptor =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
  if (state->descriptor < 0) return system_error("cannot open");
  if (fstat(state->descriptor, &state->opened) != 0) return system_error("cannot stat");
  if (!S_ISREG(state->opened.st_mode)) return fail(Code::Unsupported, "not a regular file");
  const auto size = static_cast<std::uint64_t>(state->opened.st_size);
  if (size > kCopied) {
    TRY(state->map(size));
  } else {
    TRY(state->read_all(size == 0 ? kUnsized : size));
  }
  return std::shared_ptr<Mapping>(new Mapping(std::move(state)));
}

void Mapping::for_each_piece(std::uint64_t start, std::uint64_t end,
                             const std::function<void(Bytes)>& each) const {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  for (std::uint64_t at = start; at < end;) {
    // Pieces end at multiples of their size, so that advice covers whole pages.
    const std::uint64_t size = std::min(kPiece - at % kPiece, end - at);
    const Bytes piece = bytes_.subspan(at, size);
    at += size;
    if (state_->mapped == nullptr) {
      each(piece);
      continue;
    }
    // Advice only: where a kernel before 5.14 does not know it, the pages are fetched one fault at a time.
    const std::uint64_t lead = (at - size) % page;
    void* pages = static_cast<std::uint8_t*>(state_->mapped) + (at - size - lead);
    (void)madvise(pages, size + lead, MADV_POPULATE_READ);
    each(piece);
    (void)madvise(pages, size + lead, MADV_DONTNEED);
  }
}

bool Mapping::changed() const {
  if (state_->slot != nullptr && state_->slot->torn) return true;
  struct stat now{};
  if (fstat(state_->descriptor, &now) != 0 || !same_content(state_->opened, now)) return true;
  const auto size = static_cast<std::uint64_t>(state_->opened.st_size);
  return size != 0 && size != bytes_.size();
}

}  // namespace bulwark::os
