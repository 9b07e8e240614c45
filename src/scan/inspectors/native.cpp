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

// In a directory it is a repository's helper, alone it was given as a model; inside an archive of weights a
// shell script has no business.
Severity severity_of(const native::Script& script, const Inspection& in) {
  if (script.python) return Severity::Info;  // Python sources are judged by what they do
  if (in_root_filesystem(in.package())) return Severity::Info;
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
    Severity severity = is_inert(*kind) ? Severity::Medium : Severity::High;
    if (*kind == native::Kind::DeviceElf) severity = Severity::Low;
    if (in_root_filesystem(in.package())) severity = Severity::Info;
    in.fact("program", native::name_of(*kind));
    in.report(kProgram, {.place = {.offset = 0},
                         .message = "content is a " + std::string(native::name_of(*kind)),
                         .severity = severity});
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

}  // namespace

const Inspector native{
    .name = "native",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
