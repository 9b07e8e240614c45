// Artifacts that are programs: ELF, PE, Mach-O, APE (llamafile), WebAssembly, shortcuts, scripts with "#!".
//
// Only the first bytes decide; what a program does is not judged. A shell script is read line by line: one
// that runs what it downloads or opens a shell for somebody else is hostile wherever it lies. Container
// layers are full of programs by design, so a program in a root file system is only worth knowing.

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/command_text.h"
#include "scan/formats/native.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/native_rules.h"
#include "scan/inspectors/siblings.h"

namespace bulwark::scan::inspectors {
namespace {

using namespace native_rules;

constexpr std::array kRules = {kProgram, kScript, kScriptCommand};

// Programs that nothing starts by itself: modules for a sandbox, object files, code for a GPU.
bool is_inert(native::Kind kind) {
  return kind == native::Kind::Wasm || kind == native::Kind::Archive;
}

bool in_root_filesystem(const Package* package) {
  if (package == nullptr) return false;
  constexpr std::array<std::string_view, 5> kFolders = {"etc/", "usr/", "var/", "lib/", "bin/"};
  return std::ranges::count_if(kFolders, [&](std::string_view folder) {
           return package->has_prefix(folder) || package->has_prefix("./" + std::string(folder));
         }) >= 3;
}

std::string with_article(std::string_view name) {
  constexpr std::string_view kVowels = "AEIaei";
  const bool vowel = !name.empty() && kVowels.contains(name.front());
  return (vowel ? "an " : "a ") + std::string(name);
}

bool has_part(std::string_view path, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return path.contains(part); });
}

// What a name says a file is, by which people and loaders know it.
enum class Guise : std::uint8_t {
  Extension,  // a Python extension module: _C.cpython-312-x86_64-linux-gnu.so, _rust.abi3.so,
              // x.cp311-win_amd64.pyd
  Library,    // a library or program by its name, or a name that says nothing
  Object,     // what a linker reads
  Other,      // data, by its name
};

Guise guise_of(std::string_view path) {
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  const bool shared = name.ends_with(".so") || name.contains(".so.");
  if (name.ends_with(".pyd") || (shared && has_part(name, {".cpython-", ".abi3.", ".pypy3"})))
    return Guise::Extension;
  for (const std::string_view ending : {".o", ".a", ".obj", ".lib", ".ko", ".wasm"})
    if (name.ends_with(ending)) return Guise::Object;
  for (const std::string_view ending : {".dll", ".dylib", ".exe", ".node"})
    if (name.ends_with(ending)) return Guise::Library;
  return shared || !name.contains('.') ? Guise::Library : Guise::Other;
}

bool is_wheel(const Package& package) {
  return std::ranges::any_of(package.members(), [](const Member& member) {
    const std::size_t slash = member.name.find('/');
    return slash != std::string::npos && member.name.ends_with(".dist-info/WHEEL") &&
           member.name.find('/', slash + 1) == std::string::npos;
  });
}

// Among installed packages or in a repository a library that says what it is comes as no surprise. Nobody
// can review it, but it is no program in a model's clothes.
Severity severity_of(native::Kind kind, const Inspection& in) {
  if (in_root_filesystem(in.package())) return Severity::Info;
  if (kind == native::Kind::DeviceElf) return Severity::Low;
  const Severity among_weights = is_inert(kind) ? Severity::Medium : Severity::High;
  const std::string_view path = name_of(in.artifact());
  const Guise guise = guise_of(path);
  if (in.package() == nullptr || guise == Guise::Other) return among_weights;
  if (is_wheel(*in.package())) return Severity::Low;
  if (in.package()->kind() != "directory" || is_model_folder(Siblings(in))) return among_weights;
  const bool installed = has_part(path, {"/site-packages/", "/dist-packages/", "/lib-dynload/"});
  return installed || guise != Guise::Library ? Severity::Low : Severity::Medium;
}

// In a directory it is a repository's helper, alone it was given as a model; inside an archive of weights a
// shell script has no business.
Severity severity_of(const native::Script& script, const Inspection& in) {
  if (script.python) return Severity::Info;  // Python sources are judged by what they do
  if (in_root_filesystem(in.package())) return Severity::Info;
  if (is_compressed_file(in.artifact(), in.package())) return Severity::Low;
  if (!in.artifact().origin.empty()) return Severity::High;
  return in.package() != nullptr ? Severity::Info : Severity::Medium;
}

bool is_shell(std::string_view interpreter) {
  constexpr std::string_view kShells[] = {"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "cmd"};
  return std::ranges::find(kShells, interpreter) != std::end(kShells);
}

// Scripts of people are a few hundred lines long.
constexpr std::size_t kScriptBytes = 256U << 10;

// A command may go on behind "\" at the end of a line. Only what is dangerous in any script counts.
void judge_lines(Inspection& in) {
  const std::string_view text =
      text_of(in.bytes().first(std::min<std::size_t>(in.bytes().size(), kScriptBytes)));
  std::uint32_t number = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = at;
    const std::uint32_t first = ++number;
    std::size_t end = std::min(text.find('\n', at), text.size());
    while (end < text.size() && end > start && text[end - 1] == '\\') {
      end = std::min(text.find('\n', end + 1), text.size());
      ++number;
    }
    at = end + 1;
    std::string line(trim(text.substr(start, end - start)));
    for (std::size_t joint = line.find("\\\n"); joint != std::string::npos; joint = line.find("\\\n", joint))
      line.replace(joint, 2, "  ");
    if (line.empty() || line.front() == '#') continue;
    const auto command = find_command(line);
    if (!command || command->severity < Severity::High) continue;
    in.report(kScriptCommand, {.place = {.offset = start, .line = first, .column = 1},
                               .message = "a line " + std::string(command->what),
                               .evidence = std::move(line)});
  }
}

Match recognises(Bytes content) {
  if (native::identify(content)) return Match::Strong;
  // Text that begins with "#!" may be a template or source that another inspector reads, too: no polyglot.
  return native::identify_script(content) ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  if (const auto kind = native::identify(in.bytes())) {
    in.fact("program", native::name_of(*kind));
    in.report(kProgram, {.place = {.offset = 0},
                         .message = "content is " + with_article(native::name_of(*kind)),
                         .severity = severity_of(*kind, in)});
    return {};
  }
  const auto script = native::identify_script(in.bytes());
  if (!script) return fail(Code::Unsupported, "no program");
  in.report(kScript,
            {.place = {.offset = 0},
             .message = "content is a script for " + printable(script->interpreter, 40),
             .evidence = std::string(text_of(in.bytes().first(std::min<std::size_t>(in.bytes().size(), 80)))),
             .severity = severity_of(*script, in)});
  if (is_shell(script->interpreter) && !in_root_filesystem(in.package())) judge_lines(in);
  return {};
}

bool is_extension_below(const Member& member) {
  const std::string_view name = member.name;
  return member.kind == MemberKind::File && name.contains('/') && guise_of(name) == Guise::Extension &&
         !has_part("/" + member.name, {"/site-packages/", "/dist-packages/"});
}

// An extension module in a folder below a model is found by the code that is loaded with the model; by its
// own folder alone it looks like any other.
bool recognises_package(const Package& package) {
  const bool installed = std::ranges::any_of(package.members(), [](const Member& member) {
    return has_part(member.name, {".dist-info", ".egg-info"});
  });
  return package.kind() == "directory" && !installed && is_model_folder(Siblings(package)) &&
         std::ranges::any_of(package.members(), is_extension_below);
}

Result<void> inspect_package(const Package& package, Inspection& in) {
  for (std::size_t i = 0; i < package.members().size(); ++i) {
    const Member& member = package.members()[i];
    if (!is_extension_below(member)) continue;
    const auto content = package.read(i, in);
    const auto kind = content ? native::identify(content->bytes) : std::nullopt;
    if (!kind || is_inert(*kind)) continue;
    in.report(kProgram, {.message = printable(member.name, 100) + " in a folder of the model is " +
                                    with_article(native::name_of(*kind)),
                         .evidence = member.name});
  }
  return {};
}

}  // namespace

const Inspector native{
    .name = "native",
    .version = "2",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
