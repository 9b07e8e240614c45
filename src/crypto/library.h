#pragma once
// What the files of crypto/ share about the libraries below them. For this module only.

#include <memory>
#include <string_view>

namespace bulwark::crypto {

// The crypto library refused to do what cannot fail: nothing is left to stand on. Writes `what` to stderr and
// ends the process.
[[noreturn]] void library_failed(std::string_view what);

inline void need(bool works, std::string_view what) {
  if (!works) [[unlikely]]
    library_failed(what);
}

// What a library made and one of its functions gives back: Held<X509, X509_free>.
template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Held = std::unique_ptr<T, Freeing<Free>>;

// Sets up the memory for secrets of crypto/secret.h, once; keys that OpenSSL reads after it live there too.
void prepare_secret_memory();

}  // namespace bulwark::crypto
