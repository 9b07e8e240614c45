#include "scan/formats/pickle/interpreter.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "scan/formats/pickle/names.h"

namespace bulwark::pickle {
namespace {

std::uint64_t load(const std::uint8_t* at, unsigned width) {
  switch (width) {
    case 1: return *at;
    case 2: return load_little_endian<std::uint16_t>(at);
    case 4: return load_little_endian<std::uint32_t>(at);
    default: return load_little_endian<std::uint64_t>(at);
  }
}

bool hashable(const Cell* items, std::uint64_t count, std::uint64_t step) {
  for (std::uint64_t i = 0; i < count; i += step)
    if (items[i].is_mutable() || items[i].is(Tag::ByteArray)) return false;
  return true;
}

}  // namespace

Interpreter::Interpreter(Bytes content, const Settings& settings, Analysis& out)
    : content_(content),
      settings_(settings),
      out_(out),
      evaluator_(store_, settings.limits),
      memo_(content) {}

Stream Interpreter::run(std::uint64_t begin, bool drop_frames) {
  stream_ = {.begin = begin, .error = {}, .refused = {}};
  at_ = content_.data() + begin;
  end_ = content_.data() + content_.size();
  frame_end_ = end_;
  top_ = 0;
  fence_ = 0;
  marks_.clear();
  memo_.clear();
  protocol_ = 0;
  drop_frames_ = drop_frames;
  crossed_frame_ = false;
  framed_ = false;
  searched_to_ = nullptr;
  allowed_ = true;
  value_ = Cell::of(Tag::Opaque);
  running_ = true;
  while (running_) loop();
  stream_.end = offset_of(at_);
  stream_.protocol = protocol_;
  return std::move(stream_);
}

void Interpreter::give_up(Ending ending, EventKind kind, std::string why) {
  if (!running_) return;
  running_ = false;
  stream_.ending = ending;
  stream_.error = why + " at offset " + std::to_string(offset_of(op_));
  note(kind, std::move(why));
  // The next pickle, if any, is looked for right behind the opcode that failed.
  at_ = ending == Ending::Truncated ? end_ : std::min(op_ + 1, end_);
}

void Interpreter::truncated(std::string_view what) {
  give_up(Ending::Truncated, EventKind::Truncated, "the stream ends inside " + std::string(what));
}

void Interpreter::underflow() {
  give_up(Ending::Malformed, EventKind::Stack,
          std::string(row_of(*op_).name) + " needs more values than the stack holds");
}

void Interpreter::unhashable() {
  give_up(Ending::Malformed, EventKind::Stack, std::string(row_of(*op_).name) + " uses a container as a key");
}

void Interpreter::grow() {
  if (stack_.size() * sizeof(Cell) > settings_.limits.held_bytes) {
    give_up(Ending::Limit, EventKind::Stack, "the stack outgrows the memory limit");
    top_ = fence_ = 0;
    return;
  }
  stack_.resize(std::max<std::size_t>(256, stack_.size() * 2));
}

bool Interpreter::cross(std::uint64_t size) {
  if (at_ >= frame_end_) {
    // The frame was read to its last byte; what follows lies outside of any frame.
    frame_end_ = end_;
    return static_cast<std::uint64_t>(end_ - at_) >= size;
  }
  if (!crossed_frame_) {
    crossed_frame_ = true;
    note(EventKind::FrameEdge, std::string(row_of(*op_).name) + " argument crosses the edge of its frame");
  }
  // Old CPython refills its buffer from the file behind the frame and forgets what was left in it.
  if (drop_frames_) at_ = frame_end_;
  frame_end_ = end_;
  return static_cast<std::uint64_t>(end_ - at_) >= size;
}

const std::uint8_t* Interpreter::take(std::uint64_t size) {
  if (static_cast<std::uint64_t>(frame_end_ - at_) < size || at_ > frame_end_) [[unlikely]] {
    const bool fits = frame_end_ == end_ ? false : cross(size);
    if (!fits) {
      truncated(row_of(*op_).name);
      return nullptr;
    }
  }
  const std::uint8_t* taken = at_;
  at_ += size;
  return taken;
}

std::optional<std::string_view> Interpreter::line() {
  const auto find = [&](const std::uint8_t* limit) -> const std::uint8_t* {
    if (at_ >= limit) return nullptr;
    return static_cast<const std::uint8_t*>(std::memchr(at_, '\n', static_cast<std::size_t>(limit - at_)));
  };
  const std::uint8_t* feed = find(frame_end_);
  if (feed == nullptr && frame_end_ != end_) {
    if (!cross(0)) feed = nullptr;
    feed = find(end_);
  }
  if (feed == nullptr) {
    truncated(std::string(row_of(*op_).name) + " line");
    return {};
  }
  const std::string_view text = text_of({at_, feed});
  at_ = feed + 1;
  return text;
}

// `whole_frames`: whether the bytes come through the frame's buffer; bytes objects are read past it.
Bytes Interpreter::counted(unsigned width, bool whole_frames) {
  const std::uint8_t* size_at = take(width);
  if (size_at == nullptr) return {};
  const std::uint64_t size = load(size_at, width);
  if (size > kHugest) {
    truncated(row_of(*op_).name);
    return {};
  }
  if (!whole_frames && at_ < frame_end_ && static_cast<std::uint64_t>(frame_end_ - at_) < size) {
    const bool dropped = std::exchange(drop_frames_, false);
    cross(size);
    drop_frames_ = dropped;
  }
  const std::uint8_t* begin = take(size);
  return begin == nullptr ? Bytes{} : Bytes{begin, size};
}

bool Interpreter::pop_mark(std::uint64_t& position) {
  if (marks_.empty()) {
    give_up(Ending::Malformed, EventKind::Stack, std::string(row_of(*op_).name) + " finds no MARK");
    return false;
  }
  position = marks_.back();
  marks_.pop_back();
  set_fence();
  return true;
}

void Interpreter::refuse(std::string why) {
  if (!allowed_) return;
  allowed_ = false;
  stream_.refused = std::move(why) + " at " + std::to_string(offset_of(op_));
}

void Interpreter::unsupported(Op opcode) {
  if (allowed_) [[unlikely]]
    refuse("opcode " + std::string(row_of(opcode).name));
}

void Interpreter::memo_get(std::uint64_t index) {
  const Cell found = memo_.get(index);
  if (found.is(Tag::Absent))
    return give_up(Ending::Malformed, EventKind::Memo, "memo has no entry " + std::to_string(index));
  push(found);
}

void Interpreter::memo_put(std::uint64_t index) {
  if (!has(1)) return underflow();
  // 64 bytes are what a sparse entry costs at most.
  if (memo_.size() * 64 > settings_.limits.held_bytes)
    return give_up(Ending::Limit, EventKind::Memo, "the memo outgrows the memory limit");
  memo_.put(index, stack_[top_ - 1]);
}

void Interpreter::on_tuple(std::uint64_t count) {
  if (!has(count)) return underflow();
  if (count == 0) {
    push(Cell::of(Tag::Tuple));
    return;
  }
  const Cell* items = stack_.data() + top_ - count;
  std::uint64_t weight = count;
  for (std::uint64_t i = 0; i < count; ++i)
    if (items[i].is_sequence()) weight += store_.weight_of(items[i]);
  const std::uint64_t position =
      store_.keep(items, count, std::min<std::uint64_t>(weight, std::uint64_t{1} << 48));
  top_ -= count;
  push(Cell::of(Tag::Tuple, position, count));
  if (weight > std::uint64_t{1} << 28) expands(stack_[top_ - 1]);
}

void Interpreter::on_list(bool mutable_list, Tag tag) {
  std::uint64_t begin = 0;
  if (!pop_mark(begin)) return;
  const std::uint64_t count = top_ - begin;
  Cell made = Cell::of(tag);
  if (mutable_list) {
    made = Cell::of(tag, store_.new_id());
    if (count > 0) store_.append(made.bits, stack_.data() + begin, count);
  } else if (count > 0) {
    made = Cell::of(tag, store_.keep(stack_.data() + begin, count, count), count);
  }
  top_ = begin;
  push(made);
}

void Interpreter::on_dict() {
  std::uint64_t begin = 0;
  if (!pop_mark(begin)) return;
  if ((top_ - begin) % 2 != 0)
    return give_up(Ending::Malformed, EventKind::Stack, "DICT with an odd number of items");
  if (!hashable(stack_.data() + begin, top_ - begin, 2)) return unhashable();
  const Cell made = Cell::of(Tag::Dict, store_.new_id());
  if (top_ > begin) store_.append(made.bits, stack_.data() + begin, top_ - begin);
  top_ = begin;
  push(made);
}

void Interpreter::on_appends(std::uint64_t begin, bool as_set) {
  if (begin <= fence_ || begin > top_) return underflow();
  const Cell target = stack_[begin - 1];
  const std::uint64_t count = top_ - begin;
  if (count == 0) return;
  const Cell* items = stack_.data() + begin;
  if (as_set && target.is(Tag::Set) && !hashable(items, count, 1)) return unhashable();
  if (target.is(as_set ? Tag::Set : Tag::List)) [[likely]] {
    store_.append(target.bits, items, count);
    const Mutable* entry = store_.find(target.bits);
    if (entry != nullptr && (entry->weight > std::uint64_t{1} << 28 || entry->self >= 8)) expands(target);
  } else {
    refuse("APPEND to something that is no list");
    assign(target, {items, count}, as_set ? "add" : "append");
  }
  top_ = begin;
}

void Interpreter::on_set_items(std::uint64_t begin) {
  if (begin <= fence_ || begin > top_) return underflow();
  const Cell target = stack_[begin - 1];
  const std::uint64_t count = top_ - begin;
  if (count == 0) return;
  if (count % 2 != 0)
    return give_up(Ending::Malformed, EventKind::Stack, "SETITEMS with an odd number of items");
  const Cell* items = stack_.data() + begin;
  if (target.is(Tag::Dict)) [[likely]] {
    if (!hashable(items, count, 2)) return unhashable();
    store_.append(target.bits, items, count);
  } else {
    assign(target, {items, count}, "__setitem__");
  }
  top_ = begin;
}

void Interpreter::on_obj() {
  unsupported(Op::Obj);
  std::uint64_t begin = 0;
  if (!pop_mark(begin)) return;
  if (top_ <= begin) return underflow();
  const Cell callee = stack_[begin];
  const std::vector<Cell> arguments(stack_.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                                    stack_.begin() + static_cast<std::ptrdiff_t>(top_));
  top_ = begin;
  push(call(callee, arguments, EventKind::Call));
}

void Interpreter::on_new_object(bool with_keywords) {
  if (with_keywords) unsupported(Op::NewObjEx);
  if (!has(with_keywords ? 3 : 2)) return underflow();
  const Cell keywords = with_keywords ? pop() : Cell::of(Tag::None);
  const Cell arguments = pop();
  const Cell type = pop();
  if (!type.is(Tag::Global)) refuse("NEWOBJ of something that is no class");
  std::vector<Cell> all = store_.contents(arguments).value_or(std::vector<Cell>{Cell::of(Tag::Opaque)});
  if (with_keywords) all.push_back(keywords);
  push(call(type, all, EventKind::Make));
}

void Interpreter::on_reduce() {
  if (!has(2)) return underflow();
  const Cell arguments = pop();
  const Cell callee = pop();
  if (callee.is(Tag::Global)) {
    const auto id = static_cast<std::uint32_t>(callee.bits);
    if (details_[id].quick) {
      out_.references[id].invoked = true;
      push(Cell::of(Tag::Instance, id));
      return;
    }
  } else {
    refuse("REDUCE of something that is no global");
  }
  // The C++ unpickler of TorchScript, the only one that knows its classes, is given the bare value of an
  // enumeration.
  const bool enumeration = !arguments.is(Tag::Tuple) && callee.is(Tag::Global) &&
                           out_.references[callee.bits].reached_module.starts_with("__torch__");
  if (!arguments.is(Tag::Tuple) && !enumeration) {
    const bool unknown = arguments.is(Tag::Opaque) || arguments.is(Tag::Result) ||
                         arguments.is(Tag::Instance) || arguments.is(Tag::Partial);
    // PyObject_CallObject raises for anything but a tuple; only what we cannot see may be one.
    if (!unknown) return give_up(Ending::Malformed, EventKind::Stack, "REDUCE without an argument tuple");
  }
  const auto kept = arguments.is(Tag::Tuple) ? store_.items(arguments) : std::nullopt;
  const std::vector<Cell> all =
      kept ? std::vector<Cell>(kept->begin(), kept->end()) : std::vector<Cell>{Cell::of(Tag::Opaque)};
  push(call(callee, all, enumeration ? EventKind::Make : EventKind::Call));
}

void Interpreter::on_build() {
  if (!has(2)) return underflow();
  const Cell state = pop();
  build(stack_[top_ - 1], state);
}

void Interpreter::on_extension(std::uint64_t code) {
  if (code == 0 || code > 0x7FFFFFFF)
    return give_up(Ending::Malformed, EventKind::BadOpcode, "EXT with an impossible code");
  const std::string text = "copyreg extension " + std::to_string(code);
  note(EventKind::Extension, text);
  push(expression("<" + text + ">", scan::Effect::Unlisted));
}

void Interpreter::on_persistent(const Cell& id) {
  const auto items = id.is(Tag::Tuple) ? store_.items(id) : std::nullopt;
  // Legacy torch files name classes by ("module", class, source file, source text).
  if (items && items->size() >= 2 && (*items)[0].is_text() && (*items)[0].text() == "module") {
    refuse("persistent id that is no storage");
    return push((*items)[1]);
  }
  const bool storage = items && items->size() >= 5 && (*items)[0].is_text() &&
                       (*items)[0].text() == "storage" && (*items)[1].is(Tag::Global);
  if (!storage) {
    if (!id.is(Tag::Int)) refuse("persistent id that is no storage");
    push(Cell::of(Tag::Opaque));
    return;
  }
  ++stream_.storages;
  const std::string_view type = out_.references[(*items)[1].bits].reached_name;
  const std::uint64_t element = storage_element_size(type);
  if ((*items)[2].is_text()) storages_[std::string((*items)[2].text())] = element;
  const auto count = Evaluator::integer((*items)[4]);
  if (element == 0 || !count || *count < 0 || static_cast<std::uint64_t>(*count) > kHugest / 16) {
    push(Cell::of(Tag::Opaque));
    return;
  }
  push(Cell::of(Tag::Storage, static_cast<std::uint64_t>(*count) * element, element));
}

void Interpreter::on_frame() {
  unsupported(Op::Frame);
  const std::uint8_t* size_at = take(8);
  if (size_at == nullptr) return;
  const std::uint64_t size = load(size_at, 8);
  const auto left = static_cast<std::uint64_t>(end_ - at_);
  if (size > left) return truncated("a frame of " + std::to_string(size) + " bytes");
  if (at_ < frame_end_ && frame_end_ != end_ && size > static_cast<std::uint64_t>(frame_end_ - at_))
    cross(size);
  frame_end_ = at_ + size;
  framed_ = true;
}

void Interpreter::on_proto() {
  const std::uint8_t* version = take(1);
  if (version == nullptr) return;
  if (*version > 5)
    return give_up(Ending::Malformed, EventKind::Protocol,
                   "protocol " + std::to_string(*version) + " is unknown");
  if (op_ != content_.data() + stream_.begin)
    note(EventKind::Protocol, "PROTO " + std::to_string(*version) + " in the middle of a stream");
  protocol_ = *version;
}

// Opcodes that bulk data does not consist of.
void Interpreter::step_rare(Op opcode) {
  const auto fixed = [&](unsigned width) -> std::optional<std::uint64_t> {
    const std::uint8_t* bytes = take(width);
    if (bytes == nullptr) return {};
    return load(bytes, width);
  };
  std::uint64_t begin = 0;
  switch (opcode) {
    case Op::Int: return on_int(false);
    case Op::Long: return on_int(true);
    case Op::Float: return on_float();
    case Op::String: return on_string();
    case Op::Unicode: return on_unicode();
    case Op::Get: return on_memo_line(false);
    case Op::Put: return on_memo_line(true);
    case Op::Global: return on_global();
    case Op::StackGlobal: return on_stack_global();
    case Op::Inst: return on_inst();
    case Op::Obj: return on_obj();
    case Op::NewObj: return on_new_object(false);
    case Op::NewObjEx: return on_new_object(true);
    case Op::Build: return on_build();
    case Op::Proto: return on_proto();
    case Op::Frame: return on_frame();
    case Op::Dict: unsupported(opcode); return on_dict();
    case Op::List: unsupported(opcode); return on_list(true, Tag::List);
    case Op::FrozenSet: unsupported(opcode); return on_list(false, Tag::FrozenSet);
    case Op::AddItems:
      unsupported(opcode);
      if (pop_mark(begin)) on_appends(begin, true);
      return;
    case Op::BinString: {
      unsupported(opcode);
      const Bytes text = counted(4, true);
      if (running_) push(Cell::of_view(Tag::Legacy, text.data(), text.size()));
      return;
    }
    case Op::ShortBinString: {
      const Bytes text = counted(1, true);
      if (running_) push(Cell::of_view(Tag::Legacy, text.data(), text.size()));
      return;
    }
    case Op::BinUnicode8: unsupported(opcode); return push_text(counted(8, true));
    case Op::BinBytes:
    case Op::BinBytes8:
    case Op::ByteArray8: {
      unsupported(opcode);
      const Bytes bytes = counted(opcode == Op::BinBytes ? 4 : 8, false);
      if (running_)
        push(Cell::of_view(opcode == Op::ByteArray8 ? Tag::ByteArray : Tag::Bytes, bytes.data(),
                           bytes.size()));
      return;
    }
    case Op::Long1:
    case Op::Long4: {
      if (opcode == Op::Long4) unsupported(opcode);
      const Bytes bytes = counted(opcode == Op::Long1 ? 1 : 4, true);
      if (!running_) return;
      if (bytes.size() > 8) return push(Cell::of_view(Tag::BigInt, bytes.data(), bytes.size()));
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
      if (!bytes.empty() && bytes.size() < 8 && bytes.back() >= 0x80)
        value |= ~std::uint64_t{0} << (8 * bytes.size());
      return push(Cell::of_int(static_cast<std::int64_t>(value)));
    }
    case Op::PersId: {
      unsupported(opcode);
      const auto id = line();
      if (id) push(Cell::of(Tag::Opaque));
      return;
    }
    case Op::BinPersId:
      if (!has(1)) return underflow();
      return on_persistent(pop());
    case Op::Ext1:
    case Op::Ext2:
    case Op::Ext4: {
      unsupported(opcode);
      const auto code = fixed(opcode == Op::Ext1 ? 1 : opcode == Op::Ext2 ? 2 : 4);
      if (code) on_extension(*code);
      return;
    }
    case Op::Pop:
      unsupported(opcode);
      if (!marks_.empty() && marks_.back() == top_) {
        marks_.pop_back();
        return set_fence();
      }
      if (!has(1)) return underflow();
      look_at_discarded(stack_[--top_]);
      return;
    case Op::PopMark:
      unsupported(opcode);
      if (!pop_mark(begin)) return;
      for (std::uint64_t i = begin; i < top_; ++i) look_at_discarded(stack_[i]);
      top_ = begin;
      return;
    case Op::Dup:
      unsupported(opcode);
      if (!has(1)) return underflow();
      return push(stack_[top_ - 1]);
    case Op::NextBuffer: unsupported(opcode); return push(Cell::of(Tag::Opaque));
    case Op::ReadonlyBuffer:
      unsupported(opcode);
      if (!has(1)) underflow();
      return;
    case Op::Stop:
      running_ = false;
      if (!has(1)) {
        running_ = true;
        return underflow();
      }
      value_ = pop();
      if (framed_ && at_ > frame_end_) note(EventKind::Oddity, "STOP lies outside of any frame");
      if (top_ != 0) note(EventKind::Oddity, std::to_string(top_) + " values are left below the result");
      if (settings_.trace) trace_line(offset_of(op_), "return " + describe(value_));
      return;
    default: break;
  }
  const auto byte = static_cast<std::uint8_t>(opcode);
  give_up(Ending::Malformed, EventKind::BadOpcode, "byte 0x" + hex({&byte, 1}) + " is no opcode");
}

void Interpreter::loop() {
  while (running_) {
    if (at_ >= end_) [[unlikely]] {
      op_ = at_;
      give_up(Ending::Truncated, EventKind::Truncated, "the stream ends without STOP");
      return;
    }
    op_ = at_++;
    ++stream_.opcodes;
    const auto opcode = static_cast<Op>(*op_);
    std::uint64_t begin = 0;
    switch (opcode) {
      case Op::Memoize:
        unsupported(opcode);
        memo_put(memo_.size());
        break;
      case Op::BinPut:
        if (const std::uint8_t* index = take(1)) memo_put(*index);
        break;
      case Op::LongBinPut:
        if (const std::uint8_t* index = take(4)) memo_put(load(index, 4));
        break;
      case Op::BinGet:
        if (const std::uint8_t* index = take(1)) memo_get(*index);
        break;
      case Op::LongBinGet:
        if (const std::uint8_t* index = take(4)) memo_get(load(index, 4));
        break;
      case Op::BinInt:
        if (const std::uint8_t* value = take(4)) push(Cell::of_int(load_little_endian<std::int32_t>(value)));
        break;
      case Op::BinInt1:
        if (const std::uint8_t* value = take(1)) push(Cell::of_int(*value));
        break;
      case Op::BinInt2:
        if (const std::uint8_t* value = take(2))
          push(Cell::of_int(static_cast<std::int64_t>(load(value, 2))));
        break;
      case Op::BinFloat:
        if (const std::uint8_t* value = take(8))
          push(Cell::of(Tag::Float, load_big_endian<std::uint64_t>(value)));
        break;
      case Op::None: push(Cell::of(Tag::None)); break;
      case Op::NewTrue: push(Cell::of(Tag::True)); break;
      case Op::NewFalse: push(Cell::of(Tag::False)); break;
      case Op::ShortBinUnicode:
        unsupported(opcode);
        push_text(counted(1, true));
        break;
      case Op::BinUnicode: push_text(counted(4, true)); break;
      case Op::ShortBinBytes: {
        unsupported(opcode);
        const Bytes bytes = counted(1, false);
        if (!running_) break;
        push(Cell::of_view(Tag::Bytes, bytes.data(), bytes.size()));
        if (bytes.size() >= kShortestProgram) look_at_data(stack_[top_ - 1]);
        break;
      }
      case Op::Mark:
        if (marks_.size() * sizeof(std::uint64_t) > settings_.limits.held_bytes) {
          give_up(Ending::Limit, EventKind::Stack, "the marks outgrow the memory limit");
          break;
        }
        marks_.push_back(top_);
        fence_ = top_;
        break;
      case Op::EmptyTuple: on_tuple(0); break;
      case Op::Tuple1: on_tuple(1); break;
      case Op::Tuple2: on_tuple(2); break;
      case Op::Tuple3: on_tuple(3); break;
      case Op::Tuple:
        if (pop_mark(begin)) on_tuple(top_ - begin);
        break;
      case Op::EmptyList: push(Cell::of(Tag::List, store_.new_id())); break;
      case Op::EmptyDict: push(Cell::of(Tag::Dict, store_.new_id())); break;
      case Op::EmptySet: push(Cell::of(Tag::Set, store_.new_id())); break;
      case Op::Append:
        if (!has(2)) {
          underflow();
        } else {
          on_appends(top_ - 1, false);
        }
        break;
      case Op::Appends:
        if (pop_mark(begin)) on_appends(begin, false);
        break;
      case Op::SetItem:
        if (!has(3)) {
          underflow();
        } else {
          on_set_items(top_ - 2);
        }
        break;
      case Op::SetItems:
        if (pop_mark(begin)) on_set_items(begin);
        break;
      case Op::Reduce: on_reduce(); break;
      default: step_rare(opcode); break;
    }
  }
}

}  // namespace bulwark::pickle
