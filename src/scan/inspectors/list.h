#pragma once
// The one list of formats. Keep it sorted; a name without its file does not link.

#include "scan/inspector.h"

#define BULWARK_INSPECTORS(X) \
  X(bzip2)                    \
  X(gzip)                     \
  X(gguf)                     \
  X(jinja)                    \
  X(catboost)                 \
  X(cntk)                     \
  X(coreml)                   \
  X(flax)                     \
  X(jinja)                    \
  X(lightgbm)                 \
  X(onnx)                     \
  X(paddle)                   \
  X(lz4)                      \
  X(lzma)                     \
  X(pickle)                   \
  X(raw)                      \
  X(tar)                      \
  X(xz)                       \
  X(zip)                      \
  X(rknn)                     \
  X(tensorflow)               \
  X(tensorrt)                 \
  X(torch7)                   \
  X(weights)                  \
  X(xgboost)                  \
  X(tensorflow)               \
  X(zlib)                     \
  X(zstd)                     \
  X(safetensors)              \
  X(zip)                      \
  // end of list: one X(name) a line, sorted

namespace bulwark::scan::inspectors {
#define BULWARK_DECLARE_INSPECTOR(name) extern const Inspector name;
BULWARK_INSPECTORS(BULWARK_DECLARE_INSPECTOR)
#undef BULWARK_DECLARE_INSPECTOR
}  // namespace bulwark::scan::inspectors
