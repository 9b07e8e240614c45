#pragma once
// A file's bytes in memory, safe against a file that shrinks while it is read.
//
// Touching a page of a mapping behind the file's new end raises SIGBUS. Here the page is replaced by zeros
// and the mapping is marked, so that the scan ends with a gap instead of a crash.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::os {

class Mapping {
 public:
  // Opens a regular file for reading, without following a link in the last component unless `follow`.
  // Small files are copied, large ones mapped. Never blocks on FIFOs and devices: they are Unsupported.
  // Errors: NotFound, Denied, Unsupported (no regular file), Unavailable.
  [[nodiscard]] static Result<std::shared_ptr<Mapping>> open(const std::string& path, bool follow);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // All bytes once, front to back, for one pass over a large file: pages are fetched a piece at a time and
  // given back after it, so that memory stays small and the kernel is asked seldom.
  void for_each_piece(const std::function<void(Bytes)>& each) const {
    for_each_piece(0, bytes_.size(), each);
  }
  // The same for bytes start … end - 1; end is at most the size. Threads: safe from many at once.
  void for_each_piece(std::uint64_t start, std::uint64_t end, const std::function<void(Bytes)>& each) const;
  // True if the file was cut, grown or rewritten since it was opened. Ask after the last read.
  [[nodiscard]] bool changed() const;

 private:
  struct State;
  explicit Mapping(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  Bytes bytes_;
};

}  // namespace bulwark::os
