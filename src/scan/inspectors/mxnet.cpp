// Apache MXNet: symbol graphs (JSON) and parameter files.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/document.h"
#include "base/text.h"
#include "scan/formats/reference.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-MX-001",
        .title = "operator is implemented outside of MXNet",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why = "A Custom operator calls Python code that the loading process registered under its name; "
               "nobody has "
               "vouched for it.",
        .fix = "Ask where the operator comes from, review it, then allow it by name.",
    },
    {
        .id = "BW-MX-002",
        .title = "MXNet operator names a native library",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why =
            "A library that is loaded for an operator runs its constructors with the rights of the process.",
        .fix = "Refuse the model; libraries are installed by the operator, never named by a model.",
    },
    {
        .id = "BW-MX-003",
        .title = "MXNet parameters contradict the file",
        .severity = Severity::High,
        .atlas = "AML.T0029",
        .why = "A loader that trusts the claimed counts and shapes allocates or reads beyond the data.",
        .fix = "Refuse the file; save it again.",
    },
    {
        .id = "BW-MX-004",
        .title = "MXNet operator has a name that cannot exist",
        .severity = Severity::High,
        .atlas = "AML.T0029",
        .why =
            "Names with brackets and the like send the name parser of old versions into a search without end "
            "(CVE-2022-24294).",
        .fix = "Refuse the model; update MXNet to 1.9.1 or later.",
    },
    kMetadataCommand,
};
constexpr const Rule& kCustom = kRules[0];
constexpr const Rule& kLibrary = kRules[1];
constexpr const Rule& kSize = kRules[2];
constexpr const Rule& kName = kRules[3];

constexpr std::uint64_t kListMagic = 0x112;
constexpr std::uint32_t kArrayV1 = 0xF993FAC8;
constexpr std::uint32_t kArrayV2 = 0xF993FAC9;
constexpr std::uint32_t kArrayV3 = 0xF993FACA;
constexpr std::uint32_t kMostDims = 64;

bool is_symbol(Bytes content) {
  constexpr std::size_t kHead = 64 * 1024;
  const std::string_view text = text_of(content);
  const std::string_view head = text.substr(0, kHead);
  const std::string_view tail = text.size() > kHead ? text.substr(text.size() - kHead) : text;
  if (!trim(head).starts_with('{')) return false;
  const auto has = [&](std::string_view key) {
    return head.find(key) != std::string_view::npos || tail.find(key) != std::string_view::npos;
  };
  return has("\"nodes\"") && (has("\"arg_nodes\"") || has("\"heads\"")) && has("\"op\"");
}

bool is_list(Bytes content) {
  return content.size() >= 16 && load_little_endian<std::uint64_t>(content.data()) == kListMagic &&
         load_little_endian<std::uint64_t>(content.data() + 8) == 0;
}

Match recognises(Bytes content) {
  if (is_list(content)) return content.size() >= 24 ? Match::Strong : Match::Weak;
  return is_symbol(content) ? Match::Weak : Match::No;
}

bool names_library(std::string_view value) {
  const std::string name = lower(value);
  return name.ends_with(".so") || name.find(".so.") != std::string::npos || name.ends_with(".dll") ||
         name.ends_with(".dylib");
}

class Symbol {
 public:
  explicit Symbol(Inspection& in) : in_(in) {}

  Result<void> run() {
    const ParsedDocument parsed = TRY(parse_json(text_of(in_.bytes()), in_.limits()));
    const Document* nodes = parsed.root.find("nodes");
    const bool is_graph = nodes != nullptr && nodes->is_list() &&
                          (parsed.root.find("arg_nodes") != nullptr || parsed.root.find("heads") != nullptr);
    if (!is_graph) return fail(Code::Unsupported, "no MXNet symbol");
    // Keys may come twice and readers differ in which one wins: all are judged.
    for (const auto& [key, value] : parsed.root.map) {
      if (key == "nodes" && value.is_list()) read_nodes(value);
      if (key == "attrs" || key == "attr") judge_attributes(value, "graph", false);
    }
    return {};
  }

 private:
  void read_nodes(const Document& nodes) {
    for (const Document& node : nodes.list) {
      const Document* op = node.find("op");
      const std::string name(node.text("name"));
      const bool custom = op != nullptr && (op->string == "Custom" || op->string == "_CustomFunction");
      if (op != nullptr && op->is_string()) judge_op(*op, name, custom ? custom_type(node) : std::string());
      for (const auto& [key, value] : node.map)
        if (key == "attrs" || key == "attr" || key == "param")
          judge_attributes(value, "node " + name, custom);
    }
  }

  static std::string custom_type(const Document& node) {
    for (const std::string_view key : {"attrs", "attr", "param"}) {
      const Document* attributes = node.find(key);
      if (attributes != nullptr && !attributes->text("op_type").empty())
        return std::string(attributes->text("op_type"));
    }
    return "unnamed";
  }

  void judge_op(const Document& op, const std::string& name, const std::string& custom) {
    if (!custom.empty()) {
      in_.report(kCustom, {.place = {.offset = op.offset},
                           .message = "node " + printable(name, 60) + " calls the custom operator " +
                                      printable(custom, 60),
                           .evidence = custom,
                           .subject = custom});
    }
    const bool possible = std::ranges::all_of(op.string, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '.' || c == '-' || c == ':';
    });
    if (!possible)
      in_.report(kName, op.offset,
                 "operator name of " + std::to_string(op.string.size()) + " bytes is no identifier",
                 op.string);
  }

  void judge_attributes(const Document& attributes, const std::string& where, bool custom) {
    for (const auto& [key, value] : attributes.map) {
      if (value.is_map()) judge_attributes_once(value, where);
      if (!value.is_string()) continue;
      judge_value(key, value, where, custom);
    }
  }

  // Graph attributes may be lists of type and value one level down; there is no third level.
  void judge_attributes_once(const Document& inner, const std::string& where) {
    for (const auto& [key, value] : inner.map)
      if (value.is_string()) judge_value(key, value, where, false);
  }

  void judge_value(const std::string& key, const Document& value, const std::string& where, bool custom) {
    const std::string label = where + " attribute \"" + printable(key, 60) + "\"";
    if (names_library(value.string) && (custom || judge_reference(value.string).reach == Reach::Outside)) {
      in_.report(kLibrary, {.place = {.offset = value.offset},
                            .message = label + " names a native library",
                            .evidence = value.string});
      return;
    }
    judge_metadata_text(in_, value.string, value.offset, label);
  }

  Inspection& in_;
};

// Bytes per element of mshadow's type flag; 0: none.
std::uint64_t bytes_of(std::uint32_t flag) {
  constexpr std::uint64_t kBytes[] = {4, 8, 2, 1, 4, 1, 8, 1, 2, 2, 4, 8, 2};
  return flag < std::size(kBytes) ? kBytes[flag] : 0;
}

// Product of a shape with `wide` (64-bit) dimensions; nothing if it overflows.
Result<std::optional<std::uint64_t>> read_shape(ByteReader& in, bool wide, bool& none) {
  const auto count = TRY(in.little_endian<std::uint32_t>("dimension count"));
  none = count == 0;
  if (count == 0xFFFFFFFF) return std::optional<std::uint64_t>(0);  // unknown rank in version 3: no data
  if (count > kMostDims) return fail(Code::Corrupt, std::to_string(count) + " dimensions", in.offset() - 4);
  std::uint64_t product = 1;
  bool overflows = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint64_t dim = 0;
    if (wide) {
      dim = TRY(in.little_endian<std::uint64_t>("dimension"));
    } else {
      dim = TRY(in.little_endian<std::uint32_t>("dimension"));
    }
    overflows =
        overflows || static_cast<std::int64_t>(dim) < 0 || __builtin_mul_overflow(product, dim, &product);
  }
  if (overflows) return std::optional<std::uint64_t>();
  return std::optional<std::uint64_t>(product);
}

class Parameters {
 public:
  explicit Parameters(Inspection& in) : in_(in), reader_(in.bytes(), 16) {}

  Result<void> run() {
    const auto count = TRY(reader_.little_endian<std::uint64_t>("array count"));
    // An array takes at least its magic number and a shape.
    if (count > reader_.remaining() / 8) {
      in_.report(kSize, 16,
                 "file claims " + std::to_string(count) + " arrays in " +
                     std::to_string(reader_.remaining()) + " bytes");
      return fail(Code::Corrupt, "array count is impossible", 16);
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if ((i & 0xFFF) == 0) TRY(in_.budget().check_time("mxnet parameters"));
      const auto more = read_array(i);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
    }
    in_.fact("arrays", std::to_string(count));
    return read_names(count);
  }

 private:
  // False if the rest cannot be read because sizes contradict the file, which has been said.
  Result<bool> read_array(std::uint64_t index) {
    const std::uint64_t start = reader_.offset();
    const auto magic = TRY(reader_.little_endian<std::uint32_t>("array magic"));
    bool wide = true;
    if (magic == kArrayV2 || magic == kArrayV3) {
      const auto storage = TRY(reader_.little_endian<std::uint32_t>("storage type"));
      if (storage != 0) return fail(Code::Unsupported, "sparse array", reader_.offset() - 4);
    } else if (magic != kArrayV1) {
      // The oldest form starts with its dimension count, and dimensions of 32 bits.
      wide = false;
      TRY(reader_.seek(start, "array"));
    }
    bool none = false;
    const auto elements = TRY(read_shape(reader_, wide, none));
    if (none && magic != kArrayV3) return true;
    TRY(reader_.skip(8, "context"));
    const auto flag = TRY(reader_.little_endian<std::uint32_t>("type flag"));
    if (bytes_of(flag) == 0)
      return fail(Code::Corrupt, "type flag " + std::to_string(flag), reader_.offset() - 4);
    std::uint64_t bytes = 0;
    const bool overflows = !elements || __builtin_mul_overflow(*elements, bytes_of(flag), &bytes);
    if (overflows || bytes > reader_.remaining()) {
      in_.report(kSize, start,
                 "array " + std::to_string(index) + " claims " +
                     (overflows ? std::string("a shape that overflows") : std::to_string(bytes) + " bytes") +
                     ", " + std::to_string(reader_.remaining()) + " remain");
      in_.gap(GapReason::Truncated, "parameters end inside array " + std::to_string(index),
              {.offset = reader_.offset()});
      return false;
    }
    TRY(reader_.skip(bytes, "values"));
    return true;
  }

  Result<void> read_names(std::uint64_t arrays) {
    const auto count = TRY(reader_.little_endian<std::uint64_t>("name count"));
    if (count != 0 && count != arrays) {
      in_.report(kSize, reader_.offset() - 8,
                 std::to_string(count) + " names for " + std::to_string(arrays) + " arrays");
      if (count > reader_.remaining() / 8) return {};
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto length = TRY(reader_.little_endian<std::uint64_t>("name length"));
      TRY(reader_.skip(length, "name"));
    }
    if (!reader_.at_end())
      in_.report(kSize, {.place = {.offset = reader_.offset()},
                         .message = std::to_string(reader_.remaining()) + " bytes follow the parameters",
                         .severity = Severity::Medium});
    return {};
  }

  Inspection& in_;
  ByteReader reader_;
};

Result<void> inspect(Inspection& in) {
  if (is_list(in.bytes())) {
    Parameters parameters(in);
    auto done = parameters.run();
    // Only the byte reader answers InvalidInput, and only because nothing is left.
    if (!done && done.error().code == Code::InvalidInput) {
      in.gap(GapReason::Truncated, done.error().message, {.offset = done.error().offset});
      return {};
    }
    return done;
  }
  Symbol symbol(in);
  return symbol.run();
}

}  // namespace

const Inspector mxnet{
    .name = "mxnet",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
