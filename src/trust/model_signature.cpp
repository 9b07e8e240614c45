#include "trust/model_signature.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "trust/dsse.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

constexpr auto kKeys =
    std::to_array<crypto::KeyType>({crypto::KeyType::P256, crypto::KeyType::P384, crypto::KeyType::P521});
constexpr auto kDefaultIgnores =
    std::to_array<std::string_view>({".git", ".gitattributes", ".github", ".gitignore"});

// Lines of the checklist that follow the signature, in their order.
constexpr auto kLaterChecks =
    std::to_array<std::string_view>({"statement", "root-digest", "files", "unsigned-files"});

Links links_of(const Serialization& how) {
  return how.allow_symlinks ? Links::Follow : Links::Keep;
}

const Rule& rule_of(ManifestFault fault) {
  switch (fault) {
    case ManifestFault::Type: return kStatementForeign;
    case ManifestFault::Path: return kManifestPath;
    case ManifestFault::Ignore: return kManifestIgnore;
    case ManifestFault::RootDigest: return kRootDigestWrong;
    case ManifestFault::Malformed:
    case ManifestFault::Unsupported: return kManifestContradictory;
  }
  return kManifestContradictory;
}

bool is_evidence(const ModelEntry& entry, const std::vector<std::string>& evidence) {
  return std::ranges::find(evidence, entry.path) != evidence.end();
}

std::string plural(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace

std::span<const crypto::KeyType> model_signature_keys() {
  return kKeys;
}

Result<BuiltManifest> build_manifest(const ModelSource& source, const ManifestOptions& options) {
  BuiltManifest built;
  built.manifest.serialization = options.how;
  std::vector<std::string>& recorded = built.manifest.serialization.ignore_paths;
  IgnoreRules rules;
  for (const std::string& path : recorded) {
    TRY(check_ignore_path(path));
    rules.add(path);
  }
  const ModelTree tree = TRY(source.list(links_of(options.how)));
  built.manifest.model_name = tree.name;
  if (!is_utf8(tree.name)) return fail(Code::InvalidInput, "the model's name is no UTF-8");

  std::vector<const ModelEntry*> files;
  for (const ModelEntry& entry : tree.entries) {
    if (!tree.single_file && (ignored_by_default(entry.path) || !rules.covering(entry.path).empty() ||
                              is_evidence(entry, options.evidence)))
      continue;
    const std::string quoted = "'" + printable(entry.path) + "'";
    if (entry.type == EntryType::Link)
      return fail(Code::InvalidInput,
                  quoted +
                      " is a symbolic link; remove it, exclude it with --ignore-paths, or "
                      "sign what it points to with --allow-symlinks");
    if (entry.type == EntryType::Other) return fail(Code::InvalidInput, quoted + ": " + entry.why);
    if (entry.type == EntryType::Loop) {
      built.warnings.push_back(quoted + " links to a folder that holds it; not followed");
      continue;
    }
    if (entry.outside) built.warnings.push_back(quoted + " lies outside the model and was reached by a link");
    TRY(check_resource_path(entry.path));
    if (options.how.method == Method::Shards && entry.size == 0)
      built.warnings.push_back(quoted + " is empty: the method 'shards' does not cover it");
    files.push_back(&entry);
  }

  auto digests = hash_files(source, files, options.how,
                            {.jobs = options.jobs, .links = links_of(options.how), .hashed = options.hashed});
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!digests[i]) return std::unexpected(std::move(digests[i]).error().within(printable(files[i]->path)));
    for (std::size_t k = 0; k < digests[i]->digests.size(); ++k) {
      Resource resource{
          .path = files[i]->path, .start = 0, .end = 0, .digest = std::move(digests[i]->digests[k])};
      if (options.how.method == Method::Shards) {
        const ShardBounds bounds = shard_bounds(k, options.how.shard_size, files[i]->size);
        resource.start = bounds.start;
        resource.end = bounds.end;
      }
      built.manifest.resources.push_back(std::move(resource));
    }
  }
  sort_resources(built.manifest);
  if (!tree.single_file) {
    recorded.insert(recorded.end(), kDefaultIgnores.begin(), kDefaultIgnores.end());
    recorded.insert(recorded.end(), options.evidence.begin(), options.evidence.end());
    std::ranges::sort(recorded);
    recorded.erase(std::unique(recorded.begin(), recorded.end()), recorded.end());
  }
  return built;
}

Result<Bundle> sign_model(const ModelManifest& manifest, const crypto::Signer& signer,
                          VerificationMaterial material) {
  if (manifest.resources.empty())
    return fail(Code::InvalidInput, "nothing to sign: the model has no file that is not excluded");
  const crypto::KeyType type = signer.public_key().type();
  if (std::ranges::find(kKeys, type) == kKeys.end())
    return fail(Code::InvalidInput,
                "models are signed with keys p256, p384 or p521, not " + std::string(crypto::name_of(type)));
  const std::string payload = TRY(write_statement(model_statement(manifest)));
  Bundle bundle;
  bundle.material = std::move(material);
  bundle.envelope = TRY(sign_envelope(signer, kInTotoType, bytes_of(payload)));
  return bundle;
}

VerificationMaterial key_material(const crypto::PublicKey& key) {
  VerificationMaterial material;
  material.kind = MaterialKind::PublicKey;
  material.hint = key_hint(key);
  return material;
}

namespace {

// The part of a verification that looks at the files.
class FileCheck {
 public:
  FileCheck(ModelVerification& result, const ModelSource& source, const VerifyOptions& options)
      : out_(result.verification),
        counts_(result.files),
        changed_files_(result.changed_files),
        manifest_(*result.manifest),
        source_(source),
        options_(options) {
    for (const std::string& path : manifest_.serialization.ignore_paths) signed_ignores_.add(path);
    for (const std::string& path : options.ignore_paths) own_ignores_.add(path);
    for (const Resource& resource : manifest_.resources) signed_[resource.path].shards.push_back(&resource);
    counts_.signed_files = signed_.size();
  }

  void run() {
    const auto tree = source_.list(links_of(manifest_.serialization));
    if (!tree) {
      out_.note("files", Outcome::NotDone, tree.error().message);
      out_.gap(gap_reason_from(tree.error().code), {}, tree.error().message);
      return;
    }
    single_file_ = tree->single_file;
    for (const ModelEntry& entry : tree->entries) sort_in(entry);
    hash();
    report_missing(*tree);
    report_ignored();
    summarise();
  }

 private:
  struct Signed {
    std::vector<const Resource*> shards;  // Files: one
    const ModelEntry* entry = nullptr;    // what is there under that name
  };
  struct Excluded {
    std::size_t files = 0;
    const ModelEntry* first = nullptr;
    bool runs = false;
    std::string by;
    Severity severity = Severity::Low;
  };

  Signed* find_signed(const ModelEntry& entry) {
    auto found = signed_.find(entry.path);
    // Signers before 1.1 called a model that is one file ".".
    if (found == signed_.end() && single_file_) found = signed_.find(".");
    return found == signed_.end() ? nullptr : &found->second;
  }

  std::string below(const ModelEntry& entry) const { return single_file_ ? std::string() : entry.path; }

  void sort_in(const ModelEntry& entry) {
    if (!single_file_ && is_evidence(entry, options_.evidence)) return;
    if (Signed* expected = find_signed(entry)) {
      expected->entry = &entry;
      if (entry.outside) out_.find(kLinkLeaves, below(entry), "reached through a link that leaves the model");
      return;
    }
    if (!single_file_ && excluded(entry)) return;
    if (entry.type == EntryType::Link && !options_.ignore_unsigned_files) {
      out_.find(kLinkPresent, below(entry), "symbolic link; the model was signed without any");
    } else if (entry.type == EntryType::Other) {
      out_.gap(GapReason::Unreadable, below(entry), entry.why);
    } else if (entry.type != EntryType::Loop) {
      report_unsigned(entry);
    }
  }

  // Loaders and people open these without a second thought.
  static bool runs(std::string_view path) {
    constexpr auto kEndings = std::to_array<std::string_view>(
        {".py",     ".pyc",   ".so",    ".dll",    ".dylib",       ".sh",   ".js",  ".jar",
         ".exe",    ".ipynb", ".pkl",   ".pickle", ".pt",          ".pth",  ".bin", ".ckpt",
         ".joblib", ".h5",    ".keras", ".onnx",   ".safetensors", ".gguf", ".lua", ".ps1"});
    const std::string name = lower(path);
    return std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); });
  }

  bool excluded(const ModelEntry& entry) {
    std::string rule(signed_ignores_.covering(entry.path));
    std::string by = "by the signer";
    if (rule.empty()) {
      rule = own_ignores_.covering(entry.path);
      by = "by --ignore-paths";
    }
    const bool usual = ignored_by_default(entry.path);
    if (usual) {
      rule = entry.path.substr(0, entry.path.find('/'));
      by = "by default";
    }
    if (rule.empty()) return false;
    Excluded& excluded = excluded_[rule];
    if (excluded.files++ == 0) excluded.first = &entry;
    excluded.by = by;
    excluded.runs = excluded.runs || (!usual && runs(entry.path));
    excluded.severity = usual ? Severity::Info : excluded.runs ? Severity::Medium : Severity::Low;
    ++counts_.ignored;
    return true;
  }

  void report_unsigned(const ModelEntry& entry) {
    ++counts_.unsigned_files;
    if (options_.ignore_unsigned_files) {
      out_.find(kFileUnsigned, runs(entry.path) ? Severity::Medium : Severity::Low, below(entry),
                "is not covered by the signature; accepted by --ignore-unsigned-files");
    } else if (manifest_.serialization.method == Method::Shards && entry.size == 0 &&
               entry.type == EntryType::File) {
      out_.find(kFileUnsigned, Severity::Low, below(entry),
                "is empty: a signature by shards does not cover empty files");
    } else {
      out_.find(kFileUnsigned, below(entry), "is not covered by the signature");
    }
  }

  void hash() {
    std::vector<const ModelEntry*> files;
    std::vector<Signed*> expected;
    for (auto& [path, it] : signed_) {
      if (it.entry == nullptr) continue;
      if (it.entry->type == EntryType::File) {
        if (!fits(it)) continue;
        files.push_back(it.entry);
        expected.push_back(&it);
      } else if (it.entry->type == EntryType::Link) {
        ++counts_.changed;
        out_.find(kLinkPresent, below(*it.entry), "was signed as a file, is now a symbolic link");
      } else {
        ++counts_.changed;
        out_.find(kFileChanged, below(*it.entry), "was signed as a file: " + it.entry->why);
      }
    }
    const auto digests = hash_files(
        source_, files, manifest_.serialization,
        {.jobs = options_.jobs, .links = links_of(manifest_.serialization), .hashed = options_.hashed});
    for (std::size_t i = 0; i < files.size(); ++i) compare(*expected[i], digests[i]);
  }

  // Whether the size can be right; only shards record it.
  bool fits(const Signed& it) {
    if (manifest_.serialization.method == Method::Files) return true;
    std::uint64_t size = 0;
    for (const Resource* shard : it.shards) size = std::max(size, shard->end);
    if (size == it.entry->size) return true;
    count_change(it);
    out_.find(kFileChanged, below(*it.entry),
              std::to_string(size) + " bytes were signed, " + std::to_string(it.entry->size) + " are there");
    return false;
  }

  void count_change(const Signed& it) {
    ++counts_.changed;
    changed_files_.push_back(it.shards.front()->path);
  }

  void compare(Signed& it, const Result<FileDigests>& found) {
    if (!found) {
      const bool changed = found.error().code == Code::Corrupt;
      out_.gap(changed ? GapReason::Changed : GapReason::Unreadable, below(*it.entry), found.error().message);
      ++unread_;
      return;
    }
    std::ranges::sort(it.shards, {}, &Resource::start);
    std::vector<std::size_t> wrong;
    for (std::size_t i = 0; i < it.shards.size(); ++i)
      if (it.shards[i]->digest != found->digests[i]) wrong.push_back(i);
    if (wrong.empty()) {
      ++counts_.unchanged;
      return;
    }
    count_change(it);
    const Resource& first = *it.shards[wrong.front()];
    const std::string hash(crypto::name_of(manifest_.serialization.hash));
    std::string what = "was changed";
    if (manifest_.serialization.method == Method::Shards) {
      what += " in bytes " + std::to_string(first.start) + " to " + std::to_string(first.end - 1);
      if (wrong.size() > 1) what += " and in " + plural(wrong.size() - 1, "other shard");
    }
    out_.find(kFileChanged, below(*it.entry),
              what + ": " + hash + " " + hex(first.digest) + " was signed, found " +
                  hex(found->digests[wrong.front()]));
  }

  void report_missing(const ModelTree& tree) {
    std::map<std::string, const ModelEntry*> alike;  // by name in lower case; only if something is missing
    for (const auto& [path, it] : signed_) {
      if (it.entry != nullptr) continue;
      if (counts_.missing++ == 0)
        for (const ModelEntry& entry : tree.entries) alike.emplace(lower(entry.path), &entry);
      if (path == "." && !single_file_) {
        out_.find(kFileMissing, {}, "the signature is for a model that is one file, but this is a folder");
        continue;
      }
      const auto other = alike.find(lower(path));
      out_.find(kFileMissing, path,
                other == alike.end()
                    ? std::string("was signed, is not there")
                    : "was signed, is not there; only '" + printable(other->second->path) + "' is");
    }
  }

  void report_ignored() {
    for (const auto& [rule, it] : excluded_) {
      const bool itself = it.files == 1 && it.first->path == rule;
      out_.find(kFileIgnored, it.severity, rule,
                (itself ? std::string("is present, but excluded ")
                        : plural(it.files, "file") + " below it are present, but excluded ") +
                    it.by + ": the signature says nothing about " + (it.files == 1 ? "it" : "them"));
    }
  }

  void summarise() {
    std::string text = std::to_string(counts_.unchanged) + " of " +
                       plural(counts_.signed_files, "signed file") +
                       (counts_.signed_files == 1 ? " is" : " are") + " unchanged (" +
                       std::string(crypto::name_of(manifest_.serialization.hash)) + ")";
    if (counts_.changed != 0) text += ", " + std::to_string(counts_.changed) + " changed";
    if (counts_.missing != 0) text += ", " + std::to_string(counts_.missing) + " missing";
    if (unread_ != 0) text += ", " + std::to_string(unread_) + " could not be read";
    out_.note("files",
              counts_.changed + counts_.missing != 0 ? Outcome::Failed
              : unread_ != 0                         ? Outcome::NotDone
                                                     : Outcome::Passed,
              std::move(text));
    const std::size_t links = out_.count(kLinkPresent);
    text = counts_.unsigned_files + links == 0 ? "none" : plural(counts_.unsigned_files, "file");
    if (links != 0) text += ", " + plural(links, "link");
    const bool refused = std::ranges::any_of(out_.report().findings, [](const Finding& finding) {
      return (finding.rule == &kFileUnsigned || finding.rule == &kLinkPresent) &&
             finding.severity >= Severity::High;
    });
    if (counts_.ignored != 0) text += "; " + plural(counts_.ignored, "file") + " excluded and not looked at";
    out_.note("unsigned-files", refused ? Outcome::Failed : Outcome::Passed, std::move(text));
  }

  Verification& out_;
  FileCounts& counts_;
  std::vector<std::string>& changed_files_;
  const ModelManifest& manifest_;
  const ModelSource& source_;
  const VerifyOptions& options_;
  bool single_file_ = false;
  std::size_t unread_ = 0;
  IgnoreRules signed_ignores_;
  IgnoreRules own_ignores_;
  std::map<std::string, Signed, std::less<>> signed_;
  std::map<std::string, Excluded, std::less<>> excluded_;
};

// The manifest that the verified payload holds.
bool read_payload(const Bundle& bundle, const VerifyOptions& options, ModelVerification& result) {
  Verification& out = result.verification;
  if (bundle.envelope->payload_type != kInTotoType) {
    out.fail("statement", kStatementForeign,
             "payloadType is '" + printable(bundle.envelope->payload_type, 80) + "', expected '" +
                 std::string(kInTotoType) + "'");
    return false;
  }
  const auto statement = read_statement(bundle.envelope->payload);
  if (!statement) {
    out.fail("statement",
             statement.error().code == Code::Unsupported ? kStatementForeign : kManifestContradictory,
             statement.error().message);
    return false;
  }
  const bool old = statement->predicate_type == kLegacyModelSignatureType;
  if (old && !options.legacy) {
    out.fail("statement", kStatementForeign,
             "the statement is of release 0.2.0 of the reference implementation; --legacy-v0.2 accepts it");
    return false;
  }
  auto manifest = old ? read_legacy_manifest(*statement) : read_model_manifest(*statement);
  if (!manifest) {
    const ManifestError& error = manifest.error();
    if (error.fault == ManifestFault::Unsupported) {
      out.note("statement", Outcome::NotDone, error.message);
      out.gap(GapReason::Unsupported, {}, error.message);
    } else {
      out.fail(error.fault == ManifestFault::RootDigest ? "root-digest" : "statement", rule_of(error.fault),
               error.message);
    }
    return false;
  }
  result.manifest = std::move(*manifest);
  const Serialization& how = result.manifest->serialization;
  out.pass("statement",
           "OpenSSF Model Signing " + std::string(old ? "0.2" : "1.0") + ", " +
               plural(result.manifest->resources.size(), how.method == Method::Files ? "file" : "shard") +
               ", model '" + printable(result.manifest->model_name, 60) + "'");
  if (old) {
    out.note("root-digest", Outcome::NotProved, "release 0.2.0 recorded none");
  } else {
    out.pass("root-digest", "sha256 " + hex(root_digest(result.manifest->resources)));
  }
  return true;
}

}  // namespace

ModelVerification verify_model(std::string_view bundle_json, const SignerTrust& trust,
                               const ModelSource& source, const VerifyOptions& options) {
  ModelVerification result{.verification = Verification(options.path),
                           .method = std::string(trust.method()),
                           .manifest = {},
                           .files = {},
                           .changed_files = {}};
  Verification& out = result.verification;
  const auto bundle = read_bundle(bundle_json);
  bool holds = false;
  if (!bundle) {
    out.fail("bundle", kBundleMalformed, bundle.error().message);
  } else if (!bundle->envelope) {
    out.fail("bundle", kBundleMalformed, "the bundle signs a message, not a statement about a model");
  } else {
    out.pass("bundle", "Sigstore bundle with a DSSE envelope");
    holds = verify_signature(*bundle, trust, kKeys, options.legacy, out) &&
            read_payload(*bundle, options, result);
  }
  if (holds) FileCheck(result, source, options).run();
  for (const std::string_view id : kLaterChecks)
    if (std::ranges::find(out.checks(), id, &Check::id) == out.checks().end())
      out.note(id, Outcome::NotDone, "an earlier check failed");
  out.close();
  return result;
}

}  // namespace bulwark::trust
