// Orbax checkpoints of JAX: JSON that says which handler restores what, a MessagePack tree that points to a
// folder per parameter, an OCDBT manifest that names the files with the values.
//
// All three are names that a loader turns into paths or into code, so a name that climbs out of the
// checkpoint reads or overwrites what it likes, and an array declared as objects is unpickled. Layouts:
// Orbax's tree_metadata and PLACEHOLDER entries; TensorStore's OCDBT storage format; Zarr 2 for ".zarray".

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/decompress.h"
#include "scan/formats/msgpack.h"
#include "scan/inspectors/list.h"
#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kEscapes{
    .id = "BW-ORBAX-001",
    .title = "name in an Orbax checkpoint leaves the checkpoint's folder",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0074",
    .why =
        "Restoring opens a file or folder of that name, so the values come from, or the next save goes to, a "
        "place that "
        "the checkpoint chooses.",
    .fix = "Do not restore the checkpoint; ask its publisher for one without such names.",
};
constexpr Rule kHandler{
    .id = "BW-ORBAX-002",
    .title = "Orbax checkpoint asks to be restored by a function that runs code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "Handlers are found by the name in the file; what the name leads to is called with values from the "
        "file.",
    .fix = "Refuse the checkpoint; name the handlers in your own code when restoring.",
};
constexpr Rule kUnknownHandler{
    .id = "BW-ORBAX-003",
    .title = "Orbax checkpoint names a handler that is not Orbax's",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "Only a program that registered the handler can restore the value; what it does is up to that "
        "program.",
    .fix = "Check that the name belongs to the framework that you restore the checkpoint with.",
};
constexpr Rule kObjects{
    .id = "BW-ORBAX-004",
    .title = "array of a checkpoint is stored as pickled objects",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "Zarr unpickles the chunks of an object array with a pickle filter: reading the array runs what they "
        "hold.",
    .fix = "Do not read the array; ask for a checkpoint of plain numbers.",
};
constexpr Rule kManifestSize{
    .id = "BW-ORBAX-005",
    .title = "OCDBT manifest is not as long as it says",
    .severity = Severity::Medium,
    .atlas = "AML.T0076 AML.T0074",
    .why = "TensorStore refuses such a manifest; what follows it belongs to no checkpoint.",
    .fix = "Fetch the checkpoint again; if the length stays, refuse it.",
};
constexpr std::array kRules = {kEscapes, kHandler, kUnknownHandler, kObjects, kManifestSize};

constexpr std::string_view kManifestMagic = "\x0C\xDB\x3A\x2A";
constexpr std::string_view kPlaceholder = "PLACEHOLDER://";
// What recognition looks at.
constexpr std::size_t kFirstLook = 4096;
// TensorStore's kMaxPathLength.
constexpr std::uint64_t kLongestPath = 65'535;
// A manifest lists a handful of versions inline; TensorStore keeps each node below 8 MiB.
constexpr std::uint64_t kLargestManifest = 64U << 20;

bool holds(Bytes content, std::string_view word) {
  return text_of(content.first(std::min(content.size(), kFirstLook))).find(word) != std::string_view::npos;
}

bool is_metadata(Bytes content) {
  if (!looks_like_json(content)) return false;
  constexpr std::string_view kKeys[] = {"\"tree_metadata\"", "\"item_handlers\"", "\"array_metadatas\"",
                                        "\"zarr_format\""};
  return std::ranges::any_of(kKeys, [&](std::string_view key) { return holds(content, key); });
}

bool is_tree(Bytes content) {
  return begins_with_named_map(content) && holds(content, kPlaceholder);
}

Match recognises(Bytes content) {
  if (has_magic(content, kManifestMagic)) return Match::Strong;
  return is_metadata(content) || is_tree(content) ? Match::Weak : Match::No;
}

// A value of a JSON text, or nowhere in particular.
struct Where {
  Place place = {};
  std::string_view text = {};
};

void judge_path(Inspection& in, const Where& where, std::string_view what, std::string_view path) {
  // "~" is a module's own parameters in Haiku; neither Orbax nor TensorStore looks for a home directory.
  if (path.starts_with("~/") || path == "~") path.remove_prefix(std::min<std::size_t>(path.size(), 2));
  std::string_view why;
  if (!path_escapes(path, &why)) return;
  in.report(kEscapes, {.place = where.place,
                       .text = where.text,
                       .message = std::string(what) + " " + std::string(why),
                       .evidence = std::string(path)});
}

// --- JSON: _CHECKPOINT_METADATA, _METADATA, array_metadatas/process_N, .zarray
// ---------------------------------------

// The types that Orbax registers or writes for values it keeps in the metadata itself.
constexpr std::string_view kTypes[] = {
    "jax.Array", "jax.random.key", "np.ndarray", "scalar", "string", "int",        "float", "bool", "str",
    "bytes",     "None",           "Dict",       "List",   "Tuple",  "NamedTuple", "N/A",   ""};

void judge_handler(Inspection& in, const Where& where, std::string_view what, const std::string& name) {
  if (std::ranges::find(kTypes, name) != std::end(kTypes) || name.starts_with("orbax.")) return;
  const bool dangerous = look_up_dotted(name).trust == Trust::Dangerous;
  in.report(dangerous ? kHandler : kUnknownHandler, {.place = where.place,
                                                     .text = where.text,
                                                     .message = std::string(what) + " is " + name,
                                                     .evidence = name,
                                                     .subject = name});
}

// Object arrays ("|O") exist in Zarr only through a filter that says how objects become bytes.
void judge_zarray(Inspection& in, const Document& root, std::string_view text) {
  const Document* filters = root.find("filters");
  if (filters == nullptr || !filters->is_list()) return;
  for (const Document& filter : filters->list) {
    if (filter.text("id") == "pickle")
      in.report(
          kObjects,
          {.place = place_of(filter), .text = text, .message = "chunks pass through the filter pickle"});
  }
}

void judge_value(Inspection& in, std::string_view text, const ConfigValue& at) {
  if (!at.value->is_string()) return;
  const Where where{place_of(*at.value), text};
  const std::string& value = at.value->string;
  if (at.key == "value_type") judge_handler(in, where, "type of " + std::string(at.path), value);
  if (at.path == "item_handlers" || at.path.starts_with("item_handlers."))
    judge_handler(in, where, "handler of " + std::string(at.path), value);
  if (at.key == "param_name" || (at.key == "key" && at.path.find("key_metadata") != std::string_view::npos))
    judge_path(in, where, "parameter", value);
}

Result<void> inspect_metadata(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const Config config = TRY(parse_json_config(text, in.limits()));
  const Document& root = config.documents.front();
  if (!root.is_map()) return fail(Code::Unsupported, "not a checkpoint's metadata");
  const Document* tree = root.find("tree_metadata");
  const bool array = root.find("zarr_format") != nullptr;
  if (tree == nullptr && !array && root.find("item_handlers") == nullptr &&
      root.find("array_metadatas") == nullptr)
    return fail(Code::Unsupported, "not a checkpoint's metadata");
  if (array) judge_zarray(in, root, text);
  if (tree != nullptr) {
    in.fact("parameters", std::to_string(tree->map.size()));
    // "('params', 'kernel')": the parts become folders.
    for (const auto& [name, value] : tree->map) {
      for (const std::string_view part : split(name, '\''))
        judge_path(in, {place_of(value), text}, "parameter", part);
    }
  }
  for_each_value(root, [&](const ConfigValue& at) { judge_value(in, text, at); });
  return {};
}

// --- MessagePack: leaves that are kept in folders of their own
// -----------------------------------------------------

Result<void> inspect_tree(Inspection& in) {
  const Msgpack file = read_msgpack(in.bytes(), in.budget());
  bool found = false;
  for (const MsgpackItem& item : file.items) {
    const std::string_view text = text_of(item.content);
    if (item.kind != MsgpackItem::Kind::Text || !text.starts_with(kPlaceholder)) continue;
    found = true;
    judge_path(in, {.place = {.offset = item.offset}}, "parameter " + item.path,
               text.substr(kPlaceholder.size()));
  }
  if (!found) return fail(Code::Unsupported, "not an Orbax tree");
  if (file.stopped) return std::unexpected(*file.stopped);
  return {};
}

// --- OCDBT manifest
// ------------------------------------------------------------------------------------------------

// The table of data files is prefix-coded: all lengths first, then the new part of every path.
Result<void> judge_files(Inspection& in, ByteReader& reader, bool packed) {
  const std::uint64_t count = TRY(reader.varint("number of data files"));
  // Each file has two lengths of a byte at least.
  if (count > reader.remaining() / 2)
    return fail(Code::InvalidInput, "more data files than bytes", reader.offset());
  struct Lengths {
    std::uint64_t prefix = 0;
    std::uint64_t suffix = 0;
  };
  std::vector<Lengths> lengths(count);
  for (std::size_t i = 1; i < lengths.size(); ++i)
    lengths[i].prefix = TRY(reader.varint("length of a prefix"));
  for (Lengths& length : lengths) length.suffix = TRY(reader.varint("length of a path"));
  for (std::size_t i = 0; i < lengths.size(); ++i) TRY(reader.varint("length of a base path"));
  std::string path;
  for (const Lengths& length : lengths) {
    if (length.prefix > path.size() || length.suffix > kLongestPath - length.prefix)
      return fail(Code::InvalidInput, "path of a data file is too long", reader.offset());
    const std::uint64_t offset = reader.offset();
    const Bytes suffix = TRY(reader.take(length.suffix, "path of a data file"));
    path.resize(length.prefix);
    path += text_of(suffix);
    judge_path(in, {.place = {.offset = packed ? kNoOffset : offset}}, "data file", path);
  }
  in.fact("data files", std::to_string(count));
  return {};
}

Result<void> judge_manifest_body(Inspection& in, ByteReader& reader, bool packed) {
  constexpr std::uint64_t kUuid = 16;
  TRY(reader.skip(kUuid, "uuid"));
  const auto kind = TRY(reader.little_endian<std::uint8_t>("kind of manifest"));
  TRY(reader.varint("largest inline value"));
  TRY(reader.varint("largest node"));
  TRY(reader.skip(1, "arity"));
  const std::uint64_t method = TRY(reader.varint("compression method"));
  if (method == 1) TRY(reader.skip(4, "compression level"));
  if (method > 1) return fail(Code::Unsupported, "compression method " + std::to_string(method));
  // Another kind keeps its versions in files that the file system lists.
  return kind == 0 ? judge_files(in, reader, packed) : Result<void>{};
}

Result<void> inspect_manifest(Inspection& in) {
  constexpr std::uint64_t kChecksum = 4;
  ByteReader reader(in.bytes(), kManifestMagic.size());
  const auto length = TRY(reader.little_endian<std::uint64_t>("length of the manifest"));
  if (length != in.bytes().size()) {
    in.report(kManifestSize, kManifestMagic.size(),
              "length is " + std::to_string(length) + ", the file has " + std::to_string(in.bytes().size()));
    if (length < in.bytes().size()) in.child("bytes after the manifest", in.bytes().subspan(length));
    if (length > in.bytes().size()) in.gap(GapReason::Truncated, "manifest is cut");
  }
  const std::uint64_t version = TRY(reader.varint("version"));
  if (version != 0) return fail(Code::Unsupported, "OCDBT manifest of version " + std::to_string(version));
  const std::uint64_t method = TRY(reader.varint("compression"));
  if (method == 0) return judge_manifest_body(in, reader, false);
  if (method != 1) return fail(Code::Unsupported, "compression " + std::to_string(method));
  Bytes packed = reader.rest();
  packed = packed.first(packed.size() - std::min<std::uint64_t>(packed.size(), kChecksum));
  const Decompressed unpacked = TRY(decompress(Codec::Zstd, packed, kLargestManifest));
  TRY(in.budget().charge_inflated(unpacked.bytes.size(), "manifest"));
  if (unpacked.stopped) in.gap(*unpacked.stopped, "manifest");
  ByteReader body{Bytes(unpacked.bytes)};
  return judge_manifest_body(in, body, true);
}

Result<void> inspect(Inspection& in) {
  if (has_magic(in.bytes(), kManifestMagic)) return inspect_manifest(in);
  return is_tree(in.bytes()) ? inspect_tree(in) : inspect_metadata(in);
}

}  // namespace

const Inspector orbax{
    .name = "orbax",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
