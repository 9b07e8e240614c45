#pragma once
// A seeded corpus of secrets in realistic places, and of what only looks like them. Deterministic: the same
// seed makes the same files on every machine. Every value is made up on the spot.

#include <cstdint>
#include <string>
#include <vector>

namespace bulwark::test {

struct SeededSecret {
  std::string kind;  // "github", "password" …
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SeededFile {
  std::string path;
  std::string text;
  std::vector<SeededSecret> secrets;
};

[[nodiscard]] std::vector<SeededFile> secret_corpus(std::uint64_t seed, std::size_t files);

}  // namespace bulwark::test
