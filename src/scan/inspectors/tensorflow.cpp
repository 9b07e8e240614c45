// TensorFlow graphs: SavedModel, MetaGraphDef and GraphDef.
//
// A TensorFlow model is a program: its operators read and write files, print, and call Python. Every node is
// looked at, those of the function library included. Decoders, queues, Print to the console and Assert are
// ordinary.

#include "scan/formats/tensorflow.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "scan/formats/reference.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"
#include "scan/inspectors/tensorflow_operators.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-TF-001",
        .title = "TensorFlow operator runs Python code",
        .severity = Severity::Critical,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "PyFunc and its relatives call a Python function of the serving process while the model runs.",
        .fix = "Refuse the model; export it with graph operators only.",
    },
    {
        .id = "BW-TF-002",
        .title = "TensorFlow operator reads or writes files",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0037",
        .why = "The model reads files of the machine it runs on, or writes to it: credentials leak, start-up "
               "files "
               "are replaced.",
        .fix = "Refuse the model unless its author explains the access; serve it without file system rights.",
    },
    {
        .id = "BW-TF-003",
        .title = "TensorFlow model loads a native library",
        .severity = Severity::Critical,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "A library that is loaded runs its constructors with the rights of the serving process.",
        .fix = "Refuse the model; libraries are installed by the operator, never named by a model.",
    },
    {
        .id = "BW-TF-004",
        .title = "TensorFlow asset file lies outside the model's directory",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0037",
        .why = "Loading a SavedModel reads its assets; a path that leaves the directory reads any file.",
        .fix = "Refuse the model; export it again.",
    },
    {
        .id = "BW-TF-005",
        .title = "TensorFlow debug operator sends tensors away",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0025",
        .why =
            "Debug operators write every value that passes, inputs included, to a file or a network address.",
        .fix = "Refuse the model; export it without debug instrumentation.",
    },
    {
        .id = "BW-TF-006",
        .title = "TensorFlow constant claims an absurd size",
        .severity = Severity::High,
        .atlas = "AML.T0029",
        .why = "A constant of a few bytes may claim any shape; loading it exhausts memory.",
        .fix = "Refuse the model.",
    },
    {
        .id = "BW-TF-007",
        .title = "TensorFlow model holds a program or archive",
        .severity = Severity::High,
        .atlas = "AML.T0018.002 AML.T0074",
        .why = "Bytes that start like an executable, a script, an archive or a pickle are no constant.",
        .fix = "Extract and judge the embedded file; refuse the model if nobody can explain it.",
    },
    {
        .id = "BW-TF-008",
        .title = "TensorFlow function is not defined in the model",
        .severity = Severity::Low,
        .atlas = "AML.T0011.000",
        .why = "What an undefined function does depends on the process that loads the model.",
        .fix = "Export the model again with all of its functions.",
    },
    {
        .id = "BW-TF-009",
        .title = "TensorFlow operator talks to the network",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0025",
        .why =
            "The model sends its inputs to, or takes code and data from, an address that its author chose.",
        .fix = "Refuse the model unless the address is yours.",
    },
    kMetadataCommand,
};
constexpr const Rule& kPython = kRules[0];
constexpr const Rule& kFiles = kRules[1];
constexpr const Rule& kLibrary = kRules[2];
constexpr const Rule& kAsset = kRules[3];
constexpr const Rule& kDebug = kRules[4];
constexpr const Rule& kSize = kRules[5];
constexpr const Rule& kPayload = kRules[6];
constexpr const Rule& kUndefined = kRules[7];
constexpr const Rule& kNetwork = kRules[8];

// A constant above this, whose values are not in the file, can only exhaust memory.
constexpr std::uint64_t kAbsurdBytes = std::uint64_t{1} << 40;
// Path constants are short; longer strings are not kept for the search of an operator's arguments.
constexpr std::size_t kLongestPath = 4096;

// "/opt/x/libevil.so.1", "..\\evil.dll": a path to native code.
bool names_library(std::string_view text) {
  if (text.size() > kLongestPath || !is_name(text, kLongestPath)) return false;
  const std::string name = lower(text);
  return name.ends_with(".so") || name.ends_with(".dll") || name.ends_with(".dylib") ||
         name.find(".so.") != std::string::npos;
}

// "scope/name:0" and "name:output:0" -> the node's name.
std::string_view node_of(std::string_view input) {
  if (input.starts_with('^')) input.remove_prefix(1);
  return input.substr(0, input.find(':'));
}

class Walk {
 public:
  explicit Walk(Inspection& in) : in_(in) {}

  Result<void> run() {
    const TfKind kind = tensorflow_kind(in_.bytes());
    const ProtoField whole{
        .number = 1, .type = WireType::Bytes, .value = 0, .bytes = in_.bytes(), .offset = 0};
    if (kind == TfKind::None) return fail(Code::Unsupported, "no TensorFlow graph");
    if (kind == TfKind::Graph) TRY(read_graph(whole));
    if (kind == TfKind::MetaGraph) TRY(read_meta_graph(whole));
    if (kind == TfKind::SavedModel) TRY(read_saved_model(whole));
    judge_calls();
    // What was cut in the middle was said once; its inner messages are cut for the same reason.
    if (!truncated_) report_defects(in_, defects_, "tensorflow");
    return {};
  }

 private:
  // Calls `visit` for every field, the one that is cut off included, and keeps the defect.
  template <class Visit>
  Result<void> each(const ProtoField& message, std::string_view what, Visit visit) {
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) TRY(visit(field));
    if (reader.cut()) TRY(visit(*reader.cut()));
    // Messages inside a cut one are cut, too; the outermost says so.
    if (reader.stop() == ProtoReader::Stop::Truncated && truncated_) return {};
    if (reader.stop() == ProtoReader::Stop::Truncated) {
      truncated_ = true;
      in_.gap(GapReason::Truncated, std::string(what) + " ends inside a field", {.offset = reader.offset()});
    } else if (auto error = reader.error(what)) {
      defects_.push_back(std::move(*error));
    }
    return {};
  }

  Result<void> read_saved_model(const ProtoField& message) {
    return each(message, "SavedModel", [&](const ProtoField& field) -> Result<void> {
      if (field.is_bytes(2)) return read_meta_graph(field);
      return {};
    });
  }

  Result<void> read_meta_graph(const ProtoField& message) {
    return each(message, "MetaGraphDef", [&](const ProtoField& field) -> Result<void> {
      if (field.is_bytes(1)) read_meta(field);
      if (field.is_bytes(2)) return read_graph(field);
      if (field.is_bytes(4)) read_collection(field);
      if (field.is_bytes(6)) read_asset(field);
      return {};
    });
  }

  void read_meta(const ProtoField& message) {
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) {
      if (field.is_bytes(1)) judge_metadata_text(in_, field.text(), field.offset, "meta_graph_version");
      if (field.is_bytes(5)) in_.fact("producer", "tensorflow " + std::string(field.text()));
    }
  }

  // Collections of TensorFlow itself hold names and messages; free text is somebody's hook.
  void read_collection(const ProtoField& entry) {
    ProtoReader reader(entry);
    ProtoField field;
    std::string_view key;
    while (reader.next(field)) {
      if (field.is_bytes(1)) key = field.text();
      if (!field.is_bytes(2)) continue;
      ProtoReader kinds(field);
      ProtoField list;
      while (kinds.next(list)) {
        if (!list.is_bytes(1) && !list.is_bytes(2)) continue;
        ProtoReader values(list);
        ProtoField value;
        while (values.next(value))
          if (value.is_bytes(1)) judge_text(value, "collection \"" + printable(key, 60) + "\"");
      }
    }
  }

  void read_asset(const ProtoField& message) {
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) {
      if (!field.is_bytes(2)) continue;
      const Reference reference = judge_reference(field.text());
      if (reference.reach == Reach::Inside) continue;
      in_.report(kAsset, {.place = {.offset = field.offset},
                          .message = "path of an asset file " + std::string(reference.why),
                          .evidence = std::string(field.text()),
                          .severity = reference.reach == Reach::Detour ? Severity::Low : Severity::High});
    }
  }

  Result<void> read_graph(const ProtoField& message) {
    TRY(read_nodes(message, 1));
    return each(message, "GraphDef", [&](const ProtoField& field) -> Result<void> {
      if (!field.is_bytes(2)) return {};
      return each(field, "function library", [&](const ProtoField& function) -> Result<void> {
        if (!function.is_bytes(1)) return {};
        name_function(function);
        return read_nodes(function, 3);
      });
    });
  }

  void name_function(const ProtoField& function) {
    ProtoReader reader(function);
    ProtoField field;
    while (reader.next(field)) {
      if (!field.is_bytes(1)) continue;
      ProtoReader signature(field);
      ProtoField part;
      while (signature.next(part))
        if (part.is_bytes(1)) functions_.insert(std::string(part.text()));
    }
  }

  // All nodes of a graph or function body; then those whose arguments must be known.
  Result<void> read_nodes(const ProtoField& message, std::uint32_t number) {
    constants_.clear();
    aliases_.clear();
    accesses_.clear();
    const auto visit = [&](const ProtoField& field) -> Result<void> {
      if ((++steps_ & 0xFFF) == 0) TRY(in_.budget().check_time("tensorflow graph"));
      if (field.is_bytes(number)) judge_node(field);
      return {};
    };
    TRY(each(message, "graph", visit));
    for (const Access& access : accesses_) judge_access(access);
    return {};
  }

  void judge_node(const ProtoField& message) {
    const TfNode node = read_tf_node(message, defects_);
    const TfOperator* known = find_tf_operator(node.op);
    Access access{.node = std::string(node.name), .op = std::string(node.op), .offset = node.op_offset};
    for (const std::string_view input : node.inputs)
      if (!input.starts_with('^') && access.inputs.size() < 4) access.inputs.emplace_back(node_of(input));
    bool sends = false;
    for (const ProtoField& entry : node.attributes) {
      const TfAttribute attribute = read_tf_attribute(entry, in_.limits().message_depth, defects_);
      judge_attribute(node, known, attribute);
      for (const ProtoField& text : attribute.strings) {
        sends = sends || (attribute.name == "debug_urls" && !text.bytes.empty());
        if (attribute.name == "memory_region_name" || attribute.name == "filename" ||
            attribute.name == "address")
          access.paths.push_back(text);
      }
    }
    if (node.op == "Identity" && !access.inputs.empty()) aliases_[access.node] = access.inputs[0];
    if (known == nullptr) return;
    judge_operator(*known, std::move(access), sends);
  }

  struct Access {
    std::string node;
    std::string op;
    std::uint64_t offset = 0;
    TfAct act = TfAct::Read;
    std::vector<std::string> inputs = {};  // names of the nodes that give the arguments
    std::vector<ProtoField> paths = {};    // literal paths among the attributes
  };

  // The string constants behind an argument, through Identity nodes; a circle ends at the hop limit.
  const std::vector<ProtoField>* constant_behind(std::string node) const {
    for (int hops = 0; hops < 16; ++hops) {
      const auto found = constants_.find(node);
      if (found != constants_.end()) return &found->second;
      const auto alias = aliases_.find(node);
      if (alias == aliases_.end()) return nullptr;
      node = alias->second;
    }
    return nullptr;
  }

  void judge_operator(const TfOperator& known, Access access, bool sends) {
    const std::string node = "node \"" + access.node + "\"";
    switch (known.act) {
      case TfAct::Python:
        in_.report(kPython, {.place = {.offset = access.offset},
                             .message = node + " calls Python through " + access.op,
                             .evidence = access.op,
                             .subject = access.op});
        return;
      case TfAct::LoadLibrary:
        in_.report(kLibrary, {.place = {.offset = access.offset},
                              .message = node + " loads a native library",
                              .evidence = access.op,
                              .subject = access.op});
        return;
      case TfAct::Debug:
        in_.report(kDebug, {.place = {.offset = access.offset},
                            .message = node + (sends ? " sends what passes to a debug address"
                                                     : " is left over from debugging"),
                            .evidence = access.op,
                            .severity = sends ? Severity::High : Severity::Low});
        return;
      default: access.act = known.act; accesses_.push_back(std::move(access));
    }
  }

  // Operators on files and addresses, once the constants of their graph are known.
  void judge_access(const Access& access) {
    std::vector<ProtoField> paths = access.paths;
    // The path is the first argument of all of these, the contents or tensor names follow.
    if (!access.inputs.empty()) {
      const auto* found = constant_behind(access.inputs[0]);
      if (found != nullptr) std::ranges::copy(*found, std::back_inserter(paths));
    }
    std::string_view path;
    Reference worst;
    for (const ProtoField& candidate : paths) {
      const Reference reference = judge_reference(candidate.text());
      if (path.empty() || reference.reach > worst.reach) {
        path = candidate.text();
        worst = reference;
      }
    }
    const bool outside = worst.reach == Reach::Outside;
    Severity severity = Severity::High;
    std::string doing = "writes files";
    if (access.act == TfAct::Read) doing = "reads files";
    if (access.act == TfAct::Network) doing = "talks to the network";
    if (access.act == TfAct::Save || access.act == TfAct::Restore) {
      if (!outside) return;
      doing = access.act == TfAct::Save ? "writes a checkpoint outside of the model"
                                        : "reads a checkpoint outside of the model";
      severity = access.act == TfAct::Save ? Severity::High : Severity::Medium;
    }
    if (access.act == TfAct::Dataset) {
      doing = "reads training data";
      severity = Severity::Low;
    }
    in_.report(
        access.act == TfAct::Network ? kNetwork : kFiles,
        {.place = {.offset = access.offset},
         .message = "node \"" + access.node + "\" " + doing + " through " + access.op +
                    (path.empty() ? "" : ": the path " + std::string(outside ? worst.why : "is fixed")),
         .evidence = std::string(path.empty() ? std::string_view(access.op) : path),
         .subject = access.op,
         .severity = severity});
  }

  void judge_attribute(const TfNode& node, const TfOperator* known, const TfAttribute& attribute) {
    const std::string where = std::string(node.op) + " attribute \"" + printable(attribute.name, 60) + "\"";
    for (const ProtoField& text : attribute.strings) {
      if (names_library(text.text()) && judge_reference(text.text()).reach == Reach::Outside) {
        in_.report(kLibrary, {.place = {.offset = text.offset},
                              .message = where + " names a native library outside of the model",
                              .evidence = std::string(text.text()),
                              .severity = Severity::High});
      }
      if (node.op == "PrintV2" && attribute.name == "output_stream" && text.text().starts_with("file://"))
        in_.report(kFiles, text.offset, "node \"" + std::string(node.name) + "\" prints into a file",
                   std::string(text.text()));
      // Only operators that run code do something with a text of theirs.
      if (known != nullptr && (known->act == TfAct::Python || known->act == TfAct::LoadLibrary))
        judge_text(text, where);
      judge_payload(text, where);
    }
    for (const ProtoField& function : attribute.functions)
      called_.emplace(std::string(function.text()), function.offset);
    for (const ProtoField& tensor : attribute.tensors) judge_tensor(node, tensor, where);
  }

  void judge_tensor(const TfNode& node, const ProtoField& message, const std::string& where) {
    const TfTensor tensor = read_tf_tensor(message, defects_);
    const auto needed = tensor.bytes_needed();
    if (tensor.overflows() || (needed.value_or(0) > kAbsurdBytes && tensor.content.bytes.size() < *needed))
      in_.report(kSize, tensor.offset,
                 where + " of node \"" + printable(node.name, 80) + "\" has a shape that no memory holds");
    if (tensor.content.number != 0) judge_payload(tensor.content, where);
    for (const ProtoField& text : tensor.strings) {
      judge_payload(text, where);
      if (node.op == "Const" && text.bytes.size() <= kLongestPath)
        constants_[std::string(node.name)].push_back(text);
    }
  }

  void judge_text(const ProtoField& text, const std::string& where) {
    if (!judge_payload(text, where)) judge_metadata_text(in_, text.text(), text.offset, where);
  }

  bool judge_payload(const ProtoField& blob, const std::string& where) {
    return scan::judge_payload(in_, kPayload, blob.bytes, blob.offset, where);
  }

  void judge_calls() {
    for (const auto& [name, offset] : called_) {
      if (name.empty() || functions_.contains(name)) continue;
      in_.report(kUndefined, offset, "function " + printable(name, 100) + " is called but not defined", name);
    }
  }

  Inspection& in_;
  std::vector<Error> defects_;
  std::map<std::string, std::vector<ProtoField>, std::less<>>
      constants_;                               // of the current graph: node -> strings
  std::map<std::string, std::string> aliases_;  // of the current graph: Identity node -> its input
  std::vector<Access> accesses_;                // of the current graph
  std::set<std::string> functions_;
  std::map<std::string, std::uint64_t> called_;  // function -> first place
  std::uint64_t steps_ = 0;
  bool truncated_ = false;
};

Match recognises(Bytes content) {
  return tensorflow_kind(content) == TfKind::None ? Match::No : Match::Weak;
}

Result<void> inspect(Inspection& in) {
  Walk walk(in);
  return walk.run();
}

void add_node(const ProtoField& message, const Limits& limits, ModelGraph& model,
              std::vector<Error>& defects) {
  const TfNode node = read_tf_node(message, defects);
  Node out{.name = std::string(node.name),
           .op = std::string(node.op),
           .inputs = {},
           .outputs = {std::string(node.name)}};
  for (const std::string_view input : node.inputs) out.inputs.emplace_back(node_of(input));
  model.nodes.push_back(std::move(out));
  if (node.op != "Const") return;
  for (const ProtoField& entry : node.attributes) {
    for (const ProtoField& value : read_tf_attribute(entry, limits.message_depth, defects).tensors) {
      const TfTensor tensor = read_tf_tensor(value, defects);
      Tensor constant{.name = std::string(node.name),
                      .type = std::string(tf_type_name(tensor.type)),
                      .shape = {},
                      .content = {}};
      for (const std::int64_t dim : tensor.shape) constant.shape.push_back(static_cast<std::uint64_t>(dim));
      if (tensor.content.number != 0) constant.content = tensor.content.bytes;
      model.tensors.push_back(std::move(constant));
    }
  }
}

// Messages that hold nodes, found from the outside in.
enum class Level : std::uint8_t { Saved, Meta, Graph, Library, Function };

Result<ModelGraph> graph(Inspection& in) {
  const TfKind kind = tensorflow_kind(in.bytes());
  if (kind == TfKind::None) return fail(Code::Unsupported, "not a TensorFlow graph");
  ModelGraph model{.format = "tensorflow", .tensors = {}, .nodes = {}};
  std::vector<Error> defects;
  const ProtoField whole{.number = 1, .type = WireType::Bytes, .value = 0, .bytes = in.bytes(), .offset = 0};
  const Level outermost = kind == TfKind::SavedModel  ? Level::Saved
                          : kind == TfKind::MetaGraph ? Level::Meta
                                                      : Level::Graph;
  std::vector<std::pair<ProtoField, Level>> work = {{whole, outermost}};
  while (!work.empty()) {
    const auto [message, level] = work.back();
    work.pop_back();
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) {
      if (level == Level::Saved && field.is_bytes(2)) work.emplace_back(field, Level::Meta);
      if (level == Level::Meta && field.is_bytes(2)) work.emplace_back(field, Level::Graph);
      if (level == Level::Graph && field.is_bytes(2)) work.emplace_back(field, Level::Library);
      if (level == Level::Library && field.is_bytes(1)) work.emplace_back(field, Level::Function);
      if (level == Level::Graph && field.is_bytes(1)) add_node(field, in.limits(), model, defects);
      if (level == Level::Function && field.is_bytes(3)) add_node(field, in.limits(), model, defects);
    }
    if (auto error = reader.error("graph")) return std::unexpected(std::move(*error));
  }
  if (!defects.empty()) return std::unexpected(std::move(defects.front()));
  return model;
}

}  // namespace

const Inspector tensorflow{
    .name = "tensorflow",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
