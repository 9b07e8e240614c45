#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan {
namespace {

Callable look_up_split(std::string_view module, std::string_view name) {
  // os.path is a module of its own and only looks like a part of os.
  const Callable known = look_up(module == "os.path" ? "posixpath" : module, name);
  // Pickles never name the functions of those packages; configurations do.
  return known.assumed ? Callable{} : known;
}

}  // namespace

Callable look_up_dotted(std::string_view name) {
  Callable best;
  std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return look_up("builtins", name);
  // "a.b.c": (a.b, c), then (a, b.c).
  while (dot != std::string_view::npos && dot > 0) {
    const Callable known = look_up_split(name.substr(0, dot), name.substr(dot + 1));
    if (known.trust != Trust::Unknown && known.effect != Effect::Unlisted) return known;
    if (best.trust == Trust::Unknown) best = known;
    dot = name.rfind('.', dot - 1);
  }
  return best;
}

std::optional<Severity> severity_of_calling(std::string_view name) {
  const Callable known = look_up_dotted(name);
  if (known.trust != Trust::Dangerous) return std::nullopt;
  switch (known.effect) {
    case Effect::Unlisted:
    case Effect::Deferred: return Severity::Medium;
    case Effect::FileRead: return name.starts_with("os.path.") ? Severity::Medium : Severity::High;
    case Effect::Environment: return Severity::High;
    default: return Severity::Critical;
  }
}

}  // namespace bulwark::scan
