// NeMo archives (.nemo): a tar with model_config.yaml and weights. The configuration's targets are judged by
// the config inspector; what stands beside it here.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kExecutable{
    .id = "BW-NEMO-003",
    .title = "executable file in a NeMo archive",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002",
    .why =
        "A NeMo archive holds a configuration, weights and tokenizer files; it is unpacked with its modes "
        "before it "
        "is read, and a script or program in it waits for somebody to start it.",
    .fix = "Refuse the archive, or remove the file and find out who put it there.",
};
constexpr std::array kRules = {kExecutable};

std::string_view base_name(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

bool is_configuration(const Member& member) {
  const std::string_view name = base_name(member.name);
  const bool at_root = std::ranges::count(member.name, '/') <= 1;
  return member.kind == MemberKind::File && at_root && (name == "model_config.yaml" || name == "config.yaml");
}

bool recognises_package(const Package& package) {
  if (package.kind() == "directory") return package.find("model_config.yaml") != nullptr;
  return package.kind() == "tar" && std::ranges::any_of(package.members(), is_configuration);
}

// What the system would run if told to: a script line, or a program.
std::string_view executable_kind(Bytes content) {
  if (has_magic(content, "#!") &&
      text_of(content.first(std::min<std::size_t>(content.size(), 80))).find('/') != std::string_view::npos)
    return "script";
  if (has_magic(content,
                "\x7F"
                "ELF"))
    return "ELF program";
  if (has_magic(content, "MZ") && content.size() > 64 &&
      text_of(content).substr(0, 4096).find(std::string_view("PE\0\0", 4)) != std::string_view::npos)
    return "Windows program";
  return {};
}

Result<void> inspect_package(const Package& package, Inspection& in) {
  in.fact("package", "nemo");
  for (std::size_t i = 0; i < package.members().size(); ++i) {
    const Member& member = package.members()[i];
    if (member.kind != MemberKind::File) continue;
    const auto content = package.read(i, in);
    if (!content) continue;  // reported where the member itself is visited
    const std::string_view kind = executable_kind(content->bytes);
    if (kind.empty()) continue;
    in.report(kExecutable, {.place = {.offset = member.offset},
                            .message = member.name + " is a " + std::string(kind),
                            .evidence = member.name,
                            .subject = {},
                            .severity = {}});
  }
  return {};
}

}  // namespace

const Inspector nemo{
    .name = "nemo",
    .version = "1",
    .rules = kRules,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
