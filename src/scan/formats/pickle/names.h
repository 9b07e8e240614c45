#pragma once
// From the names in a pickle to what Python really reaches by them.

#include <string>
#include <string_view>

#include "scan/knowledge/callables.h"

namespace bulwark::pickle {

struct ModuleAndName {
  std::string_view module;
  std::string_view name;
};

// The Python 2 spellings that unpicklers map for protocols below 3 (CPython's Lib/_compat_pickle.py).
[[nodiscard]] ModuleAndName map_python2(std::string_view module, std::string_view name);

// "random", "_os.system" reaches "os", "system".
struct Reached {
  std::string module;
  std::string name;  // empty: the module itself
  scan::Callable known;
  bool dotted = false;
  bool dunder = false;
  bool reexported = false;
};
[[nodiscard]] Reached reach(std::string_view module, std::string_view name);

// __init__, __globals__, __builtins__ …
[[nodiscard]] bool is_dunder(std::string_view name);

// An attribute that is no more than a part of its owner: no special name, no module that the owner imported.
[[nodiscard]] bool is_plain_attribute(std::string_view name);

// True if the last component of the name is spelled like a class.
[[nodiscard]] bool is_class_name(std::string_view name);

// A key of an instance's state that Python itself calls or trusts later.
[[nodiscard]] bool is_hook(std::string_view key);

}  // namespace bulwark::pickle
