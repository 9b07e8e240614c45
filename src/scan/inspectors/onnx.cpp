// ONNX models: what the graph makes a runtime load, read or run.
//
// An ONNX file is data, with three doors: external tensors name files, operators of unknown domains need
// native or Python code from somewhere, and a runtime trusts shapes and offsets. All graphs are walked: main,
// control-flow bodies, functions and training steps.

#include "scan/formats/onnx.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "scan/formats/reference.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-ONNX-001",
        .title = "ONNX tensor data lies outside the model's directory",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0037",
        .why =
            "Loading reads, and saving overwrites, the file that external_data names: any file of the user's "
            "(CVE-2022-25882, CVE-2024-27318, CVE-2025-51480).",
        .fix =
            "Refuse the model; ask for one whose tensors are inside it or in plain relative files beside it.",
    },
    {
        .id = "BW-ONNX-002",
        .title = "range of an external ONNX tensor is impossible",
        .severity = Severity::High,
        .atlas = "AML.T0011.000",
        .why =
            "A runtime that maps the file with this offset and length reads memory that is not the tensor's.",
        .fix = "Refuse the model; export it again with a current tool.",
    },
    {
        .id = "BW-ONNX-003",
        .title = "ONNX operator of an unknown domain",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why =
            "Its implementation is native code from a library that must be loaded with the model; nobody has "
            "vouched for it.",
        .fix = "Ask where the operator comes from, review that library, then allow the operator by name.",
    },
    {
        .id = "BW-ONNX-004",
        .title = "ONNX operator runs Python code",
        .severity = Severity::Critical,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "PythonOp and PyOp call a Python function by module and name while the model runs.",
        .fix = "Refuse the model; export it without Python operators.",
    },
    {
        .id = "BW-ONNX-005",
        .title = "ONNX functions call each other in a circle",
        .severity = Severity::High,
        .atlas = "AML.T0029",
        .why = "Runtimes inline functions; a circle never ends and exhausts stack or memory.",
        .fix = "Refuse the model: the format forbids recursion.",
    },
    {
        .id = "BW-ONNX-006",
        .title = "ONNX tensor size contradicts its shape",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0029",
        .why = "A runtime that trusts the shape reads past the data or allocates without bound; bytes beyond "
               "the "
               "shape are a hiding place.",
        .fix = "Refuse the model; export it again.",
    },
    {
        .id = "BW-ONNX-007",
        .title = "ONNX graph branches on its input",
        .severity = Severity::Info,
        .atlas = "AML.T0018.001",
        .why = "A conditional branch is how an architectural backdoor switches on a trigger; most are "
               "legitimate.",
        .fix = "If the model should have no control flow, compare its architecture with the expected one.",
    },
    {
        .id = "BW-ONNX-008",
        .title = "ONNX model holds a program or archive",
        .severity = Severity::High,
        .atlas = "AML.T0018.002 AML.T0074",
        .why =
            "Bytes that start like an executable, a script, an archive or a pickle are no weights or text.",
        .fix = "Extract and judge the embedded file; refuse the model if nobody can explain it.",
    },
    kMetadataCommand,
};
constexpr const Rule& kOutside = kRules[0];
constexpr const Rule& kRange = kRules[1];
constexpr const Rule& kDomain = kRules[2];
constexpr const Rule& kPython = kRules[3];
constexpr const Rule& kCircle = kRules[4];
constexpr const Rule& kSize = kRules[5];
constexpr const Rule& kBranch = kRules[6];
constexpr const Rule& kPayload = kRules[7];

// Python operators of onnxruntime (training and language interop) and of exporters that left one in.
constexpr std::string_view kPythonOps[] = {"PythonOp", "PythonOpGrad", "PyOp",
                                           "PyFunc",   "PyCustomOp",   "PyCustomOpDef"};
// A shape of more than 1 TiB without any data beside it can only exhaust memory.
constexpr std::uint64_t kAbsurdBytes = std::uint64_t{1} << 40;
// Tag that onnxruntime uses inside a process for tensors that are already in memory: the offset is an
// address.
constexpr std::string_view kMemoryAddress = "_ORT_MEM_ADDR_";

struct Graph {
  ProtoField message;
  std::uint32_t depth;   // in messages
  std::string function;  // "domain::name" of the function it belongs to; empty: a graph
};

class Walk {
 public:
  explicit Walk(Inspection& in) : in_(in) {}

  Result<void> run() {
    read_model();
    while (!work_.empty()) {
      const Graph graph = std::move(work_.back());
      work_.pop_back();
      TRY(read_graph(graph));
    }
    find_circles();
    if (branches_ > 0) {
      in_.report(kBranch,
                 {.place = {.offset = branch_offset_},
                  .message = "graph has " + std::to_string(branches_) + " conditional branches (If)"});
    }
    report_defects(in_, defects_, "onnx");
    return {};
  }

 private:
  void read_model() {
    ProtoReader reader(in_.bytes());
    ProtoField field;
    std::string producer;
    while (reader.next(field)) {
      if (field.is_varint(1)) in_.fact("ir_version", std::to_string(field.value));
      if (field.is_bytes(2)) producer = std::string(field.text());
      if (field.is_bytes(3) && !producer.empty()) producer += " " + std::string(field.text());
      if (field.is_bytes(6)) judge_text(field, "doc_string");
      if (field.is_bytes(14)) read_metadata(field);
      read_part(field);
    }
    if (!producer.empty()) in_.fact("producer", producer);
    if (reader.cut()) read_part(*reader.cut());
    if (reader.stop() == ProtoReader::Stop::Truncated) {
      in_.gap(GapReason::Truncated,
              "model ends inside field " + std::to_string(reader.cut() ? reader.cut()->number : 0),
              {.offset = reader.offset()});
    } else if (auto error = reader.error("model")) {
      defects_.push_back(std::move(*error));
    }
  }

  void read_part(const ProtoField& field) {
    if (field.is_bytes(7)) work_.push_back({field, 1, {}});
    if (field.is_bytes(25)) read_function(field);
    if (!field.is_bytes(20)) return;
    ProtoReader training(field);
    ProtoField step;
    while (training.next(step))
      if (step.is_bytes(1) || step.is_bytes(2)) work_.push_back({step, 2, {}});
  }

  void read_metadata(const ProtoField& field) {
    ProtoReader reader(field);
    ProtoField part;
    std::string_view key;
    while (reader.next(part)) {
      if (part.is_bytes(1)) key = part.text();
      if (part.is_bytes(2)) judge_text(part, "metadata \"" + printable(key, 60) + "\"");
    }
  }

  // A text that people or tools read: no code, no file.
  void judge_text(const ProtoField& text, const std::string& where) {
    if (judge_payload(text, where)) return;
    judge_metadata_text(in_, text.text(), text.offset, where);
  }

  bool judge_payload(const ProtoField& blob, const std::string& where) {
    return scan::judge_payload(in_, kPayload, blob.bytes, blob.offset, where);
  }

  void read_function(const ProtoField& field) {
    ProtoReader reader(field);
    ProtoField part;
    std::string name;
    std::string domain;
    while (reader.next(part)) {
      if (part.is_bytes(1)) name = std::string(part.text());
      if (part.is_bytes(10)) domain = std::string(part.text());
    }
    functions_[domain + "::" + name];
    work_.push_back({field, 1, domain + "::" + name});
  }

  Result<void> read_graph(const Graph& graph) {
    const bool is_function = !graph.function.empty();
    ProtoReader reader(graph.message);
    ProtoField field;
    while (reader.next(field)) {
      if ((++steps_ & 0xFFF) == 0) TRY(in_.budget().check_time("onnx graph"));
      read_graph_field(graph, is_function, field);
    }
    if (reader.cut()) read_graph_field(graph, is_function, *reader.cut());
    if (auto error = reader.error("graph")) defects_.push_back(std::move(*error));
    return {};
  }

  void read_graph_field(const Graph& graph, bool is_function, const ProtoField& field) {
    if (field.is_bytes(is_function ? 7U : 1U)) judge_node(graph, field);
    if (is_function) return;
    if (field.is_bytes(5)) judge_tensor(field, "initializer");
    if (field.is_bytes(10)) judge_text(field, "graph doc_string");
    if (!field.is_bytes(15)) return;
    ProtoReader sparse(field);
    ProtoField part;
    while (sparse.next(part))
      if (part.is_bytes(1) || part.is_bytes(2)) judge_tensor(part, "sparse initializer");
  }

  void judge_node(const Graph& graph, const ProtoField& field) {
    const OnnxNode node = read_onnx_node(field, defects_);
    const std::string op =
        (node.domain.empty() ? "" : std::string(node.domain) + "::") + std::string(node.op_type);
    const std::string function = std::string(node.domain) + "::" + std::string(node.op_type);
    if (!graph.function.empty()) functions_[graph.function].insert(function);
    if (node.op_type == "If" && branches_++ == 0) branch_offset_ = node.op_offset;
    bool unknown = false;
    if (std::ranges::find(kPythonOps, node.op_type) != std::end(kPythonOps) &&
        !functions_.contains(function)) {
      in_.report(kPython, {.place = {.offset = node.op_offset},
                           .message = "node \"" + std::string(node.name) + "\" runs Python through " + op,
                           .evidence = op,
                           .subject = op});
      unknown = true;
    } else if (!is_known_onnx_domain(node.domain)) {
      unknown = true;
      pending_.push_back({function, op, std::string(node.name), node.op_offset});
    }
    for (const ProtoField& message : node.attributes) judge_attribute(graph, op, unknown, message);
  }

  void judge_attribute(const Graph& graph, const std::string& op, bool unknown_op,
                       const ProtoField& message) {
    const OnnxAttribute attribute = read_onnx_attribute(message, defects_);
    const std::string where = op + " attribute \"" + printable(attribute.name, 60) + "\"";
    for (const ProtoField& tensor : attribute.tensors) judge_tensor(tensor, where);
    for (const ProtoField& text : attribute.strings) {
      // What an operator does with a string is known for published domains: nothing is run.
      if (unknown_op) {
        judge_text(text, where);
      } else {
        judge_payload(text, where);
      }
    }
    for (const ProtoField& body : attribute.graphs) {
      if (graph.depth + 3 > in_.limits().message_depth) {
        in_.gap(GapReason::Limit, "graphs are nested deeper than the limit of messages",
                {.offset = body.offset});
      } else {
        work_.push_back({body, graph.depth + 3, {}});
      }
    }
  }

  void judge_tensor(const ProtoField& message, const std::string& where) {
    const OnnxTensor tensor = read_onnx_tensor(message, defects_);
    const std::string name = where + " \"" + printable(tensor.name, 80) + "\"";
    if (tensor.external) judge_external(tensor, name);
    judge_size(tensor, name);
    if (tensor.raw.number != 0) judge_payload(tensor.raw, name);
    for (const ProtoField& text : tensor.strings) judge_payload(text, name);
  }

  void judge_external(const OnnxTensor& tensor, const std::string& name) {
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;
    std::string_view location;
    std::uint64_t place = tensor.offset;
    // Keys may come twice and readers differ in which one wins: every location is judged.
    for (const OnnxTensor::Entry& entry : tensor.external_entries) {
      if (entry.key == "location") {
        location = entry.value.text();
        place = entry.value.offset;
        judge_location(location, place, name);
      } else if (entry.key == "offset" || entry.key == "length") {
        const auto number = parse_number(entry, name);
        if (number && entry.key == "offset") offset = *number;
        if (number && entry.key == "length") length = number;
      }
    }
    judge_range(tensor, location, place, offset, length, name);
  }

  void judge_location(std::string_view location, std::uint64_t place, const std::string& name) {
    if (location.find(kMemoryAddress) != std::string_view::npos) {
      in_.report(kRange, place, name + " is read from a memory address of the loading process",
                 std::string(location));
      return;
    }
    const Reference reference = judge_reference(location);
    if (reference.reach == Reach::Inside) return;
    in_.report(kOutside, {.place = {.offset = place},
                          .message = name + " is stored in a file whose path " + std::string(reference.why),
                          .evidence = std::string(location),
                          .severity = reference.reach == Reach::Detour ? Severity::Low : Severity::High});
  }

  // Offsets and lengths are decimal text; anything else makes readers disagree.
  std::optional<std::uint64_t> parse_number(const OnnxTensor::Entry& entry, const std::string& name) {
    const std::string_view text = entry.value.text();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (whole && number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return number;
    in_.report(kRange, entry.value.offset,
               name + ": external " + std::string(entry.key) + " is no valid number", std::string(text));
    return std::nullopt;
  }

  void judge_range(const OnnxTensor& tensor, std::string_view location, std::uint64_t place,
                   std::uint64_t offset, std::optional<std::uint64_t> length, const std::string& name) {
    const auto needed = tensor.bytes_needed();
    if (length && needed && *length < *needed) {
      in_.report(kRange, place,
                 name + ": external length " + std::to_string(*length) + " is less than the " +
                     std::to_string(*needed) + " bytes of its shape");
    }
    std::uint64_t end = 0;
    if (__builtin_add_overflow(offset, length.value_or(needed.value_or(0)), &end) ||
        end > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      in_.report(kRange, place, name + ": external offset and length overflow");
      return;
    }
    const Member* file = in_.package() != nullptr ? in_.package()->find(sibling(location)) : nullptr;
    if (file != nullptr && file->size != 0 && end > file->size) {
      in_.report(kRange, place,
                 name + ": external data ends at byte " + std::to_string(end) + " of " +
                     printable(location, 80) + ", which has " + std::to_string(file->size));
    }
  }

  // The name that a file beside this one has in the package.
  std::string sibling(std::string_view location) const {
    const std::string& self = in_.artifact().origin.empty() ? std::string() : in_.artifact().origin.back();
    const std::size_t slash = self.rfind('/');
    return (slash == std::string::npos ? std::string() : self.substr(0, slash + 1)) + std::string(location);
  }

  void judge_size(const OnnxTensor& tensor, const std::string& name) {
    const auto count = tensor.elements();
    const auto needed = tensor.bytes_needed();
    if (!count || (onnx_element_bits(tensor.type) != 0 && !needed)) {
      in_.report(kSize, tensor.offset, name + ": its shape is negative or overflows");
    } else if (tensor.raw.number != 0 && !tensor.external && needed && tensor.raw.bytes.size() < *needed) {
      in_.report(kSize, tensor.raw.offset,
                 name + ": shape needs " + std::to_string(*needed) + " bytes, " +
                     std::to_string(tensor.raw.bytes.size()) + " are there");
    } else if (tensor.raw.number != 0 && needed && tensor.raw.bytes.size() > *needed) {
      in_.report(kSize, {.place = {.offset = tensor.raw.offset + *needed},
                         .message = name + ": " + std::to_string(tensor.raw.bytes.size() - *needed) +
                                    " bytes follow the values of its shape",
                         .severity = Severity::Medium});
    } else if (tensor.raw.number == 0 && !tensor.has_typed_values && tensor.strings.empty() &&
               !tensor.external && needed.value_or(0) > kAbsurdBytes) {
      in_.report(kSize, tensor.offset, name + ": shape claims " + human_size(*needed) + " without any data");
    }
  }

  // Functions may be defined after their use, so unknown operators are judged at the end, and circles are
  // found by removing functions that call no function that is left.
  void find_circles() {
    for (const Use& use : pending_) {
      if (functions_.contains(use.function)) continue;
      in_.report(kDomain, {.place = {.offset = use.offset},
                           .message = "node \"" + use.node + "\" needs the operator " + use.op,
                           .evidence = use.op,
                           .subject = use.op});
    }
    std::map<std::string, std::vector<std::string>> callers;
    std::map<std::string, std::size_t> open_calls;
    std::vector<std::string> leaves;
    for (const auto& [function, callees] : functions_) {
      for (const std::string& callee : callees) {
        if (!functions_.contains(callee)) continue;
        callers[callee].push_back(function);
        ++open_calls[function];
      }
      if (!open_calls.contains(function)) leaves.push_back(function);
    }
    while (!leaves.empty()) {
      const std::string leaf = std::move(leaves.back());
      leaves.pop_back();
      for (const std::string& caller : callers[leaf]) {
        if (--open_calls[caller] > 0) continue;
        open_calls.erase(caller);
        leaves.push_back(caller);
      }
    }
    if (open_calls.empty()) return;
    in_.report(kCircle, {.place = {.offset = 0},
                         .message = "function " + printable(open_calls.begin()->first, 100) +
                                    " calls itself, directly or not"});
  }

  struct Use {
    std::string function;
    std::string op;
    std::string node;
    std::uint64_t offset;
  };

  Inspection& in_;
  std::vector<Graph> work_;
  std::vector<Error> defects_;
  std::vector<Use> pending_;
  std::map<std::string, std::set<std::string>> functions_;  // "domain::name" -> operators it uses
  std::uint64_t steps_ = 0;
  std::uint32_t branches_ = 0;
  std::uint64_t branch_offset_ = 0;
};

Match recognises(Bytes content) {
  return is_onnx_model(content) ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  Walk walk(in);
  return walk.run();
}

Tensor to_tensor(const OnnxTensor& tensor) {
  Tensor out{.name = std::string(tensor.name),
             .type = std::string(onnx_type_name(tensor.type)),
             .shape = {},
             .content = {}};
  for (const std::int64_t dim : tensor.dims) out.shape.push_back(static_cast<std::uint64_t>(dim));
  if (tensor.raw.number != 0) out.content = tensor.raw.bytes;
  return out;
}

Node to_node(const OnnxNode& node) {
  Node out;
  out.name = std::string(node.name);
  out.op = (node.domain.empty() ? "" : std::string(node.domain) + "::") + std::string(node.op_type);
  for (const std::string_view name : node.inputs) out.inputs.emplace_back(name);
  for (const std::string_view name : node.outputs) out.outputs.emplace_back(name);
  return out;
}

Result<ModelGraph> graph(Inspection& in) {
  if (!is_onnx_model(in.bytes())) return fail(Code::Unsupported, "not an ONNX model");
  ModelGraph model{.format = "onnx", .tensors = {}, .nodes = {}};
  std::vector<std::pair<ProtoField, std::uint32_t>> work;
  std::vector<Error> defects;
  ProtoReader reader(in.bytes());
  ProtoField field;
  while (reader.next(field))
    if (field.is_bytes(7)) work.emplace_back(field, 1);
  while (!work.empty()) {
    const auto [message, depth] = work.back();
    work.pop_back();
    ProtoReader graph_reader(message);
    while (graph_reader.next(field)) {
      if (field.is_bytes(5)) model.tensors.push_back(to_tensor(read_onnx_tensor(field, defects)));
      if (!field.is_bytes(1)) continue;
      const OnnxNode node = read_onnx_node(field, defects);
      model.nodes.push_back(to_node(node));
      for (const ProtoField& attribute : node.attributes)
        for (const ProtoField& body : read_onnx_attribute(attribute, defects).graphs)
          if (depth + 3 <= in.limits().message_depth) work.emplace_back(body, depth + 3);
    }
    if (auto error = graph_reader.error("graph")) return std::unexpected(std::move(*error));
  }
  if (auto error = reader.error("model")) return std::unexpected(std::move(*error));
  if (!defects.empty()) return std::unexpected(std::move(defects.front()));
  return model;
}

}  // namespace

const Inspector onnx{
    .name = "onnx",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
