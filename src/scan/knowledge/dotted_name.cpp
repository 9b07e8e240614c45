#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan {

Callable look_up_dotted(std::string_view name) {
  Callable best;
  std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return look_up("builtins", name);
  // "a.b.c": (a.b, c), then (a, b.c).
  while (dot != std::string_view::npos && dot > 0) {
    const Callable known = look_up(name.substr(0, dot), name.substr(dot + 1));
    if (known.trust != Trust::Unknown && known.effect != Effect::Unlisted) return known;
    if (best.trust == Trust::Unknown) best = known;
    dot = name.rfind('.', dot - 1);
  }
  return best;
}

bool is_dangerous_module(std::string_view module) {
  return is_standard_library(module) && module != "collections" && module != "datetime" &&
         module != "decimal" && module != "math";
}

}  // namespace bulwark::scan
