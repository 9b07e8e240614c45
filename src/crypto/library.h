#pragma once
// What the files of crypto/ share about the libraries below them. For this module only.

#include <string_view>

namespace bulwark::crypto {

// The crypto library refused to do what cannot fail: nothing is left to stand on. Writes `what` to stderr and
// ends the process.
[[noreturn]] void library_failed(std::string_view what);

inline void need(bool works, std::string_view what) {
  if (!works) [[unlikely]]
    library_failed(what);
}

// Sets up the memory for secrets of crypto/secret.h, once; keys that OpenSSL reads after it live there too.
void prepare_secret_memory();

}  // namespace bulwark::crypto
