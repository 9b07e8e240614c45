#pragma once
// Whether this build runs under a sanitizer, whose own needs no limit for others may stop: all of the address
// space for its shadow, and pipes to try whether memory can be read.

namespace bulwark::os {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||
                                   __has_feature(undefined_behavior_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace bulwark::os
