#include "scan/inspectors/metadata_text.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scan/formats/command_text.h"
#include "scan/formats/payload.h"
#include "scan/formats/text_runs.h"
#include "scan/inspectors/secret_text.h"

namespace bulwark::scan {
namespace {

// Shorter texts hold no command with an argument.
constexpr std::size_t kShortest = 8;
constexpr std::size_t kShownDefects = 10;

}  // namespace

bool judge_metadata_text(Inspection& in, std::string_view text, std::uint64_t offset, std::string_view where,
                         const Rule& rule) {
  report_secrets_in_metadata(in, text, offset, where);
  const auto command = find_command(text);
  if (!command) return false;
  in.report(rule, {.place = {.offset = offset == kNoOffset ? kNoOffset : offset + command->offset},
                   .message = std::string(where) + " holds " + (command->encoded ? "encoded " : "") +
                              "text that " + std::string(command->what),
                   .evidence = command->command,
                   .severity = std::min(command->severity, rule.severity)});
  return true;
}

void judge_field(Inspection& in, const Rule& rule, std::uint64_t offset, std::string_view field,
                 std::string_view text) {
  if (text.size() >= kShortest) judge_metadata_text(in, text, offset, "field " + std::string(field), rule);
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

bool judge_payload(Inspection& in, const Rule& rule, Bytes blob, std::uint64_t offset,
                   const std::string& where) {
  if (!is_payload(blob)) return false;
  in.report(rule, offset, where + " holds an embedded file", hex(blob.first(8)));
  in.child(where, blob);
  return true;
}

void report_defects(Inspection& in, const std::vector<Error>& defects, const std::string& format) {
  const std::size_t shown = std::min(defects.size(), kShownDefects);
  for (std::size_t i = 0; i < shown; ++i) in.gap(defects[i], format);
  if (defects.size() > shown)
    in.gap(GapReason::Malformed, format + ": " + std::to_string(defects.size() - shown) + " more defects");
}

}  // namespace bulwark::scan
