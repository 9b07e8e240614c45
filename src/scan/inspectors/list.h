#pragma once
// The one list of formats. Keep it sorted; a name without its file does not link.

#include "scan/inspector.h"

#define BULWARK_INSPECTORS(X) \
  X(agent_config)             \
  X(agent_instructions)       \
  X(airflow)                  \
  X(bzip2)                    \
  X(catboost)                 \
  X(cntk)                     \
  X(command_line)             \
  X(compose)                  \
  X(config)                   \
  X(coreml)                   \
  X(dependencies)             \
  X(dockerfile)               \
  X(dvc)                      \
  X(executorch)               \
  X(flax)                     \
  X(gguf)                     \
  X(github_actions)           \
  X(gitlab_ci)                \
  X(gzip)                     \
  X(hdf5)                     \
  X(huggingface)              \
  X(jinja)                    \
  X(joblib)                   \
  X(jupyter)                  \
  X(keras)                    \
  X(kubernetes)               \
  X(launch_scripts)           \
  X(lightgbm)                 \
  X(lz4)                      \
  X(lzma)                     \
  X(mar)                      \
  X(marshal)                  \
  X(mlflow)                   \
  X(mlflow_server)            \
  X(mxnet)                    \
  X(native)                   \
  X(nemo)                     \
  X(notebook)                 \
  X(npy)                      \
  X(oci)                      \
  X(onnx)                     \
  X(openvino)                 \
  X(orbax)                    \
  X(paddle)                   \
  X(pickle)                   \
  X(pmml)                     \
  X(python)                   \
  X(r)                        \
  X(raw)                      \
  X(ray)                      \
  X(rknn)                     \
  X(safetensors)              \
  X(secrets)                  \
  X(sevenzip)                 \
  X(skops)                    \
  X(tar)                      \
  X(tensorflow)               \
  X(tensorrt)                 \
  X(tf_checkpoint)            \
  X(tflite)                   \
  X(torch)                    \
  X(torch7)                   \
  X(torchserve)               \
  X(triton)                   \
  X(weights)                  \
  X(xgboost)                  \
  X(xml)                      \
  X(xz)                       \
  X(zip)                      \
  X(zlib)                     \
  X(zstd)                     \
  // end of list: one X(name) a line, sorted

namespace bulwark::scan::inspectors {
#define BULWARK_DECLARE_INSPECTOR(name) extern const Inspector name;
BULWARK_INSPECTORS(BULWARK_DECLARE_INSPECTOR)
#undef BULWARK_DECLARE_INSPECTOR
}  // namespace bulwark::scan::inspectors
