// skops archives: schema.json describes a tree of nodes, each naming the class or function that the loader
// imports.

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/list.h"
#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::string_view kSchema = "schema.json";

constexpr Rule kDangerousNode{
    .id = "BW-SKO-001",
    .title = "skops node names a dangerous callable",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "The loader imports the class or function of every node and calls it; a trusted list that was copied "
        "from "
        "get_untrusted_types lets it through.",
    .fix = "Refuse the file; never pass its own list of types as trusted.",
};
constexpr Rule kUnknownNode{
    .id = "BW-SKO-002",
    .title = "skops node names a type nobody has vouched for",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why = "skops refuses such types until the caller trusts them by name.",
    .fix = "Look at the type before you add it to the trusted list.",
};
constexpr Rule kMethodNode{
    .id = "BW-SKO-003",
    .title = "skops method node shows one type and calls another",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "skops before 0.12 checks the type written at the node, but takes the method from the object inside "
        "it "
        "(CVE-2025-54413): the check sees a harmless name.",
    .fix = "Refuse the file and use skops 0.12 or newer.",
};
constexpr Rule kOperatorNode{
    .id = "BW-SKO-004",
    .title = "skops operator node calls an operator function",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "skops before 0.12 trusts everything of the operator module in such nodes (CVE-2025-54412): "
        "methodcaller, "
        "call and attrgetter reach any method.",
    .fix = "Refuse the file and use skops 0.12 or newer.",
};
constexpr Rule kUnknownLoader{
    .id = "BW-SKO-005",
    .title = "skops node asks for an unknown loader",
    .severity = Severity::Medium,
    .atlas = "AML.T0107",
    .why =
        "Loaders are a fixed list; another name is either from a newer version or an attempt to confuse the "
        "check.",
    .fix = "Read the node before you load the file.",
};
constexpr std::array kRules = {kDangerousNode, kUnknownNode, kMethodNode, kOperatorNode, kUnknownLoader};

bool recognises_package(const Package& package) {
  return package.find(kSchema) != nullptr;
}

constexpr std::string_view kLoaders[] = {"TypeNode",
                                         "FunctionNode",
                                         "PartialNode",
                                         "ObjectNode",
                                         "MethodNode",
                                         "JsonNode",
                                         "BytesNode",
                                         "BytearrayNode",
                                         "ListNode",
                                         "TupleNode",
                                         "SetNode",
                                         "DictNode",
                                         "DefaultDictNode",
                                         "OrderedDictNode",
                                         "_DictWithDeprecatedKeysNode",
                                         "NdArrayNode",
                                         "MaskedArrayNode",
                                         "RandomStateNode",
                                         "RandomGeneratorNode",
                                         "DtypeNode",
                                         "SparseMatrixNode",
                                         "SliceNode",
                                         "OperatorFuncNode",
                                         "ReduceNode",
                                         "CachedNode",
                                         "TreeNode",
                                         "LossNode",
                                         "SGDNode",
                                         "QuantileForestNode",
                                         "DatetimeTimedeltaNode",
                                         "UfuncNode",
                                         "ScipyStatsNode",
                                         "PropertyNode",
                                         "CfuncNode",
                                         "UnpicklableNode"};

class SchemaJudge {
 public:
  SchemaJudge(Inspection& in, std::string_view text) : in_(in), text_(text) {}

  void judge(const Document& root) {
    for_each_value(root, [&](const ConfigValue& at) {
      if (at.value->is_map() && at.value->find("__loader__") != nullptr) judge_node(*at.value, at.path);
    });
  }

 private:
  void report(const Rule& rule, const Document& node, std::string_view path, const std::string& name,
              std::string_view what, std::optional<Severity> severity = {}) {
    // A line is found by counting from the start: only for findings that will be shown.
    constexpr std::uint32_t kPlaced = 500;
    const LineColumn place = ++placed_ <= kPlaced ? line_column(text_, node.offset) : LineColumn{};
    in_.report(rule, {.place = {.offset = kNoOffset, .line = place.line, .column = place.column},
                      .message = "schema.json: " + std::string(path) + " " + std::string(what) + " " + name,
                      .evidence = name,
                      .subject = name,
                      .severity = severity});
  }

  void judge_node(const Document& node, std::string_view path) {
    const std::string loader(node.text("__loader__"));
    const std::string name = std::string(node.text("__module__")) + "." + std::string(node.text("__class__"));
    const Document* content = node.find("content");
    if (std::ranges::find(kLoaders, loader) == std::end(kLoaders))
      report(kUnknownLoader, node, path, loader, "asks for the loader");
    if (loader == "MethodNode") judge_method(node, content, path);
    if (loader == "OperatorFuncNode") judge_operator(node, path, name);
    if (loader == "FunctionNode" && content != nullptr) judge_function(node, *content, path);
    judge_name(node, path, loader, name);
  }

  void judge_name(const Document& node, std::string_view path, const std::string& loader,
                  const std::string& name) {
    if (loader == "OperatorFuncNode" || (loader == "PartialNode" && name == "functools.partial")) return;
    const Callable known = look_up_dotted(name);
    // Of builtins the types of Python's own objects ("function", "method") are nowhere callable.
    const bool marker = known.effect == Effect::Unlisted && name.starts_with("builtins.");
    if (known.trust == Trust::Dangerous && !marker)
      report(kDangerousNode, node, path, name, "names", severity_of_calling(name));
    if (known.trust == Trust::Unknown && !name.starts_with("builtins."))
      report(kUnknownNode, node, path, name, "names");
  }

  // Either the function's name, or {"module_path": …, "function": …}.
  void judge_function(const Document& node, const Document& content, std::string_view path) {
    std::string name;
    if (content.is_string()) name = std::string(node.text("__module__")) + "." + content.string;
    if (content.is_map())
      name = std::string(content.text("module_path")) + "." + std::string(content.text("function"));
    if (look_up_dotted(name).trust == Trust::Dangerous)
      report(kDangerousNode, node, path, name, "calls", severity_of_calling(name));
  }

  void judge_method(const Document& node, const Document* content, std::string_view path) {
    if (content == nullptr || !content->is_map()) return;
    const std::string function(content->text("func"));
    const Document* object = content->find("obj");
    const std::string shown =
        std::string(node.text("__module__")) + "." + std::string(node.text("__class__"));
    std::string held = shown;
    if (object != nullptr && object->is_map())
      held = std::string(object->text("__module__")) + "." + std::string(object->text("__class__"));
    const bool hidden_attribute =
        function.find("__") != std::string::npos || function.find('.') != std::string::npos;
    if (held != shown || hidden_attribute)
      report(kMethodNode, node, path, held + "." + function, "shows " + shown + " and calls");
  }

  void judge_operator(const Document& node, std::string_view path, const std::string& name) {
    // sklearn itself stores none of them; itemgetter is the one that only reads.
    if (name != "operator.itemgetter") report(kOperatorNode, node, path, name, "calls");
  }

  Inspection& in_;
  std::string_view text_;
  std::uint32_t placed_ = 0;
};

Result<void> inspect_package(const Package& package, Inspection& in) {
  const Content schema = TRY(package.read(kSchema, in));
  const std::string_view text = text_of(schema.bytes);
  if (!looks_like_json(schema.bytes)) return {};
  const auto parsed = parse_json_config(text, in.limits());
  if (!parsed) {
    // Truncated or broken: the members are inspected, but what the schema would call is not known.
    in.gap(parsed.error(), kSchema);
    return {};
  }
  const Document& root = parsed->documents.front();
  if (root.find("__loader__") == nullptr) return {};  // somebody else's schema
  in.fact("package", "skops");
  in.fact("skops", root.text("_skops_version"));
  SchemaJudge(in, text).judge(root);
  return {};
}

}  // namespace

const Inspector skops{
    .name = "skops",
    .version = "1",
    .rules = kRules,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
