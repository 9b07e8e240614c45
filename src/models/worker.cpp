#include "models/worker.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/messages.h"
#include "models/onnx_graph.h"
#include "models/runtime.h"
#include "os/confine.h"
#include "os/worker_process.h"

namespace bulwark::models {
namespace {

// The parent bounds the model and the batches; this is what no honest question exceeds.
constexpr std::uint64_t kLongestQuestion = std::uint64_t{3} << 30;
// One GiB; the largest published inputs, volumes and videos, have some ten million values.
constexpr std::uint64_t kMostRowValues = std::uint64_t{1} << 28;
// Rows of the first try. Two, so that an output that does not grow with the rows is seen.
constexpr std::int64_t kTried = 2;

std::uint64_t product(std::span<const std::int64_t> dimensions) {
  std::uint64_t all = 1;
  for (const std::int64_t dimension : dimensions)
    if (dimension < 0 || __builtin_mul_overflow(all, static_cast<std::uint64_t>(dimension), &all)) return 0;
  return all;
}

std::string text_of(std::span<const std::int64_t> dimensions) {
  std::string text;
  for (const std::int64_t dimension : dimensions)
    text += (text.empty() ? "" : " x ") + (dimension < 0 ? std::string("?") : std::to_string(dimension));
  return "[" + text + "]";
}

// Numbers per row of an answer for so many rows; 0 if its first dimension is no row.
std::uint64_t per_row(const Values& values, std::int64_t rows) {
  if (values.dimensions.empty() || values.dimensions[0] != rows || rows == 0) return 0;
  return product(std::span(values.dimensions).subspan(1));
}

// Rows × numbers, whatever of further dimensions is 1: what can be scores or activations.
bool is_flat(const Values& values) {
  int wide = 0;
  for (std::size_t i = 1; i < values.dimensions.size(); ++i) wide += values.dimensions[i] != 1 ? 1 : 0;
  return wide <= 1;
}

class Model {
 public:
  // `whole`: the model, and behind it what the plan adds. Errors: as open_onnx.
  static Result<Model> load(const Runtime& runtime, Bytes whole, const OnnxPlan& plan,
                            const std::vector<std::int64_t>& row_shape) {
    if (!plan.activations.empty()) {
      auto with = attempt(runtime, whole, {plan.scores, plan.activations}, row_shape);
      if (with && with->signature_.width > 0) return with;
    }
    // The added output may be what the runtime refuses, or no rows of numbers: scores need only the model.
    return attempt(runtime, whole.first(whole.size() - plan.addition.size()), {plan.scores}, row_shape);
  }

  [[nodiscard]] const Signature& signature() const { return signature_; }

  // Scores of all rows, and then activations of all rows.
  Result<std::vector<Values>> ask(std::uint64_t rows, Bytes values) const {
    std::vector<std::int64_t> dimensions = signature_.input;
    const std::uint64_t each = product(std::span(dimensions).subspan(1));
    if (rows == 0 || rows > values.size() || values.size() != rows * each * sizeof(float))
      return fail(Code::InvalidInput, "another number of values than rows of " + text_of(dimensions));
    dimensions[0] = static_cast<std::int64_t>(rows);
    ByteReader in(values);
    const std::vector<float> numbers = TRY(read_floats(in, rows * each));
    std::vector<Values> answers = TRY(session_->run(dimensions, numbers, outputs_));
    const std::array<std::uint64_t, 2> widths = {signature_.classes, signature_.width};
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].numbers.size() != rows * widths.at(i))
        return fail(Code::Corrupt, "the model answers " + text_of(answers[i].dimensions) + " to " +
                                       std::to_string(rows) + " rows");
    }
    return answers;
  }

 private:
  static Result<Model> attempt(const Runtime& runtime, Bytes bytes, std::vector<std::string> outputs,
                               const std::vector<std::int64_t>& row_shape) {
    Model model;
    model.outputs_ = std::move(outputs);
    model.session_ = TRY(runtime.load(bytes, Rewriting::None));
    TRY(model.read_input(row_shape));
    TRY(model.try_out());
    model.signature_.scores_name = model.outputs_[0];
    model.make_faster(runtime, bytes);
    return model;
  }

  // A rewritten graph runs twice as fast. Rewriting computes what is constant, which has fitted into the
  // memory by now; if it does not a second time, or the answers have another shape, the graph stays as it
  // was.
  void make_faster(const Runtime& runtime, Bytes bytes) {
    auto faster = runtime.load(bytes, Rewriting::All);
    if (!faster) return;
    const Signature before = signature_;
    std::swap(session_, *faster);
    if (try_out() && signature_.classes == before.classes && signature_.width == before.width) return;
    std::swap(session_, *faster);
    signature_ = before;
  }

  Result<void> read_input(const std::vector<std::int64_t>& row_shape) {
    const std::vector<TensorShape>& inputs = session_->inputs();
    if (inputs.size() != 1)
      return fail(Code::Unsupported,
                  "the model has " + std::to_string(inputs.size()) + " inputs; only one can be asked");
    const TensorShape& input = inputs[0];
    if (input.type == TensorType::Other || input.dimensions.empty())
      return fail(Code::Unsupported, "the model's input is no tensor of floating-point numbers");
    signature_.input_name = input.name;
    signature_.input = input.dimensions;
    for (std::size_t i = 1; i < input.dimensions.size(); ++i) {
      if (input.dimensions[i] > 0) continue;
      if (row_shape.size() + 1 != input.dimensions.size() || row_shape[i - 1] <= 0)
        return fail(Code::Unsupported, "dimension " + std::to_string(i) + " of the input " +
                                           text_of(input.dimensions) +
                                           " is free, and the data do not fix it");
      signature_.input[i] = row_shape[i - 1];
    }
    const std::uint64_t each = product(std::span(signature_.input).subspan(1));
    if (each == 0 || each > kMostRowValues)
      return fail(Code::Unsupported, "a row of the input " + text_of(signature_.input) + " is too large");
    return {};
  }

  // Asks about zeros: how wide the answers are is known only then.
  Result<void> try_out() {
    const std::int64_t rows = signature_.input[0] > 0 ? signature_.input[0] : kTried;
    if (static_cast<std::uint64_t>(rows) > kMostRowValues)
      return fail(Code::Unsupported, "the model wants " + std::to_string(rows) + " rows at once");
    std::vector<std::int64_t> dimensions = signature_.input;
    dimensions[0] = rows;
    const std::vector<float> zeros(product(dimensions));
    const std::vector<Values> answers = TRY(session_->run(dimensions, zeros, outputs_));
    signature_.classes = per_row(answers[0], rows);
    if (signature_.classes == 0 || !is_flat(answers[0]))
      return fail(Code::Unsupported, "the model answers " + text_of(answers[0].dimensions) + " to " +
                                         std::to_string(rows) + " rows; rows x classes is needed");
    if (answers.size() > 1 && is_flat(answers[1])) signature_.width = per_row(answers[1], rows);
    return {};
  }

  std::unique_ptr<Session> session_;
  std::vector<std::string> outputs_;
  Signature signature_;
};

class Worker {
 public:
  explicit Worker(Result<Runtime> runtime) : runtime_(std::move(runtime)) {}

  Result<void> reply(std::vector<std::uint8_t> question) {
    ByteReader in(question);
    const auto kind = read_question(in);
    auto done = !kind                     ? std::unexpected(kind.error())
                : *kind == Question::Load ? load(in, question)
                                          : ask(in);
    if (done) return {};
    return say(write_error(done.error()));
  }

 private:
  static Result<void> say(const std::vector<std::uint8_t>& words, std::span<const Bytes> numbers = {}) {
    std::vector<Bytes> pieces = {words};
    pieces.insert(pieces.end(), numbers.begin(), numbers.end());
    return os::answer(pieces);
  }

  Result<void> load(ByteReader& in, std::vector<std::uint8_t>& question) {
    if (!runtime_) return std::unexpected(runtime_.error());
    const Load wanted = TRY(read_load(in));
    const OnnxPlan plan = TRY(plan_onnx(wanted.model, wanted.activations));
    const std::size_t start = question.size() - wanted.model.size();
    question.insert(question.end(), plan.addition.begin(), plan.addition.end());
    Model model = TRY(Model::load(*runtime_, Bytes(question).subspan(start), plan, wanted.row_shape));
    model_.emplace(std::move(model));
    return say(write_signature(model_->signature()));
  }

  Result<void> ask(ByteReader& in) {
    if (!model_) return fail(Code::InvalidInput, "no model was loaded");
    const Ask wanted = TRY(read_ask(in));
    const std::vector<Values> answers = TRY(model_->ask(wanted.rows, wanted.values));
    std::vector<Bytes> numbers;
    for (const Values& values : answers) numbers.push_back(bytes_of(values.numbers));
    return say(write_answers(), numbers);
  }

  Result<Runtime> runtime_;
  std::optional<Model> model_;
};

// In this order: the library needs files only to be loaded; everything that is called in it, and every byte
// of a stranger's, comes when no file, socket or thread can be had any more.
Result<Runtime> confined_runtime() {
  const native::Library library = TRY(Runtime::library());
  TRY(os::confine_to_computing());
  return Runtime::start(library);
}

}  // namespace

int answer_for_a_model() {
  Worker worker(confined_runtime());
  for (;;) {
    auto question = os::next_question(kLongestQuestion);
    if (!question) return 1;
    if (!*question) return 0;
    if (!worker.reply(std::move(**question))) return 1;
  }
}

}  // namespace bulwark::models
