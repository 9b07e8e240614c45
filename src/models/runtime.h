#pragma once
// ONNX Runtime, loaded while running and called through its table of functions. Only ever used in the child
// of models/onnx.h: nothing here protects against what a model does.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "native/library.h"

namespace bulwark::models {

// Types of elements, as the runtime numbers them.
enum class TensorType : std::int32_t { Other = 0, Float = 1, Double = 11 };

struct TensorShape {
  std::string name;
  TensorType type = TensorType::Other;
  std::vector<std::int64_t> dimensions;  // -1: free
};

struct Values {
  std::vector<std::int64_t> dimensions;
  std::vector<float> numbers;
};

// How much the runtime may rewrite a graph before it runs.
enum class Rewriting : std::uint8_t {
  None,  // nothing is computed before it is asked for: a few bytes cannot fill the memory while they are
         // loaded
  All,
};

class RuntimeTable;  // the runtime's functions

// A model that is loaded. Threads: one caller at a time.
class Session {
 public:
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // What it wants and gives, in the order of the file. Initial values that could be replaced are no inputs.
  [[nodiscard]] const std::vector<TensorShape>& inputs() const;
  [[nodiscard]] const std::vector<TensorShape>& outputs() const;
  // Asks with one input; `numbers` are as many as the product of `dimensions`. One entry per name.
  // Errors: Corrupt (the runtime refuses), Unsupported (an output of other elements than numbers).
  [[nodiscard]] Result<std::vector<Values>> run(std::span<const std::int64_t> dimensions,
                                                std::span<const float> numbers,
                                                const std::vector<std::string>& outputs) const;

 private:
  friend class Runtime;
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Runtime {
 public:
  // Loads the pinned library without calling it. Errors: NotFound, Corrupt, Unavailable.
  [[nodiscard]] static Result<native::Library> library();
  // Compares its version with ours and runs a model of ours whose answer is known: a library that is anything
  // else is not used. Needs no file and no thread, so it can come after confine_to_computing(), and should:
  // this release writes to the home directory and to /tmp, and sends what it measures, unless it is kept from
  // it. Errors: Corrupt.
  [[nodiscard]] static Result<Runtime> start(const native::Library& library);
  // Loads a model; its bytes are not needed afterwards. Errors: Corrupt (the runtime refuses it).
  [[nodiscard]] Result<std::unique_ptr<Session>> load(Bytes model, Rewriting rewriting) const;

 private:
  explicit Runtime(std::shared_ptr<const RuntimeTable> table) : table_(std::move(table)) {}
  std::shared_ptr<const RuntimeTable> table_;  // shared by the sessions
};

}  // namespace bulwark::models
