#include "trust/bom_schema.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/text.h"

// data/EMBED
extern "C" {
extern const char bw_cyclonedx_15[], bw_cyclonedx_15_end[];
extern const char bw_cyclonedx_16[], bw_cyclonedx_16_end[];
extern const char bw_cyclonedx_17[], bw_cyclonedx_17_end[];
extern const char bw_cyclonedx_spdx[], bw_cyclonedx_spdx_end[];
extern const char bw_cyclonedx_jsf[], bw_cyclonedx_jsf_end[];
extern const char bw_cyclonedx_cryptography[], bw_cyclonedx_cryptography_end[];
}

namespace bulwark::trust {
namespace {

// Problems of one kind that are told.
constexpr std::size_t kShown = 50;

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view schema_text(std::string_view version) {
  if (version == "1.5") return between(bw_cyclonedx_15, bw_cyclonedx_15_end);
  if (version == "1.6") return between(bw_cyclonedx_16, bw_cyclonedx_16_end);
  if (version == "1.7") return between(bw_cyclonedx_17, bw_cyclonedx_17_end);
  return {};
}

// Names that elements carry, and where other elements use them.
class References {
 public:
  std::vector<SchemaProblem> run(const Document& root) {
    collect(root, "");
    for (const Use& use : uses_) {
      // urn:cdx: names an element of another document.
      if (names_.contains(use.name) || use.name.starts_with("urn:cdx:")) continue;
      tell(use.place, "nothing here has the bom-ref '" + printable(use.name, 100) + "'", use.offset);
    }
    return std::move(problems_);
  }

 private:
  struct Use {
    std::string name;
    std::string place;
    std::uint64_t offset;
  };

  void tell(const std::string& place, std::string message, std::uint64_t offset) {
    if (problems_.size() < kShown) problems_.push_back({place, std::move(message), offset});
  }
  // As deep as Limits::document_depth let the document be.
  void collect(const Document& value, const std::string& place) {
    for (std::size_t i = 0; i < value.list.size(); ++i)
      collect(value.list[i], place + "/" + std::to_string(i));
    for (const auto& [key, inner] : value.map) {
      if (key == "bom-ref" && inner.is_string() && !names_.insert(inner.string).second)
        tell(place, "the bom-ref '" + printable(inner.string, 100) + "' is used twice", inner.offset);
      if (key == "dependencies" && place.empty()) use_dependencies(inner);
      if (key == "affects" && place.starts_with("/vulnerabilities/"))
        for (const Document& each : inner.list) use(each.find("ref"), place + "/affects");
      if (key == "signature" || key == "properties") continue;
      collect(inner, place + "/" + key);
    }
  }
  void use_dependencies(const Document& list) {
    for (const Document& each : list.list) {
      use(each.find("ref"), "/dependencies");
      for (const std::string_view key : {"dependsOn", "provides"})
        if (const Document* targets = each.find(key))
          for (const Document& target : targets->list) use(&target, "/dependencies");
    }
  }
  void use(const Document* name, const std::string& place) {
    if (name != nullptr && name->is_string()) uses_.push_back({name->string, place, name->offset});
  }

  std::set<std::string, std::less<>> names_;
  std::vector<Use> uses_;
  std::vector<SchemaProblem> problems_;
};

// A schema and the documents that it looks into.
struct PublishedSchema {
  std::unique_ptr<const Document> root;
  std::vector<Document> others;
  JsonSchema schema;
};

Result<PublishedSchema> published_schema(std::string_view version) {
  const Limits limits;
  ParsedDocument parsed = TRY(parse_json(schema_text(version), limits));
  auto root = std::make_unique<const Document>(std::move(parsed.root));
  std::vector<Document> others;
  for (const std::string_view other :
       {between(bw_cyclonedx_spdx, bw_cyclonedx_spdx_end), between(bw_cyclonedx_jsf, bw_cyclonedx_jsf_end),
        between(bw_cyclonedx_cryptography, bw_cyclonedx_cryptography_end)}) {
    ParsedDocument beside = TRY(parse_json(other, limits));
    others.push_back(std::move(beside.root));
  }
  JsonSchema schema = TRY(JsonSchema::compile(*root, others));
  return PublishedSchema{std::move(root), std::move(others), std::move(schema)};
}

}  // namespace

Result<std::vector<SchemaProblem>> validate_bom(const Document& document, std::string_view version) {
  const auto known = std::ranges::find(kBomVersions, version);
  if (known == kBomVersions.end())
    return fail(Code::Unsupported,
                "no schema for CycloneDX '" + printable(version, 40) + "'; 1.5, 1.6 and 1.7 can be judged");
  // Compiled when first asked for; a document takes a tenth of the time of its schema.
  static std::array<std::once_flag, kBomVersions.size()> once;
  static std::array<std::unique_ptr<const Result<PublishedSchema>>, kBomVersions.size()> schemas;
  const auto index = static_cast<std::size_t>(known - kBomVersions.begin());
  std::call_once(once[index], [&] {
    schemas[index] = std::make_unique<const Result<PublishedSchema>>(published_schema(version));
  });
  if (!*schemas[index]) return std::unexpected(schemas[index]->error());
  return (**schemas[index]).schema.validate(document);
}

std::vector<SchemaProblem> broken_references(const Document& document) {
  return References().run(document);
}

}  // namespace bulwark::trust
