#include "scan/formats/lua.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace bulwark::scan {
namespace {

// Names that start programs, load code, or touch files; what a model's own methods never need.
struct Gadget {
  std::string_view library;  // empty: a global function
  std::string_view name;
};
constexpr auto kGadgets = std::to_array<Gadget>({
    {"os", "execute"},
    {"os", "remove"},
    {"os", "rename"},
    {"os", "getenv"},
    {"io", "popen"},
    {"io", "open"},
    {"package", "loadlib"},
    {"ffi", "load"},
    {"ffi", "cdef"},
    {"sys", "execute"},
    {"sys", "fexecute"},
    {"socket", "tcp"},
    {"http", "request"},
    {"", "loadstring"},
    {"", "loadfile"},
    {"", "dofile"},
});

std::string joined(const Gadget& gadget) {
  return gadget.library.empty() ? std::string(gadget.name)
                                : std::string(gadget.library) + "." + std::string(gadget.name);
}

// Prototypes nest as functions do in source; lua itself stops at 200 C levels.
constexpr std::uint32_t kNesting = 200;

struct Constant {
  std::uint64_t offset;
  std::string_view text;
};

// A gadget is used if its library and its name are constants of one prototype.
void match(const std::vector<Constant>& constants, LuaProgram& program) {
  const auto find = [&](std::string_view text) {
    return std::ranges::find(constants, text, &Constant::text);
  };
  for (const Gadget& gadget : kGadgets) {
    const auto name = find(gadget.name);
    if (name == constants.end()) continue;
    if (!gadget.library.empty() && find(gadget.library) == constants.end()) continue;
    program.uses.push_back({.offset = name->offset, .name = joined(gadget), .called = false, .argument = {}});
  }
}

// Lua 5.1 and 5.2: lundump.c. The header names the sizes of int and size_t.
class PucReader {
 public:
  PucReader(Bytes chunk, LuaProgram& program) : in_(chunk), program_(program) {}

  [[nodiscard]] Result<void> chunk() {
    TRY(in_.skip(4, "signature"));
    version_ = TRY(in_.little_endian<std::uint8_t>("version"));
    if (version_ != 0x51 && version_ != 0x52)
      return fail(Code::Unsupported, "Lua bytecode of another version", 4);
    TRY(in_.skip(1, "format"));
    const auto little = TRY(in_.little_endian<std::uint8_t>("byte order"));
    if (little != 1) return fail(Code::Unsupported, "big-endian Lua bytecode", 6);
    int_size_ = TRY(in_.little_endian<std::uint8_t>("size of int"));
    size_size_ = TRY(in_.little_endian<std::uint8_t>("size of size_t"));
    const auto instruction = TRY(in_.little_endian<std::uint8_t>("size of instruction"));
    number_size_ = TRY(in_.little_endian<std::uint8_t>("size of number"));
    if (int_size_ != 4 || (size_size_ != 4 && size_size_ != 8) || instruction != 4 || number_size_ > 16)
      return fail(Code::Unsupported, "Lua bytecode with unusual sizes", 7);
    TRY(in_.skip(version_ == 0x52 ? 7 : 1, "header"));
    program_.dialect = version_ == 0x51 ? "Lua 5.1 bytecode" : "Lua 5.2 bytecode";
    return function(0);
  }

 private:
  [[nodiscard]] Result<std::uint32_t> count(std::string_view what) {
    const auto value = TRY(in_.little_endian<std::int32_t>(what));
    if (value < 0) return fail(Code::InvalidInput, std::string(what) + " is negative", in_.offset() - 4);
    return static_cast<std::uint32_t>(value);
  }
  [[nodiscard]] Result<std::string_view> string(std::string_view what) {
    std::uint64_t size = 0;
    if (size_size_ == 8) {
      size = TRY(in_.little_endian<std::uint64_t>(what));
    } else {
      size = TRY(in_.little_endian<std::uint32_t>(what));
    }
    const Bytes text = TRY(in_.take(size, what));
    return text_of(text.first(size == 0 ? 0 : size - 1));  // the closing NUL is counted
  }
  [[nodiscard]] Result<void> skip_each(std::uint64_t size, std::string_view what) {
    const std::uint64_t times = TRY(count(what));
    return in_.skip(times * size, what);
  }

  [[nodiscard]] Result<std::vector<Constant>> constants() {
    std::vector<Constant> strings;
    const std::uint32_t wanted = TRY(count("constants"));
    for (std::uint32_t i = 0; i < wanted; ++i) {
      const auto type = TRY(in_.little_endian<std::uint8_t>("constant type"));
      if (type == 0) continue;
      if (type == 1) {
        TRY(in_.skip(1, "boolean"));
      } else if (type == 3) {
        TRY(in_.skip(number_size_, "number"));
      } else if (type == 4) {
        const std::uint64_t at = in_.offset();
        const std::string_view text = TRY(string("constant"));
        strings.push_back({at, text});
      } else {
        return fail(Code::InvalidInput, "constant of unknown type " + std::to_string(type), in_.offset() - 1);
      }
    }
    return strings;
  }

  [[nodiscard]] Result<void> function(std::uint32_t depth) {
    if (depth > kNesting) return fail(Code::LimitReached, "Lua functions nest too deeply", in_.offset());
    ++program_.functions;
    if (version_ == 0x51) TRY(string("source name"));
    TRY(in_.skip(version_ == 0x51 ? 12 : 11, "function header"));
    TRY(skip_each(4, "instructions"));
    const auto strings = TRY(constants());
    match(strings, program_);
    const std::uint32_t inner = TRY(count("prototypes"));
    for (std::uint32_t i = 0; i < inner; ++i) TRY(function(depth + 1));
    if (version_ == 0x52) {
      TRY(skip_each(2, "upvalues"));
      TRY(string("source name"));
    }
    TRY(skip_each(4, "lines"));
    const std::uint32_t locals = TRY(count("locals"));
    for (std::uint32_t i = 0; i < locals; ++i) {
      TRY(string("local"));
      TRY(in_.skip(8, "local"));
    }
    const std::uint32_t names = TRY(count("upvalue names"));
    for (std::uint32_t i = 0; i < names; ++i) TRY(string("upvalue name"));
    return {};
  }

  ByteReader in_;
  LuaProgram& program_;
  std::uint8_t version_ = 0;
  std::uint8_t int_size_ = 0;
  std::uint8_t size_size_ = 0;
  std::uint8_t number_size_ = 0;
};

// LuaJIT: lj_bcdump.h. Prototypes follow one another, each with its length, so nothing nests.
class JitReader {
 public:
  JitReader(Bytes chunk, LuaProgram& program) : in_(chunk), program_(program) {}

  [[nodiscard]] Result<void> chunk() {
    constexpr std::uint64_t kStripped = 2;
    TRY(in_.skip(4, "signature"));
    const std::uint64_t flags = TRY(in_.varint("flags"));
    if ((flags & 1) != 0) return fail(Code::Unsupported, "big-endian LuaJIT bytecode", 4);
    stripped_ = (flags & kStripped) != 0;
    if (!stripped_) {
      const std::uint64_t size = TRY(in_.varint("chunk name"));
      TRY(in_.skip(size, "chunk name"));
    }
    program_.dialect = "LuaJIT bytecode";
    while (true) {
      const std::uint64_t size = TRY(in_.varint("prototype size"));
      if (size == 0) return {};
      const std::uint64_t start = in_.offset();
      const Bytes body = TRY(in_.take(size, "prototype"));
      TRY(prototype(body, start));
    }
  }

 private:
  [[nodiscard]] Result<void> prototype(Bytes body, std::uint64_t start) {
    ++program_.functions;
    ByteReader in(body);
    TRY(in.skip(3, "prototype header"));
    const auto upvalues = TRY(in.little_endian<std::uint8_t>("upvalues"));
    const std::uint64_t objects = TRY(in.varint("object constants"));
    TRY(in.varint("number constants"));
    const std::uint64_t code = TRY(in.varint("instructions"));
    if (!stripped_) {
      const std::uint64_t debug = TRY(in.varint("debug size"));
      if (debug != 0) {
        TRY(in.varint("first line"));
        TRY(in.varint("lines"));
      }
    }
    if (code > body.size()) return fail(Code::InvalidInput, "more instructions than bytes", start);
    TRY(in.skip(code * 4 + std::uint64_t{upvalues} * 2, "instructions"));
    std::vector<Constant> strings;
    for (std::uint64_t i = 0; i < objects; ++i) TRY(object(in, start, strings));
    match(strings, program_);
    return {};
  }
  [[nodiscard]] Result<void> text(ByteReader& in, std::uint64_t size, std::uint64_t start,
                                  std::vector<Constant>& strings) {
    const std::uint64_t at = start + in.offset();
    const Bytes taken = TRY(in.take(size, "string constant"));
    strings.push_back({at, text_of(taken)});
    return {};
  }
  [[nodiscard]] Result<void> object(ByteReader& in, std::uint64_t start, std::vector<Constant>& strings) {
    const std::uint64_t type = TRY(in.varint("constant type"));
    if (type >= 5) return text(in, type - 5, start, strings);
    if (type == 1) {
      const std::uint64_t listed = TRY(in.varint("table array"));
      const std::uint64_t hashed = TRY(in.varint("table hash"));
      if (listed > in.remaining() || hashed > in.remaining())
        return fail(Code::InvalidInput, "table constant is larger than its prototype", start + in.offset());
      for (std::uint64_t i = 0; i < listed + 2 * hashed; ++i) TRY(item(in, start, strings));
      return {};
    }
    const int words = type == 4 ? 4 : type == 2 || type == 3 ? 2 : 0;
    for (int i = 0; i < words; ++i) TRY(in.varint("number constant"));
    return {};
  }
  [[nodiscard]] Result<void> item(ByteReader& in, std::uint64_t start, std::vector<Constant>& strings) {
    const std::uint64_t type = TRY(in.varint("table item"));
    if (type >= 5) return text(in, type - 5, start, strings);
    if (type >= 3) TRY(in.varint("table number"));
    if (type == 4) TRY(in.varint("table number"));
    return {};
  }

  ByteReader in_;
  LuaProgram& program_;
  bool stripped_ = false;
};

struct Token {
  enum class Kind : std::uint8_t { Name, String, Symbol } kind;
  std::string_view text;  // of strings: between the quotes, escapes as written
  std::uint64_t offset;
  std::uint32_t line;
};

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  [[nodiscard]] std::vector<Token> all() {
    std::vector<Token> tokens;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (text_.substr(at_, 2) == "--") {
        comment();
      } else if (c == '"' || c == '\'') {
        tokens.push_back(quoted(c));
      } else if (const std::size_t level = long_bracket(); level != 0) {
        const std::uint64_t start = at_;
        tokens.push_back({Token::Kind::String, long_text(level), start, line_});
      } else if (begins_name(c)) {
        const std::size_t start = at_;
        while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
        tokens.push_back({Token::Kind::Name, text_.substr(start, at_ - start), start, line_});
      } else {
        if (std::isspace(static_cast<unsigned char>(c)) == 0)
          tokens.push_back({Token::Kind::Symbol, text_.substr(at_, 1), at_, line_});
        ++at_;
      }
    }
    return tokens;
  }

 private:
  // Length of an opening "[[" or "[==[" at the cursor, or 0.
  [[nodiscard]] std::size_t long_bracket() const {
    if (text_[at_] != '[') return 0;
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] == '=') ++end;
    return end < text_.size() && text_[end] == '[' ? end - at_ + 1 : 0;
  }
  std::string_view long_text(std::size_t level) {
    const std::string closing = "]" + std::string(level - 2, '=') + "]";
    at_ += level;
    const std::size_t end = std::min(text_.find(closing, at_), text_.size());
    const std::string_view inner = text_.substr(at_, end - at_);
    line_ += static_cast<std::uint32_t>(std::ranges::count(inner, '\n'));
    at_ = std::min(end + closing.size(), text_.size());
    return inner;
  }
  void comment() {
    at_ += 2;
    if (at_ < text_.size()) {
      if (const std::size_t level = long_bracket(); level != 0) {
        long_text(level);
        return;
      }
    }
    at_ = std::min(text_.find('\n', at_), text_.size());
  }
  Token quoted(char quote) {
    const std::size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n')
      at_ += text_[at_] == '\\' ? 2U : 1U;
    at_ = std::min(at_, text_.size());
    const Token token{Token::Kind::String, text_.substr(start, at_ - start), start, line_};
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

bool is_keyword(std::string_view word) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"and", "do", "else", "elseif", "if", "in", "local", "not", "or",
                                       "repeat", "return", "then", "until", "while", "end"});
  return std::ranges::find(kWords, word) != kWords.end();
}

// Reads "a.b.c", "a['b']" from `tokens[first]` on; returns the index behind it.
std::size_t read_path(const std::vector<Token>& tokens, std::size_t first,
                      std::vector<std::string_view>& path) {
  const auto is_symbol = [&](std::size_t i, std::string_view text) {
    return i < tokens.size() && tokens[i].kind == Token::Kind::Symbol && tokens[i].text == text;
  };
  path.assign(1, tokens[first].text);
  std::size_t next = first + 1;
  while (next + 1 < tokens.size()) {
    if ((is_symbol(next, ".") || is_symbol(next, ":")) && tokens[next + 1].kind == Token::Kind::Name) {
      path.push_back(tokens[next + 1].text);
      next += 2;
    } else if (is_symbol(next, "[") && tokens[next + 1].kind == Token::Kind::String &&
               is_symbol(next + 2, "]")) {
      path.push_back(tokens[next + 1].text);
      next += 3;
    } else {
      break;
    }
  }
  if (path.size() > 1 && (path.front() == "_G" || path.front() == "_ENV")) path.erase(path.begin());
  return next;
}

}  // namespace

bool is_lua_bytecode(Bytes chunk) {
  return has_magic(chunk, "\x1bLua") || has_magic(chunk, "\x1bLJ");
}

Result<LuaProgram> read_lua_bytecode(Bytes chunk) {
  LuaProgram program;
  if (has_magic(chunk, "\x1bLJ")) {
    TRY(JitReader(chunk, program).chunk());
  } else if (has_magic(chunk, "\x1bLua")) {
    TRY(PucReader(chunk, program).chunk());
  } else {
    return fail(Code::Unsupported, "not Lua bytecode", 0);
  }
  return program;
}

LuaProgram read_lua_source(std::string_view text, LuaText kind) {
  LuaProgram program{.dialect = "Lua source", .uses = {}, .functions = 0};
  const std::vector<Token> tokens = Tokenizer(text).all();
  std::vector<std::string_view> path;
  for (std::size_t i = 0; i < tokens.size();) {
    if (tokens[i].kind != Token::Kind::Name) {
      ++i;
      continue;
    }
    // Two words side by side on one line are prose; a name after "." belongs to something else
    // ("foo.os.execute").
    const bool after_word = i > 0 && tokens[i - 1].kind == Token::Kind::Name &&
                            tokens[i - 1].line == tokens[i].line && !is_keyword(tokens[i - 1].text);
    const std::size_t next = read_path(tokens, i, path);
    LuaUse use{.offset = tokens[i].offset, .name = {}, .called = false, .argument = {}};
    for (const Gadget& gadget : kGadgets) {
      const bool fits = gadget.library.empty()
                            ? path.size() == 1 && path[0] == gadget.name
                            : path.size() == 2 && path[0] == gadget.library && path[1] == gadget.name;
      if (fits) use.name = joined(gadget);
    }
    if (!use.name.empty() && next < tokens.size()) {
      const bool bracket = tokens[next].text == "(" && tokens[next].kind == Token::Kind::Symbol;
      const std::size_t argument = bracket ? next + 1 : next;
      use.called = bracket || tokens[next].kind == Token::Kind::String;
      if (use.called && argument < tokens.size() && tokens[argument].kind == Token::Kind::String)
        use.argument = tokens[argument].text;
    }
    if (!use.name.empty() && (kind == LuaText::Program || (use.called && !after_word)))
      program.uses.push_back(std::move(use));
    i = next;
  }
  return program;
}

}  // namespace bulwark::scan
