// Lua Torch files (.t7, .th): functions travel as bytecode or source and are handed to loadstring() by the
// loader.

#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/lua.h"
#include "scan/formats/torch7.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kExecution{
    .id = "BW-T7-001",
    .title = "Lua code in the model starts programs, loads code or touches files",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050",
    .why =
        "torch.load() turns stored functions into live ones; a model's method that calls os.execute or "
        "io.popen "
        "runs a command on whoever uses the model.",
    .fix = "Do not load the file. Ask its author for the weights alone, without functions.",
};
constexpr Rule kFunction{
    .id = "BW-T7-002",
    .title = "model carries a serialised Lua function",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why =
        "Lua bytecode is not verified by the interpreter: hand-made bytecode reads and writes memory at "
        "will, and "
        "what the function does is not visible in the file's metadata.",
    .fix = "Load the file only if you trust its author; else ask for weights without functions.",
};
constexpr Rule kString{
    .id = "BW-T7-003",
    .title = "text in the model is Lua source or a command line that starts a program",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why = "Texts of a model are handed to loadstring() or to a shell by training and evaluation scripts.",
    .fix = "Do not load the file; ask its author what the text is for.",
};
constexpr Rule kForeign{
    .id = "BW-T7-004",
    .title = "file says it is Torch7 but is not in its serialisation format",
    .severity = Severity::Low,
    .atlas = "AML.T0074",
    .why = "No Torch loader reads these bytes as a model; only their texts could be judged.",
    .fix = "Ask the author which program wrote the file.",
};
constexpr std::array kRules = {kExecution, kFunction, kString, kForeign};

// Some tools put this in front of a text dump; torch.load() itself knows no magic number.
constexpr std::string_view kTextMagic("T7\0\0", 4);

Match recognises(Bytes content) {
  if (has_magic(content, kTextMagic)) {
    const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 256)));
    return head.contains("torch.") || head.contains("nn.") ? Match::Strong : Match::Weak;
  }
  switch (torch7_shape(content)) {
    case Torch7Shape::Yes: return Match::Strong;
    case Torch7Shape::Perhaps: return Match::Weak;
    default: return Match::No;
  }
}

void judge_uses(Inspection& in, const Rule& rule, std::uint64_t offset, const LuaProgram& program) {
  for (const LuaUse& use : program.uses) {
    const std::string call = use.name + (use.called ? "(\"" + use.argument + "\")" : "");
    in.report(rule, {.place = {.offset = offset + use.offset},
                     .message = program.dialect + (use.called ? " calls " : " uses ") + call,
                     .evidence = call,
                     .subject = use.name});
  }
}

void judge_function(Inspection& in, const Torch7File::Piece& piece) {
  if (!is_lua_bytecode(piece.bytes)) {
    const LuaProgram program = read_lua_source(text_of(piece.bytes), LuaText::Program);
    judge_uses(in, kExecution, piece.offset, program);
    in.report(kFunction, piece.offset, "a function is stored as Lua source",
              std::string(text_of(piece.bytes)));
    return;
  }
  const auto program = read_lua_bytecode(piece.bytes);
  if (!program) {
    Error error = program.error();
    if (error.offset != kNoOffset) error.offset += piece.offset;
    in.gap(error, "Lua bytecode");
    in.report(kFunction, piece.offset,
              "a function is stored as Lua bytecode that does not follow its format");
    return;
  }
  judge_uses(in, kExecution, piece.offset, *program);
  in.report(kFunction, piece.offset,
            "a function is stored as " + program->dialect + " (" + std::to_string(program->functions) +
                " prototypes)");
}

void judge_text(Inspection& in, std::uint64_t offset, std::string_view text) {
  const LuaProgram program = read_lua_source(text, LuaText::Prose);
  judge_uses(in, kString, offset, program);
  if (program.uses.empty()) judge_field(in, kString, offset, "(string)", text);
}

Result<void> inspect_text_dump(Inspection& in) {
  const Bytes content = in.bytes();
  const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 256)));
  if (!head.contains("torch.") && !head.contains("nn.")) return fail(Code::Unsupported, "not Torch7");
  in.report(kForeign, 0, "begins with \"T7\" and a text, not with a Torch object");
  const Bytes searched = content.first(std::min<std::uint64_t>(content.size(), in.limits().searched_bytes));
  judge_text(in, kTextMagic.size(), text_of(searched.subspan(kTextMagic.size())));
  if (searched.size() < content.size()) {
    in.gap(GapReason::Limit,
           "only the first " + human_size(searched.size()) + " were searched for Lua source");
  }
  return {};
}

Result<void> inspect(Inspection& in) {
  if (has_magic(in.bytes(), kTextMagic)) return inspect_text_dump(in);
  const Torch7File file = read_torch7(in.bytes(), in.budget());
  const bool nothing_seen = file.classes.empty() && file.functions.empty() && file.objects < 8;
  if (file.stopped && nothing_seen && torch7_shape(in.bytes()) == Torch7Shape::Perhaps)
    return fail(Code::Unsupported, "not Torch7");
  in.fact("torch7 objects", std::to_string(file.objects));
  for (const Torch7File::Piece& function : file.functions) judge_function(in, function);
  for (const Torch7File::Piece& text : file.strings) judge_text(in, text.offset, text_of(text.bytes));
  if (file.stopped) return std::unexpected(*file.stopped);
  if (file.consumed < in.bytes().size() && in.bytes().size() - file.consumed > 1) {
    in.child("trailing bytes", in.bytes().subspan(file.consumed));
    in.report(kForeign, file.consumed,
              human_size(in.bytes().size() - file.consumed) + " follow the last object");
  }
  return {};
}

}  // namespace

const Inspector torch7{
    .name = "torch7",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
