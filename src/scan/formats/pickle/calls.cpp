// What importing, calling, building and assigning mean to the symbolic machine.

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "scan/formats/pickle/interpreter.h"
#include "scan/formats/pickle/names.h"
#include "scan/formats/pickle/probe.h"

namespace bulwark::pickle {
namespace {

// Events of one reference that are kept; a list of a million instances says nothing new.
constexpr std::uint32_t kEventsPerReference = 100;
// Distinct names that are kept apart. Real files have a few hundred; each costs some 300 bytes against 5 of
// input.
constexpr std::size_t kMostReferences = 200'000;
constexpr std::size_t kMostExpressions = 20'000;
constexpr std::size_t kMostText = 400;  // bytes of one expression or event
// Events that nobody would refuse a file for leave room for those that everybody would.
constexpr std::size_t kMostQuietEvents = 10'000;
constexpr std::size_t kMostEvents = 20'000;
constexpr std::size_t kMostNested = 10'000;
constexpr std::size_t kMostPrepared = 10'000;
// Texts up to this size are decoded to see whether they are a pickle.
constexpr std::uint64_t kLargestEncoded = std::uint64_t{1} << 16;
// How deep a trampoline may call a trampoline: map(partial(map, …)).
constexpr unsigned kMostDepth = 8;

bool is_vouched(const Reference& reference, EventKind kind) {
  if (reference.known.trust != scan::Trust::Safe) return false;
  return kind == EventKind::Make ? reference.known.contract.make || reference.known.contract.call
                                 : reference.known.contract.call;
}

}  // namespace

void Interpreter::note(EventKind kind, std::string text, std::uint32_t reference, scan::Effect effect) {
  const bool quiet = effect == scan::Effect::None && (kind == EventKind::Import || kind == EventKind::Call ||
                                                      kind == EventKind::Make || kind == EventKind::Build);
  if (out_.events.size() >= (quiet ? kMostQuietEvents : kMostEvents) && !settings_.everything) {
    out_.suppressed = true;
    return;
  }
  if (text.size() > kMostText) text.resize(kMostText);
  out_.events.push_back({.kind = kind,
                         .offset = offset_of(op_),
                         .stream = static_cast<std::uint32_t>(out_.streams.size()),
                         .reference = reference,
                         .effect = effect,
                         .frame_reading = drop_frames_,
                         .text = std::move(text)});
}

std::uint32_t Interpreter::intern(std::string_view written_module, std::string_view written_name,
                                  std::string_view module, std::string_view name, bool derived) {
  std::string key;
  key.reserve(module.size() + name.size() + 2);
  key.append(module).append(1, '\0').append(name).append(1, derived ? 'd' : 'i');
  if (const auto found = interned_.find(key); found != interned_.end()) return found->second;
  Reached reached;
  if (derived && name.empty()) {
    reached = {
        .module = std::string(module), .name = {}, .known = {scan::Trust::Dangerous, scan::Effect::Unlisted}};
  } else {
    reached = reach(module, name);
  }
  const bool dangerous = reached.known.trust == scan::Trust::Dangerous;
  if (out_.references.size() >= (dangerous ? 2 * kMostReferences : kMostReferences)) {
    out_.suppressed = true;
    return static_cast<std::uint32_t>(out_.references.size() - 1);
  }
  Reference reference{.written_module = std::string(written_module),
                      .written_name = std::string(written_name),
                      .module = std::string(module),
                      .name = std::string(name),
                      .reached_module = std::move(reached.module),
                      .reached_name = std::move(reached.name),
                      .known = reached.known,
                      .dotted = reached.dotted,
                      .dunder = reached.dunder,
                      .reexported = reached.reexported,
                      .derived = derived,
                      .offset = offset_of(op_),
                      .stream = static_cast<std::uint32_t>(out_.streams.size())};
  const std::string full = reference.subject();
  Details details{.pure = pure_function(full), .role = role_of(full)};
  if (reference.reached_name.starts_with("__dict__.")) details.role = Role::Lookup;
  details.quick = reference.known.trust == scan::Trust::Safe && reference.known.contract.call &&
                  details.pure == nullptr && details.role == Role::None && !settings_.trace &&
                  !settings_.everything;
  const auto id = static_cast<std::uint32_t>(out_.references.size());
  out_.references.push_back(std::move(reference));
  details_.push_back(details);
  interned_.emplace(std::move(key), id);
  return id;
}

std::uint32_t Interpreter::import(std::string_view module, std::string_view name, bool computed) {
  const ModuleAndName mapped = protocol_ < 3 ? map_python2(module, name) : ModuleAndName{module, name};
  const std::uint32_t id = intern(module, name, mapped.module, mapped.name, false);
  Reference& reference = out_.references[id];
  if (computed) reference.computed = true;
  // torch's restricted unpickler maps whatever the protocol says.
  if (allowed_) {
    const ModuleAndName torch = map_python2(module, name);
    const bool allowed = torch.module == mapped.module && torch.name == mapped.name
                             ? reference.known.weights_only
                             : scan::look_up(torch.module, torch.name).weights_only;
    if (!allowed) refuse("GLOBAL " + std::string(torch.module) + "." + std::string(torch.name));
  }
  if (details_[id].events == 0 || settings_.everything) {
    ++details_[id].events;
    note(EventKind::Import, name_of(reference), id, reference.known.effect);
  }
  if (settings_.trace)
    trace_line(offset_of(op_), "from " + std::string(mapped.module) + " import " + std::string(mapped.name));
  return id;
}

Cell Interpreter::expression(std::string text, scan::Effect effect) {
  if (expressions_.size() >= kMostExpressions) return Cell::of(Tag::Result, 0);
  if (text.size() > kMostText) text.resize(kMostText);
  expressions_.push_back({std::move(text), effect});
  return Cell::of(Tag::Result, expressions_.size() - 1);
}

Cell Interpreter::call(const Cell& callee, std::span<const Cell> arguments, EventKind kind, unsigned depth) {
  if (depth > kMostDepth) {
    note(EventKind::Call, "calls within calls are nested too deep to follow", kNoReference,
         scan::Effect::Deferred);
    return Cell::of(Tag::Opaque);
  }
  switch (callee.tag()) {
    case Tag::Global: return call_global(static_cast<std::uint32_t>(callee.bits), arguments, kind, depth);
    case Tag::Partial: return call_partial(callee, arguments, kind, depth);
    case Tag::Result: {
      const Expression& made = expressions_[callee.bits];
      const scan::Effect effect = made.effect == scan::Effect::None ? scan::Effect::Unlisted : made.effect;
      std::string text = describe_call(callee, arguments);
      note(EventKind::Call, text, kNoReference, effect);
      if (settings_.trace) trace_line(offset_of(op_), text);
      call_hidden(callee, arguments, depth);
      return expression(std::move(text), effect);
    }
    case Tag::Instance: {
      const auto id = static_cast<std::uint32_t>(callee.bits);
      note(EventKind::CallInstance, describe_call(callee, arguments), id, out_.references[id].known.effect);
      return Cell::of(Tag::Opaque);
    }
    case Tag::Opaque:
    case Tag::Storage:
    case Tag::Dtype: {
      std::string text = describe_call(callee, arguments);
      note(EventKind::Call, text, kNoReference, scan::Effect::Unlisted);
      return expression(std::move(text), scan::Effect::Unlisted);
    }
    default: break;
  }
  give_up(Ending::Malformed, EventKind::Stack, describe(callee) + " cannot be called");
  return Cell::of(Tag::Opaque);
}

Cell Interpreter::call_global(std::uint32_t id, std::span<const Cell> arguments, EventKind kind,
                              unsigned depth) {
  const Details details = details_[id];
  const Role role = kind == EventKind::Make && details.role != Role::ArrayWrapper ? Role::None : details.role;
  {
    Reference& reference = out_.references[id];
    if (kind == EventKind::Make && !reference.invoked) reference.made = true;
    if (kind != EventKind::Make) reference.made = false;
    reference.invoked = true;
    if (allowed_ && kind == EventKind::Make && !reference.known.weights_only)
      refuse("NEWOBJ of " + reference.subject());
  }
  std::string text;
  // The bytes are inspected as an artifact of their own; the call adds nothing to their verdict.
  const bool plain_bytes = role == Role::LoadBytes && arguments.size() == 1 && arguments[0].is_bytes();
  const bool prepares = kind == EventKind::Call && only_prepares(role, arguments) &&
                        (role != Role::Attribute || out_.references[id].reached_name == "getattr");
  const bool vouched = plain_bytes || prepares || is_vouched(out_.references[id], kind);
  if (!vouched || settings_.everything || settings_.trace) {
    const Cell callee = Cell::of(Tag::Global, id);
    std::vector<Cell> shown;
    if (kind == EventKind::Make) shown.push_back(callee);
    shown.insert(shown.end(), arguments.begin(), arguments.end());
    const std::string_view suffix = kind == EventKind::Make ? ".__new__" : "";
    text = describe(callee) + std::string(suffix) + "(" + describe_items(shown, 0) + ")";
    if (!vouched || settings_.everything) {
      if (++details_[id].events <= kEventsPerReference || settings_.everything)
        note(kind, text, id, out_.references[id].known.effect);
      else
        out_.suppressed = true;
    }
    if (settings_.trace) trace_line(offset_of(op_), text);
  }
  std::optional<Cell> result;
  if (details.pure != nullptr && kind == EventKind::Call) result = evaluator_.call(details.pure, arguments);
  if (!result && role != Role::None) result = play(role, id, arguments, depth);
  if (result && prepares && result->is(Tag::Global)) out_.references[result->bits].attribute = true;
  if (result && prepares && result->is(Tag::Partial) && prepared_.size() < kMostPrepared)
    prepared_.emplace(result->bits, offset_of(op_));
  if (result) return *result;

  const Reference& reference = out_.references[id];
  const scan::Effect effect = reference.known.effect;
  if (effect == scan::Effect::Unpickle) nested(reference, arguments, "pickle");
  if (effect == scan::Effect::Deferred) call_hidden(Cell::of(Tag::Global, id), arguments, depth);
  const bool instance = kind == EventKind::Make && reference.known.assumed;
  if (details.pure != nullptr || (!vouched && !instance && reference.known.trust == scan::Trust::Dangerous)) {
    if (text.empty()) text = describe(Cell::of(Tag::Global, id)) + "(" + describe_items(arguments, 0) + ")";
    return expression(std::move(text), details.pure != nullptr ? scan::Effect::None : effect);
  }
  return Cell::of(Tag::Instance, id);
}

Cell Interpreter::call_partial(const Cell& callee, std::span<const Cell> arguments, EventKind kind,
                               unsigned depth) {
  const auto kept = store_.items(callee);
  if (!kept || kept->empty()) {
    note(EventKind::Call, describe_call(callee, arguments), kNoReference, scan::Effect::Deferred);
    return Cell::of(Tag::Opaque);
  }
  const std::vector<Cell> items(kept->begin(), kept->end());
  const Role role = items[0].is(Tag::Global) ? details_[items[0].bits].role : Role::None;
  const auto first = arguments.empty() ? Cell::of(Tag::Opaque) : arguments[0];
  if (role == Role::Attrgetter && items.size() > 1 && items[1].is_text()) {
    const bool part = items.size() == 2 && is_part(first, items[1]);
    if (!part) note_reach(callee, arguments);
    auto found = attribute(first, items[1].text());
    if (found && part && found->is(Tag::Global)) out_.references[found->bits].attribute = true;
    if (found) return *found;
    return expression(describe_call(callee, arguments), scan::Effect::Attribute);
  }
  if (role == Role::Itemgetter && items.size() > 1) {
    if (first.is(Tag::Global)) note_reach(callee, arguments);
    auto found = item_of(first, items[1]);
    if (found) return *found;
    return expression(describe_call(callee, arguments), scan::Effect::Attribute);
  }
  if (role == Role::Methodcaller && items.size() > 1 && items[1].is_text()) {
    const auto method = attribute(first, items[1].text());
    if (!is_part(first, items[1])) note_reach(callee, arguments);
    if (method) return call(*method, std::span(items).subspan(2), kind, depth + 1);
    return expression(describe_call(callee, arguments), scan::Effect::Attribute);
  }
  std::vector<Cell> all(items.begin() + 1, items.end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return call(items[0], all, kind, depth + 1);
}

// An attrgetter or its like is applied to what hands out more than its own parts: then it was not harmless to
// make it either.
void Interpreter::note_reach(const Cell& callee, std::span<const Cell> arguments) {
  const auto kept = store_.items(callee);
  const std::uint32_t id = kept ? static_cast<std::uint32_t>(kept->front().bits) : kNoReference;
  if (const auto made = prepared_.find(callee.bits); made != prepared_.end()) {
    const auto* const here = std::exchange(op_, content_.data() + made->second);
    note(EventKind::Call, describe(callee), id, scan::Effect::Attribute);
    op_ = here;
    prepared_.erase(made);
  }
  note(EventKind::Call, describe_call(callee, arguments), id, scan::Effect::Attribute);
}

void Interpreter::nested(const Reference& loader, std::span<const Cell> arguments, std::string_view as) {
  for (const Cell& argument : arguments) {
    if (!argument.is_bytes() && !argument.is(Tag::Legacy)) continue;
    if (argument.length() == 0 || out_.nested.size() >= kMostNested) continue;
    Nested found{.offset = offset_of(op_), .loader = loader.subject(), .as = as, .slice = {}, .owned = {}};
    const bool inside = argument.data >= content_.data() && argument.data < content_.data() + content_.size();
    if (inside) {
      found.slice = argument.view();
    } else {
      found.owned.assign(argument.data, argument.data + argument.length());
    }
    out_.nested.push_back(std::move(found));
    return;
  }
}

void Interpreter::build(const Cell& instance, const Cell& state) {
  look_for_hooks(state, instance);
  const auto tell = [&](EventKind kind, std::uint32_t id, scan::Effect effect) {
    std::string text = describe(instance) + ".__setstate__(" + describe(state) + ")";
    if (settings_.trace) trace_line(offset_of(op_), text);
    note(kind, std::move(text), id, effect);
  };
  switch (instance.tag()) {
    case Tag::Global: {
      const auto id = static_cast<std::uint32_t>(instance.bits);
      refuse("BUILD of a global");
      out_.references[id].invoked = true;
      return tell(EventKind::Pollute, id, out_.references[id].known.effect);
    }
    case Tag::Instance: {
      const auto id = static_cast<std::uint32_t>(instance.bits);
      const Reference& reference = out_.references[id];
      if (allowed_ && !reference.known.weights_only) refuse("BUILD of " + reference.subject());
      const bool vouched = reference.known.trust == scan::Trust::Safe && reference.known.contract.build;
      if (!vouched || settings_.everything || settings_.trace) {
        if (++details_[id].events <= kEventsPerReference || settings_.everything)
          tell(EventKind::Build, id, reference.known.effect);
        else
          out_.suppressed = true;
      }
      if (details_[id].role == Role::ArrayWrapper) array_follows(state);
      return;
    }
    case Tag::Dtype: {
      // (version, order, subarray, names, fields, size, alignment, flags): bit 0 of the flags says "objects".
      const auto items = state.is(Tag::Tuple) ? store_.items(state) : std::nullopt;
      if (items && items->size() >= 8) {
        const auto flags = Evaluator::integer((*items)[7]);
        store_.mutable_of(instance.bits).objects = flags && (*flags & 1) != 0;
      }
      return;
    }
    case Tag::Result: return tell(EventKind::Build, kNoReference, expressions_[instance.bits].effect);
    case Tag::Partial: {
      // functools.partial.__setstate__((f, args, keywords, dict)) replaces what will be called.
      const auto items = state.is(Tag::Tuple) ? store_.items(state) : std::nullopt;
      if (!items || items->size() < 2) return;
      std::vector<Cell> all = {(*items)[0]};
      const auto more = store_.contents((*items)[1]);
      if (more) all.insert(all.end(), more->begin(), more->end());
      stack_[top_ - 1] = Cell::of(Tag::Partial, store_.keep(all.data(), all.size(), all.size()), all.size());
      return;
    }
    case Tag::Opaque:
    case Tag::Storage: return;
    default: break;
  }
  if (state.is(Tag::None)) return;
  note(EventKind::Oddity, describe(instance) + " has no state that BUILD could set");
}

void Interpreter::look_for_hooks(const Cell& state, const Cell& instance) {
  const auto look = [&](const Cell& part) {
    if (!part.is(Tag::Dict)) return;
    const auto items = store_.contents(part);
    if (!items) return;
    for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
      const Cell& key = (*items)[i];
      if (!key.is_text() || !is_hook(key.text())) continue;
      note(EventKind::Hook,
           describe(instance) + "." + std::string(key.text()) + " = " + describe((*items)[i + 1]));
    }
  };
  look(state);
  if (!state.is(Tag::Tuple) || state.length() != 2) return;
  const auto parts = store_.items(state);
  if (!parts) return;
  const Cell first = (*parts)[0];
  const Cell second = (*parts)[1];
  look(first);
  look(second);
}

// joblib writes the array's bytes into the stream right behind the BUILD of its wrapper.
void Interpreter::array_follows(const Cell& state) {
  const auto items = store_.contents(state);
  const auto field = [&](std::string_view name) -> const Cell* {
    for (std::size_t i = 0; items && i + 1 < items->size(); i += 2)
      if ((*items)[i].is_text() && (*items)[i].text() == name) return &(*items)[i + 1];
    return nullptr;
  };
  const Cell* dtype = field("dtype");
  const Cell* shape = field("shape");
  const auto sizes = shape == nullptr ? std::nullopt : store_.contents(*shape);
  if (dtype == nullptr || !dtype->is(Tag::Dtype) || !sizes) {
    note(EventKind::Wrapper, "shape or dtype of a joblib array cannot be read");
    return;
  }
  const Mutable* changed = store_.find(dtype->bits);
  // Object arrays are a pickle of their own in the stream; the caller finds it as the next pickle and comes
  // back.
  if (dtype->has(Cell::kObjects) || (changed != nullptr && changed->objects)) {
    frame_end_ = end_;
    at_ = content_.data() + nested_in_line(offset_of(at_));
    return;
  }
  std::uint64_t size = dtype->length();
  for (const Cell& extent : *sizes) {
    const auto count = Evaluator::integer(extent);
    if (!count || *count < 0 || __builtin_mul_overflow(size, static_cast<std::uint64_t>(*count), &size)) {
      note(EventKind::Wrapper, "shape of a joblib array is impossible: " + describe(*shape));
      return;
    }
  }
  frame_end_ = end_;
  const Cell* alignment = field("numpy_array_alignment_bytes");
  if (alignment != nullptr && !alignment->is(Tag::None)) {
    const std::uint8_t* padding = take(1);
    if (padding == nullptr || take(*padding) == nullptr) return;
  }
  if (static_cast<std::uint64_t>(end_ - at_) < size) {
    note(EventKind::Wrapper, "a joblib array of " + std::to_string(size) + " bytes is cut short");
    return truncated("array bytes");
  }
  at_ += size;
}

void Interpreter::assign(const Cell& target, std::span<const Cell> items, std::string_view how) {
  std::uint32_t id = kNoReference;
  scan::Effect effect = scan::Effect::None;
  switch (target.tag()) {
    case Tag::Instance: {
      // Subclasses of list, dict and set; their class was judged when the instance was made.
      const Reference& reference = out_.references[target.bits];
      if (allowed_ && reference.subject() != "collections.OrderedDict" &&
          reference.subject() != "collections.Counter")
        refuse("item assignment to " + reference.subject());
      return;
    }
    case Tag::Opaque:
    case Tag::Dtype:
    case Tag::Storage: return;
    case Tag::Partial: break;
    case Tag::Global:
      id = static_cast<std::uint32_t>(target.bits);
      out_.references[id].invoked = true;
      effect = out_.references[id].known.effect;
      break;
    case Tag::Result: effect = expressions_[target.bits].effect; break;
    case Tag::ByteArray:
    case Tag::List: return;  // bytearray.extend, list.__setitem__
    default:
      return give_up(Ending::Malformed, EventKind::Stack,
                     describe(target) + " has no method " + std::string(how));
  }
  std::string text = describe(target) + "." + std::string(how) + "(" + describe_items(items, 0) + ")";
  if (settings_.trace) trace_line(offset_of(op_), text);
  note(EventKind::Assign, std::move(text), id, effect);
}

// Programs that lie in plain data do not run; that they are there is worth knowing.
void Interpreter::look_at_data(const Cell& data) {
  const std::string_view text = data.text();
  std::optional<Cell> decoded;
  if (data.is(Tag::Str)) {
    constexpr std::string_view kStatements[] = {"__import__(", "eval(", "exec(", "from ", "import "};
    for (const std::string_view statement : kStatements) {
      const bool import_of =
          statement != "from " || text.substr(0, 200).find(" import ") != std::string_view::npos;
      if (text.starts_with(statement) && import_of) return note(EventKind::Inert, describe(data));
    }
    if (text.size() > kLargestEncoded) return;
    if (text.starts_with("gA")) decoded = decode_as(evaluator_, data, "base64");
    if (text.starts_with("80")) decoded = decode_as(evaluator_, data, "hex");
    if (!decoded) return;
  } else {
    if (data.data[0] != 0x80 && data.data[0] != 'c' && data.data[0] != '(') return;
    decoded = data;
  }
  const Probe look = probe(decoded->view(), 0);
  if ((look.header || look.imports) && look.certain() && look.opcodes >= 3)
    note(EventKind::Inert, "a pickle among the data: " + describe(data));
}

void Interpreter::look_at_discarded(const Cell& data) {
  if (!data.is_view() || data.is(Tag::BigInt) || data.length() < 16) return;
  if (data.data < content_.data() || data.data >= end_ || data.data < searched_to_) return;
  searched_to_ = data.data + data.length();
  const auto found = find_pickle(data.view(), 0, data.length());
  if (!found) return;
  const Probe look = probe(data.view(), *found);
  if (look.imports && look.calls)
    note(EventKind::Discarded, "bytes that are thrown away hold a program at offset " +
                                   std::to_string(offset_of(data.data) + *found));
}

void Interpreter::expands(const Cell& container) {
  if (told_expansion_) return;
  told_expansion_ = true;
  const Mutable* entry = container.is_mutable() ? store_.find(container.bits) : nullptr;
  note(EventKind::Expansion,
       entry != nullptr && entry->self >= 8
           ? "a container holds itself " + std::to_string(entry->self) + " times"
           : "containers share their parts so often that walking them takes more than 2^28 steps");
}

std::uint64_t Interpreter::nested_in_line(std::uint64_t begin) {
  if (in_line_ >= kMostDepth) {
    note(EventKind::Wrapper, "object arrays are nested too deep");
    return begin;
  }
  ++in_line_;
  auto stack = std::exchange(stack_, {});
  auto marks = std::exchange(marks_, {});
  auto memo = std::exchange(memo_, Memo(content_));
  auto stream = std::exchange(stream_, {});
  const auto registers =
      std::tuple(top_, fence_, protocol_, drop_frames_, crossed_frame_, allowed_, value_, op_);
  const Stream inner = run(begin, false);
  stack_ = std::move(stack);
  marks_ = std::move(marks);
  memo_ = std::move(memo);
  stream_ = std::move(stream);
  std::tie(top_, fence_, protocol_, drop_frames_, crossed_frame_, allowed_, value_, op_) = registers;
  frame_end_ = end_;
  running_ = true;
  --in_line_;
  if (inner.ending != Ending::Stopped)
    give_up(inner.ending, EventKind::Wrapper, "the pickle of an object array is defective: " + inner.error);
  return inner.end;
}

}  // namespace bulwark::pickle
