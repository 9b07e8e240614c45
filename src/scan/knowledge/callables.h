#pragma once
// What we know about Python callables: who may be called by a model file and what calling them does.
//
// Keyed by the exact (module, qualified name), never by prefix. The table is data/knowledge/callables.tsv,
// compiled in; its rows carry their provenance. Default deny: what is not in the table is Unknown, and
// everything in a standard-library module that nobody vouched for is Dangerous with the effect Unlisted. A
// package can speak for all its names ("pip", "*") or for all its functions ("numpy", "*()"), but only to
// call them dangerous.
//
// A reader that knows the arguments may judge more finely:
//  - Deferred ones that keep or call their first argument (functools.partial, map, copy …) are as good as
//  that argument;
//  - copyreg._reconstructor, __newobj__, torch._tensor._rebuild_from_type_v2,
//  jax._src.array._reconstruct_array are
//    Safe to call, but make or call what their first argument names: that one counts;
//  - builtins.type is Safe by reference only; with one argument its call is harmless, too;
//  - torch.storage._load_from_bytes is Unpickle: the bytes in its argument decide;
//  - Safe results are values: calling the *result* of a Safe call is nobody's contract.

#include <cstdint>
#include <string_view>

namespace bulwark::scan {

enum class Trust : std::uint8_t { Safe, Dangerous, Unknown };

// What an invocation does; the order is that of the rules BW-PKL-001 … 012.
enum class Effect : std::uint8_t {
  None,
  Execute,     // starts a process or a command
  Evaluate,    // runs code from text, bytes or a file: eval, exec, compile, runpy, FunctionType …
  NativeLoad,  // maps native code
  Network,
  FileWrite,  // writes, deletes, links
  FileRead,
  Import,       // imports by name
  Attribute,    // walks attributes, globals, frames; returns callables: getattr, operator.attrgetter,
                // pkgutil.resolve_name
  Unpickle,     // another deserialiser
  Environment,  // environment variables, credentials
  Deferred,     // threads, exit hooks, callbacks that run later; trampolines that call their argument (map,
                // partial, reduce)
  Tamper,       // interpreter or scanner state: sys.modules, warnings, pickle hooks
  Unlisted,     // a standard-library name that is not known to be harmless
};

[[nodiscard]] std::string_view name_of(Effect effect);  // "execute" …

// What a pickle may do with a Safe global without leaving its contract.
struct Contract {
  bool call = false;   // REDUCE, INST, OBJ: calling it is harmless whatever the arguments
  bool make = false;   // NEWOBJ, NEWOBJ_EX, copyreg._reconstructor: making an instance without __init__
  bool build = false;  // BUILD on an instance: __setstate__ or attributes
};

struct Callable {
  Trust trust = Trust::Unknown;
  Effect effect = Effect::None;  // of Dangerous ones
  Contract contract = {};        // of Safe ones
  bool weights_only = false;  // torch.load(weights_only=True) of PyTorch 2.6+ allows it without registration
  bool assumed = false;  // Dangerous only because its package speaks for all its functions ("numpy", "*()")
  std::string_view provenance = {};  // where the row comes from
};

// Python 2 spellings must be mapped by the caller (copy_reg, __builtin__, …). Allocates nothing; about 200
// ns. Threads: safe from many at once.
[[nodiscard]] Callable look_up(std::string_view module, std::string_view name);

// True if `module` or its top-level package belongs to the Python standard library (3.8–3.14).
[[nodiscard]] bool is_standard_library(std::string_view module);

}  // namespace bulwark::scan
