#pragma once
// Memory for secrets: locked out of swap and core dumps where the system allows it, wiped before it is given
// back.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

namespace bulwark::crypto {

// Overwrites; the compiler may not leave it out.
void wipe(std::span<std::uint8_t> memory);
void wipe(std::string& text);

// A fixed number of secret bytes. Movable, never copied by accident: copy() says so.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);  // zeros
  explicit Secret(Bytes content);     // a copy; wiping the original is the caller's
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;

  [[nodiscard]] Secret copy() const { return Secret(bytes()); }
  [[nodiscard]] Bytes bytes() const { return {data_, size_}; }
  [[nodiscard]] std::span<std::uint8_t> writable() { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const { return text_of(bytes()); }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace bulwark::crypto
