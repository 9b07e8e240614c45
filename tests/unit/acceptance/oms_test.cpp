// OpenSSF Model Signing: every row of the shared manifest, with the reason for which it is refused.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.h"
#include "cli/model_files.h"
#include "os/temporary_folder.h"
#include "support/support.h"
#include "trust/certificate_trust.h"
#include "trust/identity_trust.h"
#include "trust/model_signature.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

namespace fs = std::filesystem;

using Row = std::map<std::string, std::string>;

// The test keys' certificates hold from 2025-05-02 to 2035-04-30.
constexpr Instant kWithin = std::chrono::sys_days(std::chrono::year(2026) / 6 / 1);

std::string folder() {
  const std::string shared = test::shared_folder();
  return shared.empty() ? shared : shared + "/vectors/oms";
}

std::vector<Row> rows_of(const std::string& path) {
  std::vector<Row> rows;
  std::vector<std::string_view> columns;
  const std::string text = test::read_file(path);
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto cells = split(line, '\t');
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    Row row;
    for (std::size_t i = 0; i < columns.size(); ++i)
      row[std::string(columns[i])] = i < cells.size() ? std::string(cells[i]) : "";
    rows.push_back(std::move(row));
  }
  return rows;
}

// A scratch copy with the names that version control could not keep.
std::string materialise(const std::string& root, const std::string& name, const std::string& scratch) {
  const fs::path target = fs::path(scratch) / fs::path(name).filename();
  fs::copy(root + "/" + name, target, fs::copy_options::recursive);
  for (const Row& step : rows_of(root + "/MATERIALISE.tsv")) {
    if (step.at("case") != name) continue;
    const fs::path from = target / step.at("path");
    if (step.at("op") == "symlink") {
      fs::create_symlink(step.at("target"), from);
      continue;
    }
    const fs::path to = target / step.at("target");
    fs::create_directories(to.parent_path());
    fs::rename(from, to);
    for (fs::path left = from.parent_path(); left != target && fs::is_empty(left); left = left.parent_path())
      fs::remove(left);
  }
  return target.string();
}

// What `why` of a refused row must lead to. The first word that it contains decides.
struct Reason {
  std::string_view word;
  const Rule* rule;
  std::string_view says;  // part of the message
};
constexpr Reason kReasons[] = {
    {"algorithm differs", &kManifestContradictory, "differs from hash_type"},
    {"Config.json on disk", &kFileMissing, "only 'Config.json' is"},
    {"bundle empty", &kBundleMalformed, "incomplete JSON"},
    {"bundle truncated", &kBundleMalformed, "incomplete JSON"},
    {"resources empty", &kManifestContradictory, "resources is empty"},
    {"one byte of signme-1", &kFileChanged, "was changed"},
    {"signed file absent", &kFileMissing, "is not there"},
    {"swapped", &kFileChanged, "was changed"},
    {"hash_type md5", &kManifestContradictory, "'md5'"},
    {"ignore_paths \".\"", &kManifestIgnore, "whole model"},
    {"with a glob", &kManifestIgnore, "glob"},
    {"unknown bundle mediaType", &kBundleMalformed, "mediaType"},
    {"subdir/.git", &kFileUnsigned, "not covered"},
    {"/etc/passwd", &kManifestPath, "absolute"},
    {"../evil", &kManifestPath, "leaves the model"},
    {"re-serialised", &kSignatureWrong, "does not verify"},
    {"payloadType changed", &kSignatureWrong, "does not verify"},
    {"subject digest", &kRootDigestWrong, "resources hash to"},
    {"longer on disk", &kFileChanged, "bytes were signed"},
    {"unknown _type", &kStatementForeign, "_type"},
    {"symlink present", &kLinkPresent, "symbolic link"},
    {"SHA-256 (only v0.2", &kSignatureWrong, "made with sha256"},
    {"unsigned file", &kFileUnsigned, "not covered"},
};

std::string text_of_findings(const ModelVerification& result) {
  std::string text;
  for (const Finding& finding : result.verification.report().findings)
    text += std::string(finding.rule->id) + " " + finding.path + ": " + finding.message + "\n";
  for (const Gap& gap : result.verification.report().gaps) text += "gap " + gap.path + ": " + gap.why + "\n";
  return text;
}

bool accepted(const ModelVerification& result) {
  return !result.verification.refused() && result.verification.complete();
}

void expect_reason(const Row& row, const ModelVerification& result) {
  for (const Reason& reason : kReasons) {
    if (row.at("why").find(reason.word) == std::string::npos) continue;
    const bool found =
        std::ranges::any_of(result.verification.report().findings, [&](const Finding& finding) {
          return finding.rule == reason.rule && finding.message.find(reason.says) != std::string::npos;
        });
    EXPECT_TRUE(found) << row.at("path") << ": expected " << reason.rule->id << " '" << reason.says
                       << "', found\n"
                       << text_of_findings(result);
    return;
  }
  // A row of a set that this table does not know: the verdict alone is checked.
}

// "identity=who issuer=URL root=FILE"
std::unique_ptr<SignerTrust> identity_trust_of(const std::string& text, const std::string& root,
                                               std::string& error) {
  std::map<std::string, std::string> parts;
  for (const std::string_view word : words(text)) {
    const std::size_t equals = word.find('=');
    parts[std::string(word.substr(0, equals))] = word.substr(equals + 1);
  }
  auto trusted = read_trusted_root(test::read_file(root + "/" + parts["root"]));
  if (trusted)
    return std::make_unique<IdentityTrust>(Identity{.name = parts["identity"], .issuer = parts["issuer"]},
                                           std::move(*trusted));
  error = trusted.error().message;
  return nullptr;
}

// "identity=NAME issuer=URL root=FILE".
std::unique_ptr<SignerTrust> identity_of(const Row& row, const std::string& root, std::string& error) {
  std::map<std::string, std::string> given;
  for (const std::string_view word : words(row.at("key_or_trust"))) {
    const std::size_t equals = word.find('=');
    given[std::string(word.substr(0, equals))] = word.substr(equals + 1);
  }
  auto trusted = read_trusted_root(test::read_file(root + "/" + given["root"]));
  if (trusted)
    return std::make_unique<IdentityTrust>(Identity{.name = given["identity"], .issuer = given["issuer"]},
                                           std::move(*trusted));
  error = trusted.error().message;
  return nullptr;
}

std::unique_ptr<SignerTrust> trust_of(const Row& row, const std::string& root, std::string& error) {
  if (row.at("method") == "sigstore") return identity_of(row, root, error);
  if (row.at("method") == "sigstore") return identity_trust_of(row.at("key_or_trust"), root, error);
  const std::string pem = test::read_file(root + "/" + row.at("key_or_trust"));
  if (row.at("method") == "key") {
    auto key = crypto::PublicKey::from_pem(pem);
    if (key) return std::make_unique<KeyTrust>(*key);
    error = key.error().message;
    return nullptr;
  }
  auto authorities = crypto::Certificate::from_pem(pem);
  if (authorities) return std::make_unique<CertificateTrust>(*authorities, CertificateTime::Now, kWithin);
  error = authorities.error().message;
  return nullptr;
}

VerifyOptions options_of(const Row& row, const std::string& model) {
  VerifyOptions options{.path = model, .evidence = {"model.sig"}, .ignore_paths = {}};
  const auto arguments = words(row.at("arguments"));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--ignore-unsigned-files") options.ignore_unsigned_files = true;
    if (arguments[i] == "--ignore-paths" && i + 1 < arguments.size())
      options.ignore_paths.emplace_back(arguments[i + 1]);
  }
  return options;
}

TEST(ModelSigning, EveryRowOfTheManifestIsJudgedRightAndForTheRightReason) {
  const std::string root = folder();
  if (root.empty()) GTEST_SKIP() << "no ../shared";
  int judged = 0;
  for (const Row& row : rows_of(root + "/MANIFEST.tsv")) {
    const std::string method = row.at("method");
    if (method != "key" && method != "certificate" && method != "sigstore") continue;
    if (row.at("expect").starts_with("schema")) continue;
    ++judged;
    const auto scratch = os::TemporaryFolder::make(os::temporary_parent());
    ASSERT_TRUE(scratch) << scratch.error().message;
    const std::string model = materialise(root, row.at("path"), scratch->path());
    std::string error;
    const auto trust = trust_of(row, root, error);
    if (trust == nullptr) {  // such as a curve that is not for signatures
      EXPECT_EQ(row.at("expect"), "fail") << row.at("path") << ": " << error;
      continue;
    }
    const std::string bundle = test::read_file(model + "/model.sig");
    VerifyOptions options = options_of(row, model);
    const cli::ModelFiles files(model);
    const ModelVerification result = verify_model(bundle, *trust, files, options);
    EXPECT_EQ(accepted(result), row.at("expect") == "pass") << row.at("path") << "\n"
                                                            << text_of_findings(result);
    if (row.at("expect") == "fail") expect_reason(row, result);
    if (row.at("expect") != "pass(legacy only)") continue;
    options.legacy = true;
    const ModelVerification legacy = verify_model(bundle, *trust, files, options);
    EXPECT_TRUE(accepted(legacy)) << row.at("path") << "\n" << text_of_findings(legacy);
    EXPECT_EQ(legacy.verification.count(kLegacySignature), 1U);
  }
  EXPECT_GE(judged, 39);
}

// Without the bundle's signature: only the format.
bool well_formed(const std::string& json, std::string& why) {
  const auto bundle = read_bundle(json);
  if (!bundle || !bundle->envelope) {
    why = bundle ? "no envelope" : bundle.error().message;
    return false;
  }
  if (bundle->material.kind == MaterialKind::Certificate && bundle->material.log_entries.empty()) {
    why = "a keyless bundle without log entries";
    return false;
  }
  const auto statement = read_statement(bundle->envelope->payload);
  if (!statement) {
    why = statement.error().message;
    return false;
  }
  const auto manifest = read_model_manifest(*statement);
  if (!manifest) why = manifest.error().message;
  return manifest.has_value();
}

TEST(ModelSigning, SchemaRowsAreJudgedByTheReader) {
  const std::string root = folder();
  if (root.empty()) GTEST_SKIP() << "no ../shared";
  for (const Row& row : rows_of(root + "/MANIFEST.tsv")) {
    const std::string expect = row.at("expect");
    if (expect != "schema-valid" && expect != "schema-invalid" && expect != "payload-invalid") continue;
    std::string why;
    EXPECT_EQ(well_formed(test::read_file(root + "/" + row.at("path")), why), expect == "schema-valid")
        << row.at("path") << ": " << why;
  }
}

// Contents of the reference's test models, hashed as it hashes them.
TEST(ModelSigning, ManifestsAreThoseOfTheReference) {
  const std::string root = folder();
  if (root.empty()) GTEST_SKIP() << "no ../shared";
  const auto scratch = os::TemporaryFolder::make(os::temporary_parent());
  ASSERT_TRUE(scratch);
  const std::string place = scratch->path();
  for (const Row& row : rows_of(root + "/serialization-models.tsv")) {
    const fs::path model = fs::path(place) / row.at("model");
    const std::string content = row.at("content (UTF-8, no newline at the end)");
    const auto write = [&](const fs::path& path) {
      fs::create_directories(path.parent_path());
      std::ofstream(path) << content;
    };
    if (row.at("kind") == "dir") {
      fs::create_directories(model);
    } else if (row.at("kind") == "file") {
      write(row.at("path") == "." ? model : model / row.at("path"));
    } else {
      write(fs::path(place) / "elsewhere");
      fs::create_directories(model);
      fs::create_symlink("../elsewhere", model / row.at("path"));
    }
  }
  std::map<std::vector<std::string>, std::map<std::string, std::string>> golden;
  for (const Row& row : rows_of(root + "/serialization-golden.tsv")) {
    auto& resources = golden[{row.at("model"), row.at("method"), row.at("shard_size")}];
    if (!row.at("resource").empty()) resources[row.at("resource")] = row.at("sha256");
  }
  ASSERT_FALSE(golden.empty());
  for (const auto& [key, resources] : golden) {
    ManifestOptions options;
    options.how.allow_symlinks = key[0] == "symlink_model_folder";
    options.how.method = key[1] == "files" ? Method::Files : Method::Shards;
    if (!key[2].empty()) options.how.shard_size = std::stoull(key[2]);
    const cli::ModelFiles files(place + "/" + key[0]);
    const auto built = build_manifest(files, options);
    ASSERT_TRUE(built) << key[0] << built.error().message;
    for (const Resource& resource : built->manifest.resources) {
      std::string name = name_of(resource, options.how.method);
      // A model that is one file is called by its name since 1.1.
      if (name.starts_with(key[0])) name = "." + name.substr(key[0].size());
      const auto found = resources.find(name);
      if (found == resources.end()) continue;  // this part of the table may be kept elsewhere
      EXPECT_EQ(hex(resource.digest), found->second) << key[0] << " " << name;
    }
    EXPECT_GE(built->manifest.resources.size(), resources.size()) << key[0] << " " << key[1] << key[2];
  }
}

}  // namespace
}  // namespace bulwark::trust
