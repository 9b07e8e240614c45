#include "scan/formats/r_serial.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// Types of src/main/serialize.c; below 100 they are R's own SEXPTYPEs.
enum Type : std::uint32_t {
  kNil = 0,
  kSymbol = 1,
  kPairlist = 2,
  kClosure = 3,
  kEnvironment = 4,
  kPromise = 5,
  kLanguage = 6,
  kSpecial = 7,
  kBuiltin = 8,
  kChar = 9,
  kLogical = 10,
  kInteger = 13,
  kReal = 14,
  kComplex = 15,
  kString = 16,
  kDots = 17,
  kAny = 18,
  kVector = 19,
  kExpression = 20,
  kBytecode = 21,
  kExternalPointer = 22,
  kWeakReference = 23,
  kRaw = 24,
  kS4 = 25,
  kAltrep = 238,
  kAttributePairlist = 239,
  kAttributeLanguage = 240,
  kBaseEnvironment = 241,
  kEmptyEnvironment = 242,
  kCodeReference = 243,
  kCodeDefinition = 244,
  kGenericReference = 245,
  kClassReference = 246,
  kBaseNamespace = 247,
  kPersistent = 248,
  kNamespace = 249,
  kPackage = 250,
  kMissing = 251,
  kUnbound = 252,
  kGlobal = 253,
  kNilValue = 254,
  kReference = 255,
};

enum class Layout : std::uint8_t { Xdr, Native, Ascii };

constexpr std::array<std::string_view, 6> kWorkspaceMagic = {"RDX2\n", "RDX3\n", "RDA2\n",
                                                             "RDA3\n", "RDB2\n", "RDB3\n"};

std::uint64_t workspace_prefix(Bytes content) {
  return std::ranges::any_of(kWorkspaceMagic, [&](std::string_view m) { return has_magic(content, m); }) ? 5
                                                                                                         : 0;
}

// Numbers and bytes in the layout of the stream.
class Input {
 public:
  Input(Bytes bytes, std::uint64_t offset, Layout layout) : in_(bytes, offset), layout_(layout) {}

  [[nodiscard]] std::uint64_t offset() const { return in_.offset(); }
  [[nodiscard]] std::uint64_t remaining() const { return in_.remaining(); }
  [[nodiscard]] Layout layout() const { return layout_; }

  Result<std::int32_t> integer(std::string_view what) {
    if (layout_ == Layout::Xdr) return in_.big_endian<std::int32_t>(what);
    if (layout_ == Layout::Native) return in_.little_endian<std::int32_t>(what);
    const std::uint64_t at = offset();
    const std::string_view word = TRY(next_word(what));
    if (word == "NA") return std::numeric_limits<std::int32_t>::min();
    std::int32_t value = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != word.data() + word.size())
      return fail(Code::InvalidInput, std::string(what) + ": not a number: " + printable(word, 40), at);
    return value;
  }

  // The same without its sign: types, flags, counters.
  Result<std::uint32_t> word(std::string_view what) {
    const std::int32_t value = TRY(integer(what));
    return static_cast<std::uint32_t>(value);
  }

  // `count` values of `size` bytes; in ASCII one word each (complex: two).
  Result<void> skip_values(std::uint64_t count, std::uint64_t size, std::string_view what) {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes))
      return fail(Code::InvalidInput, std::string(what) + ": length " + std::to_string(count), offset());
    if (layout_ != Layout::Ascii) return in_.skip(bytes, what);
    const std::uint64_t words = size == 16 ? count * 2 : count;
    if (words > remaining())
      return fail(Code::InvalidInput, std::string(what) + ": longer than the file", offset());
    for (std::uint64_t i = 0; i < words; ++i) TRY(next_word(what));
    return {};
  }

  // Text of `length` bytes. In ASCII it is written with C escapes.
  Result<std::string_view> text(std::uint64_t length, std::string_view what) {
    if (layout_ != Layout::Ascii) {
      const Bytes taken = TRY(in_.take(length, what));
      return text_of(taken);
    }
    skip_blanks();
    const std::uint64_t start = offset();
    const std::string_view rest = text_of(in_.rest());
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < length; ++i) {
      if (at >= rest.size())
        return fail(Code::InvalidInput, std::string(what) + ": text ends early", start + at);
      if (rest[at] != '\\') {
        ++at;
        continue;
      }
      at += 2;
      for (int digits = 1; digits < 3 && at < rest.size() && rest[at - 1] >= '0' && rest[at - 1] <= '7' &&
                           rest[at] >= '0' && rest[at] <= '7';
           ++digits)
        ++at;
    }
    at = std::min(at, rest.size());
    TRY(in_.skip(at, what));
    return rest.substr(0, at);
  }

 private:
  static bool blank(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  void skip_blanks() {
    const Bytes rest = in_.rest();
    const auto end = std::ranges::find_if_not(rest, blank);
    in_ = ByteReader(whole(), offset() + static_cast<std::uint64_t>(end - rest.begin()));
  }
  [[nodiscard]] Bytes whole() const {
    ByteReader from_start = in_;
    return from_start.seek(0, "start") ? from_start.rest() : Bytes{};
  }
  Result<std::string_view> next_word(std::string_view what) {
    skip_blanks();
    const std::string_view rest = text_of(in_.rest()).substr(0, 64);
    const std::size_t end = rest.find_first_of(" \n\r\t");
    if (rest.empty()) return fail(Code::InvalidInput, std::string(what) + ": the text ends", offset());
    const std::string_view word = rest.substr(0, end);
    TRY(in_.skip(word.size(), what));
    return word;
  }

  ByteReader in_;
  Layout layout_;
};

// What the caller of an item needs to know about it.
struct Item {
  std::uint32_t type = kNilValue;
  std::string_view text;        // of a symbol, or of the first string of a vector
  std::uint32_t reference = 0;  // index of a symbol in the reference table, from 1
};

// Where an item stands.
struct Frame {
  RContext context = RContext::Value;
  std::uint32_t depth = 0;
  std::string_view binding = {};
  bool top_level = false;
};

bool runs_by_itself(std::string_view name) {
  constexpr std::array<std::string_view, 8> kHooks = {".First",  ".First.sys", ".Last",     ".Last.sys",
                                                      ".onLoad", ".onAttach",  ".onUnload", ".First.lib"};
  return std::ranges::find(kHooks, name) != kHooks.end();
}

class Walker {
 public:
  Walker(Input in, const Limits& limits, RSerial& out)
      : in_(in), max_depth_(limits.document_depth * 4), max_items_(limits.document_nodes), out_(out) {}

  [[nodiscard]] std::uint64_t offset() const { return in_.offset(); }

  Result<Item> item(Frame frame) {
    if (++items_ > max_items_) return fail(Code::LimitReached, "too many objects", offset());
    if (frame.depth > max_depth_) return fail(Code::LimitReached, "objects nest too deep", offset());
    const std::uint64_t at = offset();
    const auto flags = TRY(in_.word("object flags"));
    const std::uint32_t type = flags & 0xFF;
    ++frame.depth;
    switch (type) {
      case kPairlist:
      case kLanguage:
      case kClosure:
      case kPromise:
      case kDots:
      case kAttributePairlist:
      case kAttributeLanguage: return dotted(flags, at, frame);
      case kSymbol: return symbol(frame);
      case kEnvironment: return environment(frame);
      case kChar: return characters(flags, frame);
      case kReference: return reference(flags);
      case kBytecode: return bytecode(flags, frame);
      case kExternalPointer:
      case kWeakReference: return pointer(type, flags, frame);
      case kPersistent:
      case kNamespace:
      case kPackage: return named_place(type, frame);
      case kAltrep: return altrep(frame);
      case kSpecial:
      case kBuiltin: {
        const std::int32_t length = TRY(in_.integer("name length"));
        const std::string_view name = TRY(in_.text(static_cast<std::uint32_t>(length), "builtin name"));
        return Item{type, name, 0};
      }
      case kNil:
      case kBaseEnvironment:
      case kEmptyEnvironment:
      case kBaseNamespace:
      case kMissing:
      case kUnbound:
      case kGlobal:
      case kNilValue:
      case kGenericReference:
      case kClassReference:
      case kAny: return Item{type, {}, 0};
      default: return vector(type, flags, at, frame);
    }
  }

  // The pairlist that load() binds in the workspace.
  Result<void> workspace() {
    for (;;) {
      const std::uint64_t at = offset();
      const auto flags = TRY(in_.word("binding flags"));
      const std::uint32_t type = flags & 0xFF;
      if (type == kNilValue || type == kNil) return {};
      if (type != kPairlist) return fail(Code::InvalidInput, "workspace is no list of bindings", at);
      if ((flags & kHasAttributes) != 0) TRY(item({.depth = 1}));
      Item name;
      if ((flags & kHasTag) != 0) name = TRY(item({.depth = 1}));
      const std::uint64_t value_at = offset();
      const bool hook = runs_by_itself(name.text);
      const Item value = TRY(item({.context = hook ? RContext::Hook : RContext::Value,
                                   .depth = 1,
                                   .binding = name.text,
                                   .top_level = true}));
      out_.bindings.push_back({std::string(name.text), value_at, value.type == kClosure});
      if (++items_ > max_items_) return fail(Code::LimitReached, "too many bindings", at);
    }
  }

 private:
  static constexpr std::uint32_t kHasAttributes = 1U << 9;
  static constexpr std::uint32_t kHasTag = 1U << 10;

  Result<std::uint64_t> length(std::string_view what) {
    const std::int32_t small = TRY(in_.integer(what));
    if (small >= 0) return static_cast<std::uint64_t>(small);
    if (small != -1) return fail(Code::InvalidInput, std::string(what) + " is negative", offset());
    const std::uint64_t high = TRY(in_.word(what));
    const std::uint64_t low = TRY(in_.word(what));
    return high << 32 | low;
  }

  Result<Item> symbol(Frame frame) {
    const Item name = TRY(item(frame));
    references_.push_back(name.text);
    return Item{kSymbol, name.text, static_cast<std::uint32_t>(references_.size())};
  }
  Result<Item> characters(std::uint32_t flags, Frame frame) {
    const std::int32_t size = TRY(in_.integer("text length"));
    if (size < -1) return fail(Code::InvalidInput, "text length is negative", offset());
    std::string_view text;
    if (size >= 0) text = TRY(in_.text(static_cast<std::uint32_t>(size), "text"));
    if ((flags & kHasAttributes) != 0) TRY(item(frame));
    return Item{kChar, text, 0};
  }
  Result<Item> reference(std::uint32_t flags) {
    std::uint32_t index = flags >> 8;
    if (index == 0) index = TRY(in_.word("reference"));
    if (index == 0 || index > references_.size())
      return fail(Code::InvalidInput,
                  "reference " + std::to_string(index) + " of " + std::to_string(references_.size()),
                  offset());
    const std::string_view name = references_[index - 1];
    return Item{name.empty() ? static_cast<std::uint32_t>(kEnvironment) : static_cast<std::uint32_t>(kSymbol),
                name, index};
  }
  Result<Item> environment(Frame frame) {
    TRY(in_.integer("environment lock"));
    references_.emplace_back();
    frame.top_level = false;
    frame.binding = {};
    // A captured frame keeps what its function had: its calls are data until somebody forces them.
    frame.context = RContext::Value;
    for (int part = 0; part < 4; ++part) TRY(item(frame));  // enclosure, frame, hash table, attributes
    return Item{kEnvironment, {}, 0};
  }
  Result<Item> pointer(std::uint32_t type, std::uint32_t flags, Frame frame) {
    references_.emplace_back();
    if (type == kExternalPointer) {
      ++out_.external_pointers;
      TRY(item(frame));  // protected value
      TRY(item(frame));  // tag
    }
    if ((flags & kHasAttributes) != 0) TRY(item(frame));
    return Item{type, {}, 0};
  }
  Result<Item> named_place(std::uint32_t type, Frame frame) {
    TRY(in_.integer("name vector"));
    const std::uint64_t count = TRY(length("name count"));
    std::string_view first;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Item name = TRY(item(frame));
      if (i == 0) first = name.text;
    }
    references_.emplace_back();
    return Item{type, first, 0};
  }
  Result<Item> altrep(Frame frame) {
    for (int part = 0; part < 3; ++part) TRY(item(frame));  // class, state, attributes
    return Item{kAltrep, {}, 0};
  }

  // Everything with tag, head and tail. The tail is a loop: pairlists may be long, but not deep.
  Result<Item> dotted(std::uint32_t flags, std::uint64_t at, Frame frame) {
    const std::uint32_t type = flags & 0xFF;
    if (type == kClosure || type == kPromise) return closure_or_promise(type, flags, at, frame);
    const bool language = type == kLanguage || type == kAttributeLanguage;
    RCall call{.function = {}, .argument = {}, .offset = at, .context = frame.context};
    Frame inside{.context = frame.context, .depth = frame.depth};
    for (std::uint32_t position = 0;; ++position) {
      const std::uint32_t kind = flags & 0xFF;
      if ((flags & kHasAttributes) != 0 || kind == kAttributeLanguage || kind == kAttributePairlist)
        TRY(item(inside));
      Item tag;
      if ((flags & kHasTag) != 0) tag = TRY(item(inside));
      inside.binding = language ? std::string_view() : tag.text;
      const Item head = TRY(item(inside));
      if (language) note_part(call, position, head);
      const std::uint64_t tail_at = offset();
      flags = TRY(in_.word("list tail"));
      if (++items_ > max_items_) return fail(Code::LimitReached, "too many objects", tail_at);
      const std::uint32_t next = flags & 0xFF;
      if (next == kNilValue || next == kNil) break;
      if (next == kPairlist || next == kLanguage || next == kAttributePairlist ||
          next == kAttributeLanguage || next == kDots)
        continue;
      // A dotted pair that does not end in a list: rare, but legal. Put the flags back by reading what they
      // announce.
      TRY(announced(flags, tail_at, inside));
      break;
    }
    return finish_call(type, std::move(call), language);
  }

  // An item whose flags have been read already.
  Result<Item> announced(std::uint32_t flags, std::uint64_t at, Frame frame) {
    switch (flags & 0xFF) {
      case kReference: return reference(flags);
      case kSymbol: return symbol(frame);
      case kClosure:
      case kPromise: return closure_or_promise(flags & 0xFF, flags, at, frame);
      case kBytecode: return bytecode(flags, frame);
      case kEnvironment: return environment(frame);
      default: return vector(flags & 0xFF, flags, at, frame);
    }
  }

  void note_part(RCall& call, std::uint32_t position, const Item& part) {
    if (position == 0) {
      call.function = part.text;
    } else if (call.argument.empty() && !part.text.empty()) {
      call.argument = part.text.substr(0, 400);
      // pkg::name and pkg:::name and env$name stand for a function themselves.
    } else if (position == 2 && (call.function == "::" || call.function == ":::" || call.function == "$")) {
      call.argument += call.function == "$" ? "$" : "::";
      call.argument += part.text.substr(0, 100);
    }
  }

  Item finish_call(std::uint32_t type, RCall call, bool language) {
    if (!language || call.function.empty()) return Item{type, {}, 0};
    if (call.function == "::" || call.function == ":::" || call.function == "$") {
      // The name has to outlive this frame, as the caller shows it as the function it calls.
      names_.push_back(std::make_unique<std::string>(std::move(call.argument)));
      return Item{type, *names_.back(), 0};
    }
    // Plain data may hold a million quoted calls; the interesting ones are where code runs.
    if (out_.calls.size() < kKeptCalls) out_.calls.push_back(std::move(call));
    return Item{type, {}, 0};
  }

  Result<Item> closure_or_promise(std::uint32_t type, std::uint32_t flags, std::uint64_t at, Frame frame) {
    Frame inside{.context = type == kPromise                  ? RContext::Promise
                            : frame.context == RContext::Hook ? RContext::Hook
                                                              : RContext::Function,
                 .depth = frame.depth};
    if ((flags & kHasAttributes) != 0) TRY(item({.depth = frame.depth}));
    bool has_environment = false;
    if ((flags & kHasTag) != 0) has_environment = TRY(item({.depth = frame.depth})).type != kNilValue;
    if (type == kClosure) {
      TRY(item(inside));  // arguments
      TRY(item(inside));  // body
      return Item{kClosure, {}, 0};
    }
    const Item value = TRY(item({.depth = frame.depth}));
    // A promise of a call never has the value "missing argument"; versions of R differ on whether they force
    // it.
    const bool evaluated = value.type != kUnbound && value.type != kMissing && !has_environment;
    // The expression of a promise that has its value is only kept for substitute().
    if (evaluated) inside.context = RContext::Value;
    const Item expression = TRY(item(inside));
    out_.promises.push_back({.offset = at,
                             .binding = std::string(frame.binding),
                             .evaluated = evaluated,
                             .expression = expression.type == kLanguage || expression.type == kBytecode ||
                                           expression.type == kAttributeLanguage,
                             .at_top_level = frame.top_level});
    return Item{kPromise, {}, 0};
  }

  Result<Item> vector(std::uint32_t type, std::uint32_t flags, std::uint64_t at, Frame frame) {
    std::string_view first;
    const Frame inside{.context = frame.context, .depth = frame.depth};
    if (type == kString || type == kVector || type == kExpression) {
      const std::uint64_t count = TRY(length("vector length"));
      // Every element takes at least its flags.
      if (count > in_.remaining()) return fail(Code::InvalidInput, "vector is longer than the file", at);
      for (std::uint64_t i = 0; i < count; ++i) {
        const Item element = TRY(item(inside));
        if (i == 0 && type == kString) first = element.text;
      }
    } else if (const std::uint64_t size = value_size(type); size != 0) {
      const std::uint64_t count = TRY(length("vector length"));
      TRY(in_.skip_values(count, size, "vector"));
    } else if (type != kS4) {
      return fail(Code::InvalidInput, "unknown object type " + std::to_string(type), at);
    }
    if ((flags & kHasAttributes) != 0) TRY(item(inside));
    return Item{type, first, 0};
  }

  static std::uint64_t value_size(std::uint32_t type) {
    switch (type) {
      case kLogical:
      case kInteger: return 4;
      case kReal: return 8;
      case kComplex: return 16;
      case kRaw: return 1;
      default: return 0;
    }
  }

  // Compiled code: its constants hold the source expression.
  Result<Item> bytecode(std::uint32_t flags, Frame frame) {
    const std::int32_t shared = TRY(in_.integer("shared expressions"));
    if (shared < 0 || static_cast<std::uint64_t>(shared) > in_.remaining() + 1)
      return fail(Code::InvalidInput, "count of shared expressions", offset());
    TRY(code(frame));
    if ((flags & kHasAttributes) != 0) TRY(item(frame));
    return Item{kBytecode, {}, 0};
  }
  Result<void> code(Frame frame) {
    if (++frame.depth > max_depth_) return fail(Code::LimitReached, "compiled code nests too deep", offset());
    TRY(item(frame));  // instructions
    const std::int32_t count = TRY(in_.integer("constants"));
    for (std::int32_t i = 0; i < count; ++i) {
      const auto type = TRY(in_.word("constant type"));
      if (type == kBytecode) {
        TRY(code(frame));
      } else {
        TRY(code_language(type, frame));
      }
    }
    return {};
  }
  // ReadBCLang: calls and pairlists without flags, each part announced by its type.
  Result<Item> code_language(std::uint32_t type, Frame frame) {
    if (++frame.depth > max_depth_) return fail(Code::LimitReached, "compiled code nests too deep", offset());
    const std::uint64_t at = offset();
    RCall call{.function = {}, .argument = {}, .offset = at, .context = frame.context};
    const std::uint32_t outer = type;
    for (std::uint32_t position = 0;; ++position) {
      if (type == kCodeReference) {
        TRY(in_.integer("shared expression"));
        break;
      }
      if (type == kCodeDefinition) {
        TRY(in_.integer("shared expression"));
        type = TRY(in_.word("expression type"));
      }
      const bool pair =
          type == kLanguage || type == kPairlist || type == kAttributeLanguage || type == kAttributePairlist;
      if (!pair) {
        const Item leaf = TRY(item(frame));
        if (position == 0) return leaf;
        break;
      }
      if (type == kAttributeLanguage || type == kAttributePairlist) TRY(item(frame));
      TRY(item(frame));  // tag
      const auto head_type = TRY(in_.word("expression type"));
      const Item head = TRY(code_language(head_type, frame));
      note_part(call, position, head);
      if (++items_ > max_items_) return fail(Code::LimitReached, "too many objects", at);
      type = TRY(in_.word("expression type"));
    }
    const bool language = outer == kLanguage || outer == kAttributeLanguage || outer == kCodeDefinition;
    return finish_call(kLanguage, std::move(call), language);
  }

  static constexpr std::size_t kKeptCalls = 100'000;

  Input in_;
  std::uint32_t max_depth_;
  std::uint64_t max_items_;
  RSerial& out_;
  std::uint64_t items_ = 0;
  std::vector<std::string_view> references_;
  std::vector<std::unique_ptr<std::string>> names_;
};

}  // namespace

bool is_r_serial(Bytes content) {
  const std::uint64_t start = workspace_prefix(content);
  if (content.size() < start + 6 || content[start + 1] != '\n') return false;
  const Bytes rest = content.subspan(start + 2);
  switch (content[start]) {
    case 'X': return rest.size() >= 4 && load_big_endian<std::uint32_t>(rest.data()) - 2 < 2;
    case 'B': return rest.size() >= 4 && load_little_endian<std::uint32_t>(rest.data()) - 2 < 2;
    case 'A': return (rest[0] == '2' || rest[0] == '3') && (rest[1] == '\n' || rest[1] == '\r');
    default: return false;
  }
}

Result<RSerial> read_r_serial(Bytes content, const Limits& limits) {
  if (!is_r_serial(content)) return fail(Code::InvalidInput, "not an R serialisation", 0);
  RSerial out;
  const std::uint64_t start = workspace_prefix(content);
  out.workspace = start != 0;
  const char letter = static_cast<char>(content[start]);
  const Layout layout = letter == 'X' ? Layout::Xdr : letter == 'B' ? Layout::Native : Layout::Ascii;
  out.layout = layout == Layout::Xdr ? "xdr" : layout == Layout::Native ? "binary" : "ascii";
  Input in(content, start + 2, layout);
  out.version = TRY(in.word("version"));
  const auto writer = TRY(in.word("writer version"));
  out.writer = std::to_string(writer >> 16) + "." + std::to_string(writer >> 8 & 0xFF) + "." +
               std::to_string(writer & 0xFF);
  TRY(in.integer("reader version"));
  if (out.version == 3) {
    const std::int32_t length = TRY(in.integer("encoding length"));
    if (length < 0 || length > 64)
      return fail(Code::InvalidInput, "encoding name of " + std::to_string(length) + " bytes", in.offset());
    TRY(in.text(static_cast<std::uint32_t>(length), "encoding"));
  }
  Walker walker(in, limits, out);
  const auto walked = [&]() -> Result<void> {
    if (out.workspace) return walker.workspace();
    TRY(walker.item({.top_level = true}));
    return {};
  }();
  out.end = walker.offset();
  if (!walked) {
    out.stopped = walked.error().message;
    out.stop_code = walked.error().code;
    out.truncated = walked.error().message.find("remain") != std::string::npos || out.end >= content.size();
  }
  return out;
}

}  // namespace bulwark::scan
