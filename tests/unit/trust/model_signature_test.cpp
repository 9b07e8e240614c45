#include "trust/model_signature.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "trust/dsse.h"
#include "trust/rules.h"
#include "unit/trust/memory_model.h"

namespace bulwark::trust {
namespace {

using test::MemoryModel;

const crypto::PrivateKey& signing_key() {
  static const crypto::PrivateKey kKey = *crypto::PrivateKey::generate(crypto::KeyType::P256);
  return kKey;
}

MemoryModel small_model() {
  MemoryModel model;
  model.files = {
      {"config.json", "{}"}, {"weights.bin", std::string(10'000, 'w')}, {"sub/a:b.txt", "x"}, {"empty", ""}};
  return model;
}

std::string sign(const MemoryModel& model, ManifestOptions options = {}) {
  const auto built = build_manifest(model, options);
  EXPECT_TRUE(built) << built.error().message;
  const auto bundle = sign_model(built->manifest, signing_key(), key_material(signing_key().public_key()));
  EXPECT_TRUE(bundle) << bundle.error().message;
  return write_bundle(*bundle);
}

// Signs whatever statement a hostile signer thinks of.
std::string sign_statement(const std::string& payload) {
  Bundle bundle;
  bundle.material = key_material(signing_key().public_key());
  bundle.envelope = *sign_envelope(signing_key(), kInTotoType, bytes_of(payload));
  return write_bundle(bundle);
}

ModelVerification verify(const std::string& bundle, const MemoryModel& model, VerifyOptions options = {}) {
  options.path = "m";
  return verify_model(bundle, KeyTrust(signing_key().public_key()), model, options);
}

bool accepted(const ModelVerification& result) {
  return !result.verification.refused() && result.verification.complete();
}

// "BW-SIG-011 m/weights.bin" of every finding.
std::vector<std::string> found(const ModelVerification& result) {
  std::vector<std::string> list;
  for (const Finding& finding : result.verification.report().findings)
    list.push_back(std::string(finding.rule->id) + " " + finding.path);
  return list;
}

std::string messages(const ModelVerification& result) {
  std::string text;
  for (const Finding& finding : result.verification.report().findings) text += finding.message + "\n";
  return text;
}

using List = std::vector<std::string>;

TEST(ModelSignature, EveryMethodHashAndNumberOfThreadsVerifies) {
  const MemoryModel model = small_model();
  for (const Method method : {Method::Files, Method::Shards})
    for (const auto hash : {crypto::HashAlgorithm::Sha256, crypto::HashAlgorithm::Blake2b512})
      for (const std::size_t jobs : {std::size_t{1}, std::size_t{4}}) {
        ManifestOptions options{.how = {}, .evidence = {}, .jobs = jobs, .hashed = {}};
        options.how.method = method;
        options.how.hash = hash;
        options.how.shard_size = 1'000;
        const auto result = verify(sign(model, options), model);
        EXPECT_TRUE(accepted(result)) << messages(result);
        EXPECT_EQ(result.files.unchanged, method == Method::Files ? 4U : 3U);  // shards leave out empty files
      }
}

TEST(ModelSignature, ShardsNameTheBytesThatChanged) {
  MemoryModel model = small_model();
  ManifestOptions options;
  options.how.method = Method::Shards;
  options.how.shard_size = 1'000;
  const std::string bundle = sign(model, options);
  model.files["weights.bin"][2'500] = 'X';
  auto result = verify(bundle, model);
  EXPECT_NE(messages(result).find("in bytes 2000 to 2999"), std::string::npos) << messages(result);
  model.files["weights.bin"] += "tail";
  result = verify(bundle, model);
  EXPECT_NE(messages(result).find("10000 bytes were signed, 10004 are there"), std::string::npos);
}

TEST(ModelSignature, EveryChangeOfTheFilesIsFound) {
  const std::string bundle = sign(small_model());
  MemoryModel model = small_model();
  model.files["config.json"] = "[]";
  EXPECT_EQ(found(verify(bundle, model)), List{"BW-SIG-011 m/config.json"});
  model = small_model();
  model.files.erase("config.json");
  EXPECT_EQ(found(verify(bundle, model)), List{"BW-SIG-012 m/config.json"});
  model = small_model();
  model.files["handler.py"] = "evil";
  EXPECT_EQ(found(verify(bundle, model)), List{"BW-SIG-013 m/handler.py"});
  model = small_model();
  model.others["link"] = EntryType::Link;
  EXPECT_EQ(found(verify(bundle, model)), List{"BW-SIG-015 m/link"});
  model = small_model();
  model.files.erase("config.json");
  model.others["config.json"] = EntryType::Link;
  EXPECT_EQ(found(verify(bundle, model)), List{"BW-SIG-015 m/config.json"});
  model.others["config.json"] = EntryType::Other;
  EXPECT_EQ(found(verify(bundle, model)), List{"BW-SIG-011 m/config.json"});
}

TEST(ModelSignature, AFileThatChangesWhileItIsReadIsAGap) {
  const std::string bundle = sign(small_model());
  MemoryModel model = small_model();
  model.changing = "weights.bin";
  const auto result = verify(bundle, model);
  EXPECT_FALSE(result.verification.refused());
  ASSERT_EQ(result.verification.report().gaps.size(), 1U);
  EXPECT_EQ(result.verification.report().gaps[0].reason, GapReason::Changed);
}

TEST(ModelSignature, ExclusionsAreExactAndTheirFilesAreFindings) {
  MemoryModel model = small_model();
  model.files["cache/x.py"] = "1";
  model.files[".git/config"] = "2";
  model.files["sub/.git/hook"] = "3";
  ManifestOptions options;
  options.how.ignore_paths = {"cache"};
  options.evidence = {"model.sig"};
  model.files["model.sig"] = "old";
  const std::string bundle = sign(model, options);
  auto result = verify(bundle, model, {.path = {}, .evidence = {"model.sig"}, .ignore_paths = {}});
  EXPECT_TRUE(accepted(result)) << messages(result);
  EXPECT_EQ(found(result), (List{"BW-SIG-014 m/.git", "BW-SIG-014 m/cache"}));
  EXPECT_EQ(result.verification.report().findings[0].severity, Severity::Info);
  EXPECT_EQ(result.verification.report().findings[1].severity, Severity::Medium);  // it is a program
  model.files["cache2"] = "not excluded";
  model.files["sub/cache"] = "not excluded";
  result = verify(bundle, model, {.path = {}, .evidence = {"model.sig"}, .ignore_paths = {}});
  EXPECT_EQ(result.verification.count(kFileUnsigned), 2U);
  result =
      verify(bundle, model, {.path = {}, .evidence = {"model.sig"}, .ignore_paths = {"cache2", "sub/cache"}});
  EXPECT_TRUE(accepted(result)) << messages(result);
  result = verify(bundle, model,
                  {.path = {}, .evidence = {"model.sig"}, .ignore_paths = {}, .ignore_unsigned_files = true});
  EXPECT_TRUE(accepted(result)) << messages(result);
  EXPECT_EQ(result.verification.count(kFileUnsigned), 2U);  // accepted, and said
}

TEST(ModelSignature, ThousandsOfFindingsAreCountedNotListed) {
  const std::string bundle = sign(small_model());
  MemoryModel model = small_model();
  for (int i = 0; i < 500; ++i) model.files["extra" + std::to_string(i)] = "x";
  const auto result = verify(bundle, model);
  EXPECT_EQ(result.verification.count(kFileUnsigned), 500U);
  EXPECT_EQ(result.verification.report().findings.size(), 101U);
  EXPECT_EQ(result.verification.report().findings.back().message, "and 400 more");
}

TEST(ModelSignature, ModelOfOneFileIsCalledByItsNameOrByADot) {
  MemoryModel model;
  model.name = "weights.bin";
  model.single_file = true;
  model.files = {{"weights.bin", "abc"}};
  EXPECT_TRUE(accepted(verify(sign(model), model)));
  ModelManifest manifest = build_manifest(model, {})->manifest;
  manifest.resources[0].path = ".";
  const std::string old = sign_statement(*write_statement(model_statement(manifest)));
  EXPECT_TRUE(accepted(verify(old, model)));
  MemoryModel folder;
  folder.files = {{"weights.bin", "abc"}};
  EXPECT_EQ(found(verify(old, folder)), (List{"BW-SIG-012 m", "BW-SIG-013 m/weights.bin"}));
}

TEST(ModelSignature, OtherKeysAndKindsOfMaterialAreRefused) {
  const MemoryModel model = small_model();
  const std::string bundle = sign(model);
  const auto stranger = crypto::PrivateKey::generate(crypto::KeyType::P256);
  auto result = verify_model(bundle, KeyTrust(stranger->public_key()), model, {.path = "m"});
  EXPECT_EQ(found(result), List{"BW-SIG-003 m"});
  // Without a hint the signature itself decides.
  auto read = read_bundle(bundle);
  read->material.hint.clear();
  result = verify_model(write_bundle(*read), KeyTrust(stranger->public_key()), model, {.path = "m"});
  EXPECT_EQ(found(result), List{"BW-SIG-001 m"});
  EXPECT_TRUE(accepted(verify(write_bundle(*read), model)));
  read->material.kind = MaterialKind::CertificateChain;
  read->material.certificates = {{0x30, 0x00}};
  EXPECT_EQ(found(verify(write_bundle(*read), model)), List{"BW-SIG-003 m"});
  const auto ed25519 = crypto::PrivateKey::generate(crypto::KeyType::Ed25519);
  EXPECT_FALSE(
      sign_model(build_manifest(model, {})->manifest, *ed25519, key_material(ed25519->public_key())));
}

// What a hostile signer may put into a statement. %NAME%, %HASH% … are the parts that are right by default.
std::string statement_with(std::string_view from, std::string_view to, bool fix_root = true) {
  const std::string digest(64, 'a');
  std::string text = R"({"_type":"https://in-toto.io/Statement/v1","predicate":{"resources":[)"
                     R"({"algorithm":"sha256","digest":")" +
                     digest + R"(","name":"a"},{"algorithm":"sha256","digest":")" + digest +
                     R"(","name":"b"}],"serialization":{"allow_symlinks":false,"hash_type":"sha256",)"
                     R"("ignore_paths":["c"],"method":"files"}},)"
                     R"("predicateType":"https://model_signing/signature/v1.0",)"
                     R"("subject":[{"digest":{"sha256":"%ROOT%"},"name":"model"}]})";
  if (!from.empty()) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  // Over two digests of 'aa…'; the cases that change the number of resources are refused before.
  const std::vector<std::uint8_t> bytes(64, 0xAA);
  const std::string root = fix_root ? hex(crypto::sha256_bytes(bytes)) : std::string(64, '0');
  return text.replace(text.find("%ROOT%"), 6, root);
}

TEST(ModelSignature, StatementsThatBreakTheRulesAreRefusedWithTheirReason) {
  struct Case {
    std::string_view from;
    std::string_view to;
    const Rule* rule;
    std::string_view says;
  };
  constexpr Case kCases[] = {
      {R"("name":"a")", R"("name":"../a")", &kManifestPath, "leaves the model"},
      {R"("name":"a")", R"("name":"x/../a")", &kManifestPath, "leaves the model"},
      {R"("name":"a")", R"("name":"/a")", &kManifestPath, "absolute"},
      {R"("name":"a")", R"("name":"./a")", &kManifestPath, "not normalised"},
      {R"("name":"a")", R"("name":"a//x")", &kManifestPath, "not normalised"},
      {R"("name":"a")", R"("name":"a/")", &kManifestPath, "not normalised"},
      {R"("name":"a")", R"("name":"")", &kManifestPath, "empty path"},
      {R"("name":"a")", R"("name":"\u0000")", &kManifestPath, "not valid UTF-8"},
      {R"("name":"a")", R"("name":"b")", &kManifestContradictory, "'b' comes twice"},
      {R"("name":"a")", R"("name":"z")", &kManifestContradictory, "not sorted"},
      {R"("name":"a")", R"("name":"a","name":"a")", &kManifestContradictory, "comes twice in one object"},
      {R"("name":"a")", R"("name":"c")", &kManifestContradictory, "not sorted"},
      {R"("name":"b")", R"("name":"c")", &kManifestIgnore, "signed and also ignored"},
      {R"(["c"])", R"(["."])", &kManifestIgnore, "whole model"},
      {R"(["c"])", R"(["./"])", &kManifestIgnore, "whole model"},
      {R"(["c"])", R"(["c/../../d"])", &kManifestIgnore, "leaves the model"},
      {R"(["c"])", R"(["/c"])", &kManifestIgnore, "absolute"},
      {R"(["c"])", R"(["c*"])", &kManifestIgnore, "glob"},
      {R"(["c"])", R"([""])", &kManifestIgnore, "empty path"},
      {R"("sha256","digest":"aa)", R"("blake2b","digest":"aa)", &kManifestContradictory,
       "differs from hash_type"},
      {R"("hash_type":"sha256")", R"("hash_type":"md5")", &kManifestContradictory, "'md5'"},
      {R"("digest":"aa)", R"("digest":"AA)", &kManifestContradictory, "no lower-case hex"},
      {R"("digest":"aa)", R"("digest":")", &kManifestContradictory, "no lower-case hex of 32"},
      {R"("method":"files")", R"("method":"blobs")", &kManifestContradictory, "'blobs'"},
      {R"("method":"files")", R"("method":"files","shard_size":5)", &kManifestContradictory,
       "must be absent"},
      {R"("method":"files")", R"("method":"shards")", &kManifestContradictory, "required for shards"},
      {R"("method":"files")", R"("method":"shards","shard_size":0)", &kManifestContradictory, "required"},
      {R"("method":"files")", R"("method":"shards","shard_size":5)", &kManifestContradictory,
       "no 'path:start:end'"},
      {R"("method":"files")", R"("method":"files","x":5)", &kManifestContradictory, "unknown field 'x'"},
      {R"("allow_symlinks":false,)", R"()", &kManifestContradictory, "allow_symlinks is missing"},
      {R"("resources":[)", R"("resources":7,"r":[)", &kManifestContradictory, "unknown field 'r'"},
      {R"(signature/v1.0")", R"(signature/v2.0")", &kStatementForeign, "predicateType"},
      {R"(Statement/v1")", R"(Statement/v0.1")", &kStatementForeign, "_type"},
      {R"("subject":[)", R"("subject":[{"digest":{"sha256":"aa"},"name":"x"},)", &kManifestContradictory,
       "expected exactly one"},
      {R"("name":"model")", R"("name":"")", &kManifestContradictory, "name is empty"},
  };
  for (const Case& it : kCases) {
    const auto result = verify(sign_statement(statement_with(it.from, it.to)), MemoryModel());
    ASSERT_EQ(result.verification.report().findings.size(), 1U) << it.to << messages(result);
    EXPECT_EQ(result.verification.report().findings[0].rule->id, it.rule->id) << it.to << messages(result);
    EXPECT_NE(messages(result).find(it.says), std::string::npos) << it.to << ": " << messages(result);
    EXPECT_FALSE(result.manifest) << it.to;
  }
}

TEST(ModelSignature, TheStatementThatTheCasesChangeIsRightItself) {
  const auto result = verify(sign_statement(statement_with({}, {})), MemoryModel());
  EXPECT_TRUE(result.manifest) << messages(result);
  EXPECT_EQ(found(result), (List{"BW-SIG-012 m/a", "BW-SIG-012 m/b"}));
  EXPECT_EQ(found(verify(sign_statement(statement_with({}, {}, false)), MemoryModel())),
            List{"BW-SIG-010 m"});
}

TEST(ModelSignature, Blake3IsUnsupportedNotRefused) {
  const auto result = verify(
      sign_statement(statement_with(R"("hash_type":"sha256")", R"("hash_type":"blake3")")), MemoryModel());
  EXPECT_FALSE(result.verification.refused());
  ASSERT_EQ(result.verification.report().gaps.size(), 1U);
  EXPECT_EQ(result.verification.report().gaps[0].reason, GapReason::Unsupported);
}

TEST(ModelManifest, ShardsMustCoverAFileWithoutHoles) {
  const auto shards = [](std::vector<Resource> resources) {
    ModelManifest manifest{.model_name = "m", .serialization = {}, .resources = std::move(resources)};
    manifest.serialization.method = Method::Shards;
    manifest.serialization.shard_size = 10;
    for (Resource& resource : manifest.resources) resource.digest.assign(32, 1);
    sort_resources(manifest);
    const auto read = read_model_manifest(model_statement(manifest));
    return read ? std::string() : read.error().message;
  };
  const auto part = [](std::uint64_t start, std::uint64_t end) {
    return Resource{.path = "a:1:2", .start = start, .end = end, .digest = {}};
  };
  EXPECT_EQ(shards({part(0, 10), part(10, 20), part(20, 21)}), "");
  EXPECT_NE(shards({part(0, 10), part(20, 21)}), "");  // a hole
  EXPECT_NE(shards({part(10, 20)}), "");               // no beginning
  EXPECT_NE(shards({part(0, 5), part(5, 15)}), "");    // short in the middle
  EXPECT_NE(shards({part(0, 11)}), "");                // too long
  EXPECT_NE(shards({part(0, 0)}), "");                 // empty
  EXPECT_NE(shards({part(5, 3)}), "");                 // backwards
  EXPECT_NE(shards({part(0, ~std::uint64_t{0})}), "");
}

TEST(ModelManifest, OrderOfTheReferenceIsAccepted) {
  ModelManifest manifest{.model_name = "m", .serialization = {}, .resources = {}};
  for (const char* path : {"a/x", "a-b/x"})  // by parts; by code points it is the other way round
    manifest.resources.push_back(
        {.path = path, .start = 0, .end = 0, .digest = std::vector<std::uint8_t>(32, 1)});
  EXPECT_TRUE(read_model_manifest(model_statement(manifest)));
  sort_resources(manifest);
  EXPECT_EQ(manifest.resources[0].path, "a-b/x");
  EXPECT_TRUE(read_model_manifest(model_statement(manifest)));
}

TEST(ModelSignature, SigningRefusesWhatCannotBeVerified) {
  MemoryModel model = small_model();
  model.others["link"] = EntryType::Link;
  EXPECT_NE(build_manifest(model, {}).error().message.find("symbolic link"), std::string::npos);
  model.others["link"] = EntryType::Other;
  EXPECT_FALSE(build_manifest(model, {}));
  model = small_model();
  model.files["bad\xff"] = "x";
  EXPECT_NE(build_manifest(model, {}).error().message.find("UTF-8"), std::string::npos);
  model = small_model();
  model.changing = "weights.bin";
  EXPECT_FALSE(build_manifest(model, {}));
  const MemoryModel nothing;
  const auto empty = build_manifest(nothing, {});
  ASSERT_TRUE(empty);
  EXPECT_FALSE(sign_model(empty->manifest, signing_key(), {}));
}

}  // namespace
}  // namespace bulwark::trust
