// Pickles: Python's serialisation, which is a program. Judged by what the program does when it is loaded,
// never by the strings in it.

#include <algorithm>

#include "base/text.h"
#include "scan/formats/pickle/machine.h"
#include "scan/formats/pickle/names.h"
#include "scan/formats/pickle/probe.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/pickle_rules.h"

namespace bulwark::scan::inspectors {
namespace {

using namespace pickle_rules;  // NOLINT(google-build-using-namespace): the texts of this very inspector
using bulwark::pickle::Analysis;
using bulwark::pickle::Ending;
using bulwark::pickle::Event;
using bulwark::pickle::EventKind;
using bulwark::pickle::is_class_name;
using bulwark::pickle::kNoReference;
using bulwark::pickle::Probe;
using bulwark::pickle::Reference;
using bulwark::pickle::Stream;

// Names listed in one fact.
constexpr std::size_t kMostNames = 12;

const Rule& rule_for(Effect effect) {
  switch (effect) {
    case Effect::Execute: return kExecute;
    case Effect::Evaluate: return kEvaluate;
    case Effect::NativeLoad: return kNativeLoad;
    case Effect::Network: return kNetwork;
    case Effect::FileWrite: return kFileWrite;
    case Effect::FileRead: return kFileRead;
    case Effect::Import: return kImport;
    case Effect::Attribute: return kAttribute;
    case Effect::Unpickle: return kUnpickle;
    case Effect::Environment: return kEnvironment;
    case Effect::Deferred: return kDeferred;
    case Effect::Tamper: return kTamper;
    case Effect::Unlisted: return kAssumed;
    case Effect::None: break;
  }
  return kUnknownInvoked;
}

const Rule& rule_for(const Reference& reference) {
  const bool unlisted = reference.known.effect == Effect::Unlisted;
  return unlisted && is_standard_library(reference.reached_module) ? kUnlisted
                                                                   : rule_for(reference.known.effect);
}

class Judge {
 public:
  Judge(Inspection& in, const Analysis& analysis) : in_(in), analysis_(analysis) {}

  void run() {
    for (const Event& event : analysis_.events) judge(event);
    for (const Reference& reference : analysis_.references) judge(reference);
    for (std::size_t i = 0; i < analysis_.streams.size(); ++i) judge(analysis_.streams[i], i);
    judge_trailing();
    hand_on();
    state_facts();
  }

 private:
  // Bytes that look like a pickle by chance: found by searching, without a name in them, and not even whole.
  [[nodiscard]] bool is_chance(std::uint32_t index) const {
    if (index >= analysis_.streams.size() || !analysis_.streams[index].after_junk || index == 0) return false;
    return analysis_.streams[index].ending != Ending::Stopped &&
           std::ranges::none_of(analysis_.references,
                                [&](const Reference& one) { return one.stream == index; });
  }

  void report(const Rule& rule, const Event& event, std::string message,
              std::optional<Severity> severity = {}) {
    std::string subject;
    if (event.reference != kNoReference) subject = analysis_.references[event.reference].subject();
    if (event.frame_reading) message += " (when the frame is read as old CPython reads it from a file)";
    in_.report(rule, {.place = {.offset = event.offset},
                      .message = std::move(message),
                      .evidence = event.text,
                      .subject = std::move(subject),
                      .severity = severity});
  }

  void judge(const Event& event) {
    const Reference* reference =
        event.reference == kNoReference ? nullptr : &analysis_.references[event.reference];
    switch (event.kind) {
      case EventKind::Import: return;  // judged once for each reference
      case EventKind::Call:
      case EventKind::CallInstance: return judge_call(event, reference);
      case EventKind::Make: return judge_make(event, *reference);
      case EventKind::Build:
        // What a function of the library returns, the library may give a state.
        if (reference != nullptr && reference->known.trust == Trust::Safe && !is_function(*reference))
          report(kContract, event,
                 "sets the state of " + reference->subject() + ", which its library never does",
                 Severity::Medium);
        return;
      case EventKind::Pollute: return report(kPollute, event, "sets attributes of " + subject(reference));
      case EventKind::Assign:
        report(kAssign, event, "assigns items to " + subject(reference));
        if (reference != nullptr && reference->known.trust == Trust::Dangerous)
          report(kTamper, event, "changes " + subject(reference));
        return;
      case EventKind::Hook: return report(kHook, event, "state defines a special method");
      case EventKind::Computed:
        return report(kComputed, event,
                      reference == nullptr ? "the imported name is computed and cannot be told"
                                           : "computes the name of " + reference->subject());
      case EventKind::Extension: return report(kExtension, event, event.text);
      case EventKind::Tensor: return report(kTensor, event, event.text);
      case EventKind::Expansion: return report(kExpansion, event, event.text);
      case EventKind::Wrapper: return report(kWrapper, event, event.text);
      default: break;
    }
    if (is_chance(event.stream)) return;
    switch (event.kind) {
      case EventKind::Lexical: return report(kLexical, event, event.text);
      case EventKind::FrameEdge: return report(kFrameEdge, event, event.text);
      case EventKind::Oddity: return report(kStack, event, event.text, Severity::Info);
      case EventKind::Inert:
        return report(kNested, event, "plain data reads like a program; nothing in this pickle runs it");
      case EventKind::Discarded: return report(kStack, event, event.text, Severity::High);
      case EventKind::Memo: return report(kMemo, event, event.text);
      case EventKind::Stack: return report(kStack, event, event.text);
      case EventKind::Protocol: return report(kStack, event, event.text, Severity::Low);
      case EventKind::BadOpcode: return report(kBadOpcode, event, event.text);
      case EventKind::Truncated:
        return report(event.text.ends_with("STOP") ? kNoStop : kTruncated, event, event.text);
      default: return;
    }
  }

  [[nodiscard]] static std::string subject(const Reference* reference) {
    return reference == nullptr ? "the result of a call" : reference->subject();
  }

  [[nodiscard]] static bool is_function(const Reference& reference) {
    const char first = reference.reached_name[reference.reached_name.rfind('.') + 1];
    return reference.known.contract.call && (first == '_' || (first >= 'a' && first <= 'z'));
  }

  // Nested classes and methods of classes are pickled by dotted names; a chain of calls needs more than that.
  [[nodiscard]] static std::optional<Severity> severity_of_walk(const Reference& reference) {
    const bool library = reference.known.trust == Trust::Unknown || reference.known.assumed;
    const std::string owner = reference.reached_name.substr(0, reference.reached_name.rfind('.'));
    const bool calls_method = reference.invoked && !reference.made && !is_class_name(reference.reached_name);
    if (!library || calls_method || !is_class(reference.reached_module, owner)) return {};
    return Severity::Low;
  }

  [[nodiscard]] static bool is_class(const std::string& module, const std::string& name) {
    if (look_up(module, name).contract.make) return true;
    return std::ranges::all_of(split(name, '.'), is_class_name);
  }

  // What a package says of its functions when it only means that its pickles do not have them.
  [[nodiscard]] static bool is_default(Effect effect) {
    return effect == Effect::Unlisted || effect == Effect::Deferred;
  }

  void judge_call(const Event& event, const Reference* reference) {
    if (reference == nullptr)
      return report(rule_for(event.effect), event, "calls the result of another call");
    const std::string name = reference->subject();
    switch (reference->known.trust) {
      case Trust::Dangerous: return report(rule_for(*reference), event, "calls " + name);
      case Trust::Unknown: return report(kUnknownInvoked, event, "calls " + name);
      case Trust::Safe:
        if (event.kind == EventKind::Call && reference->known.contract.call) return;
        return report(kContract, event, "calls " + name + ", which its library never does");
    }
  }

  void judge_make(const Event& event, const Reference& reference) {
    const std::string name = reference.subject();
    // No function has a __new__ that makes anything: it is a class with the name of a function.
    if (reference.known.assumed) return report(kUnknownReferenced, event, "makes an instance of " + name);
    switch (reference.known.trust) {
      case Trust::Dangerous: return report(rule_for(reference), event, "makes an instance of " + name);
      case Trust::Unknown: return report(kUnknownReferenced, event, "makes an instance of " + name);
      case Trust::Safe:
        if (reference.known.contract.make || reference.known.contract.call) return;
        return report(kContract, event, "makes an instance of " + name + ", which its library never does",
                      Severity::Medium);
    }
  }

  void judge(const Reference& reference) {
    if (reference.derived && !reference.attribute) return;
    const std::string name = reference.subject();
    const auto tell = [&](const Rule& rule, std::string message, std::optional<Severity> severity = {}) {
      in_.report(rule, {.place = {.offset = reference.offset},
                        .message = std::move(message),
                        .evidence = reference.written_module + ":" + reference.written_name,
                        .subject = name,
                        .severity = severity});
    };
    const bool safe = reference.known.trust == Trust::Safe;
    if (reference.reexported || (reference.dunder && !safe))
      tell(kThrough, reference.module + ":" + reference.name + " reaches " + name);
    else if (reference.dotted && !safe && !reference.derived)
      tell(kDotted, reference.module + ":" + reference.name + " walks attributes",
           severity_of_walk(reference));
    if (reference.invoked || safe) return;
    if (reference.known.trust == Trust::Unknown) return tell(kUnknownReferenced, "references " + name);
    if (reference.known.assumed && is_default(reference.known.effect))
      return tell(kUnknownReferenced, "references " + name);
    if (reference.known.effect == Effect::Unlisted && is_standard_library(reference.reached_module))
      return tell(kUnlisted, "references " + name, Severity::Medium);
    const bool vague = reference.known.effect == Effect::Unlisted || reference.known.assumed;
    tell(kReferenced, "references " + name + " (" + std::string(name_of(reference.known.effect)) + ")",
         vague ? std::optional(Severity::Medium) : std::nullopt);
  }

  void judge(const Stream& stream, std::size_t index) {
    const Place place{.offset = stream.begin};
    if (stream.ending == Ending::Limit) in_.gap(GapReason::Limit, stream.error, {.offset = stream.end});
    const bool chance = is_chance(static_cast<std::uint32_t>(index));
    if (stream.ending == Ending::Truncated && !chance) in_.gap(GapReason::Truncated, stream.error, place);
    if (stream.ending == Ending::Malformed && !chance) in_.gap(GapReason::Malformed, stream.error, place);
    if (chance || (index == 0 && !stream.after_junk) ||
        (analysis_.torch_legacy && index < 5 && !stream.after_junk))
      return;
    if (stream.after_junk)
      in_.report(kFurther, {.place = place, .message = "a pickle lies behind bytes that belong to none"});
    else
      in_.report(kFurther, {.place = place,
                            .message = "pickle number " + std::to_string(index + 1) + " of the file",
                            .severity = Severity::Info});
  }

  void judge_trailing() {
    if (analysis_.skipped > 0)
      in_.gap(GapReason::Limit,
              std::to_string(analysis_.skipped) +
                  " bytes behind the pickle were not searched for further pickles",
              {.offset = analysis_.trailing_offset});
    if (analysis_.trailing == 0) return;
    const Bytes rest = in_.bytes().subspan(analysis_.trailing_offset);
    const bool zeros =
        rest.size() <= 65'536 && std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
    in_.report(kTrailing,
               {.place = {.offset = analysis_.trailing_offset},
                .message = human_size(rest.size()) + (zeros ? " of zeros follow" : " of other data follow"),
                .severity = zeros ? Severity::Info : Severity::Medium});
    // An appended zip is found by its own inspector, which looks at the end of every file.
    if (!zeros && !has_magic(rest, "PK\x03\x04"))
      in_.child("trailing data at " + std::to_string(analysis_.trailing_offset), rest);
  }

  void hand_on() {
    for (const auto& found : analysis_.nested) {
      const std::string name = (found.as.empty() ? std::string("content") : std::string(found.as)) + " at " +
                               std::to_string(found.offset);
      const Bytes content = found.owned.empty() ? found.slice : Bytes(found.owned);
      in_.report(kNested, {.place = {.offset = found.offset},
                           .message = human_size(content.size()) + " are given to " + found.loader,
                           .subject = found.loader});
      // torch.load and its like read archives as well.
      const bool other = has_magic(content, "PK\x03\x04");
      if (found.owned.empty())
        in_.child(name, found.slice, other ? std::string_view{} : found.as);
      else
        in_.child(name, found.owned, other ? std::string_view{} : found.as);
    }
  }

  void state_facts() {
    const Stream& first = analysis_.streams.front();
    in_.fact("protocol", std::to_string(first.protocol));
    if (analysis_.streams.size() > 1) in_.fact("pickles", std::to_string(analysis_.streams.size()));
    if (analysis_.torch_legacy) in_.fact("layout", "torch legacy");
    std::string refused;
    for (const Stream& stream : analysis_.streams)
      if (refused.empty() && !stream.after_junk) refused = stream.refused;
    in_.fact("weights_only", refused.empty() ? "loads" : "refused: " + refused);
    std::string names;
    std::size_t listed = 0;
    for (const Reference& reference : analysis_.references) {
      if (reference.derived || ++listed > kMostNames) continue;
      names += (names.empty() ? "" : ", ") + reference.subject();
    }
    if (listed > kMostNames) names += " and " + std::to_string(listed - kMostNames) + " more";
    if (listed > 0) in_.fact("imports", names);
    if (analysis_.suppressed)
      in_.gap(GapReason::Limit, "the pickle repeats itself so often that not every call is shown");
    in_.trace(analysis_.trace);
  }

  Inspection& in_;
  const Analysis& analysis_;
};

Match recognises(Bytes content) {
  if (content.size() < 2) return Match::No;
  Probe look = bulwark::pickle::probe(content, 0);
  if (look.certain()) return look.header ? Match::Strong : look.imports ? Match::Strong : Match::Weak;
  if (look.likely()) return Match::Weak;
  const std::uint64_t behind = bulwark::pickle::skip_disguise(content);
  if (behind == 0) return Match::No;
  look = bulwark::pickle::probe(content, behind);
  return look.imports && look.calls ? Match::Weak : Match::No;
}

// A weak resemblance that came to nothing: no names, and it does not even end like a pickle.
bool is_none(Bytes content, const Analysis& analysis) {
  const Probe look = bulwark::pickle::probe(content, 0);
  if (look.certain() || (look.header && look.opcodes >= 3) || (look.memo && look.opcodes >= 6)) return false;
  const Stream& first = analysis.streams.front();
  const bool named = std::ranges::any_of(analysis.references, [](const Reference& one) {
    return one.known.trust != Trust::Unknown || one.invoked;
  });
  if (named) return false;
  if (first.ending == Ending::Stopped) return analysis.trailing > 0 && !look.header;
  return !(first.ending == Ending::Truncated && (look.header || look.structured));
}

Result<void> inspect(Inspection& in) {
  const bulwark::pickle::Settings settings{
      .limits = in.limits(), .trace = in.options().trace, .deep = in.options().deep};
  if (in.bytes().empty()) return fail(Code::Unsupported, "empty");
  const Analysis analysis = bulwark::pickle::analyse(in.bytes(), settings);
  if (is_none(in.bytes(), analysis))
    return fail(Code::Unsupported, "not a pickle: " + analysis.streams.front().error);
  Judge(in, analysis).run();
  return {};
}

}  // namespace

const Inspector pickle{
    .name = "pickle",
    .version = "1",
    .rules = kAll,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
