#include "crypto/secret.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <bit>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/sanitizer.h"

namespace bulwark::crypto {
namespace {

TEST(Secret, StartsAsZeros) {
  const Secret secret(100);
  ASSERT_EQ(secret.bytes().size(), 100U);
  for (const std::uint8_t byte : secret.bytes()) EXPECT_EQ(byte, 0);
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret(Bytes{}).empty());
}

TEST(Secret, IsMovedAndCopiedOnRequestOnly) {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  Secret first(bytes_of("swordfish"));
  const Secret twin = first.copy();
  Secret second = std::move(first);
  EXPECT_EQ(second.text(), "swordfish");
  EXPECT_EQ(twin.text(), "swordfish");
  EXPECT_NE(twin.bytes().data(), second.bytes().data());
  second = Secret(bytes_of("another"));
  EXPECT_EQ(second.text(), "another");
}

TEST(Secret, LargeOnesAndManyOfThemWork) {
  // More than the locked memory holds, in blocks below and above what has pages of its own.
  std::vector<Secret> kept;
  for (std::size_t i = 0; i < 400; ++i) {
    kept.emplace_back(i % 2 == 0 ? 8'000 : 9'000);
    kept.back().writable().back() = static_cast<std::uint8_t>(i);
  }
  for (std::size_t i = 0; i < kept.size(); ++i)
    EXPECT_EQ(kept[i].bytes().back(), static_cast<std::uint8_t>(i));
}

// The flags of the mapping that holds `address`, as the kernel shows them: "dd" is left out of core dumps,
// "lo" is locked.
std::string mapping_flags(const std::uint8_t* address) {
  const auto wanted = std::bit_cast<std::uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%zx-%zx ", &from, &to) == 2) inside = from <= wanted && wanted < to;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return {};
}

TEST(Secret, LiesInMemoryThatIsLeftOutOfCoreDumps) {
  for (const std::size_t size : {std::size_t{32}, std::size_t{20'000}}) {
    const Secret secret(size);
    const std::string flags = mapping_flags(secret.bytes().data());
    if (flags.empty()) GTEST_SKIP() << "the kernel does not show the flags of memory";
    EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    if (limit.rlim_cur >= (std::size_t{1} << 20U) && !test::kAddressSanitizer) {
      EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
    }
  }
}

TEST(Secret, ManyThreadsMakeThemAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int round = 0; round < 500; ++round) {
        Secret secret(32);
        std::fill(secret.writable().begin(), secret.writable().end(), static_cast<std::uint8_t>(i));
        for (const std::uint8_t byte : secret.bytes()) EXPECT_EQ(byte, i);
      }
    });
  }
}

TEST(Wipe, LeavesZeros) {
  std::vector<std::uint8_t> memory(64, 0xAA);
  wipe(memory);
  EXPECT_EQ(memory, std::vector<std::uint8_t>(64, 0));
  wipe({});
}

}  // namespace
}  // namespace bulwark::crypto
