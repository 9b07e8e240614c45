// Symbolic values as Python-like text, short enough to be evidence.

#include <array>
#include <charconv>

#include "base/text.h"
#include "scan/formats/pickle/interpreter.h"

namespace bulwark::pickle {
namespace {

constexpr std::size_t kMostText = 160;   // characters of one constant
constexpr std::size_t kMostItems = 12;   // items of one container
constexpr std::size_t kMostWhole = 400;  // characters after which nothing more is added
constexpr unsigned kMostDepth = 4;
constexpr std::size_t kMostTrace = std::size_t{64} << 20;

std::string quoted(std::string_view text, std::string_view prefix) {
  std::string out(prefix);
  out += '"';
  for (const char c : text.substr(0, kMostText)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || (byte >= 0x7F && !prefix.empty())) {
      out += "\\x" + hex({&byte, 1});
    } else {
      out += c;
    }
  }
  if (text.size() > kMostText) out += "…";
  return out + '"';
}

std::string real(double value) {
  std::array<char, 32> text{};
  const auto [end, defect] = std::to_chars(text.data(), text.data() + text.size(), value);
  return defect == std::errc() ? std::string(text.data(), end) : "?";
}

}  // namespace

std::string Interpreter::name_of(const Reference& reference) const {
  if (reference.reached_name.empty()) return reference.reached_module;
  if (reference.reached_module == "builtins") return reference.reached_name;
  return reference.reached_module + "." + reference.reached_name;
}

std::string Interpreter::describe_items(std::span<const Cell> items, unsigned depth) const {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ", ";
    if (i == kMostItems || text.size() > kMostWhole)
      return text + "… " + std::to_string(items.size() - i) + " more";
    text += describe(items[i], depth + 1);
  }
  return text;
}

std::string Interpreter::describe_call(const Cell& callee, std::span<const Cell> arguments) const {
  return describe(callee) + "(" + describe_items(arguments, 0) + ")";
}

std::string Interpreter::describe(const Cell& cell, unsigned depth) const {
  const auto container = [&](std::string_view open, std::string_view close) -> std::string {
    if (depth >= kMostDepth) return std::string(open) + "…" + std::string(close);
    const auto items = store_.contents(cell);
    if (!items) return std::string(open) + "…" + std::string(close);
    if (!cell.is(Tag::Dict)) return std::string(open) + describe_items(*items, depth) + std::string(close);
    std::string text(open);
    for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
      if (i > 0) text += ", ";
      if (i == 2 * kMostItems || text.size() > kMostWhole) {
        text += "…";
        break;
      }
      text += describe((*items)[i], depth + 1) + ": " + describe((*items)[i + 1], depth + 1);
    }
    return text + std::string(close);
  };
  switch (cell.tag()) {
    case Tag::None: return "None";
    case Tag::True: return "True";
    case Tag::False: return "False";
    case Tag::Int: return std::to_string(cell.integer());
    case Tag::BigInt: return "<long>";
    case Tag::Float: return real(cell.real());
    case Tag::Str:
    case Tag::Legacy: return quoted(cell.text(), "");
    case Tag::Bytes: return quoted(cell.text(), "b");
    case Tag::ByteArray: return "bytearray(" + quoted(cell.text(), "b") + ")";
    case Tag::Global: return name_of(out_.references[cell.bits]);
    case Tag::Instance: return name_of(out_.references[cell.bits]) + "(…)";
    case Tag::Result:
      return cell.bits < expressions_.size() ? expressions_[cell.bits].text.substr(0, 400) : "<result>";
    case Tag::Storage: return "<storage of " + std::to_string(cell.bits) + " bytes>";
    case Tag::Dtype: return "<dtype>";
    case Tag::Partial: {
      const auto items = store_.items(cell);
      if (!items || items->empty() || depth >= kMostDepth) return "<partial>";
      const std::vector<Cell> all(items->begin(), items->end());
      return describe(all[0], depth + 1) + "(" + describe_items(std::span(all).subspan(1), depth) + ")";
    }
    case Tag::Tuple: {
      std::string text = container("(", ")");
      if (cell.length() == 1 && text.size() > 2) text.insert(text.size() - 1, ",");
      return text;
    }
    case Tag::FrozenSet: return container("frozenset({", "})");
    case Tag::List: return container("[", "]");
    case Tag::Dict: return container("{", "}");
    case Tag::Set: return container("{", "}");
    case Tag::Absent:
    case Tag::Opaque: break;
  }
  return "<unknown>";
}

void Interpreter::trace_line(std::uint64_t offset, std::string_view text) {
  if (!settings_.trace || out_.trace.size() > kMostTrace) return;
  std::string number = std::to_string(offset);
  if (number.size() < 8) number.insert(0, 8 - number.size(), ' ');
  out_.trace += number + "  " + printable(text, 1000) + "\n";
}

}  // namespace bulwark::pickle
