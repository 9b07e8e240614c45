#include "scan/inspectors/metadata_fields.h"

#include <algorithm>
#include <array>
#include <string>

#include "scan/formats/command_text.h"
#include "scan/formats/text_runs.h"

namespace bulwark::scan {
namespace {

// Shorter texts hold no command with an argument.
constexpr std::size_t kShortest = 8;

}  // namespace

void judge_field(Inspection& in, const Rule& rule, std::uint64_t offset, std::string_view field,
                 std::string_view text) {
  if (text.size() < kShortest) return;
  const auto command = find_command(text);
  if (!command) return;
  in.report(rule,
            {.place = {.offset = offset + command->offset},
             .message = "field " + std::string(field) + " holds text that " + std::string(command->what),
             .evidence = command->command,
             .subject = {},
             .severity = std::min(command->severity, rule.severity)});
}

void judge_texts(Inspection& in, const Rule& rule, std::uint64_t offset, Bytes bytes) {
  each_text_run(bytes, kShortest, [&](std::uint64_t at, std::string_view run) {
    judge_field(in, rule, offset + at,
                "\"" + std::string(run.substr(0, run.substr(0, 24).find_first_of("=: "))) + "\"", run);
  });
}

void judge_document(Inspection& in, const Rule& rule, std::uint64_t offset, const Document& document) {
  // An explicit stack: the parser bounds the depth, but not below what a thread's stack may hold.
  std::vector<std::pair<std::string_view, const Document*>> open{{"metadata", &document}};
  while (!open.empty()) {
    const auto [name, value] = open.back();
    open.pop_back();
    if (value->is_string()) judge_field(in, rule, offset + value->offset, name, value->string);
    for (const Document& item : value->list) open.emplace_back(name, &item);
    for (const auto& [key, item] : value->map) open.emplace_back(key, &item);
  }
}

bool begins_like_payload(Bytes bytes) {
  constexpr auto kMagics =
      std::to_array<std::string_view>({"\x7f"
                                       "ELF",
                                       "PK\x03\x04", "7z\xbc\xaf", "\x1f\x8b\x08", "BZh",
                                       "\xfd"
                                       "7zXZ",
                                       "MZ", "#!/", "\x93NUMPY", "\x1bLua", "\x1bLJ"});
  for (const std::string_view magic : kMagics)
    if (has_magic(bytes, magic)) return true;
  return bytes.size() > 3 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

}  // namespace bulwark::scan
