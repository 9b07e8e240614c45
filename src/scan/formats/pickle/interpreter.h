#pragma once
// The pickle virtual machine over symbolic values. Internal to formats/pickle; callers use machine.h.
//
// interpreter.cpp holds the opcodes, arguments.cpp their arguments, calls.cpp what calling means, gadgets.cpp
// the callables with a meaning of their own, describe.cpp the Python-like text.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scan/formats/pickle/cell.h"
#include "scan/formats/pickle/evaluate.h"
#include "scan/formats/pickle/machine.h"
#include "scan/formats/pickle/opcodes.h"
#include "scan/formats/pickle/store.h"

namespace bulwark::pickle {

// A callable whose invocation means more than its row in the knowledge base says.
enum class Role : std::uint8_t {
  None,
  Attribute,     // getattr(object, name)
  Import,        // __import__(name), importlib.import_module(name)
  Item,          // operator.getitem(container, key)
  DictionaryOf,  // vars(x)
  Globals,       // globals()
  Lookup,        // <module>.__dict__.get(name), sys.modules.get(name)
  Attrgetter,
  Itemgetter,
  Methodcaller,
  PartialOf,     // functools.partial(f, …)
  Trampoline,    // map(f, …) and everything else that calls its argument
  Reduce,        // functools.reduce(f, items, start)
  Reconstruct,   // copyreg._reconstructor(cls, base, state), numpy's _reconstruct(cls, …)
  MakeNew,       // copyreg.__newobj__(cls, *args)
  FromType,      // torch._utils._rebuild_from_type*(f, type, args, state)
  Factory,       // collections.defaultdict(f)
  LoadBytes,     // torch.storage._load_from_bytes(bytes): a nested file by design
  Marshal,       // marshal.loads(bytes)
  Tensor,        // torch._utils._rebuild_tensor*(storage, offset, size, stride)
  Dtype,         // numpy.dtype(text)
  ArrayWrapper,  // joblib.numpy_pickle.NumpyArrayWrapper: raw array bytes follow its BUILD
  Modules,       // sys.modules
  Iterate,       // iter(container)
  TypeOf,        // type(x)
};
[[nodiscard]] Role role_of(std::string_view name);

// Bytes of an element of torch.FloatStorage and its like; 0: no storage type.
[[nodiscard]] std::uint64_t storage_element_size(std::string_view type);

// Shorter texts and bytes hold no program worth a look.
inline constexpr std::uint64_t kShortestProgram = 16;
// Stays in a cell's length field and in size_t arithmetic.
inline constexpr std::uint64_t kHugest = std::uint64_t{1} << 47;

class Interpreter {
 public:
  Interpreter(Bytes content, const Settings& settings, Analysis& out);

  // Interprets one pickle from `begin` until STOP or the point where the loader gives up. The memo starts
  // empty. `drop_frames`: read arguments that cross a FRAME edge as old CPython does from a file without
  // peek().
  Stream run(std::uint64_t begin, bool drop_frames);

  [[nodiscard]] bool crossed_frame() const { return crossed_frame_; }
  // What STOP returned, as far as it is plain.
  [[nodiscard]] const Cell& value() const { return value_; }
  [[nodiscard]] std::optional<std::vector<Cell>> contents(const Cell& cell) const {
    return store_.contents(cell);
  }
  [[nodiscard]] const std::unordered_map<std::string, std::uint64_t>& storages() const { return storages_; }

 private:
  struct Details {
    PureFunction pure = nullptr;
    Role role = Role::None;
    bool quick = false;  // calling it is harmless and means nothing more
    std::uint32_t events = 0;
  };
  // What a call returned that stayed an expression.
  struct Expression {
    std::string text;
    scan::Effect effect = scan::Effect::None;
  };

  // --- opcodes (interpreter.cpp)
  void loop();
  void step_rare(Op opcode);
  void give_up(Ending ending, EventKind kind, std::string why);
  void truncated(std::string_view what);
  void underflow();
  void unhashable();
  const std::uint8_t* take(std::uint64_t size);  // null: given up
  bool cross(std::uint64_t size);
  std::optional<std::string_view> line();
  Bytes counted(unsigned width, bool whole_frames);
  void push(Cell cell) {
    if (top_ == stack_.size()) grow();
    stack_[top_++] = cell;
  }
  void grow();
  // Cells that the current mark does not protect.
  [[nodiscard]] bool has(std::uint64_t count) const { return top_ - fence_ >= count && top_ >= fence_; }
  Cell pop() { return stack_[--top_]; }
  bool pop_mark(std::uint64_t& position);
  void set_fence() { fence_ = marks_.empty() ? 0 : marks_.back(); }

  void on_int(bool is_long);
  void on_float();
  void on_string();
  void on_unicode();
  void push_text(Bytes text);
  void on_memo_line(bool put);
  void memo_get(std::uint64_t index);
  void memo_put(std::uint64_t index);
  void on_tuple(std::uint64_t count);
  void on_list(bool frozen_or_list, Tag tag);
  void on_dict();
  void on_appends(std::uint64_t begin, bool as_set);
  void on_set_items(std::uint64_t begin);
  void on_global();
  void on_stack_global();
  void on_inst();
  void on_obj();
  void on_new_object(bool with_keywords);
  void on_reduce();
  void on_build();
  void on_extension(std::uint64_t code);
  void on_persistent(const Cell& id);
  void on_frame();
  void on_proto();
  void unsupported(Op opcode);
  void refuse(std::string why);

  // --- meaning (calls.cpp)
  std::uint32_t import(std::string_view module, std::string_view name, bool computed);
  std::uint32_t intern(std::string_view written_module, std::string_view written_name,
                       std::string_view module, std::string_view name, bool derived);
  std::uint32_t derive(std::string_view module, std::string_view name) {
    return intern(module, name, module, name, true);
  }
  Cell call(const Cell& callee, std::span<const Cell> arguments, EventKind kind, unsigned depth = 0);
  Cell call_global(std::uint32_t id, std::span<const Cell> arguments, EventKind kind, unsigned depth);
  Cell call_partial(const Cell& callee, std::span<const Cell> arguments, EventKind kind, unsigned depth);
  Cell expression(std::string text, scan::Effect effect);
  void nested(const Reference& loader, std::span<const Cell> arguments, std::string_view as);
  void build(const Cell& instance, const Cell& state);
  void look_for_hooks(const Cell& state, const Cell& instance);
  void array_follows(const Cell& state);
  std::uint64_t nested_in_line(std::uint64_t begin);  // returns where the inner pickle ends
  void assign(const Cell& target, std::span<const Cell> items, std::string_view how);
  void expands(const Cell& container);
  void look_at_data(const Cell& data);  // programs among plain data
  void look_at_discarded(const Cell& data);
  void note(EventKind kind, std::string text, std::uint32_t reference = kNoReference,
            scan::Effect effect = scan::Effect::None);

  // --- callables with a meaning of their own (gadgets.cpp); empty: unknown
  std::optional<Cell> play(Role role, std::uint32_t id, std::span<const Cell> arguments, unsigned depth);
  std::optional<Cell> attribute(const Cell& base, std::string_view name);
  [[nodiscard]] bool is_part(const Cell& base, const Cell& name) const;
  [[nodiscard]] bool is_constructor(const Cell& base, const Cell& name) const;
  [[nodiscard]] bool is_harmless_callee(const Cell& callee) const;
  [[nodiscard]] bool only_prepares(Role role, std::span<const Cell> arguments) const;
  [[nodiscard]] bool is_data(const Cell& cell) const;
  [[nodiscard]] bool is_constant(const Cell& cell) const;
  void note_reach(const Cell& callee, std::span<const Cell> arguments);
  std::optional<Cell> item_of(const Cell& container, const Cell& key);
  std::optional<Cell> module_named(const Cell& name);
  std::optional<Cell> trampoline(std::span<const Cell> arguments, unsigned depth);
  std::optional<Cell> rebuild_tensor(std::uint32_t id, std::span<const Cell> arguments);
  std::optional<Cell> dtype(std::span<const Cell> arguments);
  void call_hidden(const Cell& callee, std::span<const Cell> arguments, unsigned depth);

  // --- text (describe.cpp)
  [[nodiscard]] std::string describe(const Cell& cell, unsigned depth = 0) const;
  [[nodiscard]] std::string describe_call(const Cell& callee, std::span<const Cell> arguments) const;
  [[nodiscard]] std::string describe_items(std::span<const Cell> items, unsigned depth) const;
  [[nodiscard]] std::string name_of(const Reference& reference) const;
  void trace_line(std::uint64_t offset, std::string_view text);

  [[nodiscard]] std::uint64_t offset_of(const std::uint8_t* at) const {
    return static_cast<std::uint64_t>(at - content_.data());
  }

  Bytes content_;
  const Settings& settings_;
  Analysis& out_;
  Store store_;
  Evaluator evaluator_;
  Memo memo_;
  std::vector<Details> details_;  // one for each of out_.references
  std::unordered_map<std::string, std::uint32_t> interned_;
  std::vector<Expression> expressions_;
  std::unordered_map<std::uint64_t, std::uint64_t> prepared_;  // attrgetters and their like -> where made
  std::unordered_map<std::string, std::uint64_t> storages_;    // key -> bytes of an element

  // Registers of the running pickle.
  const std::uint8_t* at_ = nullptr;  // next byte
  const std::uint8_t* end_ = nullptr;
  const std::uint8_t* op_ = nullptr;         // the opcode in execution
  const std::uint8_t* frame_end_ = nullptr;  // end_ if no frame is open
  std::vector<Cell> stack_;
  std::uint64_t top_ = 0;
  std::vector<std::uint64_t> marks_;
  std::uint64_t fence_ = 0;
  std::uint8_t protocol_ = 0;
  bool running_ = false;
  bool drop_frames_ = false;
  bool crossed_frame_ = false;
  bool allowed_ = true;  // nothing was refused yet for weights_only
  bool told_expansion_ = false;
  const std::uint8_t* searched_to_ = nullptr;  // discarded data before this was looked at
  bool framed_ = false;                        // a FRAME was seen
  unsigned in_line_ = 0;                       // pickles of object arrays that are open
  Stream stream_;
  Cell value_;
};

}  // namespace bulwark::pickle
