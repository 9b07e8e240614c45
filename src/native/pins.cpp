// cmake/Native.cmake hands over what third_party/native/SHA256SUMS pins.

#include "native/library.h"

namespace bulwark::native {

constexpr Pin kDuckDb = {BULWARK_DUCKDB_FILE, BULWARK_DUCKDB_SHA256};
constexpr Pin kOnnxRuntime = {BULWARK_ONNXRUNTIME_FILE, BULWARK_ONNXRUNTIME_SHA256};

}  // namespace bulwark::native
