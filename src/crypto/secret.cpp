#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

// Small secrets share OpenSSL's secure heap: one locked mapping between guard pages, left out of core dumps.
// Locking each secret by itself would lock whole pages, and unlocking one would unlock its neighbours.
constexpr std::size_t kHeap = std::size_t{1} << 20U;
constexpr std::size_t kSmallestHeap = std::size_t{1} << 15U;  // below the 64 KiB that old systems allow
constexpr std::size_t kSmallestBlock = 32;
// Above this a secret has pages of its own, so that a few of them cannot fill the heap.
constexpr std::size_t kLargest = 8'192;

std::size_t heap_size() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kHeap;
  // Half of what may be locked: secrets too large for the heap are locked too.
  const std::size_t allowed = std::bit_floor(static_cast<std::size_t>(limit.rlim_cur) / 2);
  return std::clamp(allowed, kSmallestHeap, kHeap);
}

std::uint8_t* map_pages(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(pages != MAP_FAILED, "no memory for a secret");
  // Both are best effort: a process may lock little, and an old kernel may not know the advice.
  static_cast<void>(mlock(pages, size));
  static_cast<void>(madvise(pages, size, MADV_DONTDUMP));
  return static_cast<std::uint8_t*>(pages);
}

std::uint8_t* allocate(std::size_t size) {
  prepare_secret_memory();
  if (size <= kLargest) {
    if (void* block = OPENSSL_secure_zalloc(size)) return static_cast<std::uint8_t*>(block);
  }
  return map_pages(size);
}

void give_back(std::uint8_t* memory, std::size_t size) {
  if (memory == nullptr) return;
  if (CRYPTO_secure_allocated(memory) != 0) {
    OPENSSL_secure_clear_free(memory, size);
    return;
  }
  wipe({memory, size});
  munmap(memory, size);
}

}  // namespace

void library_failed(std::string_view what) {
  std::fprintf(stderr, "bulwark: %.*s: the crypto library failed; nothing can be trusted without it\n",
               static_cast<int>(what.size()), what.data());
  std::abort();
}

void prepare_secret_memory() {
  // 2: the memory could not be locked; it is still kept apart and wiped.
  static const int prepared = CRYPTO_secure_malloc_init(heap_size(), kSmallestBlock);
  static_cast<void>(prepared);
}

void wipe(std::span<std::uint8_t> memory) {
  OPENSSL_cleanse(memory.data(), memory.size());
}

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
}

Secret::Secret(std::size_t size) : data_(size == 0 ? nullptr : allocate(size)), size_(size) {}

Secret::Secret(Bytes content) : Secret(content.size()) {
  if (!content.empty()) std::memcpy(data_, content.data(), content.size());
}

Secret::~Secret() {
  give_back(data_, size_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  give_back(data_, size_);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

}  // namespace bulwark::crypto
