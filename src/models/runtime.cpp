// The table of ONNX Runtime's C interface is append-only, so a function is known by its place in it. The
// places are those of onnxruntime_c_api.h; the version is pinned, and open() tries what it uses.

#include "models/runtime.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace bulwark::models {
namespace {

constexpr std::string_view kVersion = "1.30.0";
constexpr std::uint32_t kTableVersion = 30;

enum Slot : std::size_t {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kDisableTelemetryEvents = 6,
  kCreateSessionFromArray = 8,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetSessionExecutionMode = 13,
  kSetSessionLogSeverityLevel = 22,
  kSetSessionGraphOptimizationLevel = 23,
  kSetIntraOpNumThreads = 24,
  kSetInterOpNumThreads = 25,
  kSessionGetInputCount = 30,
  kSessionGetOutputCount = 31,
  kSessionGetInputTypeInfo = 33,
  kSessionGetOutputTypeInfo = 34,
  kSessionGetInputName = 36,
  kSessionGetOutputName = 37,
  kCreateTensorWithData = 49,
  kIsTensor = 50,
  kGetTensorMutableData = 51,
  kCastTypeInfoToTensorInfo = 55,
  kGetTensorElementType = 60,
  kGetDimensionsCount = 61,
  kGetDimensions = 62,
  kGetTensorShapeElementCount = 64,
  kGetTensorTypeAndShape = 65,
  kCreateCpuMemoryInfo = 69,
  kAllocatorFree = 76,
  kGetAllocatorWithDefaultOptions = 78,
  kReleaseEnv = 92,
  kReleaseStatus = 93,
  kReleaseMemoryInfo = 94,
  kReleaseSession = 95,
  kReleaseValue = 96,
  kReleaseTypeInfo = 98,
  kReleaseShapeInfo = 99,
  kReleaseSessionOptions = 100,
  kSetDeterministicCompute = 273,
};

constexpr int kFatal = 4;  // the least that is logged
constexpr int kSequential = 0;
constexpr std::size_t kMostDimensions = 16;
constexpr std::size_t kMostValues = std::size_t{1} << 16;  // inputs or outputs of one model

// ir_version 8, opset 17, graph: Identity from x to y, both float.
constexpr std::string_view kIdentity =
    "\x08\x08\x3A\x2B\x0A\x10\x0A\x01x\x12\x01y\x22\x08Identity\x12\x01g"
    "\x5A\x09\x0A\x01x\x12\x04\x0A\x02\x08\x01\x62\x09\x0A\x01y\x12\x04\x0A\x02\x08\x01\x42\x02\x10\x11";

struct Base {
  void* const* (*table)(std::uint32_t version);
  const char* (*version)();
};

}  // namespace

// Objects of the runtime are opaque; each is released by a function of its own.
class RuntimeTable {
 public:
  struct Release {
    const RuntimeTable* table = nullptr;
    Slot slot{};
    void operator()(void* object) const { table->function<void(void*)>(slot)(object); }
  };
  using Owned = std::unique_ptr<void, Release>;

  explicit RuntimeTable(void* const* slots) : slots_(slots) {}

  template <class Function>
  Function* function(Slot slot) const {
    return std::bit_cast<Function*>(slots_[slot]);
  }

  // The arguments' types are those of the C declaration.
  template <class... Arguments>
  Result<void> call(Slot slot, Arguments... arguments) const {
    void* status = function<void*(Arguments...)>(slot)(arguments...);
    if (status == nullptr) return {};
    const std::string message = function<const char*(void*)>(kGetErrorMessage)(status);
    function<void(void*)>(kReleaseStatus)(status);
    return fail(Code::Corrupt, "the runtime refuses: " + message);
  }

  // For functions whose last parameter receives an object.
  template <class... Arguments>
  Result<Owned> make(Slot slot, Slot release, Arguments... arguments) const {
    void* object = nullptr;
    TRY(call(slot, arguments..., &object));
    return Owned(object, Release{this, release});
  }

  Result<void> prepare() {
    environment_ = TRY(make(kCreateEnv, kReleaseEnv, kFatal, "bulwark"));
    TRY(call(kDisableTelemetryEvents, environment_.get()));
    memory_ = TRY(make(kCreateCpuMemoryInfo, kReleaseMemoryInfo, 0, 0));
    return call(kGetAllocatorWithDefaultOptions, &allocator_);
  }

  void* environment() const { return environment_.get(); }
  void* memory() const { return memory_.get(); }
  void* allocator() const { return allocator_; }  // not ours

 private:
  void* const* slots_;
  Owned environment_{nullptr, {}};
  Owned memory_{nullptr, {}};
  void* allocator_ = nullptr;
};

struct Session::State {
  std::shared_ptr<const RuntimeTable> table;
  RuntimeTable::Owned session{nullptr, {}};
  std::vector<TensorShape> inputs;
  std::vector<TensorShape> outputs;
};

namespace {

using Owned = RuntimeTable::Owned;

TensorType type_of(int number) {
  const auto type = static_cast<TensorType>(number);
  return type == TensorType::Float || type == TensorType::Double ? type : TensorType::Other;
}

Result<TensorShape> shape_of(const RuntimeTable& table, const void* about) {
  TensorShape shape;
  int type = 0;
  std::size_t rank = 0;
  TRY(table.call(kGetTensorElementType, about, &type));
  TRY(table.call(kGetDimensionsCount, about, &rank));
  if (rank > kMostDimensions)
    return fail(Code::Unsupported, "a tensor has " + std::to_string(rank) + " dimensions");
  shape.type = type_of(type);
  shape.dimensions.resize(rank);
  TRY(table.call(kGetDimensions, about, shape.dimensions.data(), rank));
  return shape;
}

// Where the runtime says what it knows of inputs, and of outputs.
struct Side {
  Slot count, type, name;
};
constexpr Side kInputs = {kSessionGetInputCount, kSessionGetInputTypeInfo, kSessionGetInputName};
constexpr Side kOutputs = {kSessionGetOutputCount, kSessionGetOutputTypeInfo, kSessionGetOutputName};

Result<TensorShape> describe(const RuntimeTable& table, const void* session, const Side& side,
                             std::size_t i) {
  TensorShape shape;
  const Owned type = TRY(table.make(side.type, kReleaseTypeInfo, session, i));
  const void* about = nullptr;  // belongs to `type`; none if it is no tensor
  TRY(table.call(kCastTypeInfoToTensorInfo, static_cast<const void*>(type.get()), &about));
  if (about != nullptr) shape = TRY(shape_of(table, about));
  char* name = nullptr;
  TRY(table.call(side.name, session, i, table.allocator(), &name));
  shape.name = name;
  TRY(table.call(kAllocatorFree, table.allocator(), static_cast<void*>(name)));
  return shape;
}

Result<std::vector<TensorShape>> describe_all(const RuntimeTable& table, const void* session,
                                              const Side& side) {
  std::size_t count = 0;
  TRY(table.call(side.count, session, &count));
  if (count > kMostValues) return fail(Code::Unsupported, "the model has too many inputs or outputs");
  std::vector<TensorShape> all;
  for (std::size_t i = 0; i < count; ++i) {
    TensorShape shape = TRY(describe(table, session, side, i));
    all.push_back(std::move(shape));
  }
  return all;
}

template <class Number>
std::vector<float> copied(const void* from, std::size_t count) {
  std::vector<float> numbers(count);
  const auto* start = static_cast<const Number*>(from);
  std::transform(start, start + count, numbers.begin(),
                 [](Number number) { return static_cast<float>(number); });
  return numbers;
}

Result<Values> values_of(const RuntimeTable& table, void* value) {
  int is_tensor = 0;
  TRY(table.call(kIsTensor, static_cast<const void*>(value), &is_tensor));
  if (is_tensor == 0) return fail(Code::Unsupported, "an output is no tensor");
  const Owned about =
      TRY(table.make(kGetTensorTypeAndShape, kReleaseShapeInfo, static_cast<const void*>(value)));
  TensorShape shape = TRY(shape_of(table, about.get()));
  std::size_t count = 0;
  TRY(table.call(kGetTensorShapeElementCount, static_cast<const void*>(about.get()), &count));
  void* numbers = nullptr;
  TRY(table.call(kGetTensorMutableData, value, &numbers));
  if (shape.type == TensorType::Other)
    return fail(Code::Unsupported, "an output holds no floating-point numbers");
  return Values{.dimensions = std::move(shape.dimensions),
                .numbers = shape.type == TensorType::Float ? copied<float>(numbers, count)
                                                           : copied<double>(numbers, count)};
}

Result<Owned> session_options(const RuntimeTable& table, Rewriting rewriting) {
  Owned options = TRY(table.make(kCreateSessionOptions, kReleaseSessionOptions));
  TRY(table.call(kSetIntraOpNumThreads, options.get(), 1));
  TRY(table.call(kSetInterOpNumThreads, options.get(), 1));
  TRY(table.call(kSetSessionExecutionMode, options.get(), kSequential));
  TRY(table.call(kSetSessionLogSeverityLevel, options.get(), kFatal));
  TRY(table.call(kSetSessionGraphOptimizationLevel, options.get(), rewriting == Rewriting::All ? 99 : 0));
  TRY(table.call(kSetDeterministicCompute, options.get(), true));
  return options;
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

const std::vector<TensorShape>& Session::inputs() const {
  return state_->inputs;
}
const std::vector<TensorShape>& Session::outputs() const {
  return state_->outputs;
}

Result<std::vector<Values>> Session::run(std::span<const std::int64_t> dimensions,
                                         std::span<const float> numbers,
                                         const std::vector<std::string>& outputs) const {
  const RuntimeTable& table = *state_->table;
  const TensorShape& wanted = state_->inputs.at(0);
  // The runtime reads its input and never writes to it, whatever the type of its parameter says.
  std::vector<double> wide;
  if (wanted.type == TensorType::Double) wide.assign(numbers.begin(), numbers.end());
  void* data = wide.empty() ? static_cast<void*>(const_cast<float*>(numbers.data())) : wide.data();
  const std::size_t size = wide.empty() ? numbers.size_bytes() : wide.size() * sizeof(double);
  const Owned input =
      TRY(table.make(kCreateTensorWithData, kReleaseValue, static_cast<const void*>(table.memory()), data,
                     size, dimensions.data(), dimensions.size(), std::to_underlying(wanted.type)));
  const std::array<const char*, 1> input_names = {wanted.name.c_str()};
  const std::array<const void*, 1> inputs = {input.get()};
  std::vector<const char*> names;
  for (const std::string& name : outputs) names.push_back(name.c_str());
  std::vector<void*> raw(outputs.size(), nullptr);
  const auto done =
      table.call(kRun, state_->session.get(), static_cast<const void*>(nullptr), input_names.data(),
                 inputs.data(), inputs.size(), names.data(), names.size(), raw.data());
  std::vector<Owned> owned;
  for (void* value : raw) owned.emplace_back(value, RuntimeTable::Release{&table, kReleaseValue});
  if (!done) return std::unexpected(done.error());
  std::vector<Values> answers;
  for (const Owned& value : owned) {
    Values values = TRY(values_of(table, value.get()));
    answers.push_back(std::move(values));
  }
  return answers;
}

Result<std::unique_ptr<Session>> Runtime::load(Bytes model, Rewriting rewriting) const {
  auto state = std::make_unique<Session::State>();
  state->table = table_;
  const Owned options = TRY(session_options(*table_, rewriting));
  state->session = TRY(table_->make(
      kCreateSessionFromArray, kReleaseSession, static_cast<const void*>(table_->environment()),
      static_cast<const void*>(model.data()), model.size(), static_cast<const void*>(options.get())));
  state->inputs = TRY(describe_all(*table_, state->session.get(), kInputs));
  state->outputs = TRY(describe_all(*table_, state->session.get(), kOutputs));
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

Result<native::Library> Runtime::library() {
  return native::Library::open(native::kOnnxRuntime);
}

Result<Runtime> Runtime::start(const native::Library& library) {
  auto* base = TRY(library.function<const Base*()>("OrtGetApiBase"));
  const std::string version = base()->version();
  if (version != kVersion)
    return fail(Code::Corrupt,
                "ONNX Runtime says it is " + printable(version) + ", not " + std::string(kVersion));
  void* const* slots = base()->table(kTableVersion);
  if (slots == nullptr) return fail(Code::Corrupt, "ONNX Runtime has no table of functions that we know");
  auto table = std::make_shared<RuntimeTable>(slots);
  TRY(table->prepare());
  Runtime runtime(std::move(table));
  const auto identity = TRY(runtime.load(bytes_of(kIdentity), Rewriting::None));
  constexpr std::array kDimensions = {std::int64_t{1}, std::int64_t{3}};
  constexpr std::array kNumbers = {0.5F, -2.0F, 3.25F};
  const std::vector<Values> same = TRY(identity->run(kDimensions, kNumbers, {"y"}));
  if (!std::ranges::equal(same.at(0).numbers, kNumbers))
    return fail(Code::Corrupt, "ONNX Runtime does not compute the identity");
  return runtime;
}

}  // namespace bulwark::models
