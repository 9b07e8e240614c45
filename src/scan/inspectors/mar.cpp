// TorchServe model archives (.mar): a manifest that names the handler, and handler code that the server
// imports.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/requirements.h"
#include "scan/inspectors/shared_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::string_view kManifest = "MAR-INF/MANIFEST.json";

constexpr Rule kHandler{
    .id = "BW-MAR-001",
    .title = "TorchServe archive brings handler code",
    .severity = Severity::Info,
    .atlas = "AML.T0011.000",
    .why =
        "TorchServe imports the handler when a worker starts; its source is judged by the rules for package "
        "code.",
    .fix = "Read the handler before you register the model.",
};
constexpr Rule kOutside{
    .id = "BW-MAR-002",
    .title = "TorchServe manifest names a file outside of the archive",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0037",
    .why =
        "The server joins these names to the unpacked archive; one that leaves it runs or reads other files.",
    .fix = "Refuse the archive: torch-model-archiver writes plain file names.",
};
constexpr Rule kMissing{
    .id = "BW-MAR-003",
    .title = "TorchServe manifest names a file that is not in the archive",
    .severity = Severity::Low,
    .atlas = "AML.T0076",
    .why = "What the archive does not hold is found somewhere else, or the archive was altered.",
    .fix = "Ask for the complete archive.",
};
constexpr Rule kInstalls{
    .id = "BW-MAR-004",
    .title = "TorchServe archive lists packages to install",
    .severity = Severity::Low,
    .atlas = "AML.T0010.001",
    .why =
        "With install_py_dep_per_model TorchServe runs pip for this list as soon as the model is registered.",
    .fix = "Keep install_py_dep_per_model off, or pin every package with its hash.",
};
constexpr std::array kRules = {kHandler, kOutside, kMissing, kInstalls, kRequirement};

bool recognises_package(const Package& package) {
  return package.find(kManifest) != nullptr;
}

class ArchiveJudge {
 public:
  ArchiveJudge(const Package& package, Inspection& in) : package_(package), in_(in) {}

  void judge(const Document& manifest) {
    const Document* model = manifest.find("model");
    if (model == nullptr || !model->is_map()) {
      in_.gap(GapReason::Malformed, std::string(kManifest) + " describes no model");
      return;
    }
    if (!model->text("modelName").empty()) in_.fact("model", model->text("modelName"));
    // "handler.py", "handler.py:function", or the name of a handler that TorchServe brings along.
    std::string handler(model->text("handler"));
    handler = handler.substr(0, handler.find(':'));
    judge_file(handler, handler.ends_with(".py"));
    judge_file(std::string(model->text("serializedFile")), true);
    judge_file(std::string(model->text("modelFile")), true);
    for (const std::string_view extra : split(model->text("extraFiles"), ','))
      judge_file(std::string(trim(extra)), true);
    judge_install(std::string(model->text("requirementsFile")));
  }

 private:
  void judge_file(const std::string& name, bool expected) {
    if (name.empty()) return;
    std::string_view why;
    if (path_escapes(name, &why)) {
      in_.report(kOutside, {.place = {},
                            .message = "manifest names " + name + ", which " + std::string(why),
                            .evidence = name,
                            .subject = {},
                            .severity = {}});
      return;
    }
    const bool folder = package_.has_prefix(name + "/");
    if (package_.find(name) == nullptr && !folder && expected)
      in_.report(kMissing, {.place = {},
                            .message = name + " is not in the archive",
                            .evidence = name,
                            .subject = {},
                            .severity = {}});
  }

  void judge_install(const std::string& name) {
    if (name.empty()) return;
    judge_file(name, true);
    in_.report(kInstalls, {.place = {},
                           .message = "the server may install " + name,
                           .evidence = name,
                           .subject = {},
                           .severity = {}});
    const auto content = package_.read(name, in_);
    if (content) judge_requirements(in_, text_of(content->bytes), name);
  }

  const Package& package_;
  Inspection& in_;
};

// The unpacked archive is the working directory and on the import path: every source file in it counts.
void hand_over_source(const Package& package, Inspection& in) {
  for (std::size_t i = 0; i < package.members().size(); ++i) {
    const Member& member = package.members()[i];
    if (member.kind != MemberKind::File || !member.name.ends_with(".py")) continue;
    const auto content = package.read(i, in);
    if (!content) continue;  // reported where the member itself is visited
    in.report(kHandler, {.place = {.offset = member.offset},
                         .message = "the server imports " + member.name,
                         .evidence = member.name,
                         .subject = {},
                         .severity = {}});
    in.child(member.name, std::vector<std::uint8_t>(content->bytes.begin(), content->bytes.end()), "python");
  }
}

Result<void> inspect_package(const Package& package, Inspection& in) {
  hand_over_source(package, in);
  const Content manifest = TRY(package.read(kManifest, in));
  const auto parsed = parse_json_config(text_of(manifest.bytes), in.limits());
  if (!parsed) {
    in.gap(parsed.error(), kManifest);
    return {};
  }
  ArchiveJudge(package, in).judge(parsed->documents.front());
  return {};
}

}  // namespace

const Inspector mar{
    .name = "mar",
    .version = "1",
    .rules = kRules,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
