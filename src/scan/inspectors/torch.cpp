// PyTorch archives: checkpoints, TorchScript, mobile, torch.package, exported programs (.pt2) and the tar of
// old.
//
// The pickles and other members are inspected as what they are; here is what only their whole shows.

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "scan/counted.h"
#include "scan/formats/config.h"
#include "scan/formats/python/program.h"
#include "scan/formats/torch_storages.h"
#include "scan/inspectors/list.h"
#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kTar{
    .id = "BW-PT-001",
    .title = "PyTorch tar of the time before 0.1.10",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "torch.load before 2.6 reads this layout with the unrestricted unpickler even under "
        "weights_only=True "
        "(CVE-2025-32434).",
    .fix = "Use PyTorch 2.6 or newer and have the weights converted to safetensors.",
};
constexpr Rule kFileOperator{
    .id = "BW-PT-003",
    .title = "TorchScript code reads or writes files or calls Python",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.001",
    .why =
        "The model's own code runs these operators at load or inference: files of the machine are read, "
        "written or "
        "unpickled, outside of any pickle check.",
    .fix = "Refuse the model: inference needs no file operators.",
};
constexpr Rule kIdentity{
    .id = "BW-PT-004",
    .title = "PyTorch archive says to be another format than it is",
    .severity = Severity::Low,
    .atlas = "AML.T0074",
    .why =
        "archive_format, version and byte order are what loaders branch on; PyTorch writes them in one way "
        "only.",
    .fix = "Ask for a copy written by torch.save or torch.export.",
};
constexpr Rule kPackageSource{
    .id = "BW-PT-005",
    .title = "torch.package with Python sources",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why =
        "Unpickling from a package imports the Python modules inside it: the archive brings the code it "
        "runs.",
    .fix = "Read the sources; export the model with torch.export instead.",
};
constexpr Rule kStorageSize{
    .id = "BW-PT-006",
    .title = "PyTorch storage is smaller than its tensors say",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0029",
    .why =
        "The pickle asks for more elements than the record holds; loaders that trust it read or write past "
        "the "
        "buffer (CVE-2026-24747).",
    .fix = "Refuse the file: torch.save writes both numbers from the same storage.",
};
constexpr Rule kHiddenBytes{
    .id = "BW-PT-012",
    .title = "PyTorch storage is larger than its tensors say",
    .severity = Severity::Low,
    .atlas = "AML.T0074 AML.T0107",
    .why = "Bytes behind the elements are never loaded as weights; another reader of the file may want them.",
    .fix = "Write the checkpoint again from its tensors.",
};
constexpr Rule kProducer{
    .id = "BW-PT-007",
    .title = "PyTorch archive was written by a version with known weaknesses",
    .severity = Severity::Info,
    .atlas = "AML.T0010.001",
    .why =
        "Files are safe or not whatever wrote them, but the same installation probably loads them, too: "
        "torch.load "
        "before 2.6 does not keep what weights_only promises (CVE-2025-32434).",
    .fix = "Load with PyTorch 2.10 or newer.",
};
constexpr Rule kExpression{
    .id = "BW-PT-008",
    .title = "exported PyTorch program holds an expression that runs code",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "torch.export.load hands symbolic expressions of the program to sympy, which evaluates them as "
        "Python.",
    .fix = "Refuse the program.",
};
constexpr Rule kCustomOperator{
    .id = "BW-PT-009",
    .title = "TorchScript calls operators of a library of its own",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000 AML.T0018.001",
    .why = "Operators outside of PyTorch come from a native library that has to be loaded with the model.",
    .fix = "Find out which library registers the operator and check it.",
};
constexpr Rule kOutside{
    .id = "BW-PT-010",
    .title = "PyTorch archive holds files that PyTorch did not put there",
    .severity = Severity::Low,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "torch.save puts everything below one folder; what stands beside it is for another reader of the "
        "same file.",
    .fix = "Find out what the file is for; write the checkpoint again from its tensors.",
};
constexpr Rule kNoPickle{
    .id = "BW-PT-011",
    .title = "PyTorch archive without its program",
    .severity = Severity::Medium,
    .atlas = "AML.T0076",
    .why = "There are storages, but nothing that says what they are: the archive was cut or altered.",
    .fix = "Ask for an intact copy.",
};
constexpr std::array kRules = {kTar,      kFileOperator, kIdentity,       kPackageSource,
                               kProducer, kExpression,   kCustomOperator, kOutside,
                               kNoPickle, kStorageSize,  kHiddenBytes};

enum class Layout : std::uint8_t { None, Checkpoint, Script, Mobile, Package, Exported, Bare };

// A record's name without the folder that PyTorch puts around everything.
std::string_view record_of(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
}
std::string_view folder_of(std::string_view name) {
  return name.substr(0, name.find('/') + 1);
}

Layout layout_of(const Package& package) {
  bool data = false, constants = false, code = false, bytecode = false, external = false, exported = false,
       storages = false;
  for (const Member& member : package.members()) {
    const std::string_view record = record_of(member.name);
    data |= record == "data.pkl";
    constants |= record == "constants.pkl";
    code |= record.starts_with("code/");
    bytecode |= record == "bytecode.pkl" || member.name == "bytecode.pkl";
    external |= record == ".data/extern_modules";
    exported |= record == "archive_format" || record == "serialized_exported_program.json" ||
                member.name == "serialized_exported_program.json" || member.name == "archive_format";
    storages |= record == "data/0" || record == ".data/serialization_id" || record == "byteorder";
  }
  if (exported) return Layout::Exported;
  if (external) return Layout::Package;
  if (bytecode) return Layout::Mobile;
  if (data && (constants || code)) return Layout::Script;
  if (data) return Layout::Checkpoint;
  return storages ? Layout::Bare : Layout::None;
}

std::string_view name_of(Layout layout) {
  constexpr std::array<std::string_view, 7> kNames = {
      "", "checkpoint", "torchscript", "mobile", "torch.package", "exported program", "storages only"};
  return kNames[static_cast<std::size_t>(layout)];
}

bool is_old_tar(const Package& package) {
  return package.kind() == "tar" && package.find("pickle") != nullptr &&
         (package.find("storages") != nullptr || package.find("tensors") != nullptr);
}

bool recognises_package(const Package& package) {
  if (package.kind() == "directory") return false;
  return is_old_tar(package) || layout_of(package) != Layout::None;
}

// TorchScript operators that touch files or Python.
bool uses_files(std::string_view callee) {
  constexpr std::string_view kFiles[] = {"torch.save",          "torch.load",
                                         "torch.from_file",     "ops.aten.save",
                                         "ops.aten.load",       "ops.aten.from_file",
                                         "ops.image.read_file", "ops.image.write_file",
                                         "ops.prim.PythonOp",   "ops.torch_distributed.load",
                                         "ops.aten.open",       "ops.prim.IgnoredPythonOp"};
  return std::ranges::find(kFiles, callee) != std::end(kFiles);
}

// "ops.aten.save" -> "aten".
std::string_view library_of(std::string_view callee) {
  return callee.substr(4, callee.find('.', 4) - 4);
}

bool is_notable(std::string_view callee) {
  if (uses_files(callee)) return true;
  if (!callee.starts_with("ops.")) return false;
  constexpr std::string_view kKnown[] = {"aten",
                                         "prim",
                                         "quantized",
                                         "prepacked",
                                         "torchvision",
                                         "torchaudio",
                                         "torchtext",
                                         "mkldnn",
                                         "xnnpack",
                                         "sparse",
                                         "inductor",
                                         "profiler",
                                         "mkl",
                                         "mkldnn_prepacked",
                                         "vulkan_prepack",
                                         "metal_prepack",
                                         "quantized_decomposed",
                                         "_quantized",
                                         "rnn",
                                         "cuda",
                                         "static_runtime",
                                         "nvprims",
                                         "fb",
                                         "fbgemm",
                                         "image",
                                         "detectron2",
                                         "metatensor",
                                         "pyg",
                                         "torch_scatter",
                                         "torch_sparse",
                                         "torch_cluster",
                                         "torch_spline_conv",
                                         "symm_mem",
                                         "onnx",
                                         "higher_order",
                                         "rngprims"};
  return std::ranges::find(kKnown, library_of(callee)) == std::end(kKnown);
}

class ArchiveJudge {
 public:
  ArchiveJudge(const Package& package, Inspection& in)
      : package_(package), in_(in), layout_(layout_of(package)) {}

  void judge() {
    in_.fact("torch", name_of(layout_));
    if (layout_ == Layout::Bare) report(kNoPickle, "there are storages, but no data.pkl", "");
    const std::string_view folder = main_folder();
    for (std::size_t i = 0; i < package_.members().size(); ++i) {
      const Member& member = package_.members()[i];
      if (member.kind != MemberKind::File) continue;
      judge_member(i, member, folder);
    }
  }

 private:
  void report(const Rule& rule, std::string message, std::string_view evidence,
              std::uint64_t offset = kNoOffset, std::optional<Severity> severity = {}) {
    in_.report(rule, {.place = {.offset = offset},
                      .message = std::move(message),
                      .evidence = std::string(evidence),
                      .subject = {},
                      .severity = severity});
  }

  // PyTorch takes the first record's folder for the archive's name.
  std::string_view main_folder() const {
    for (const Member& member : package_.members()) {
      const std::string_view record = record_of(member.name);
      if (record == "data.pkl" || record == "bytecode.pkl" || record == "version")
        return folder_of(member.name);
    }
    return {};
  }

  void judge_member(std::size_t index, const Member& member, std::string_view folder) {
    const std::string_view record = folder.empty() ? std::string_view(member.name) : record_of(member.name);
    const bool outside = !folder.empty() && !member.name.starts_with(folder);
    if (outside) {
      if (layout_ == Layout::Checkpoint || layout_ == Layout::Script)
        report(kOutside, member.name + " stands beside the archive's folder", member.name, member.offset);
      if (member.name == "config.json") judge_producer(index);
      return;
    }
    if (record == "data.pkl") return judge_storages(index, folder);
    if (record == "version") return judge_version(index, member);
    if (record == "byteorder") return judge_byte_order(index, member);
    if (record == "archive_format") return judge_format(index, member);
    if (record.starts_with("code/") && record.ends_with(".py")) return judge_script(index, member);
    if (record.ends_with(".py") && layout_ == Layout::Package) return judge_source(index, member);
    if (layout_ == Layout::Exported && record.ends_with(".json")) return judge_program(index, member);
  }

  // A small record as text; empty if it cannot be read (that is reported where the member itself is visited).
  std::string text_record(std::size_t index) {
    constexpr std::uint64_t kSmall = 16U << 20;
    if (package_.members()[index].size > kSmall) return {};
    const auto content = package_.read(index, in_);
    return content ? std::string(text_of(content->bytes)) : std::string();
  }

  // Every storage that the pickle names against the record that holds it.
  void judge_storages(std::size_t index, std::string_view folder) {
    if (!package_.has_prefix(std::string(folder) + "data/")) return;
    const auto content = package_.read(index, in_);
    if (!content) return;  // reported where the member itself is visited
    constexpr std::size_t kMostStorages = 1'000'000;
    std::map<std::string, std::uint64_t> types;
    std::set<std::string_view> counted_keys;
    std::uint64_t elements = 0;
    for (const TorchStorage& storage : read_torch_storages(content->bytes, kMostStorages)) {
      // Tensors may share a storage.
      if (counted_keys.insert(storage.key).second) {
        ++types[printable(torch_element_name(storage.type), 40)];
        if (__builtin_add_overflow(elements, storage.count, &elements)) elements = 0;
      }
      const Member* record = package_.find(std::string(folder) + "data/" + std::string(storage.key));
      const std::uint64_t size = torch_element_size(storage.type);
      std::uint64_t declared = 0;
      const bool overflows = __builtin_mul_overflow(storage.count, size, &declared);
      if (record == nullptr || size == 0) continue;
      const std::string what = "data/" + std::string(storage.key) + ": " + std::to_string(storage.count) +
                               " elements of " + std::string(storage.type) + " in " +
                               std::to_string(record->size) + " bytes";
      if (overflows || declared > record->size) {
        report(kStorageSize, what, what, record->offset);
      } else if (declared < record->size) {
        report(kHiddenBytes, what, what, record->offset);
      }
    }
    if (types.empty()) return;
    in_.fact("storages", counted(types));
    in_.fact("elements", std::to_string(elements));
  }

  void judge_version(std::size_t index, const Member& member) {
    const std::string text = text_record(index);
    const std::string_view digits = trim(text);
    std::uint64_t version = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
      report(kIdentity, "version is no number: " + printable(digits, 40), digits, member.offset);
      return;
    }
    in_.fact("torch file version", digits);
  }
  void judge_byte_order(std::size_t index, const Member& member) {
    const std::string text = text_record(index);
    if (text != "little" && text != "big")
      report(kIdentity, "byte order is neither little nor big", text, member.offset);
  }
  void judge_format(std::size_t index, const Member& member) {
    const std::string text = text_record(index);
    if (trim(text) != "pt2")
      report(kIdentity, "archive_format is not pt2: " + printable(text, 40), text, member.offset);
  }

  // {"pytorch_version": "2.2.3"}: some tools write it beside the checkpoint.
  void judge_producer(std::size_t index) {
    const std::string text = text_record(index);
    if (!looks_like_json(bytes_of(text))) return;
    const auto parsed = parse_json_config(text, in_.limits());
    if (!parsed) return;
    for (const std::string_view key : {"pytorch_version", "torch_version"}) {
      const std::string version(parsed->documents.front().text(key));
      if (version.empty()) continue;
      in_.fact("producer", "pytorch " + version);
      const bool old =
          version.starts_with("0.") || version.starts_with("1.") ||
          (version.starts_with("2.") && version.size() > 3 && version[3] == '.' && version[2] < '6');
      if (old) report(kProducer, "written by PyTorch " + version, version);
    }
  }

  // TorchScript prints its operators as torch.name(…) and ops.namespace.name(…).
  void judge_script(std::size_t index, const Member& member) {
    const std::string text = text_record(index);
    const python::Program program = python::parse(text, {.also = is_notable});
    for (const python::Call& call : program.calls)
      if (is_notable(call.dotted)) judge_operator(call, member);
    if (!program.complete)
      in_.gap(GapReason::Limit, member.name + ": TorchScript was followed up to the limits only");
    if (program.unreadable > 0)
      in_.gap(GapReason::Malformed, member.name + ": " + std::to_string(program.unreadable) +
                                        " statements of TorchScript do not parse");
  }
  void judge_operator(const python::Call& call, const Member& member) {
    const std::string evidence = call.dotted + "(" + call.arguments + ")";
    if (uses_files(call.dotted)) {
      report(kFileOperator, member.name + ":" + std::to_string(call.line) + " calls " + call.dotted, evidence,
             member.offset);
    } else {
      report(kCustomOperator,
             member.name + " calls the operator library " + std::string(library_of(call.dotted)), evidence,
             member.offset);
    }
  }

  void judge_source(std::size_t index, const Member& member) {
    const std::string text = text_record(index);
    report(kPackageSource, "package imports its own " + member.name, member.name, member.offset);
    in_.child(member.name, std::vector<std::uint8_t>(text.begin(), text.end()), "python");
  }

  // Expressions and call targets of torch.export's JSON.
  void judge_program(std::size_t index, const Member& member) {
    const std::string text = text_record(index);
    if (!looks_like_json(bytes_of(text))) return;
    const auto parsed = parse_json_config(text, in_.limits());
    if (!parsed) {
      in_.gap(parsed.error(), member.name);
      return;
    }
    for_each_value(parsed->documents.front(), [&](const ConfigValue& at) {
      if (!at.value->is_string()) return;
      if (at.key == "expr_str" && evaluates(at.value->string))
        report(kExpression, std::string(at.path) + " is no plain expression", at.value->string);
      if (at.key == "target" && !at.value->string.starts_with("torch.") &&
          look_up_dotted(at.value->string).trust == Trust::Dangerous &&
          !at.value->string.starts_with("_operator.") && !at.value->string.starts_with("math.") &&
          at.value->string.find('.') != std::string::npos)
        report(kExpression, std::string(at.path) + " calls " + at.value->string, at.value->string);
    });
  }
  // Symbols, numbers, arithmetic and sympy's own functions such as Max(1, s0) are plain.
  static bool evaluates(std::string_view expression) {
    return expression.find("__") != std::string_view::npos ||
           expression.find_first_of("'\"[]{};\\") != std::string_view::npos ||
           expression.find("lambda") != std::string_view::npos ||
           expression.find("import") != std::string_view::npos ||
           expression.find("eval(") != std::string_view::npos ||
           expression.find("exec(") != std::string_view::npos;
  }

  const Package& package_;
  Inspection& in_;
  Layout layout_;
};

Result<void> inspect_package(const Package& package, Inspection& in) {
  if (is_old_tar(package)) {
    in.fact("torch", "tar");
    in.report(kTar, 0, "PyTorch reads this tar with the unrestricted unpickler");
    return {};
  }
  ArchiveJudge(package, in).judge();
  return {};
}

}  // namespace

const Inspector torch{
    .name = "torch",
    .version = "1",
    .rules = kRules,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
