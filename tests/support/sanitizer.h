#pragma once
// Whether the tests run under AddressSanitizer: it looks for leaks in libraries of others, too, and does not
// lock memory.

#include <cstdint>

namespace bulwark::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
#else
inline constexpr bool kAddressSanitizer = false;
#endif

// For a program of ours as a child: its shadow memory is larger than any sensible limit.
inline constexpr std::uint64_t kChildMemory = kAddressSanitizer ? ~std::uint64_t{0} : std::uint64_t{4} << 30U;

}  // namespace bulwark::test
