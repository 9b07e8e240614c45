#pragma once
// What a pickle would do if CPython's C unpickler (Modules/_pickle.c) loaded it: imports, calls, builds,
// defects.
//
// Nothing is imported or executed. Every opcode of protocols 0 to 5 is interpreted over symbolic values; pure
// string functions are evaluated, everything else stays an expression. Judging the events is the inspector's
// business. This header is also what the differential test against CPython compares with, so keep it stable.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "scan/knowledge/callables.h"

namespace bulwark::pickle {

inline constexpr std::uint32_t kNoReference = ~std::uint32_t{0};

// Something that the stream names: a global as find_class() sees it, and what is really reached by it.
struct Reference {
  std::string written_module, written_name;  // as in the stream
  std::string module, name;  // after the Python 2 mapping of protocols below 3: what is imported
  std::string reached_module, reached_name;  // after walking dotted names; name empty: the module itself
  scan::Callable known;                      // about what is reached
  bool dotted = false;                       // the name has dots: attributes are walked
  bool dunder = false;                       // a component like __globals__ or __builtins__
  bool reexported = false;   // passes through a module that another one happens to import: random._os
  bool computed = false;     // module or name came out of a call
  bool derived = false;      // never named by an import opcode: reached by getattr(), importlib or the like
  bool attribute = false;    // derived by a getattr() that is an import in another spelling, no event for it
  bool invoked = false;      // called, made, built or used as the target of an assignment
  bool made = false;         // only by NEWOBJ or copyreg: an instance without __init__
  std::uint64_t offset = 0;  // of the opcode that first pushed it
  std::uint32_t stream = 0;

  [[nodiscard]] std::string subject() const {
    return reached_name.empty() ? reached_module : reached_module + "." + reached_name;
  }
};

enum class EventKind : std::uint8_t {
  Import,        // find_class(module, name)
  Call,          // REDUCE, INST, OBJ, or one made by a trampoline such as map
  Make,          // NEWOBJ, NEWOBJ_EX, copyreg: cls.__new__(cls, …)
  Build,         // BUILD on an instance: __setstate__ or its attributes
  Pollute,       // BUILD on a function, module or class
  CallInstance,  // an instance is called: its __call__ runs
  Assign,        // SETITEM(S), APPEND(S), ADDITEMS on something that is no container
  Hook,          // a state with a key that Python calls later: __reduce__, __setstate__ …
  Computed,      // an import whose module or name was computed; unresolved: what is empty
  Extension,     // EXT1, EXT2, EXT4
  Lexical,       // an argument that the C unpickler reads in another way than pickletools
  FrameEdge,     // an argument crosses the edge of a FRAME
  Memo,          // GET of what was never put, non-sequential oddities
  Stack,         // underflow, missing mark, wrong type, cells left over
  Truncated,     // the bytes end before STOP
  BadOpcode,     // a byte that is no opcode, or an argument that no loader accepts
  Expansion,     // objects that grow without bound when walked, hashed or printed
  Tensor,        // tensor metadata beyond its storage
  Wrapper,       // joblib array wrapper that does not fit its stream
  Oddity,        // harmless, but no pickler writes it
  Inert,         // data that is a program of its own and that nothing in the stream runs
  Discarded,     // such data, thrown away again: it has no other purpose than to be read in another way
  Protocol,      // PROTO in the middle or of an unknown version
};

struct Event {
  EventKind kind = EventKind::Import;
  std::uint64_t offset = 0;                  // of the opcode
  std::uint32_t stream = 0;                  // index into Analysis::streams
  std::uint32_t reference = kNoReference;    // index into Analysis::references
  scan::Effect effect = scan::Effect::None;  // of calls: what the call does
  bool frame_reading = false;  // only happens when a FRAME is read as old CPython reads it from a file
  std::string text;            // Python-like: os.system("touch x"); or what is wrong
};

// Bytes that another loader would be given while this pickle loads.
struct Nested {
  std::uint64_t offset = 0;  // of the call
  std::string loader;        // "pickle.loads"
  std::string_view as;       // inspector that must read it: "pickle", "marshal" or empty
  Bytes slice;               // bytes of the input, or
  std::vector<std::uint8_t> owned;
};

enum class Ending : std::uint8_t { Stopped, Truncated, Malformed, Limit };

// One pickle of the input.
struct Stream {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // after STOP, or where the loader gives up
  std::uint8_t protocol = 0;
  Ending ending = Ending::Stopped;
  std::string error;  // why the loader gives up
  std::uint64_t opcodes = 0;
  bool after_junk = false;  // bytes that are no pickle lie before it
  std::string
      refused;  // why torch.load(weights_only=True) refuses it: "GLOBAL os.system at 12"; empty: it loads
  std::uint32_t storages = 0;  // torch storages that it names
};

struct Analysis {
  std::vector<Stream> streams;
  std::vector<Reference> references;
  std::vector<Event> events;  // in the order of execution
  std::vector<Nested> nested;
  std::string trace;           // decompiled program, if asked for
  std::uint64_t trailing = 0;  // bytes after the last stream that nothing accounts for
  std::uint64_t trailing_offset = 0;
  std::uint64_t skipped = 0;  // bytes that were not searched for further pickles because of their number
  bool torch_legacy = false;  // magic number, protocol, system, object, keys, storages
  bool suppressed = false;    // events were dropped because there were too many alike
};

struct Settings {
  Limits limits = {};
  bool trace = false;         // fill Analysis::trace
  bool everything = false;    // also events of safe imports and calls; costs memory per call
  bool resynchronise = true;  // look for further pickles behind the first
  bool deep = false;          // search all bytes behind it, however many
};

// Analyses the pickle at byte 0 and whatever follows it. Never fails: defects are events and endings.
// `content` must outlive the result (Nested::slice points into it). Linear in the input; no global state.
[[nodiscard]] Analysis analyse(Bytes content, const Settings& settings = {});

}  // namespace bulwark::pickle
