#pragma once
// How every part of Bulwark says "I could not do my job": Result<T>, Error, fail() and TRY.
//
// A finding, a gap and a refusal are values, not errors. Text is for the operator: what, where, expected
// against found, next step; lower case, no full stop. Contexts join with ": " through within().

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace bulwark {

enum class Code : std::uint8_t {
  InvalidInput,  // the bytes or arguments are wrong; retrying is pointless
  Corrupt,       // an integrity check failed: never treat as "not found"
  NotFound,
  Denied,        // identity or policy said no
  LimitReached,  // a budget (bytes, depth, time) ran out before the answer was known
  Unavailable,   // disk, socket, child process; retrying may help
  Unsupported,   // we do not know how to read this
};

// No byte of the artifact can be named.
inline constexpr std::uint64_t kNoOffset = ~std::uint64_t{0};

struct Error {
  Code code = Code::InvalidInput;
  std::string message;
  std::uint64_t offset = kNoOffset;  // byte of the artifact at which reading stopped, where known

  // "reading model.gguf: tensor 4: offset 912 is past the end (800 bytes)"
  [[nodiscard]] Error within(std::string_view context) && {
    message.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

// `return fail(Code::Corrupt, "...");` from any function that returns a Result.
[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string message,
                                                 std::uint64_t offset = kNoOffset) {
  return std::unexpected<Error>(Error{code, std::move(message), offset});
}

}  // namespace bulwark

// Unwraps a Result or returns its error from the enclosing function. Stands alone in a statement: leaving an
// aggregate initialiser early leaks the members already built in g++ 12.
#define TRY(...)                                             \
  __extension__({                                            \
    auto bw_result_ = (__VA_ARGS__);                         \
    if (!bw_result_.has_value()) [[unlikely]]                \
      return std::unexpected(std::move(bw_result_).error()); \
    std::move(bw_result_).value();                           \
  })
