#pragma once
// Shared libraries that are loaded while running, and only in exactly the build that was tested.
//
// DuckDB and ONNX Runtime are too heavy to be linked (65 and 46 MB) and too powerful to be trusted by name:
// the bytes that were hashed are the bytes that are loaded.

#include <bit>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::native {

// A library as third_party/native/SHA256SUMS pins it.
struct Pin {
  std::string_view file;    // "libduckdb.so"
  std::string_view sha256;  // lower-case hex
};
extern const Pin kDuckDb;
extern const Pin kOnnxRuntime;

// A loaded library. Never unloaded, because libraries leave threads and exit handlers behind; so the
// functions found in it live for ever. Cheap to copy.
class Library {
 public:
  // Looks into the folder that $BULWARK_LIBRARIES names, <folder of the program>/../lib/bulwark, …/lib and
  // …/../lib, and loads the first file of that name with that digest. A library that is loaded already is not
  // read again. Threads: safe from many.
  // Errors: NotFound (with the folders and how to get it), Corrupt (all that was found has another digest),
  // Unavailable (the loader refuses it).
  [[nodiscard]] static Result<Library> open(std::string_view file, std::string_view sha256);
  [[nodiscard]] static Result<Library> open(const Pin& pin) { return open(pin.file, pin.sha256); }

  // The address of an exported symbol. Errors: NotFound.
  [[nodiscard]] Result<void*> symbol(const char* name) const;
  // The same as a function: `auto* get = TRY(library.function<const Base*()>("OrtGetApiBase"));`. The caller
  // answers for its type.
  template <class Function>
  [[nodiscard]] Result<Function*> function(const char* name) const {
    void* address = TRY(symbol(name));
    return std::bit_cast<Function*>(address);
  }

  [[nodiscard]] const std::string& path() const { return path_; }  // where it was found

 private:
  Library(void* loaded, std::string path) : loaded_(loaded), path_(std::move(path)) {}

  void* loaded_;
  std::string path_;
};

}  // namespace bulwark::native
