// TensorRT plans: compiled engines whose loader creates plug-ins by name and, if allowed, runs host code they
// carry (serialised plug-in libraries, the lean runtime of version-compatible engines).

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/text_runs.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kHostCode{
    .id = "BW-TRT-001",
    .title = "TensorRT engine carries native host code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002",
    .why =
        "With host code allowed, the runtime writes the embedded library to a temporary file and loads it "
        "into the "
        "process: whatever its constructors do, runs.",
    .fix =
        "Deserialise with host code disallowed, or rebuild the engine from its ONNX source on your own "
        "machine.",
};
constexpr Rule kLibrary{
    .id = "BW-TRT-002",
    .title = "TensorRT engine names a native library by path",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "Loaders take plug-in libraries from paths named beside the engine; a path into a writable or "
        "foreign "
        "directory loads somebody else's code.",
    .fix = "Rebuild the engine and name plug-in libraries in your own configuration only.",
};
constexpr Rule kCommand{
    .id = "BW-TRT-003",
    .title = "TensorRT engine metadata holds a command line",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why = "Names and metadata of an engine reach build and serving scripts; a command in them runs there.",
    .fix = "Do not deploy the engine; rebuild it from its source model.",
};
constexpr Rule kPlugin{
    .id = "BW-TRT-004",
    .title = "TensorRT engine needs a plug-in library",
    .severity = Severity::Info,
    .atlas = "AML.T0011.000",
    .why = "Plug-ins are native code that is registered by name before the engine is loaded.",
    .fix = "Take the plug-in library from a source that you trust.",
};
constexpr std::array kRules = {kHostCode, kLibrary, kCommand, kPlugin};

Match recognises(Bytes content) {
  if (content.size() < 16 || !(has_magic(content, "ptrt") || has_magic(content, "ftrt"))) return Match::No;
  // Versions and sizes follow, never text.
  return std::ranges::find(content.subspan(4, 12), std::uint8_t{0}) != content.begin() + 16 ? Match::Strong
                                                                                            : Match::Weak;
}

bool is_elf(Bytes at) {
  return has_magic(at,
                   "\x7f"
                   "ELF") &&
         at.size() >= 20 && (at[4] == 1 || at[4] == 2) && (at[5] == 1 || at[5] == 2) && at[6] == 1;
}

void find_host_code(Inspection& in, Bytes searched) {
  const std::string_view text = text_of(searched);
  for (std::size_t at = text.find("\x7f"
                                  "ELF");
       at != std::string_view::npos; at = text.find("\x7f"
                                                    "ELF",
                                                    at + 4)) {
    if (!is_elf(searched.subspan(at))) continue;
    in.report(kHostCode, at, "an ELF library lies in the engine at offset " + std::to_string(at));
  }
}

// A library name inside a run: "…/x.so", "x.so.1", "x.dll". Empty if there is none.
std::string_view library_in(std::string_view run) {
  for (const std::string_view ending : {".so", ".dll", ".dylib"}) {
    const std::size_t at = run.find(ending);
    if (at == std::string_view::npos || at == 0) continue;
    const std::size_t end = at + ending.size();
    if (end < run.size() && std::string_view("./ \"',;:\t").find(run[end]) == std::string_view::npos)
      continue;
    const std::size_t start = run.find_last_of(" =\"',;\t", at);
    return run.substr(start == std::string_view::npos ? 0 : start + 1,
                      end - (start == std::string_view::npos ? 0 : start + 1));
  }
  return {};
}

void judge_run(Inspection& in, std::uint64_t offset, std::string_view run) {
  const std::string_view library = library_in(run);
  if (!library.empty()) {
    const bool path = library.find_first_of("/\\") != std::string_view::npos;
    in.report(path ? kLibrary : kPlugin, offset + static_cast<std::uint64_t>(library.data() - run.data()),
              "names the library " + std::string(library), std::string(library));
  }
  judge_field(in, kCommand, offset, "(text)", run);
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  if (recognises(content) == Match::Weak) return fail(Code::Unsupported, "not a TensorRT engine");
  const std::uint64_t limit = in.options().deep ? content.size() : in.limits().searched_bytes;
  const Bytes searched = content.first(std::min<std::uint64_t>(content.size(), limit));
  find_host_code(in, searched);
  each_text_run(searched, 6, [&](std::uint64_t offset, std::string_view run) { judge_run(in, offset, run); });
  if (searched.size() < content.size()) {
    in.gap(GapReason::Limit, "only the first " + human_size(searched.size()) +
                                 " were searched for host code; --deep searches all of it");
  }
  return {};
}

}  // namespace

const Inspector tensorrt{
    .name = "tensorrt",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
