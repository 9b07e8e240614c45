// Runs beside every reading: looks into the weights themselves for a payload in their low bits.

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/engine.h"
#include "scan/formats/weights.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kPayload{
    .id = "BW-WGT-001",
    .title = "low bits of the weights hold a payload",
    .severity = Severity::High,
    .atlas = "AML.T0018.002 AML.T0107",
    .why =
        "The lowest bits of weights can be replaced without a loss of accuracy; a loader script elsewhere "
        "reads the "
        "payload out of them and runs it, unseen by scanners that look at files and strings.",
    .fix =
        "Do not use the model. Ask where it was trained; search the code around it for a routine that "
        "unpacks bits.",
};
constexpr Rule kStatistics{
    .id = "BW-WGT-002",
    .title = "low bits of a part of a tensor are unlike weights",
    .severity = Severity::Low,
    .atlas = "AML.T0018.002",
    .why =
        "The lowest byte of trained weights is evenly distributed; where it is not, something may have "
        "replaced it.",
    .fix = "Compare the tensor with the published one; ask how that part was made.",
};
constexpr std::array kRules = {kPayload, kStatistics};

// Below this no payload of interest fits.
constexpr std::size_t kSmallest = 1024;
// Tensors looked at in one artifact unless asked to go deep; 60 µs each.
constexpr std::size_t kTensors = 48;
// Decoded bytes handed on for inspection.
constexpr std::uint64_t kDecoded = std::uint64_t{4} << 20;

Match recognises(Bytes) {
  return Match::Beside;
}

bool is_zero(Bytes content) {
  const Bytes head = content.first(std::min<std::size_t>(content.size(), 4096));
  return std::ranges::all_of(head, [](std::uint8_t byte) { return byte == 0; });
}

std::uint64_t offset_in(Bytes whole, Bytes part) {
  const bool inside = part.data() >= whole.data() && part.data() < whole.data() + whole.size();
  return inside ? static_cast<std::uint64_t>(part.data() - whole.data()) : kNoOffset;
}

void report_payload(Inspection& in, std::string_view tensor, Bytes content, NumberType type,
                    const HiddenPayload& payload) {
  std::vector<std::uint8_t> stream =
      read_plane(content, type, payload.plane, payload.first, std::min(kDecoded, in.budget().holdable()));
  stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(
                                                    std::min<std::uint64_t>(payload.start, stream.size())));
  const std::string plane = "the lowest " + std::to_string(payload.plane.bits) +
                            (payload.plane.bits == 1 ? " bit" : " bits") +
                            (payload.plane.high_first ? ", highest first" : ", lowest first");
  const std::uint64_t base = offset_in(in.bytes(), content);
  in.report(
      kPayload,
      {.place = {.offset = base == kNoOffset ? base : base + payload.first * number_size(type)},
       .message = "tensor " + std::string(tensor) + ": " + plane + ", decode to " + std::string(payload.what),
       .evidence = std::string(text_of(Bytes(stream).first(std::min<std::size_t>(stream.size(), 160)))),
       .subject = std::string(tensor)});
  in.child("low bits of " + printable(tensor, 80), std::move(stream));
  // Text reads as text in either order of its bytes; only one of them means something.
  if (payload.plane.bits > 8 && payload.what == "text") {
    const BitPlane other{payload.plane.bits, !payload.plane.high_first};
    in.child("low bits of " + printable(tensor, 80) + " in the other order",
             read_plane(content, type, other, payload.first, std::min(kDecoded, in.budget().holdable())));
  }
}

// True if a payload was reported.
bool judge(Inspection& in, std::string_view name, Bytes content, NumberType type) {
  if (content.size() < kSmallest || is_zero(content)) return false;
  if (const auto payload = find_payload(content, type, 0)) {
    report_payload(in, name, content, type, *payload);
    return true;
  }
  if (const auto low = compare_low_bytes(content, type); low && low->unlike) {
    in.report(kStatistics,
              {.place = {.offset = offset_in(in.bytes(), content)},
               .message = "tensor " + std::string(name) + ": chi-square of the lowest byte is " +
                          std::to_string(static_cast<int>(low->head)) + " at the start and " +
                          std::to_string(static_cast<int>(low->tail)) + " at the end (255 expected)",
               .evidence = {},
               .subject = std::string(name)});
  }
  return false;
}

// Every stretch of the tensor in every phase of a byte: for --deep only.
Result<void> judge_deep(Inspection& in, std::string_view name, Bytes content, NumberType type) {
  constexpr std::uint64_t kStep = 1024;
  const std::uint64_t count = content.size() / number_size(type);
  for (std::uint64_t first = 0; first < count; first += kStep) {
    TRY(in.budget().check_time("low bits of weights"));
    for (std::uint64_t phase = first == 0 ? 1 : 0; phase < 8; ++phase) {
      const auto payload = find_payload(content, type, first + phase);
      if (!payload) continue;
      report_payload(in, name, content, type, *payload);
      return {};
    }
  }
  return {};
}

// The tensors that another inspector finds in these bytes.
Result<ModelGraph> tensors_of(Inspection& in, bool& claimed) {
  for (const Inspector* inspector : builtin_inspectors()) {
    if (inspector->recognises == nullptr) continue;
    const Match match = inspector->recognises(in.bytes());
    if (match != Match::Strong && match != Match::Weak) continue;
    claimed |= match == Match::Strong;
    if (inspector->graph == nullptr) continue;
    auto graph = inspector->graph(in);
    if (graph) return graph;
  }
  return ModelGraph{};
}

Result<void> judge_tensor(Inspection& in, const Tensor& tensor, NumberType type) {
  if (!judge(in, tensor.name, tensor.content, type) && in.options().deep && significand_bits(type) != 0)
    return judge_deep(in, tensor.name, tensor.content, type);
  return {};
}

Result<void> inspect(Inspection& in) {
  if (in.bytes().size() < kSmallest) return {};
  bool claimed = false;
  const ModelGraph graph = TRY(tensors_of(in, claimed));
  const std::size_t step = in.options().deep ? 1 : std::max<std::size_t>(1, graph.tensors.size() / kTensors);
  for (std::size_t i = 0; i < graph.tensors.size(); i += step)
    TRY(judge_tensor(in, graph.tensors[i], number_type(graph.tensors[i].type)));
  if (claimed || !graph.tensors.empty()) return {};
  // Members of torch archives and raw dumps say nothing about their type.
  if (const auto type = guess_number_type(in.bytes()))
    return judge_tensor(in, {.name = "(raw values)", .type = {}, .shape = {}, .content = in.bytes()}, *type);
  return {};
}

}  // namespace

const Inspector weights{
    .name = "weights",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
