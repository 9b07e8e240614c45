#include "trust/model_manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "base/json_text.h"
#include "base/text.h"
#include "trust/fields.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

using crypto::HashAlgorithm;

constexpr auto kDefaultIgnores =
    std::to_array<std::string_view>({".git", ".gitattributes", ".github", ".gitignore"});

std::unexpected<ManifestError> refuse(ManifestFault fault, std::string message) {
  return std::unexpected(ManifestError{fault, std::move(message)});
}

std::unexpected<ManifestError> malformed(Error error) {
  return refuse(ManifestFault::Malformed, std::move(error.message));
}

std::string quoted(std::string_view text) {
  return "'" + printable(text, 120) + "'";
}

// "blake2" is how some releases of the reference implementation called it.
std::optional<HashAlgorithm> hash_from(std::string_view name) {
  if (name == "sha256") return HashAlgorithm::Sha256;
  if (name == "blake2b") return HashAlgorithm::Blake2b512;
  return std::nullopt;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (text.empty() || leading_zero || error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::expected<std::vector<std::string>, ManifestError> ignores_of(const Fields& fields) {
  std::vector<std::string> paths;
  const auto list = fields.optional_list("ignore_paths", TrustLimits::kResources);
  if (!list) return malformed(list.error());
  for (const Document& value : **list) {
    if (!value.is_string())
      return refuse(ManifestFault::Malformed, fields.name_of("ignore_paths") + ": expected strings");
    if (const auto fine = check_ignore_path(value.string); !fine)
      return refuse(ManifestFault::Ignore, fields.name_of("ignore_paths") + ": " + fine.error().message);
    paths.push_back(value.string);
  }
  return paths;
}

std::expected<Serialization, ManifestError> serialization_of(const Fields& predicate) {
  const auto fields = predicate.object("serialization");
  if (!fields) return malformed(fields.error());
  if (const auto fine = fields->only({"method", "hash_type", "shard_size", "allow_symlinks", "ignore_paths"});
      !fine)
    return malformed(fine.error());
  Serialization serialization;
  const auto method = fields->text("method");
  if (!method) return malformed(method.error());
  if (*method != "files" && *method != "shards")
    return refuse(ManifestFault::Malformed,
                  fields->name_of("method") + ": " + quoted(*method) + ", expected 'files' or 'shards'");
  serialization.method = *method == "files" ? Method::Files : Method::Shards;
  const auto hash = fields->text("hash_type");
  if (!hash) return malformed(hash.error());
  const auto algorithm = hash_from(*hash);
  if (!algorithm)
    return refuse(
        *hash == "blake3" ? ManifestFault::Unsupported : ManifestFault::Malformed,
        fields->name_of("hash_type") + ": " + quoted(*hash) +
            (*hash == "blake3" ? " is unsupported by this build" : ", expected 'sha256' or 'blake2b'"));
  serialization.hash = *algorithm;
  const auto links = fields->boolean("allow_symlinks");
  if (!links) return malformed(links.error());
  serialization.allow_symlinks = *links;
  const auto size = fields->optional_number("shard_size");
  if (!size) return malformed(size.error());
  if (size->has_value() != (serialization.method == Method::Shards) || *size == 0U)
    return refuse(ManifestFault::Malformed,
                  fields->name_of("shard_size") + (serialization.method == Method::Shards
                                                       ? ": a size above 0 is required for shards"
                                                       : ": must be absent for files"));
  serialization.shard_size = size->value_or(kDefaultShardSize);
  auto ignores = ignores_of(*fields);
  if (!ignores) return std::unexpected(std::move(ignores).error());
  serialization.ignore_paths = std::move(*ignores);
  return serialization;
}

// "path:start:end": a path may hold colons itself, so the last two fields count.
std::optional<Resource> shard_from(std::string_view name) {
  const std::size_t last = name.rfind(':');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::size_t first = name.rfind(':', last - 1);
  if (first == std::string_view::npos) return std::nullopt;
  const auto start = decimal(name.substr(first + 1, last - first - 1));
  const auto end = decimal(name.substr(last + 1));
  if (!start || !end) return std::nullopt;
  return Resource{.path = std::string(name.substr(0, first)), .start = *start, .end = *end, .digest = {}};
}

std::expected<Resource, ManifestError> resource_of(const Document& value, const Serialization& serialization,
                                                   std::size_t index) {
  const std::string place = "predicate.resources[" + std::to_string(index) + "]";
  const auto fields = Fields::of(value, place);
  if (!fields) return malformed(fields.error());
  const auto name = fields->text("name");
  if (!name) return malformed(name.error());
  const auto algorithm = fields->text("algorithm");
  if (!algorithm) return malformed(algorithm.error());
  const auto digest = fields->text("digest");
  if (!digest) return malformed(digest.error());

  Resource resource{.path = *name, .start = 0, .end = 0, .digest = {}};
  if (serialization.method == Method::Shards) {
    auto shard = shard_from(*name);
    if (!shard)
      return refuse(ManifestFault::Malformed, place + ": " + quoted(*name) + " is no 'path:start:end'");
    resource = std::move(*shard);
  }
  if (const auto fine = check_resource_path(resource.path); !fine)
    return refuse(ManifestFault::Path, place + ": " + fine.error().message);
  const std::string_view hash = crypto::name_of(serialization.hash);
  if (*algorithm != hash)
    return refuse(ManifestFault::Malformed, place + ": algorithm " + quoted(*algorithm) +
                                                " differs from hash_type '" + std::string(hash) + "'");
  auto bytes = bytes_of_hex(*digest);
  if (!bytes || bytes->size() != crypto::size_of(serialization.hash))
    return refuse(ManifestFault::Malformed, place + ": digest is no lower-case hex of " +
                                                std::to_string(crypto::size_of(serialization.hash)) +
                                                " bytes");
  resource.digest = std::move(*bytes);
  return resource;
}

// The reference implementation compares paths part by part, and shards by number.
bool before_by_parts(const Resource& left, const Resource& right) {
  const auto parts_left = split(left.path, '/');
  const auto parts_right = split(right.path, '/');
  if (parts_left != parts_right) return std::ranges::lexicographical_compare(parts_left, parts_right);
  return std::pair(left.start, left.end) < std::pair(right.start, right.end);
}

std::expected<void, ManifestError> check_order(const ModelManifest& manifest) {
  const Method method = manifest.serialization.method;
  bool by_name = true;
  bool by_parts = true;
  for (std::size_t i = 1; i < manifest.resources.size() && (by_name || by_parts); ++i) {
    const Resource& left = manifest.resources[i - 1];
    const Resource& right = manifest.resources[i];
    by_name = by_name && name_of(left, method) < name_of(right, method);
    by_parts = by_parts && before_by_parts(left, right);
  }
  if (by_name || by_parts) return {};
  std::vector<std::string> names;
  for (const Resource& resource : manifest.resources) names.push_back(name_of(resource, method));
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end())
    return refuse(ManifestFault::Malformed, "predicate.resources: " + quoted(*twice) + " comes twice");
  return refuse(ManifestFault::Malformed, "predicate.resources are not sorted by name");
}

// The shards of a file must follow each other from 0, each of them full but for the last: else bytes between
// two shards would belong to nobody.
std::expected<void, ManifestError> check_shards(const ModelManifest& manifest) {
  if (manifest.serialization.method != Method::Shards) return {};
  std::map<std::string_view, std::vector<const Resource*>> files;
  for (const Resource& resource : manifest.resources) files[resource.path].push_back(&resource);
  const std::uint64_t size = manifest.serialization.shard_size;
  for (auto& [path, shards] : files) {
    std::ranges::sort(shards, {}, &Resource::start);
    std::uint64_t at = 0;
    for (const Resource* shard : shards) {
      const bool last = shard == shards.back();
      const std::uint64_t length = shard->end > shard->start ? shard->end - shard->start : 0;
      if (shard->start != at || length == 0 || length > size || (!last && length != size))
        return refuse(ManifestFault::Malformed,
                      "predicate.resources: shard " + quoted(name_of(*shard, Method::Shards)) +
                          " does not continue " + quoted(path) + " at byte " + std::to_string(at) +
                          " in steps of " + std::to_string(size));
      at = shard->end;
    }
  }
  return {};
}

// A resource that an ignore rule excludes: two verifiers could disagree on whether it counts.
std::expected<void, ManifestError> check_ignores(const ModelManifest& manifest) {
  IgnoreRules rules;
  for (const std::string& path : manifest.serialization.ignore_paths) rules.add(path);
  for (const Resource& resource : manifest.resources) {
    const std::string_view rule = rules.covering(resource.path);
    if (!rule.empty())
      return refuse(ManifestFault::Ignore, "predicate.resources: " + quoted(resource.path) +
                                               " is signed and also ignored by " + quoted(rule));
  }
  return {};
}

Result<void> check_relative(std::string_view path) {
  if (path.empty()) return fail(Code::InvalidInput, "an empty path");
  if (path.size() > TrustLimits::kPathBytes)
    return fail(Code::InvalidInput,
                "path is longer than " + std::to_string(TrustLimits::kPathBytes) + " bytes");
  if (!is_utf8(path) || path.contains('\0'))
    return fail(Code::InvalidInput, "path " + quoted(path) + " is not valid UTF-8 text");
  if (path.front() == '/') return fail(Code::InvalidInput, "path " + quoted(path) + " is absolute");
  return {};
}

Result<void> check_parts(std::string_view path) {
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") return fail(Code::InvalidInput, "path " + quoted(path) + " leaves the model ('..')");
    if (part.empty() || part == ".")
      return fail(Code::InvalidInput, "path " + quoted(path) + " is not normalised");
  }
  return {};
}

}  // namespace

std::string name_of(const Resource& resource, Method method) {
  if (method == Method::Files) return resource.path;
  return resource.path + ":" + std::to_string(resource.start) + ":" + std::to_string(resource.end);
}

void sort_resources(ModelManifest& manifest) {
  const Method method = manifest.serialization.method;
  std::vector<std::pair<std::string, Resource>> named;
  named.reserve(manifest.resources.size());
  for (Resource& resource : manifest.resources) {
    std::string name = name_of(resource, method);
    named.emplace_back(std::move(name), std::move(resource));
  }
  // Bytes of UTF-8 sort as the code points they encode.
  std::ranges::sort(named, {}, &std::pair<std::string, Resource>::first);
  for (std::size_t i = 0; i < named.size(); ++i) manifest.resources[i] = std::move(named[i].second);
}

crypto::Hash256 root_digest(const std::vector<Resource>& resources) {
  crypto::Hasher hasher(HashAlgorithm::Sha256);
  for (const Resource& resource : resources) hasher.update(resource.digest);
  return hasher.finish256();
}

Result<void> check_resource_path(std::string_view path) {
  if (path == ".") return {};
  TRY(check_relative(path));
  return check_parts(path);
}

Result<void> check_ignore_path(std::string_view path) {
  TRY(check_relative(path));
  if (path.find_first_of("*?[") != std::string_view::npos)
    return fail(Code::InvalidInput, "path " + quoted(path) + " holds a glob character");
  if (path == "." || path == "./")
    return fail(Code::InvalidInput, "path " + quoted(path) + " would exclude the whole model");
  if (path.ends_with('/')) path.remove_suffix(1);  // some signers mark directories so
  return check_parts(path);
}

bool ignored_by_default(std::string_view path) {
  const std::string_view top = path.substr(0, path.find('/'));
  return std::ranges::find(kDefaultIgnores, top) != kDefaultIgnores.end();
}

void IgnoreRules::add(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  paths_.emplace(path);
}

std::string_view IgnoreRules::covering(std::string_view path) const {
  for (std::size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const auto found = paths_.find(path.substr(0, slash));
    if (found != paths_.end()) return *found;
    if (slash == std::string_view::npos) return {};
  }
}

std::expected<ModelManifest, ManifestError> read_model_manifest(const Statement& statement) {
  if (statement.predicate_type != kModelSignatureType)
    return refuse(ManifestFault::Type, "predicateType is " + quoted(statement.predicate_type) +
                                           ", expected '" + std::string(kModelSignatureType) + "'");
  if (statement.subjects.size() != 1)
    return refuse(ManifestFault::Malformed, "statement.subject has " +
                                                std::to_string(statement.subjects.size()) +
                                                " entries, expected exactly one");
  const Subject& subject = statement.subjects.front();
  if (subject.name.empty()) return refuse(ManifestFault::Malformed, "statement.subject[0].name is empty");
  const auto fields = Fields::of(statement.predicate, "predicate");
  if (!fields) return malformed(fields.error());
  if (const auto fine = fields->only({"resources", "serialization"}); !fine) return malformed(fine.error());

  ModelManifest manifest;
  manifest.model_name = subject.name;
  auto serialization = serialization_of(*fields);
  if (!serialization) return std::unexpected(std::move(serialization).error());
  manifest.serialization = std::move(*serialization);
  const auto list = fields->list("resources", TrustLimits::kResources);
  if (!list) return malformed(list.error());
  if ((*list)->empty()) return refuse(ManifestFault::Malformed, "predicate.resources is empty");
  manifest.resources.reserve((*list)->size());
  for (std::size_t i = 0; i < (*list)->size(); ++i) {
    auto resource = resource_of((**list)[i], manifest.serialization, i);
    if (!resource) return std::unexpected(std::move(resource).error());
    manifest.resources.push_back(std::move(*resource));
  }
  for (const auto& check : {check_order, check_shards, check_ignores})
    if (auto fine = check(manifest); !fine) return std::unexpected(std::move(fine).error());
  const std::string root = hex(root_digest(manifest.resources));
  if (subject.digest("sha256") != root)
    return refuse(ManifestFault::RootDigest, "statement.subject[0].digest.sha256 is " +
                                                 printable(subject.digest("sha256"), 64) +
                                                 ", but the resources hash to " + root);
  return manifest;
}

std::expected<ModelManifest, ManifestError> read_legacy_manifest(const Statement& statement) {
  if (statement.predicate_type != kLegacyModelSignatureType)
    return refuse(ManifestFault::Type, "predicateType is " + quoted(statement.predicate_type) +
                                           ", expected '" + std::string(kLegacyModelSignatureType) + "'");
  ModelManifest manifest;
  manifest.model_name = "(not recorded)";
  for (const Subject& subject : statement.subjects) {
    if (const auto fine = check_resource_path(subject.name); !fine)
      return refuse(ManifestFault::Path, "statement.subject: " + fine.error().message);
    auto digest = bytes_of_hex(subject.digest("sha256"));
    if (!digest || digest->size() != 32)
      return refuse(ManifestFault::Malformed,
                    "statement.subject: " + quoted(subject.name) + " has no sha256 digest of 32 bytes");
    manifest.resources.push_back({.path = subject.name, .start = 0, .end = 0, .digest = std::move(*digest)});
  }
  sort_resources(manifest);
  const auto twice = std::ranges::adjacent_find(manifest.resources, {}, &Resource::path);
  if (twice != manifest.resources.end())
    return refuse(ManifestFault::Malformed, "statement.subject: " + quoted(twice->path) + " comes twice");
  return manifest;
}

Statement model_statement(const ModelManifest& manifest) {
  const Serialization& how = manifest.serialization;
  const std::string hash(crypto::name_of(how.hash));
  std::vector<Document> resources;
  resources.reserve(manifest.resources.size());
  for (const Resource& resource : manifest.resources)
    resources.push_back(json_map({{"name", json_string(name_of(resource, how.method))},
                                  {"digest", json_string(hex(resource.digest))},
                                  {"algorithm", json_string(hash)}}));
  std::vector<Document> ignores;
  for (const std::string& path : how.ignore_paths) ignores.push_back(json_string(path));
  Document serialization =
      json_map({{"method", json_string(how.method == Method::Files ? "files" : "shards")},
                {"hash_type", json_string(hash)},
                {"allow_symlinks", json_boolean(how.allow_symlinks)},
                {"ignore_paths", json_list(std::move(ignores))}});
  if (how.method == Method::Shards)
    serialization.map.emplace_back("shard_size", json_integer(static_cast<std::int64_t>(how.shard_size)));
  return {.subjects = {{.name = manifest.model_name,
                        .digests = {{"sha256", hex(root_digest(manifest.resources))}}}},
          .predicate_type = std::string(kModelSignatureType),
          .predicate = json_map(
              {{"resources", json_list(std::move(resources))}, {"serialization", std::move(serialization)}})};
}

}  // namespace bulwark::trust
