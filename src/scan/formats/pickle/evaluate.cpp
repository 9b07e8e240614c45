#include "scan/formats/pickle/evaluate.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "base/text.h"

namespace bulwark::pickle {
namespace {

using Arguments = std::span<const Cell>;

std::string reversed(std::string_view text) {
  // By code point: a reversed UTF-8 sequence is none.
  std::string out;
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<std::uint8_t>(text[begin]) & 0xC0) == 0x80) --begin;
    out += text.substr(begin, end - begin);
    end = begin;
  }
  return out;
}

bool all_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

Tag kind_of(const Cell& cell) {
  return cell.is_text() ? Tag::Str : cell.tag();
}

char up(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
char down(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

template <char (*kChange)(char)>
std::optional<Cell> mapped(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto text = Evaluator::characters(arguments[0]);
  if (!text || !all_ascii(*text)) return {};
  std::string out(*text);
  std::ranges::transform(out, out.begin(), kChange);
  return with.make(kind_of(arguments[0]), std::move(out));
}
char swap(char c) {
  return down(c) == c ? up(c) : down(c);
}

std::optional<Cell> capitalize(Evaluator& with, Arguments arguments) {
  auto all = mapped<down>(with, arguments);
  if (!all || all->length() == 0) return all;
  std::string text(all->text());
  text[0] = up(text[0]);
  return with.make(all->tag(), std::move(text));
}

enum class Sides : std::uint8_t { Left = 1, Right = 2, Both = 3 };
template <Sides kSides>
std::optional<Cell> stripped(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto text = Evaluator::characters(arguments[0]);
  if (!text) return {};
  std::string_view unwanted = " \t\r\n\v\f";
  if (arguments.size() > 1 && !arguments[1].is(Tag::None)) {
    const auto given = Evaluator::characters(arguments[1]);
    if (!given) return {};
    unwanted = *given;
  }
  std::string_view kept = *text;
  if (kSides != Sides::Right) kept.remove_prefix(std::min(kept.find_first_not_of(unwanted), kept.size()));
  if (kSides != Sides::Left) kept = kept.substr(0, kept.find_last_not_of(unwanted) + 1);
  return with.make(kind_of(arguments[0]), std::string(kept));
}

std::optional<Cell> replace(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 3) return {};
  const auto text = Evaluator::characters(arguments[0]);
  const auto from = Evaluator::characters(arguments[1]);
  const auto to = Evaluator::characters(arguments[2]);
  if (!text || !from || !to || from->empty()) return {};
  auto left = arguments.size() > 3 ? Evaluator::integer(arguments[3]).value_or(-1) : -1;
  std::string out;
  std::string_view rest = *text;
  while (left != 0) {
    const auto at = rest.find(*from);
    if (at == std::string_view::npos) break;
    out += rest.substr(0, at);
    out += *to;
    if (out.size() > with.limits().evaluated_bytes) return {};
    rest.remove_prefix(at + from->size());
    if (left > 0) --left;
  }
  out += rest;
  return with.make(kind_of(arguments[0]), std::move(out));
}

std::optional<Cell> join(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const auto separator = Evaluator::characters(arguments[0]);
  const auto items = with.sequence(arguments[1]);
  if (!separator || !items) return {};
  std::string out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const auto piece = Evaluator::characters((*items)[i]);
    if (!piece) return {};
    if (i > 0) out += *separator;
    out += *piece;
    if (out.size() > with.limits().evaluated_bytes) return {};
  }
  return with.make(kind_of(arguments[0]), std::move(out));
}

std::optional<Cell> split_text(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto text = Evaluator::characters(arguments[0]);
  if (!text) return {};
  const Tag kind = kind_of(arguments[0]);
  std::vector<Cell> pieces;
  const auto add = [&](std::string_view piece) {
    const auto* begin = arguments[0].data + (piece.data() - text->data());
    pieces.push_back(Cell::of_view(kind, begin, piece.size()));
  };
  if (arguments.size() < 2 || arguments[1].is(Tag::None)) {
    for (const std::string_view word : words(*text)) add(word);
    return with.make_list(pieces);
  }
  const auto separator = Evaluator::characters(arguments[1]);
  if (!separator || separator->empty()) return {};
  std::string_view rest = *text;
  for (auto at = rest.find(*separator); at != std::string_view::npos; at = rest.find(*separator)) {
    add(rest.substr(0, at));
    rest.remove_prefix(at + separator->size());
    if (pieces.size() > Store::kMostItems) return {};
  }
  add(rest);
  return with.make_list(pieces);
}

std::optional<std::string> plain(const Cell& cell) {
  if (cell.is_text()) return std::string(cell.text());
  if (cell.is(Tag::Int)) return std::to_string(cell.integer());
  if (cell.is(Tag::True)) return "True";
  if (cell.is(Tag::False)) return "False";
  if (cell.is(Tag::None)) return "None";
  return {};
}

// "{}{1}" with constants; attribute walks and format specifications stay unresolved.
std::optional<Cell> format(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return {};
  const auto text = Evaluator::text(arguments[0]);
  if (!text) return {};
  std::string out;
  std::size_t next = 1;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const char c = (*text)[i];
    if ((c == '{' || c == '}') && i + 1 < text->size() && (*text)[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    if (c == '}') return {};
    if (c != '{') {
      out += c;
      continue;
    }
    const auto close = text->find('}', i);
    if (close == std::string_view::npos) return {};
    const std::string_view field = text->substr(i + 1, close - i - 1);
    std::size_t index = next;
    if (field.empty()) {
      ++next;
    } else {
      std::size_t number = 0;
      const auto [end, defect] = std::from_chars(field.data(), field.data() + field.size(), number);
      if (defect != std::errc() || end != field.data() + field.size()) return {};
      index = number + 1;
    }
    if (index >= arguments.size()) return {};
    const auto piece = plain(arguments[index]);
    if (!piece) return {};
    out += *piece;
    if (out.size() > with.limits().evaluated_bytes) return {};
    i = close;
  }
  return with.make(Tag::Str, std::move(out));
}

std::optional<Cell> remove_prefix(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const auto text = Evaluator::characters(arguments[0]);
  const auto prefix = Evaluator::characters(arguments[1]);
  if (!text || !prefix) return {};
  return with.make(kind_of(arguments[0]),
                   std::string(text->starts_with(*prefix) ? text->substr(prefix->size()) : *text));
}
std::optional<Cell> remove_suffix(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const auto text = Evaluator::characters(arguments[0]);
  const auto suffix = Evaluator::characters(arguments[1]);
  if (!text || !suffix) return {};
  return with.make(
      kind_of(arguments[0]),
      std::string(text->ends_with(*suffix) ? text->substr(0, text->size() - suffix->size()) : *text));
}

std::optional<Cell> add(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const Cell& a = arguments[0];
  const Cell& b = arguments[1];
  if (a.is(Tag::Int) && b.is(Tag::Int)) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.integer(), b.integer(), &sum)) return {};
    return Cell::of_int(sum);
  }
  if (a.is_view() && b.is_view() && !a.is(Tag::BigInt) && a.is_text() == b.is_text()) {
    if (a.length() + b.length() > with.limits().evaluated_bytes) return {};
    return with.make(kind_of(a), std::string(a.text()).append(b.text()));
  }
  if (!a.is_sequence() || a.tag() != b.tag()) return {};
  auto items = with.sequence(a);
  const auto more = with.sequence(b);
  if (!items || !more || items->size() + more->size() > Store::kMostItems) return {};
  items->insert(items->end(), more->begin(), more->end());
  return a.is(Tag::Tuple) ? with.make_tuple(*items) : with.make_list(*items);
}

std::optional<Cell> multiply(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const auto count = Evaluator::integer(arguments[1]);
  if (!count || *count < 0) return {};
  if (arguments[0].is(Tag::Int)) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(arguments[0].integer(), *count, &product)) return {};
    return Cell::of_int(product);
  }
  const auto text = Evaluator::characters(arguments[0]);
  std::uint64_t size = 0;
  if (!text || __builtin_mul_overflow(text->size(), static_cast<std::uint64_t>(*count), &size) ||
      size > with.limits().evaluated_bytes)
    return {};
  std::string out;
  out.reserve(size);
  for (std::int64_t i = 0; i < *count; ++i) out += *text;
  return with.make(kind_of(arguments[0]), std::move(out));
}

// "%s%s" % (…): only %s, %d and %c of constants.
std::optional<Cell> modulo(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const auto text = Evaluator::text(arguments[0]);
  if (!text) return {};
  std::vector<Cell> values = {arguments[1]};
  if (arguments[1].is(Tag::Tuple)) {
    auto items = with.sequence(arguments[1]);
    if (!items) return {};
    values = std::move(*items);
  }
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < text->size(); ++i) {
    if ((*text)[i] != '%') {
      out += (*text)[i];
      continue;
    }
    if (++i >= text->size()) return {};
    const char kind = (*text)[i];
    if (kind == '%') {
      out += '%';
      continue;
    }
    if (next >= values.size() || (kind != 's' && kind != 'd' && kind != 'c')) return {};
    const Cell& value = values[next++];
    if (kind == 'c' && value.is(Tag::Int) && value.integer() >= 0 && value.integer() < 128) {
      out += static_cast<char>(value.integer());
      continue;
    }
    const auto piece = plain(value);
    if (!piece) return {};
    out += *piece;
  }
  return with.make(Tag::Str, std::move(out));
}

std::optional<Cell> get_item(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  return with.item(arguments[0], arguments[1]);
}
// dict.get(mapping, key, default) and list.pop(list, index).
std::optional<Cell> dict_get(Evaluator& with, Arguments arguments) {
  if (arguments.size() < 2) return {};
  const auto found = with.item(arguments[0], arguments[1]);
  if (found) return found;
  return {};
}

std::optional<Cell> chr(Evaluator& with, Arguments arguments) {
  if (arguments.size() != 1) return {};
  const auto code = Evaluator::integer(arguments[0]);
  if (!code || *code < 0 || *code > 0x10FFFF) return {};
  const std::string latin(1, static_cast<char>(*code & 0xFF));
  if (*code < 256) return decode_as(with, Cell::of_view(Tag::Bytes, bytes_of(latin).data(), 1), "latin1");
  return {};
}
std::optional<Cell> ord(Evaluator&, Arguments arguments) {
  if (arguments.size() != 1) return {};
  const auto text = Evaluator::characters(arguments[0]);
  if (!text || text->size() != 1) return {};
  return Cell::of_int(static_cast<std::uint8_t>(text->front()));
}

std::optional<Cell> to_int(Evaluator&, Arguments arguments) {
  if (arguments.empty()) return Cell::of_int(0);
  if (const auto value = Evaluator::integer(arguments[0])) return Cell::of_int(*value);
  const auto text = Evaluator::characters(arguments[0]);
  const auto base = arguments.size() > 1 ? Evaluator::integer(arguments[1]) : std::optional<std::int64_t>(10);
  if (!text || !base || *base < 2 || *base > 36) return {};
  std::string_view digits = trim(*text);
  if (*base == 16 && (digits.starts_with("0x") || digits.starts_with("0X"))) digits.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, defect] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, static_cast<int>(*base));
  if (defect != std::errc() || end != digits.data() + digits.size()) return {};
  return Cell::of_int(value);
}

std::optional<Cell> to_str(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return with.make(Tag::Str, "");
  if (arguments.size() > 1 && arguments[0].is_bytes())
    return decode_as(with, arguments[0], Evaluator::text(arguments[1]).value_or("?"));
  auto text = plain(arguments[0]);
  if (!text) return {};
  return with.make(Tag::Str, std::move(*text));
}

template <Tag kTag>
std::optional<Cell> to_bytes(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return with.make(kTag, "");
  const Cell& from = arguments[0];
  if (from.is_text()) {
    if (arguments.size() < 2) return {};
    const auto encoded = encode_as(with, from, Evaluator::text(arguments[1]).value_or("?"));
    if (!encoded) return {};
    return Cell::of_view(kTag, encoded->data, encoded->length());
  }
  if (from.is_bytes()) return Cell::of_view(kTag, from.data, from.length());
  if (const auto size = Evaluator::integer(from)) {
    if (*size < 0 || static_cast<std::uint64_t>(*size) > with.limits().evaluated_bytes) return {};
    if (*size > 1 << 20) return {};
    return with.make(kTag, std::string(static_cast<std::size_t>(*size), '\0'));
  }
  const auto items = with.sequence(from);
  if (!items) return {};
  std::string out;
  for (const Cell& item : *items) {
    const auto value = Evaluator::integer(item);
    if (!value || *value < 0 || *value > 255) return {};
    out += static_cast<char>(*value);
  }
  return with.make(kTag, std::move(out));
}

std::optional<Cell> make_slice(Evaluator& with, Arguments arguments) {
  std::vector<Cell> parts(3, Cell::of(Tag::None));
  if (arguments.empty() || arguments.size() > 3) return {};
  if (arguments.size() == 1) parts[1] = arguments[0];
  for (std::size_t i = 0; arguments.size() > 1 && i < arguments.size(); ++i) parts[i] = arguments[i];
  return with.make_tuple(parts);
}

std::optional<Cell> reversed_of(Evaluator& with, Arguments arguments) {
  if (arguments.size() != 1) return {};
  if (const auto text = Evaluator::text(arguments[0])) {
    auto turned = with.make(Tag::Str, reversed(*text));
    return turned;
  }
  auto items = with.sequence(arguments[0]);
  if (!items) return {};
  std::ranges::reverse(*items);
  return with.make_list(*items);
}

std::optional<Cell> to_list(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return with.make_list({});
  const auto items = with.sequence(arguments[0]);
  if (!items) return {};
  return with.make_list(*items);
}
std::optional<Cell> to_tuple(Evaluator& with, Arguments arguments) {
  if (arguments.empty()) return with.make_tuple({});
  const auto items = with.sequence(arguments[0]);
  if (!items) return {};
  return with.make_tuple(*items);
}

constexpr PureRow kRows[] = {
    {"_operator.add", add},
    {"_operator.concat", add},
    {"_operator.getitem", get_item},
    {"_operator.mod", modulo},
    {"_operator.mul", multiply},
    {"builtins.bytearray", to_bytes<Tag::ByteArray>},
    {"builtins.bytes", to_bytes<Tag::Bytes>},
    {"builtins.bytes.__add__", add},
    {"builtins.bytes.__getitem__", get_item},
    {"builtins.bytes.join", join},
    {"builtins.bytes.lower", mapped<down>},
    {"builtins.bytes.replace", replace},
    {"builtins.bytes.strip", stripped<Sides::Both>},
    {"builtins.bytes.upper", mapped<up>},
    {"builtins.chr", chr},
    {"builtins.dict.__getitem__", get_item},
    {"builtins.dict.get", dict_get},
    {"builtins.dict.pop", dict_get},
    {"builtins.int", to_int},
    {"builtins.list", to_list},
    {"builtins.list.__getitem__", get_item},
    {"builtins.list.pop", get_item},
    {"builtins.ord", ord},
    {"builtins.reversed", reversed_of},
    {"builtins.slice", make_slice},
    {"builtins.str", to_str},
    {"builtins.str.__add__", add},
    {"builtins.str.__getitem__", get_item},
    {"builtins.str.__mod__", modulo},
    {"builtins.str.__mul__", multiply},
    {"builtins.str.capitalize", capitalize},
    {"builtins.str.casefold", mapped<down>},
    {"builtins.str.format", format},
    {"builtins.str.join", join},
    {"builtins.str.lower", mapped<down>},
    {"builtins.str.lstrip", stripped<Sides::Left>},
    {"builtins.str.removeprefix", remove_prefix},
    {"builtins.str.removesuffix", remove_suffix},
    {"builtins.str.replace", replace},
    {"builtins.str.rstrip", stripped<Sides::Right>},
    {"builtins.str.split", split_text},
    {"builtins.str.strip", stripped<Sides::Both>},
    {"builtins.str.swapcase", mapped<swap>},
    {"builtins.str.upper", mapped<up>},
    {"builtins.tuple", to_tuple},
    {"builtins.tuple.__getitem__", get_item},
    {"operator.__add__", add},
    {"operator.__getitem__", get_item},
    {"operator.add", add},
    {"operator.concat", add},
    {"operator.getitem", get_item},
    {"operator.iadd", add},
    {"operator.iconcat", add},
    {"operator.mod", modulo},
    {"operator.mul", multiply},
};

// Python's slice of `size` items: the indexes, in order.
std::optional<std::vector<std::size_t>> sliced(std::uint64_t size, std::span<const Cell> slice) {
  const auto part = [&](std::size_t i) -> std::optional<std::int64_t> {
    return slice[i].is(Tag::None) ? std::nullopt : Evaluator::integer(slice[i]);
  };
  const std::int64_t step = part(2).value_or(1);
  if (step == 0 || size > std::numeric_limits<std::int32_t>::max()) return {};
  const auto count = static_cast<std::int64_t>(size);
  const auto clamp = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    if (at < 0) at += count;
    return std::clamp(at, low, high);
  };
  std::vector<std::size_t> indexes;
  if (step > 0) {
    const std::int64_t begin = clamp(part(0).value_or(0), 0, count);
    const std::int64_t end = part(1) ? clamp(*part(1), 0, count) : count;
    for (std::int64_t i = begin; i < end; i += std::min(step, count + 1))
      indexes.push_back(static_cast<std::size_t>(i));
  } else {
    const std::int64_t begin = part(0) ? clamp(*part(0), -1, count - 1) : count - 1;
    const std::int64_t end = part(1) ? clamp(*part(1), -1, count - 1) : -1;
    for (std::int64_t i = begin; i > end; i += std::max(step, -count - 1))
      indexes.push_back(static_cast<std::size_t>(i));
  }
  return indexes;
}

}  // namespace

PureFunction pure_function(std::string_view name) {
  for (const std::span<const PureRow> rows : {std::span<const PureRow>(kRows), codec_functions()}) {
    const auto row = std::ranges::lower_bound(rows, name, {}, &PureRow::name);
    if (row != rows.end() && row->name == name) return row->function;
  }
  return nullptr;
}

std::optional<std::string_view> Evaluator::text(const Cell& cell) {
  if (!cell.is_text()) return {};
  return cell.text();
}

std::optional<std::string_view> Evaluator::characters(const Cell& cell) {
  if (!cell.is_text() && !cell.is_bytes()) return {};
  return cell.text();
}

std::optional<std::int64_t> Evaluator::integer(const Cell& cell) {
  if (cell.is(Tag::Int)) return cell.integer();
  if (cell.is(Tag::True)) return 1;
  if (cell.is(Tag::False)) return 0;
  return {};
}

std::optional<std::vector<Cell>> Evaluator::sequence(const Cell& cell) const {
  if (cell.is_bytes() || cell.is_text()) {
    if (cell.length() > Store::kMostItems || (cell.is_text() && !all_ascii(cell.text()))) return {};
    std::vector<Cell> items;
    for (std::uint64_t i = 0; i < cell.length(); ++i)
      items.push_back(cell.is_bytes() ? Cell::of_int(cell.data[i])
                                      : Cell::of_view(Tag::Str, cell.data + i, 1));
    return items;
  }
  return store_.contents(cell);
}

std::optional<Cell> Evaluator::call(PureFunction function, std::span<const Cell> arguments) {
  std::uint64_t cost = 1;
  for (const Cell& argument : arguments)
    cost += argument.is_view() ? argument.length()
                               : std::min<std::uint64_t>(argument.length(), Store::kMostItems) * sizeof(Cell);
  if (cost > work_left_) return {};
  charge(cost);
  return function(*this, arguments);
}

std::optional<Cell> Evaluator::make(Tag tag, std::string text) {
  charge(text.size());
  const std::string* kept = store_.own(std::move(text), limits_.evaluated_bytes);
  if (kept == nullptr) return {};
  Cell cell = Cell::of_view(tag, bytes_of(*kept).data(), kept->size());
  cell.meta |= Cell::kComputed;
  return cell;
}

std::optional<Cell> Evaluator::make_list(const std::vector<Cell>& items) {
  if (items.size() > Store::kMostItems) return {};
  const Cell list = Cell::of(Tag::List, store_.new_id());
  if (!items.empty()) store_.append(list.bits, items.data(), items.size());
  return list;
}

std::optional<Cell> Evaluator::make_tuple(const std::vector<Cell>& items) {
  if (items.size() > Store::kMostItems) return {};
  const std::uint64_t position = items.empty() ? 0 : store_.keep(items.data(), items.size(), items.size());
  return Cell::of(Tag::Tuple, position, items.size());
}

std::optional<Cell> Evaluator::item(const Cell& container, const Cell& key) {
  if (container.is(Tag::Dict)) {
    const auto items = store_.contents(container);
    if (!items) return {};
    std::optional<Cell> found;
    for (std::size_t i = 0; i + 1 < items->size(); i += 2)
      if (same((*items)[i], key)) found = (*items)[i + 1];
    return found;
  }
  const auto whole = characters(container);
  std::optional<std::vector<Cell>> items;
  if (!whole) {
    items = store_.contents(container);
    if (!items) return {};
  } else if (!all_ascii(*whole) && container.is_text()) {
    return {};
  }
  const std::uint64_t size = whole ? whole->size() : items->size();
  if (key.is(Tag::Tuple)) {
    const auto slice = store_.items(key);
    if (!slice || slice->size() != 3) return {};
    const auto indexes = sliced(size, *slice);
    if (!indexes) return {};
    std::string text;
    std::vector<Cell> picked;
    for (const std::size_t index : *indexes) {
      if (whole) text += (*whole)[index];
      if (!whole) picked.push_back((*items)[index]);
    }
    if (whole) return make(kind_of(container), std::move(text));
    return container.is(Tag::Tuple) ? make_tuple(picked) : make_list(picked);
  }
  auto index = integer(key);
  if (!index) return {};
  if (*index < 0) *index += static_cast<std::int64_t>(size);
  if (*index < 0 || static_cast<std::uint64_t>(*index) >= size) return {};
  const auto at = static_cast<std::size_t>(*index);
  if (!whole) return (*items)[at];
  if (container.is_bytes()) return Cell::of_int(static_cast<std::uint8_t>((*whole)[at]));
  return make(Tag::Str, std::string(1, (*whole)[at]));
}

bool same(const Cell& a, const Cell& b) {
  if (a.is_text() && b.is_text()) return a.text() == b.text();
  if (a.is_bytes() && b.is_bytes()) return a.text() == b.text();
  const auto x = Evaluator::integer(a);
  const auto y = Evaluator::integer(b);
  if (x && y) return *x == *y;
  return a.is(Tag::None) && b.is(Tag::None);
}

}  // namespace bulwark::pickle
