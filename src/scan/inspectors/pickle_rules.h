#pragma once
// The texts of the pickle rules, BW-PKL and BW-JOB; inspectors/pickle.cpp raises them.

#include <array>

#include "core/rule.h"

namespace bulwark::scan::pickle_rules {

inline constexpr std::string_view kRefuse =
    "Do not load the file. Ask the producer for safetensors or another format without code.";
inline constexpr std::string_view kRuns = "AML.T0011.000 AML.T0018.002";
inline constexpr std::string_view kEvades = "AML.T0076 AML.T0107";

inline constexpr Rule kExecute{"BW-PKL-001",
                               "pickle starts a process or a command",
                               Severity::Critical,
                               "AML.T0011.000 AML.T0018.002 AML.T0050",
                               "Loading the file runs the command with the rights of whoever loads it.",
                               kRefuse};
inline constexpr Rule kEvaluate{"BW-PKL-002",
                                "pickle evaluates code",
                                Severity::Critical,
                                "AML.T0011.000 AML.T0018.002 AML.T0050",
                                "Loading the file runs code that it carries as text, bytes or a code object.",
                                kRefuse};
inline constexpr Rule kNativeLoad{
    "BW-PKL-003",
    "pickle loads native code",
    Severity::Critical,
    kRuns,
    "Loading the file maps a library into the process; its initialisers run at once.",
    kRefuse};
inline constexpr Rule kNetwork{
    "BW-PKL-004",
    "pickle opens a network connection",
    Severity::Critical,
    "AML.T0011.000 AML.T0018.002 AML.T0025 AML.T0072",
    "Loading the file reaches out: a second stage comes in, or what the process can read goes out.",
    kRefuse};
inline constexpr Rule kFileWrite{"BW-PKL-005",
                                 "pickle writes, deletes or links files",
                                 Severity::Critical,
                                 kRuns,
                                 "Loading the file changes the disk: start-up scripts, keys, other models.",
                                 kRefuse};
inline constexpr Rule kFileRead{
    "BW-PKL-006",
    "pickle reads files",
    Severity::Critical,
    "AML.T0011.000 AML.T0018.002 AML.T0037",
    "Loading the file reads local files, which the loaded object then carries away.",
    kRefuse};
inline constexpr Rule kImport{
    "BW-PKL-007",
    "pickle imports modules by name",
    Severity::Critical,
    kRuns,
    "Importing runs a module's code and hands out everything in it, past every check of imported names.",
    kRefuse};
inline constexpr Rule kAttribute{
    "BW-PKL-008",
    "pickle walks attributes to reach other objects",
    Severity::Critical,
    kRuns,
    "getattr(), operator and their like reach any callable from any innocent name.",
    kRefuse};
inline constexpr Rule kUnpickle{
    "BW-PKL-009",
    "pickle calls another deserialiser",
    Severity::Critical,
    kRuns,
    "A payload that this stream does not show is loaded without any of the loader's restrictions.",
    kRefuse};
inline constexpr Rule kEnvironment{
    "BW-PKL-010",
    "pickle reads the environment or secrets",
    Severity::Critical,
    "AML.T0011.000 AML.T0055",
    "Environment variables hold credentials; the loaded object carries them away.",
    kRefuse};
inline constexpr Rule kDeferred{
    "BW-PKL-011",
    "pickle arranges for code to run later",
    Severity::Critical,
    kRuns,
    "Threads, exit hooks and functions that call their argument run a payload that is never called directly.",
    kRefuse};
inline constexpr Rule kTamper{
    "BW-PKL-012",
    "pickle tampers with the interpreter",
    Severity::Critical,
    "AML.T0011.000 AML.T0107",
    "Replaced modules and hooks change what everything loaded later does, scanners and guards included.",
    kRefuse};
inline constexpr Rule kReferenced{"BW-PKL-013",
                                  "pickle references a dangerous callable",
                                  Severity::High,
                                  kRuns,
                                  "The callable is not invoked by the stream itself, but it is part of what "
                                  "is loaded: as a hook, a default or half "
                                  "of a chain.",
                                  kRefuse};
inline constexpr Rule kContract{
    "BW-PKL-014",
    "known callable is used outside of its contract",
    Severity::High,
    "AML.T0011.000",
    "The callable is harmless in the way its library pickles it; this use is another one.",
    "Compare with a file that the same library writes; refuse it if the producer cannot explain the "
    "difference."};
inline constexpr Rule kUnlisted{
    "BW-PKL-015",
    "pickle uses a standard-library callable that nobody vouched for",
    Severity::High,
    kRuns,
    "Model files need few names of the standard library; most others give files, processes or attributes.",
    "Refuse the file, or have the callable reviewed and added to the knowledge base."};
inline constexpr Rule kAssumed{
    "BW-PKL-016",
    "pickle calls a library function or a result that nobody vouched for",
    Severity::High,
    kRuns,
    "The pickles that its library writes do not call it. With arguments from a file, functions of large "
    "libraries open files, compile code and call what they are given.",
    "Refuse the file, or have the callable reviewed and added to the knowledge base."};
inline constexpr Rule kUnknownInvoked{
    "BW-PKL-020",
    "pickle invokes a callable that is not in the knowledge base",
    Severity::Medium,
    "AML.T0011.000",
    "Whatever the callable does happens while the file loads; nobody has vouched for it.",
    "Review the callable in the package that provides it, then allow it by name in the policy."};
inline constexpr Rule kUnknownReferenced{
    "BW-PKL-021",
    "pickle makes or references a class that is not in the knowledge base",
    Severity::Low,
    "AML.T0011.000",
    "The class must be importable where the file is loaded, and its __setstate__ runs there.",
    "Review the class in the package that provides it, then allow it by name in the policy."};
inline constexpr Rule kDotted{
    "BW-PKL-030",
    "imported name has dots",
    Severity::High,
    "AML.T0011.000",
    "Since protocol 4 a dotted name walks attributes: any object behind an innocent module is in reach.",
    kRefuse};
inline constexpr Rule kThrough{
    "BW-PKL-031",
    "imported name passes through a module or a special attribute",
    Severity::Critical,
    "AML.T0011.000",
    "random:_os.system or f.__globals__ reach everything while only an innocent module is named.",
    kRefuse};
inline constexpr Rule kComputed{"BW-PKL-032",
                                "imported name is computed while loading",
                                Severity::High,
                                "AML.T0011.000",
                                "Names are assembled from pieces to hide from whoever reads the file.",
                                kRefuse};
inline constexpr Rule kNested{
    "BW-PKL-033",
    "pickle carries another serialised object",
    Severity::Info,
    "AML.T0011.000",
    "The inner object is loaded with the outer one; it is inspected as an artifact of its own.",
    "Read the findings of the inner artifact."};
inline constexpr Rule kPollute{
    "BW-PKL-034",
    "pickle sets attributes of a function, module or class",
    Severity::Critical,
    "AML.T0011.000",
    "BUILD on something shared changes it for the whole process: checks are switched off, methods replaced.",
    kRefuse};
inline constexpr Rule kExtension{
    "BW-PKL-035",
    "pickle uses the extension registry",
    Severity::High,
    "AML.T0011.000",
    "EXT opcodes name a callable by a number that only the loading process can resolve: it cannot be judged "
    "here.",
    "Ask for a file without EXT opcodes, or name the registered callables in the policy."};
inline constexpr Rule kHook{
    "BW-PKL-036",
    "state holds a method that Python calls later",
    Severity::Critical,
    "AML.T0011.000",
    "A __reduce__, __call__ or __del__ in an instance's state is a payload with a delay.",
    kRefuse};
inline constexpr Rule kAssign{"BW-PKL-037",
                              "item assignment on something that is no container",
                              Severity::High,
                              "AML.T0011.000",
                              "SETITEM and APPEND call methods of whatever is on the stack: sys.modules, "
                              "os.environ, a function's globals.",
                              kRefuse};
inline constexpr Rule kTensor{"BW-PKL-038",
                              "tensor reaches beyond its storage",
                              Severity::High,
                              "AML.T0011.000",
                              "Sizes and strides that do not fit the storage make the loader read or write "
                              "foreign memory (CVE-2026-24747).",
                              "Refuse the file; update PyTorch."};
inline constexpr Rule kTruncated{"BW-PKL-050",
                                 "pickle ends inside an opcode",
                                 Severity::Medium,
                                 kEvades,
                                 "What comes before the break has already run when the loader notices it.",
                                 "Fetch the file again; compare its digest."};
inline constexpr Rule kBadOpcode{
    "BW-PKL-051",
    "pickle has a byte that no loader accepts",
    Severity::Medium,
    kEvades,
    "A deliberate defect stops scanners; the payload before it has already run when the loader stops.",
    "Refuse the file; ask the producer for one that loads."};
inline constexpr Rule kNoStop{"BW-PKL-052",
                              "pickle has no STOP",
                              Severity::Medium,
                              kEvades,
                              "What comes before the end has already run when the loader notices it.",
                              "Fetch the file again; compare its digest."};
inline constexpr Rule kFrameEdge{"BW-PKL-053",
                                 "a value crosses the edge of its frame",
                                 Severity::High,
                                 kEvades,
                                 "Versions of CPython read such a value in different ways; a scanner sees "
                                 "another program than the loader.",
                                 kRefuse};
inline constexpr Rule kLexical{
    "BW-PKL-054",
    "argument is read differently by pickle readers",
    Severity::High,
    kEvades,
    "The C unpickler accepts what pickletools refuses: scanners built on it stop before the payload.",
    kRefuse};
inline constexpr Rule kMemo{
    "BW-PKL-055",
    "memo is used in a way that no pickler produces",
    Severity::Medium,
    kEvades,
    "A reader that follows the memo sees other values than one that takes the stream as text.",
    "Refuse the file; ask the producer for one that loads."};
inline constexpr Rule kStack{
    "BW-PKL-056",
    "stack is used in a way that no pickler produces",
    Severity::Medium,
    kEvades,
    "What is called, and with what, depends on following the stack; simpler scanners lose track.",
    "Refuse the file; ask the producer for one that loads."};
inline constexpr Rule kFurther{"BW-PKL-057",
                               "further pickles follow in the file",
                               Severity::Medium,
                               kEvades,
                               "A loader that reads on, or seeks, runs a pickle that others do not look at.",
                               "Ask the producer why the file holds several pickles."};
inline constexpr Rule kTrailing{"BW-PKL-058",
                                "data follows the pickle",
                                Severity::Medium,
                                kEvades,
                                "Nothing in the pickle accounts for it: a second reading of the file, or a "
                                "payload that something else fetches.",
                                "Ask the producer what the bytes are."};
inline constexpr Rule kExpansion{"BW-PKL-059",
                                 "pickle expands without bound",
                                 Severity::High,
                                 "AML.T0029",
                                 "Printing, copying, comparing or hashing the object takes the process down.",
                                 "Refuse the file."};
inline constexpr Rule kWrapper{
    "BW-JOB-001",
    "joblib array does not fit its stream",
    Severity::Medium,
    kEvades,
    "The loader's view of where the pickle goes on behind the array's bytes differs from ours.",
    "Refuse the file; ask the producer for one that joblib writes today."};

inline constexpr std::array kAll = {
    kExecute,    kEvaluate,  kNativeLoad, kNetwork,     kFileWrite,      kFileRead,
    kImport,     kAttribute, kUnpickle,   kEnvironment, kDeferred,       kTamper,
    kReferenced, kContract,  kUnlisted,   kAssumed,     kUnknownInvoked, kUnknownReferenced,
    kDotted,     kThrough,   kComputed,   kNested,      kPollute,        kExtension,
    kHook,       kAssign,    kTensor,     kTruncated,   kBadOpcode,      kNoStop,
    kFrameEdge,  kLexical,   kMemo,       kStack,       kFurther,        kTrailing,
    kExpansion,  kWrapper,
};

}  // namespace bulwark::scan::pickle_rules
