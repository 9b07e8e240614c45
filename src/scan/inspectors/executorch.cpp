// ExecuTorch programs (.pte, pytorch/executorch schema/program.fbs): operators, delegates and segments.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "scan/formats/flatbuffer.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-PTE-001",
        .title = "offset or index leaves the ExecuTorch program",
        .severity = Severity::High,
        .atlas = "AML.T0011.000",
        .why = "Runtimes that load without verification follow it and read or write memory that is not the "
               "program's.",
        .fix = "Refuse the file; export the program again.",
    },
    {
        .id = "BW-PTE-002",
        .title = "ExecuTorch segment lies outside of the file",
        .severity = Severity::High,
        .atlas = "AML.T0011.000",
        .why = "Constants and delegates are read from segments without a further check.",
        .fix = "Refuse the file; export the program again.",
    },
    {
        .id = "BW-PTE-003",
        .title = "ExecuTorch program needs a custom operator or delegate",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why = "Its implementation is native code that the app registers under that name; nobody has vouched "
               "for it.",
        .fix = "Ask where it comes from, review it, then allow it by name.",
    },
    {
        .id = "BW-PTE-004",
        .title = "ExecuTorch program holds an executable or archive",
        .severity = Severity::High,
        .atlas = "AML.T0018.002 AML.T0074",
        .why = "Delegate data that starts like an executable, a script, an archive or a pickle is handed to "
               "native code.",
        .fix = "Extract and judge the embedded file; refuse the program if nobody can explain it.",
    },
};
constexpr const Rule& kOffset = kRules[0];
constexpr const Rule& kSegment = kRules[1];
constexpr const Rule& kCustom = kRules[2];
constexpr const Rule& kPayload = kRules[3];

constexpr std::string_view kNamespaces[] = {
    "aten",      "prim",          "executorch_prim", "quantized_decomposed",
    "quantized", "dim_order_ops", "et_copy",         "llama",
    "cadence",   "cortex_m",      "torchao",         "torchvision",
    "xnnpack",   "higher_order"};
constexpr std::string_view kDelegates[] = {
    "XnnpackBackend",    "CoreMLBackend",   "MPSBackend",    "MetalBackend", "QnnBackend",
    "VulkanBackend",     "EthosUBackend",   "ArmBackend",    "TOSABackend",  "VgfBackend",
    "NeuropilotBackend", "OpenvinoBackend", "CudaBackend",   "AotiBackend",  "EnnBackend",
    "NeutronBackend",    "MLXBackend",      "SamsungBackend"};

bool has_identifier(Bytes content) {
  return has_magic(content, "ET", 4) && content.size() >= 8 && content[6] >= '0' && content[6] <= '9' &&
         content[7] >= '0' && content[7] <= '9';
}

Match recognises(Bytes content) {
  return has_identifier(content) ? Match::Strong : Match::No;
}

class Program {
 public:
  explicit Program(Inspection& in) : in_(in), flat_(in.bytes()) {}

  Result<void> run() {
    read_header();
    const auto program = flat_.root();
    if (program) {
      in_.fact("version", std::to_string(program->uint32(0)));
      const FlatVector plans = program->vector(1, 4);
      for (std::uint32_t i = 0; i < plans.size(); ++i) {
        TRY(in_.budget().check_time("executorch plans"));
        const auto plan = plans.table(i);
        if (!plan) break;
        read_plan(*plan);
      }
      read_segments(*program);
      read_delegate_data(*program);
    }
    if (!flat_.defect()) return {};
    in_.report(kOffset, flat_.defect()->offset, flat_.defect()->message);
    in_.gap(*flat_.defect());
    return {};
  }

 private:
  // "eh00", u32 length, u64 program size, u64 segment base.
  void read_header() {
    if (!has_magic(in_.bytes(), "eh00", 8) || in_.bytes().size() < 32) return;
    const auto program_size = load_little_endian<std::uint64_t>(in_.bytes().data() + 16);
    base_ = load_little_endian<std::uint64_t>(in_.bytes().data() + 24);
    if (program_size > in_.bytes().size() || base_ > in_.bytes().size())
      in_.report(kSegment, 16,
                 "header claims a program of " + std::to_string(program_size) + " bytes and segments from " +
                     std::to_string(base_) + ", the file has " + std::to_string(in_.bytes().size()));
  }

  void read_plan(const FlatTable& plan) {
    const FlatVector operators = plan.vector(6, 4);
    for (std::uint32_t i = 0; i < operators.size(); ++i) {
      const auto op = operators.table(i);
      if (!op) return;
      const std::string name(op->text(0));
      const std::string space = name.substr(0, name.find("::"));
      const bool known = name.find("::") == std::string::npos ||
                         std::ranges::find(kNamespaces, space) != std::end(kNamespaces);
      if (!known) need("operator", name, op->vector(0, 1).offset());
    }
    const FlatVector delegates = plan.vector(7, 4);
    for (std::uint32_t i = 0; i < delegates.size(); ++i) {
      const auto delegate = delegates.table(i);
      if (!delegate) return;
      const std::string id(delegate->text(0));
      if (std::ranges::find(kDelegates, id) == std::end(kDelegates))
        need("delegate", id, delegate->vector(0, 1).offset());
    }
    judge_chains(plan, operators.size(), delegates.size());
  }

  void need(const std::string& what, const std::string& name, std::uint64_t offset) {
    in_.report(kCustom, {.place = {.offset = offset},
                         .message = "program needs the " + what + " " + printable(name, 80),
                         .evidence = name,
                         .subject = name});
  }

  // Instructions are unions: type in field 0, table in field 1. 1 = KernelCall, 2 = DelegateCall; field 0 is
  // the index.
  void judge_chains(const FlatTable& plan, std::uint32_t operators, std::uint32_t delegates) {
    const FlatVector chains = plan.vector(5, 4);
    for (std::uint32_t c = 0; c < chains.size(); ++c) {
      const auto chain = chains.table(c);
      if (!chain) return;
      const FlatVector instructions = chain->vector(2, 4);
      for (std::uint32_t i = 0; i < instructions.size(); ++i) {
        const auto instruction = instructions.table(i);
        if (!instruction) return;
        const std::uint8_t type = instruction->uint8(0);
        if (type != 1 && type != 2) continue;
        const auto call = instruction->table(1);
        const std::uint32_t count = type == 1 ? operators : delegates;
        if (!call || call->uint32(0) < count) continue;
        in_.report(kOffset, call->offset(),
                   "instruction " + std::to_string(i) + " calls " + (type == 1 ? "operator " : "delegate ") +
                       std::to_string(call->uint32(0)) + " of " + std::to_string(count));
      }
    }
  }

  void read_segments(const FlatTable& program) {
    const FlatVector segments = program.vector(4, 4);
    for (std::uint32_t i = 0; i < segments.size(); ++i) {
      const auto segment = segments.table(i);
      if (!segment) return;
      const std::uint64_t size = segment->uint64(1);
      std::uint64_t start = 0;
      const bool outside = __builtin_add_overflow(base_, segment->uint64(0), &start) ||
                           start > in_.bytes().size() || size > in_.bytes().size() - start;
      if (outside) {
        in_.report(kSegment, segment->offset(), "segment " + std::to_string(i) + " lies outside of the file");
        continue;
      }
      judge_payload(in_, kPayload, in_.bytes().subspan(start, size), start, "segment " + std::to_string(i));
    }
  }

  void read_delegate_data(const FlatTable& program) {
    const FlatVector blobs = program.vector(3, 4);
    for (std::uint32_t i = 0; i < blobs.size(); ++i) {
      const auto blob = blobs.table(i);
      if (!blob) return;
      const FlatVector content = blob->vector(0, 1);
      judge_payload(in_, kPayload, content.raw(), content.offset(), "delegate data " + std::to_string(i));
    }
  }

  Inspection& in_;
  FlatBuffer flat_;
  std::uint64_t base_ = 0;
};

Result<void> inspect(Inspection& in) {
  Program program(in);
  return program.run();
}

}  // namespace

const Inspector executorch{
    .name = "executorch",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
