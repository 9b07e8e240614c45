#include "atlas/import.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "atlas/import_draft.h"
#include "base/text.h"

namespace bulwark::atlas {
namespace {

constexpr std::string_view kNextStep =
    "; expected ATLAS YAML in format 5 (ATLAS-5.6.0.yaml) or 6 (dist/v6/ATLAS-<version>.yaml of "
    "github.com/mitre-atlas/atlas-data)";
// The keys of format 6, apart from format-version.
constexpr std::array<std::string_view, 7> kParts = {
    "collection", "matrix", "tactics", "techniques", "mitigations", "case-studies", "relationships"};

std::unexpected<Error> wrong(std::string_view found) {
  return fail(Code::InvalidInput, "this is " + std::string(found) + std::string(kNextStep));
}

int major_of(std::string_view version) {
  int number = -1;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

std::string keys_of(const Document& root) {
  std::string text;
  for (std::size_t i = 0; i < root.map.size() && i < 5; ++i)
    text += (i == 0 ? "'" : ", '") + cell(root.map[i].first) + "'";
  return text.empty() ? "no keys" : text + (root.map.size() > 5 ? " …" : "");
}

// What a file that we cannot read seems to be.
std::string describe(const Document& root) {
  if (root.is_list()) return "a YAML or JSON list, not a map";
  if (!root.is_map()) return root.string.empty() ? "an empty file" : "plain text";
  if (root.text("type") == "bundle" || root.find("spec_version") != nullptr) return "a STIX bundle";
  if (root.text("domain").starts_with("atlas") || root.find("gradient") != nullptr)
    return "a Navigator layer";
  if (root.find("$schema") != nullptr) return "a JSON schema";
  if (root.find("releases") != nullptr || root.find("release") != nullptr)
    return "a manifest of releases, not the data itself";
  if (root.find("tactics") != nullptr || root.find("techniques") != nullptr)
    return "ATLAS of a format before 4 or a part of a catalogue (no matrices and no format-version)";
  return "something else (top-level keys: " + keys_of(root) + ")";
}

Result<Document> parse(const ImportSource& source, const ImportLimits& limits) {
  std::vector<Document> parsed = TRY(parse_yaml(source.text, limits.document));
  if (parsed.empty()) return wrong("an empty file");
  if (parsed.size() > 1) return wrong("a stream of " + std::to_string(parsed.size()) + " YAML documents");
  return std::move(parsed.front());
}

Result<std::string> checked_version(std::string version) {
  constexpr std::string_view kGood = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
  if (version.empty()) return fail(Code::InvalidInput, "says no version");
  if (version.size() > 32 || version.front() == '.' || version.find_first_not_of(kGood) != std::string::npos)
    return fail(Code::InvalidInput, "version '" + version + "' is none");
  return version;
}

// Known keys of the top level that hold no objects, then everything nobody knows.
Result<void> read_v5(const Document& root, Draft& draft) {
  Fields fields(root, "top level", draft);
  const std::string version = TRY(fields.text({"version"}));
  draft.version = TRY(checked_version(version));
  draft.format = "5";
  if (major_of(draft.version) != 5) return wrong("ATLAS " + draft.version + ", in a format that is not read");
  (void)fields.get({"id"});
  (void)fields.get({"name"});
  const Document* matrices = fields.get({"matrices"});
  if (!matrices->is_list() || matrices->list.empty() || !matrices->list.front().is_map())
    return wrong("ATLAS without a matrix");
  if (matrices->list.size() > 1)
    draft.gaps.push_back(at_line(matrices->list[1]) + "only the first of " +
                         std::to_string(matrices->list.size()) + " matrices is read");
  Fields matrix(matrices->list.front(), "matrix", draft);
  (void)matrix.get({"id"});
  (void)matrix.get({"name"});
  if (const Document* values = matrix.get({"tactics"})) TRY(read_tactics(*values, draft));
  if (const Document* values = matrix.get({"techniques"})) TRY(read_techniques(*values, draft));
  if (const Document* values = matrix.get({"mitigations"})) TRY(read_mitigations(*values, draft));
  matrix.finish("matrix");
  if (const Document* values = fields.get({"case-studies"})) TRY(read_cases(*values, draft));
  fields.finish("");
  return {};
}

Result<void> read_v6(const Document& root, Draft& draft) {
  Fields fields(root, "top level", draft);
  draft.format = TRY(fields.text({"format-version"}));
  if (major_of(draft.format) != 6)
    return wrong("ATLAS in format " + draft.format + ", which is not known here");
  const Document* collection = fields.get({"collection"});
  if (collection == nullptr || !collection->is_map())
    return fail(Code::InvalidInput, "has no 'collection' with a version");
  Fields about(*collection, "collection", draft);
  const std::string version = TRY(about.text({"version"}));
  draft.version = TRY(checked_version(version));
  if (const Document* values = fields.get({"tactics"})) TRY(read_tactics(*values, draft));
  if (const Document* values = fields.get({"techniques"})) TRY(read_techniques(*values, draft));
  if (const Document* values = fields.get({"mitigations"})) TRY(read_mitigations(*values, draft));
  if (const Document* values = fields.get({"case-studies"})) TRY(read_cases(*values, draft));
  if (const Document* value = fields.get({"matrix"})) TRY(read_matrix(*value, draft));
  if (const Document* values = fields.get({"relationships"})) TRY(read_relationships(*values, draft));
  fields.finish("");
  return {};
}

// Parts of one catalogue as one document. A key that two files have is merged where both are maps.
void merge(Document& into, Document from) {
  into.kind = Document::Kind::Map;
  for (auto& [key, value] : from.map) {
    const auto found = std::ranges::find_if(
        into.map, [&wanted = key](const Document::Entry& entry) { return entry.first == wanted; });
    if (found == into.map.end() || !found->second.is_map() || !value.is_map()) {
      into.map.emplace_back(std::move(key), std::move(value));
    } else {
      std::ranges::move(value.map, std::back_inserter(found->second.map));
    }
  }
}

bool is_v6_whole(const Document& root) {
  return root.find("format-version") != nullptr && root.find("techniques") != nullptr;
}

Result<Import> import_root(const Document& root, const ImportLimits& limits) {
  Draft draft;
  draft.limits = limits;
  if (root.is_map() && root.find("format-version") != nullptr) {
    TRY(read_v6(root, draft));
  } else if (root.is_map() && root.find("matrices") != nullptr) {
    TRY(read_v5(root, draft));
  } else {
    return wrong(describe(root));
  }
  if (draft.tactics.empty() || draft.techniques.empty())
    return fail(Code::InvalidInput, "holds " + std::to_string(draft.tactics.size()) + " tactics and " +
                                        std::to_string(draft.techniques.size()) +
                                        " techniques; this is no catalogue");
  return tables_from(std::move(draft));
}

}  // namespace

Result<Import> import_catalogue(std::span<const ImportSource> sources, const ImportLimits& limits) {
  if (sources.empty()) return fail(Code::InvalidInput, "nothing to import");
  Document root;
  for (const ImportSource& source : sources) {
    auto parsed = parse(source, limits);
    if (!parsed) return std::unexpected(std::move(parsed).error().within(printable(source.name)));
    if (&source == &sources.front()) {
      root = std::move(*parsed);
    } else {
      merge(root, std::move(*parsed));
    }
  }
  auto import = import_root(root, limits);
  if (import) return import;
  const std::string more = sources.size() == 1 ? "" : " and " + std::to_string(sources.size() - 1) + " more";
  return std::unexpected(std::move(import).error().within(printable(sources.front().name) + more));
}

SourceKind kind_of(const ImportSource& source, const ImportLimits& limits) {
  const auto parsed = parse_yaml(source.text, limits.document);
  if (!parsed || parsed->size() != 1 || !parsed->front().is_map()) return SourceKind::Other;
  const Document& root = parsed->front();
  if (root.find("matrices") != nullptr || is_v6_whole(root)) return SourceKind::Whole;
  const bool has_part =
      root.find("format-version") != nullptr ||
      std::ranges::any_of(kParts, [&](std::string_view key) { return root.find(key) != nullptr; });
  return has_part ? SourceKind::Part : SourceKind::Other;
}

std::string version_of(const ImportSource& source, const ImportLimits& limits) {
  const auto parsed = parse_yaml(source.text, limits.document);
  if (!parsed || parsed->empty()) return {};
  const Document& root = parsed->front();
  const Document* collection = root.find("collection");
  const Document* version = (collection == nullptr ? root : *collection).find("version");
  return version == nullptr ? std::string() : cell(version->string);
}

std::optional<std::string> pointer_target(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  const std::string_view name = trim(text);
  if (name.empty() || name.size() > kLongest ||
      name.find_first_of(" \t\r\n:{}[]\"'#") != std::string_view::npos)
    return std::nullopt;
  if (!name.ends_with(".yaml") && !name.ends_with(".yml")) return std::nullopt;
  return std::string(name);
}

bool is_older(std::string_view left, std::string_view right) {
  const auto numbers = [](std::string_view version) {
    std::vector<int> list;
    for (const std::string_view piece : split(version, '.')) list.push_back(std::max(0, major_of(piece)));
    return list;
  };
  return numbers(left) < numbers(right);
}

}  // namespace bulwark::atlas
