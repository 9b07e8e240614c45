// Callables that hand out other callables, and the few whose arguments must be checked.

#include <algorithm>

#include "scan/formats/pickle/interpreter.h"
#include "scan/formats/pickle/names.h"

namespace bulwark::pickle {
namespace {

struct RoleRow {
  std::string_view name;
  Role role;
};

constexpr RoleRow kRoles[] = {
    {"_functools.partial", Role::PartialOf},
    {"_functools.reduce", Role::Reduce},
    {"_operator.attrgetter", Role::Attrgetter},
    {"_operator.getitem", Role::Item},
    {"_operator.itemgetter", Role::Itemgetter},
    {"_operator.methodcaller", Role::Methodcaller},
    {"builtins.__import__", Role::Import},
    {"builtins.dict.__getitem__", Role::Item},
    {"builtins.dict.get", Role::Item},
    {"builtins.filter", Role::Trampoline},
    {"builtins.getattr", Role::Attribute},
    {"builtins.globals", Role::Globals},
    {"builtins.iter", Role::Iterate},
    {"builtins.locals", Role::Globals},
    {"builtins.map", Role::Trampoline},
    {"builtins.object.__getattribute__", Role::Attribute},
    {"builtins.type", Role::TypeOf},
    {"builtins.type.__getattribute__", Role::Attribute},
    {"builtins.vars", Role::DictionaryOf},
    {"collections.defaultdict", Role::Factory},
    {"copyreg.__newobj__", Role::MakeNew},
    {"copyreg.__newobj_ex__", Role::MakeNew},
    {"copyreg._reconstructor", Role::Reconstruct},
    {"functools.partial", Role::PartialOf},
    {"functools.reduce", Role::Reduce},
    {"importlib.__import__", Role::Import},
    {"importlib.import_module", Role::Import},
    {"inspect.getattr_static", Role::Attribute},
    {"itertools.starmap", Role::Trampoline},
    {"joblib.numpy_pickle.NumpyArrayWrapper", Role::ArrayWrapper},
    {"marshal.loads", Role::Marshal},
    {"numpy._core.multiarray._reconstruct", Role::Reconstruct},
    {"numpy.core.multiarray._reconstruct", Role::Reconstruct},
    {"numpy.dtype", Role::Dtype},
    {"operator.attrgetter", Role::Attrgetter},
    {"operator.getitem", Role::Item},
    {"operator.itemgetter", Role::Itemgetter},
    {"operator.methodcaller", Role::Methodcaller},
    {"sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper", Role::ArrayWrapper},
    {"sys.modules", Role::Modules},
    {"sys.modules.__getitem__", Role::Lookup},
    {"sys.modules.get", Role::Lookup},
    {"torch._tensor._rebuild_from_type", Role::FromType},
    {"torch._tensor._rebuild_from_type_v2", Role::FromType},
    {"torch._utils._rebuild_qtensor", Role::Tensor},
    {"torch._utils._rebuild_tensor", Role::Tensor},
    {"torch._utils._rebuild_tensor_v2", Role::Tensor},
    {"torch.storage._load_from_bytes", Role::LoadBytes},
};

// Largest array that a tensor may describe before its arithmetic stops meaning anything.
constexpr std::int64_t kMostElements = std::int64_t{1} << 46;

}  // namespace

Role role_of(std::string_view name) {
  const auto row = std::ranges::lower_bound(kRoles, name, {}, &RoleRow::name);
  return row != std::end(kRoles) && row->name == name ? row->role : Role::None;
}

std::uint64_t storage_element_size(std::string_view type) {
  struct Size {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr Size kSizes[] = {
      {"BFloat16Storage", 2},       {"BoolStorage", 1},         {"ByteStorage", 1},     {"CharStorage", 1},
      {"ComplexDoubleStorage", 16}, {"ComplexFloatStorage", 8}, {"DoubleStorage", 8},   {"FloatStorage", 4},
      {"HalfStorage", 2},           {"IntStorage", 4},          {"LongStorage", 8},     {"QInt32Storage", 4},
      {"QInt8Storage", 1},          {"QUInt2x4Storage", 1},     {"QUInt4x2Storage", 1}, {"QUInt8Storage", 1},
      {"ShortStorage", 2},          {"UntypedStorage", 1},
  };
  for (const Size& size : kSizes)
    if (size.name == type) return size.bytes;
  return 0;
}

// True if getattr(base, name) is a part of an object or a class and no way to anything else: what picklers
// write for bound methods, nested classes and members of enumerations. Whether the part itself is harmless is
// then asked by its dotted name, as for an import.
bool Interpreter::is_part(const Cell& base, const Cell& name) const {
  if (is_constructor(base, name)) return true;
  if (!name.is_text() || name.has(Cell::kComputed) || !is_plain_attribute(name.text())) return false;
  if (base.is_text() || base.is_bytes()) {
    const std::string_view type = base.is_text() ? "str." : base.is(Tag::Bytes) ? "bytes." : "bytearray.";
    return scan::look_up("builtins", std::string(type).append(name.text())).trust == scan::Trust::Safe;
  }
  if (!base.is(Tag::Global) && !base.is(Tag::Instance)) return false;
  const Reference& owner = out_.references[base.bits];
  if (owner.reached_name.empty() || owner.dunder || owner.reexported || owner.computed) return false;
  if (owner.known.trust == scan::Trust::Dangerous && !owner.known.assumed) return false;
  // Modules and functions have __globals__ and more; what a function returned may be anything.
  const bool listed = owner.known.trust == scan::Trust::Safe && owner.known.contract.make;
  const bool made = base.is(Tag::Instance) && owner.made;
  if (!listed && !made && !is_class_name(owner.reached_name)) return false;
  const Reached part = reach(owner.reached_module, owner.reached_name + "." + std::string(name.text()));
  if (part.reexported || part.dunder) return false;
  if (part.known.trust == scan::Trust::Safe) return true;
  if (owner.reached_module == "builtins") return false;
  return part.known.trust == scan::Trust::Unknown || part.known.assumed ||
         part.known.effect == scan::Effect::Unlisted;
}

// getattr(cls, "__new__"): protocols 2 and 3 have no NEWOBJ_EX and call a partial of it instead.
bool Interpreter::is_constructor(const Cell& base, const Cell& name) const {
  if (!base.is(Tag::Global) || !name.is_text() || name.text() != "__new__") return false;
  const Reference& owner = out_.references[base.bits];
  if (owner.dunder || owner.reexported || owner.computed || owner.reached_module == "builtins") return false;
  if (owner.known.trust == scan::Trust::Safe) return owner.known.contract.make;
  return is_class_name(owner.reached_name) &&
         (owner.known.trust == scan::Trust::Unknown || owner.known.assumed);
}

// What functools.partial() may keep without being a payload: it is judged again when it is called.
bool Interpreter::is_harmless_callee(const Cell& callee) const {
  if (callee.is(Tag::Partial) || callee.is(Tag::Instance)) return true;  // judged where they were made
  if (!callee.is(Tag::Global)) return false;
  const Reference& reference = out_.references[callee.bits];
  return !reference.reached_name.empty() &&
         (reference.known.trust != scan::Trust::Dangerous || reference.known.assumed);
}

// Calls that only prepare another call, or spell an import in another way.
bool Interpreter::only_prepares(Role role, std::span<const Cell> arguments) const {
  if (arguments.empty()) return false;
  switch (role) {
    case Role::PartialOf: return is_harmless_callee(arguments[0]);
    case Role::Attribute: return arguments.size() == 2 && is_part(arguments[0], arguments[1]);
    case Role::Attrgetter:
      return std::ranges::all_of(arguments, [](const Cell& name) {
        return name.is_text() && !name.has(Cell::kComputed) && is_plain_attribute(name.text());
      });
    case Role::Methodcaller:
      return arguments[0].is_text() && !arguments[0].has(Cell::kComputed) &&
             is_plain_attribute(arguments[0].text());
    case Role::Iterate: return arguments.size() == 1 && is_data(arguments[0]);
    case Role::TypeOf: return arguments.size() == 1 && is_constant(arguments[0]);
    default: return false;
  }
}

// Walking it calls nothing but its own items' iterator.
bool Interpreter::is_data(const Cell& cell) const {
  if (cell.is(Tag::Instance)) return out_.references[cell.bits].known.trust == scan::Trust::Safe;
  return cell.is_text() || cell.is_bytes() || (cell.is_sequence() && !cell.is(Tag::Partial));
}

// None and its like: their types have no name to be imported by.
bool Interpreter::is_constant(const Cell& cell) const {
  if (cell.is(Tag::None)) return true;
  if (!cell.is(Tag::Global)) return false;
  const std::string name = out_.references[cell.bits].subject();
  return name == "builtins.Ellipsis" || name == "builtins.NotImplemented";
}

std::optional<Cell> Interpreter::attribute(const Cell& base, std::string_view name) {
  if (base.is(Tag::Global) || base.is(Tag::Instance)) {
    const Reference& owner = out_.references[base.bits];
    const std::string module = owner.reached_module;
    // builtins is a dict under one name and a module under the other: both ways lead to the same names.
    const bool top =
        owner.reached_name.empty() || (owner.reached_name == "__dict__" && !name.starts_with("__"));
    const bool method = owner.reached_name == "__dict__" && (name == "get" || name == "pop");
    const std::string path =
        top && !method ? std::string(name) : owner.reached_name + "." + std::string(name);
    return Cell::of(Tag::Global, derive(module, path));
  }
  if (base.is_view() && !base.is(Tag::BigInt)) {
    const std::string_view type = base.is_text() ? "str" : base.is(Tag::Bytes) ? "bytes" : "bytearray";
    const Cell method =
        Cell::of(Tag::Global, derive("builtins", std::string(type) + "." + std::string(name)));
    const Cell items[] = {method, base};
    return Cell::of(Tag::Partial, store_.keep(items, 2, 2), 2);
  }
  if (base.is(Tag::Dict)) {
    const Cell method = Cell::of(Tag::Global, derive("builtins", "dict." + std::string(name)));
    const Cell items[] = {method, base};
    return Cell::of(Tag::Partial, store_.keep(items, 2, 2), 2);
  }
  return {};
}

std::optional<Cell> Interpreter::module_named(const Cell& name) {
  if (!name.is_text()) return {};
  return Cell::of(Tag::Global, derive(name.text(), ""));
}

std::optional<Cell> Interpreter::item_of(const Cell& container, const Cell& key) {
  if (container.is(Tag::Global) && key.is_text()) {
    const Reference& owner = out_.references[container.bits];
    if (details_[container.bits].role == Role::Modules) return module_named(key);
    if (owner.reached_name == "__dict__") {
      const std::string module = owner.reached_module;
      return Cell::of(Tag::Global, derive(module, key.text()));
    }
    return {};
  }
  return evaluator_.item(container, key);
}

// Calls that some other call makes: reported with their own effect, because that is what happens.
void Interpreter::call_hidden(const Cell& callee, std::span<const Cell> arguments, unsigned depth) {
  if (depth >= 4) return;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Cell& argument = arguments[i];
    const bool callable = argument.is(Tag::Global) || argument.is(Tag::Partial);
    if (!callable) continue;
    if (argument.is(Tag::Global)) {
      const Reference& reference = out_.references[argument.bits];
      if (reference.known.trust == scan::Trust::Safe || reference.reached_name.empty()) continue;
      if (argument.bits == callee.bits && callee.is(Tag::Global)) continue;
    }
    std::vector<Cell> others;
    for (std::size_t j = 0; j < arguments.size(); ++j)
      if (j != i) others.push_back(arguments[j]);
    (void)call(argument, others, EventKind::Call, depth + 1);
  }
}

std::optional<Cell> Interpreter::trampoline(std::span<const Cell> arguments, unsigned depth) {
  if (arguments.size() < 2) return {};
  const Cell callee = arguments[0];
  if (!callee.is(Tag::Global) && !callee.is(Tag::Partial) && !callee.is(Tag::Result)) return {};
  const auto items = evaluator_.sequence(arguments[1]);
  const bool pure = callee.is(Tag::Global) && details_[callee.bits].pure != nullptr;
  if (!pure || !items) {
    std::vector<Cell> sample = {items && !items->empty() ? items->front() : Cell::of(Tag::Opaque)};
    sample.insert(sample.end(), arguments.begin() + 2, arguments.end());
    (void)call(callee, sample, EventKind::Call, depth + 1);
    return {};
  }
  std::vector<Cell> results;
  for (const Cell& item : *items) {
    const Cell argument[] = {item};
    auto result = details_[callee.bits].pure(evaluator_, std::span<const Cell>(argument, 1));
    if (!result) return {};
    results.push_back(*result);
  }
  out_.references[callee.bits].invoked = true;
  return evaluator_.make_list(results);
}

// CVE-2026-24747: sizes and strides that address memory outside of the storage.
std::optional<Cell> Interpreter::rebuild_tensor(std::uint32_t id, std::span<const Cell> arguments) {
  if (arguments.size() < 4 || !arguments[0].is(Tag::Storage)) return {};
  const Cell storage = arguments[0];
  const auto sizes = store_.contents(arguments[2]);
  const auto strides = store_.contents(arguments[3]);
  const auto offset = Evaluator::integer(arguments[1]);
  if (!sizes || !strides || !offset) return {};
  const auto tell = [&](const std::string& why) {
    note(EventKind::Tensor, why + ": " + describe_call(Cell::of(Tag::Global, id), arguments), id);
    return std::optional<Cell>{};
  };
  if (sizes->size() != strides->size()) return tell("sizes and strides of a tensor differ in number");
  std::int64_t last = *offset;
  bool empty = false;
  if (*offset < 0 || *offset > kMostElements) return tell("offset of a tensor is impossible");
  for (std::size_t i = 0; i < sizes->size(); ++i) {
    const auto size = Evaluator::integer((*sizes)[i]);
    const auto stride = Evaluator::integer((*strides)[i]);
    if (!size || !stride) return {};
    if (*size < 0 || *stride < 0) return tell("size or stride of a tensor is negative");
    if (*size == 0) empty = true;
    std::int64_t span = 0;
    if (*size > 0 && (__builtin_mul_overflow(*size - 1, *stride, &span) ||
                      __builtin_add_overflow(last, span, &last) || last > kMostElements))
      return tell("sizes of a tensor overflow");
  }
  const std::uint64_t elements = storage.bits / std::max<std::uint64_t>(1, storage.length());
  if (!empty && static_cast<std::uint64_t>(last) >= elements)
    return tell("tensor needs element " + std::to_string(last) + " of a storage of " +
                std::to_string(elements));
  return {};
}

std::optional<Cell> Interpreter::dtype(std::span<const Cell> arguments) {
  if (arguments.empty() || !arguments[0].is_text()) return {};
  std::string_view code = arguments[0].text();
  while (!code.empty() && (code[0] == '<' || code[0] == '>' || code[0] == '|' || code[0] == '='))
    code.remove_prefix(1);
  if (code.empty()) return {};
  std::uint64_t size = 0;
  for (const char c : code.substr(1)) {
    if (c < '0' || c > '9') break;
    size = size * 10 + static_cast<std::uint64_t>(c - '0');
    if (size > std::uint64_t{1} << 40) return {};
  }
  if (code[0] == 'U') size *= 4;
  Cell cell = Cell::of(Tag::Dtype, store_.new_id(), size);
  if (code[0] == 'O') cell.meta |= Cell::kObjects;
  return cell;
}

std::optional<Cell> Interpreter::play(Role role, std::uint32_t id, std::span<const Cell> arguments,
                                      unsigned depth) {
  const auto argument = [&](std::size_t i) {
    return i < arguments.size() ? arguments[i] : Cell::of(Tag::Absent);
  };
  const auto bound = [&]() -> std::optional<Cell> {
    std::vector<Cell> items = {Cell::of(Tag::Global, id)};
    items.insert(items.end(), arguments.begin(), arguments.end());
    return Cell::of(Tag::Partial, store_.keep(items.data(), items.size(), items.size()), items.size());
  };
  switch (role) {
    case Role::Attribute:
      if (is_constructor(argument(0), argument(1)))
        return Cell::of(Tag::Global, derive("copyreg", "__newobj__"));
      return argument(1).is_text() ? attribute(argument(0), argument(1).text()) : std::nullopt;
    case Role::Import: return module_named(argument(0));
    case Role::Item: return item_of(argument(0), argument(1));
    case Role::Globals: return Cell::of(Tag::Global, derive("__main__", "__dict__"));
    case Role::DictionaryOf: return attribute(argument(0), "__dict__");
    case Role::Lookup: {
      if (!argument(0).is_text()) return {};
      const Reference& owner = out_.references[id];
      if (owner.reached_module == "sys") return module_named(argument(0));
      const std::string module = owner.reached_module;
      return Cell::of(Tag::Global, derive(module, argument(0).text()));
    }
    case Role::Attrgetter:
    case Role::Itemgetter:
    case Role::Methodcaller: return bound();
    case Role::PartialOf: {
      if (arguments.empty()) return {};
      return Cell::of(Tag::Partial, store_.keep(arguments.data(), arguments.size(), arguments.size()),
                      arguments.size());
    }
    case Role::Trampoline: return trampoline(arguments, depth);
    case Role::Reduce: {
      const auto items = evaluator_.sequence(argument(1));
      std::vector<Cell> rest = items.value_or(std::vector<Cell>{Cell::of(Tag::Opaque)});
      if (arguments.size() > 2) rest.insert(rest.begin(), argument(2));
      if (rest.size() < 2 || rest.size() > 64) rest = {Cell::of(Tag::Opaque), Cell::of(Tag::Opaque)};
      Cell value = rest[0];
      for (std::size_t i = 1; i < rest.size(); ++i) {
        const Cell pair[] = {value, rest[i]};
        value = call(argument(0), pair, EventKind::Call, depth + 1);
      }
      return value;
    }
    case Role::Reconstruct:
    case Role::MakeNew:
      if (argument(0).is(Tag::Global))
        return call(argument(0), arguments.subspan(1), EventKind::Make, depth + 1);
      return {};
    case Role::FromType: {
      const auto rest = store_.contents(argument(2));
      return call(argument(0), rest.value_or(std::vector<Cell>{Cell::of(Tag::Opaque)}), EventKind::Call,
                  depth + 1);
    }
    case Role::Factory:
      // The factory runs at the first missing key, without arguments.
      if (argument(0).is(Tag::Global) || argument(0).is(Tag::Partial))
        (void)call(argument(0), {}, EventKind::Call, depth + 1);
      return {};
    case Role::LoadBytes: nested(out_.references[id], arguments, "pickle"); return {};
    case Role::Marshal: nested(out_.references[id], arguments, "marshal"); return {};
    case Role::Tensor: return rebuild_tensor(id, arguments);
    case Role::Dtype: return dtype(arguments);
    case Role::Iterate:
    case Role::TypeOf:
      return only_prepares(role, arguments) ? std::optional(Cell::of(Tag::Opaque)) : std::nullopt;
    case Role::None:
    case Role::ArrayWrapper:
    case Role::Modules: break;
  }
  return {};
}

}  // namespace bulwark::pickle
