#include "models/onnx.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

#include "base/text.h"
#include "models/messages.h"
#include "models/worker.h"
#include "os/mapping.h"
#include "os/sanitized.h"
#include "os/worker_process.h"

namespace bulwark::models {
namespace {

// Every question has its own time; this ends a child whose parent was stopped for good.
constexpr std::chrono::seconds kProcessor = std::chrono::hours(24);

// Release 1.30 measures its users unless it is told not to. The child could write and send nothing anyhow.
constexpr const char* kNoTelemetry = "ORT_DISABLE_TELEMETRY=1";

os::Child child_of(const OnnxOptions& options) {
  os::Child child{.arguments = {options.program.empty() ? "/proc/self/exe" : options.program,
                                std::string(kWorkerArgument)},
                  .environment = {kNoTelemetry},
                  .folder = "/",
                  // It gives up sockets before it calls the library, and making a network namespace can wait
                  // for seconds while the kernel clears away others.
                  .network = os::Network::Host,
                  .processor = kProcessor,
                  .memory = os::kSanitized ? ~std::uint64_t{0} : options.limits.memory,
                  .file_bytes = 0};
  if (const char* libraries = std::getenv("BULWARK_LIBRARIES"))
    child.environment.push_back("BULWARK_LIBRARIES=" + std::string(libraries));
  return child;
}

class OnnxPredictor : public Predictor {
 public:
  OnnxPredictor(std::string name, const OnnxOptions& options, std::unique_ptr<os::WorkerProcess> worker)
      : name_(std::move(name)), options_(options), worker_(std::move(worker)) {}

  Result<void> load(Bytes model) {
    const auto words =
        write_load({.activations = options_.activations, .row_shape = options_.row_shape, .model = {}});
    const std::array<Bytes, 2> pieces = {words, model};
    const auto answer = TRY(worker_->ask(pieces, kLongestWords, options_.limits.load));
    ByteReader in(answer);
    TRY(read_outcome(in));
    signature_ = TRY(read_signature(in));
    for (const std::int64_t dimension : std::span(signature_.input).subspan(1))
      row_values_ *= static_cast<std::uint64_t>(dimension);
    return {};
  }

  const Signature& signature() const override { return signature_; }

  Result<Answers> ask(std::span<const float> values, std::size_t rows) override {
    if (rows > values.size() || values.size() != rows * row_values_) {
      return fail(Code::InvalidInput, name_ + ": asked with " + std::to_string(values.size()) +
                                          " numbers for " + std::to_string(rows) + " rows; the model takes " +
                                          std::to_string(row_values_) + " for each");
    }
    Answers answers;
    for (std::size_t row = 0; row < rows;) {
      const std::size_t count = std::min(batch(), rows - row);
      auto done = ask_batch(values.subspan(row * row_values_, count * row_values_), count, row, answers);
      if (!done) return std::unexpected(std::move(done).error().within(name_));
      row += count;
    }
    return answers;
  }

 private:
  // Rows that are asked at once.
  [[nodiscard]] std::size_t batch() const {
    if (signature_.input[0] > 0) return static_cast<std::size_t>(signature_.input[0]);
    const std::uint64_t fit = options_.limits.batch_bytes / (row_values_ * sizeof(float));
    return std::max<std::uint64_t>(1, std::min<std::uint64_t>(options_.batch, fit));
  }

  Result<void> ask_batch(std::span<const float> values, std::size_t rows, std::size_t first, Answers& to) {
    // A model with a fixed batch is asked with zeros where there are no more rows.
    const std::size_t asked = signature_.input[0] > 0 ? batch() : rows;
    const std::vector<float> padding((asked - rows) * row_values_);
    const auto words = write_ask(asked);
    const std::array<Bytes, 3> pieces = {words, bytes_of(values), bytes_of(padding)};
    const std::uint64_t longest =
        kLongestWords + asked * (signature_.classes + signature_.width) * sizeof(float);
    const auto answer = TRY(worker_->ask(pieces, longest, options_.limits.batch));
    ByteReader in(answer);
    TRY(read_outcome(in));
    const auto scores = TRY(read_floats(in, asked * signature_.classes));
    const auto activations = TRY(read_floats(in, asked * signature_.width));
    TRY(append(scores, signature_.classes, rows, first, to.scores));
    return append(activations, signature_.width, rows, first, to.activations);
  }

  static Result<void> append(std::span<const float> numbers, std::size_t width, std::size_t rows,
                             std::size_t first, std::vector<float>& to) {
    const std::span<const float> wanted = numbers.first(rows * width);
    const auto odd = std::ranges::find_if(wanted, [](float number) { return !std::isfinite(number); });
    if (odd != wanted.end()) {
      const auto row = first + static_cast<std::size_t>(odd - wanted.begin()) / width;
      return fail(Code::Corrupt, "the model answers NaN or infinity to row " + std::to_string(row));
    }
    to.insert(to.end(), wanted.begin(), wanted.end());
    return {};
  }

  const std::string name_;
  const OnnxOptions options_;
  std::unique_ptr<os::WorkerProcess> worker_;
  Signature signature_;
  std::uint64_t row_values_ = 1;
};

Result<std::unique_ptr<Predictor>> open_model(const std::string& name, Bytes model,
                                              const OnnxOptions& options) {
  if (model.size() > options.limits.model_bytes)
    return fail(Code::LimitReached, "the model has " + human_size(model.size()) + ", the limit is " +
                                        human_size(options.limits.model_bytes));
  auto worker = TRY(os::WorkerProcess::start(child_of(options)));
  auto predictor = std::make_unique<OnnxPredictor>(name, options, std::move(worker));
  TRY(predictor->load(model));
  return predictor;
}

}  // namespace

Result<std::unique_ptr<Predictor>> open_onnx(const std::string& name, Bytes model,
                                             const OnnxOptions& options) {
  auto opened = open_model(printable(name), model, options);
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(name)));
  return opened;
}

Result<std::unique_ptr<Predictor>> open_onnx(const std::string& path, const OnnxOptions& options) {
  const auto file = os::Mapping::open(path, true);
  if (!file) return std::unexpected(Error(file.error()).within(printable(path)));
  return open_onnx(path, (*file)->bytes(), options);
}

}  // namespace bulwark::models
