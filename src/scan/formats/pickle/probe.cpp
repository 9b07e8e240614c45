#include "scan/formats/pickle/probe.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "scan/formats/pickle/opcodes.h"
#include "scan/knowledge/callables.h"

namespace bulwark::pickle {
namespace {

constexpr std::uint64_t kLongestName = 256;
constexpr std::size_t kMostMarks = 256;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         static_cast<std::uint8_t>(c) >= 0x80;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && !(text[0] >= '0' && text[0] <= '9') &&
         text[0] != '.' && std::ranges::all_of(text, is_name_character) && is_utf8(text);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 4096 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'x' ||
           c == 'X' || c == 'o' || c == 'L' || c == '-' || c == '+' || c == '.' || c == '_' || c == 'i' ||
           c == 'n';
  });
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

class Prober {
 public:
  Prober(Bytes content, std::uint64_t begin) : content_(content), at_(begin) {}

  Probe run(std::uint32_t most) {
    out_.end = at_;
    while (out_.opcodes < most && step()) {
      ++out_.opcodes;
      out_.end = at_;
      if (out_.stopped) break;
    }
    return out_;
  }

 private:
  bool step() {
    if (at_ >= content_.size()) {
      out_.cut = true;
      return false;
    }
    const std::uint8_t byte = content_[at_];
    const OpcodeRow& row = row_of(byte);
    if (row.argument == Argument::Unknown) return false;
    const std::uint64_t opcode_at = at_++;
    const auto opcode = static_cast<Op>(byte);
    if (!argument(opcode, row.argument)) return false;
    if (opcode == Op::Proto) {
      if (content_[opcode_at + 1] > 5) return false;
      if (out_.opcodes == 0) out_.header = true;
    }
    return stack(opcode, row);
  }

  bool argument(Op opcode, Argument kind) {
    switch (kind) {
      case Argument::None: return true;
      case Argument::Fixed1: return skip(1);
      case Argument::Fixed2: return skip(2);
      case Argument::Fixed4: return skip(4);
      case Argument::Fixed8: return skip(8);
      case Argument::Counted1: return counted(1);
      case Argument::Counted4: return counted(4);
      case Argument::Counted8: return counted(8);
      case Argument::Line: return line(opcode);
      case Argument::Lines: return line(opcode) && line(opcode);
      case Argument::Unknown: break;
    }
    return false;
  }
  bool skip(std::uint64_t size) {
    if (content_.size() - at_ < size) {
      out_.cut = true;
      return false;
    }
    at_ += size;
    return true;
  }
  bool counted(unsigned width) {
    const std::uint64_t size_at = at_;
    if (!skip(width)) return false;
    std::uint64_t size = 0;
    for (unsigned i = 0; i < width; ++i) size |= std::uint64_t{content_[size_at + i]} << (8 * i);
    return skip(size);
  }
  bool line(Op opcode) {
    const std::string_view rest = text_of(content_.subspan(at_));
    const auto feed = rest.substr(0, std::uint64_t{1} << 20).find('\n');
    if (feed == std::string_view::npos) {
      // Only plausible as a cut file if what is there may be such a line.
      out_.cut = rest.size() < kLongestName;
      return false;
    }
    const std::string_view text = rest.substr(0, feed);
    at_ += feed + 1;
    switch (opcode) {
      case Op::Global:
      case Op::Inst:
        if (!is_name(text)) return false;
        out_.imports = true;
        return true;
      case Op::Int:
      case Op::Long:
      case Op::Float: return is_number(text);
      case Op::Get:
      case Op::Put: return is_digits(text);
      case Op::String:
        return text.size() >= 2 && text.front() == text.back() &&
               (text.front() == '\'' || text.front() == '"');
      case Op::PersId: return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
      default: return text.find('\0') == std::string_view::npos;
    }
  }

  bool stack(Op opcode, const OpcodeRow& row) {
    if (opcode == Op::Mark) {
      if (marks_.size() >= kMostMarks) marks_.erase(marks_.begin());
      marks_.push_back(depth_);
      out_.structured = true;
      return true;
    }
    if (opcode == Op::Pop && !marks_.empty() && marks_.back() == depth_) {
      marks_.pop_back();
      return true;
    }
    if (row.takes_mark) {
      if (marks_.empty()) return false;
      depth_ = marks_.back();
      marks_.pop_back();
    }
    if (depth_ < row.pops) return false;
    depth_ = depth_ - row.pops + row.pushes;
    switch (opcode) {
      case Op::Stop: out_.stopped = true; break;
      case Op::StackGlobal: out_.imports = true; break;
      case Op::Reduce:
      case Op::Inst:
      case Op::Obj:
      case Op::NewObj:
      case Op::NewObjEx:
      case Op::Build: out_.calls = true; break;
      case Op::Put:
      case Op::BinPut:
      case Op::LongBinPut:
      case Op::Memoize:
        out_.memo = true;
        out_.structured = true;
        break;
      case Op::Get:
      case Op::BinGet:
      case Op::LongBinGet:
        if (!out_.memo) return false;
        break;
      case Op::EmptyDict:
      case Op::EmptyList:
      case Op::EmptySet:
      case Op::Tuple1:
      case Op::Tuple2:
      case Op::Tuple3: out_.structured = true; break;
      default: break;
    }
    return true;
  }

  Bytes content_;
  std::uint64_t at_;
  std::uint64_t depth_ = 0;
  std::vector<std::uint64_t> marks_;
  Probe out_;
};

std::string_view top_package(std::string_view module) {
  return module.substr(0, module.find('.'));
}

// The line feed at `feed` may end the module of a GLOBAL or INST: where would its stream start?
std::optional<std::uint64_t> start_before(Bytes content, std::uint64_t from, std::uint64_t feed) {
  const std::string_view text = text_of(content);
  const std::string_view after = text.substr(feed + 1, kLongestName);
  const auto name_end = after.find('\n');
  if (name_end == std::string_view::npos || !is_name(after.substr(0, name_end))) return {};
  std::uint64_t begin = feed;
  while (begin > from && feed - begin < kLongestName && is_name_character(text[begin - 1])) --begin;
  for (std::uint64_t at = begin; at < feed; ++at) {
    if (text[at] != 'c' && text[at] != 'i') continue;
    const std::string_view module = text.substr(at + 1, feed - at - 1);
    if (!is_name(module)) continue;
    if (at != begin && !scan::is_standard_library(top_package(module))) continue;
    std::uint64_t start = at;
    if (start > from && text[start - 1] == '(') --start;
    if (text[at] == 'c' && probe(content, start).calls) return start;
    // The arguments of INST, and the MARK below them, come first.
    if (text[at] == 'i') {
      const std::uint64_t lowest = at - std::min<std::uint64_t>(at - from, kLongestName);
      for (std::uint64_t mark = lowest; mark < at; ++mark) {
        if (text[mark] != '(') continue;
        const Probe look = probe(content, mark);
        if (look.calls && look.imports && look.end > at) return mark;
      }
    }
  }
  return {};
}

}  // namespace

Probe probe(Bytes content, std::uint64_t begin, std::uint32_t most) {
  return Prober(content, begin).run(most);
}

std::optional<std::uint64_t> find_pickle(Bytes content, std::uint64_t from, std::uint64_t to) {
  to = std::min<std::uint64_t>(to, content.size());
  const auto next = [&](std::uint64_t at, int byte) {
    if (at >= to) return to;
    const void* found = std::memchr(content.data() + at, byte, to - at);
    return found == nullptr
               ? to
               : static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - content.data());
  };
  std::uint64_t header = next(from, 0x80);
  std::uint64_t feed = next(from, '\n');
  while (header < to || feed < to) {
    if (header < feed) {
      if (header + 1 < content.size() && content[header + 1] <= 5) {
        const Probe look = probe(content, header);
        // Two bytes of chance and a few cheap opcodes are common in weights.
        if ((look.imports && look.opcodes >= 3) || (look.stopped && look.opcodes >= 4) ||
            look.opcodes >= 12 || (look.cut && look.opcodes >= 2 && header + 64 > content.size()))
          return header;
      }
      header = next(header + 1, 0x80);
    } else {
      if (const auto start = start_before(content, from, feed)) return start;
      feed = next(feed + 1, '\n');
    }
  }
  return {};
}

std::uint64_t skip_disguise(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 4096)));
  std::uint64_t at = 0;
  while (at < text.size()) {
    const auto feed = text.find('\n', at);
    if (feed == std::string_view::npos) break;
    const std::string_view line = trim(text.substr(at, feed - at));
    if (!line.empty() && !line.starts_with('#') && !line.starts_with("//") && !line.starts_with(';')) break;
    at = feed + 1;
  }
  return at < text.size() ? at : 0;
}

}  // namespace bulwark::pickle
