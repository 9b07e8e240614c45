// Bills of material: what files tell, and nothing else; valid against both schemas, whatever they tell.

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "scan/engine.h"
#include "support/support.h"
#include "trust/bom_describe.h"
#include "trust/bom_read.h"
#include "trust/bom_readers.h"
#include "trust/bom_schema.h"
#include "trust/bom_score.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

using Files = std::map<std::string, std::string>;

// What the command does with a folder, over memory.
BomSubject subject_of(const Files& files, const ModelFacts& declared = {}) {
  BomSubject subject;
  subject.name = "folder";
  subject.folder = true;
  const test::StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), Limits{}, {}, clock);
  for (const auto& [path, content] : files) {
    BomFile file;
    file.path = path;
    file.size = content.size();
    file.sha256 = *crypto::sha256(bytes_of(content));
    Report report = test::scan_named(path, bytes_of(content));
    for (const Inspected& inspected : report.inspected)
      if (inspected.origin.empty()) file.formats = inspected.formats;
    subject.report.append(std::move(report));
    subject.files.push_back(std::move(file));
  }
  subject.report.normalise();
  const FileAccess access{
      .read =
          [&](const std::string& path, const std::function<void(Bytes)>& use) {
            const auto found = files.find(path);
            if (found != files.end()) use(bytes_of(found->second));
          },
      .graph =
          [&](const std::string& path, Bytes content) {
            return engine.graph({.path = path, .origin = {}, .bytes = content, .keeps = {}});
          }};
  describe(subject, declared, access);
  return subject;
}

Document written(const BomSubject& subject, BomOptions options = {}) {
  auto bom = write_bom(subject, options);
  EXPECT_TRUE(bom) << bom.error().message;
  return bom ? std::move(*bom) : Document();
}

void expect_valid(const BomSubject& subject) {
  for (const std::string_view version : {"1.6", "1.7"}) {
    const Document bom = written(subject, {.spec_version = std::string(version)});
    // What is read back is what others see.
    const auto parsed = parse_json(pretty_json(bom), Limits{});
    ASSERT_TRUE(parsed) << parsed.error().message;
    const auto problems = validate_bom(parsed->root, version);
    ASSERT_TRUE(problems) << problems.error().message;
    for (const SchemaProblem& problem : *problems)
      ADD_FAILURE() << version << problem.place << ": " << problem.message;
    for (const SchemaProblem& problem : broken_references(parsed->root))
      ADD_FAILURE() << version << problem.place << ": " << problem.message;
  }
}

std::string safetensors(std::string_view metadata = R"({"format":"pt"})") {
  std::string header = R"({"__metadata__":)" + std::string(metadata) +
                       R"(,"a":{"dtype":"F16","shape":[8,4],"data_offsets":[0,64]},)"
                       R"("b":{"dtype":"F32","shape":[4,8],"data_offsets":[64,192]}})";
  while (header.size() % 8 != 0) header += ' ';
  std::string out(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(header.size() >> (8 * i) & 0xFFU);
  return out + header + std::string(192, 'x');
}

const std::string kCard = R"(---
license: apache-2.0
language: [en, de]
pipeline_tag: text-generation
library_name: transformers
tags: [tiny, demo]
base_model: acme/tiny-base
base_model_relation: finetune
datasets: [acme/letters]
model-index:
- name: tiny-letters
  results:
  - task: {type: text-generation}
    dataset: {name: Letters, type: acme/letters, split: test}
    metrics:
    - {type: accuracy, value: 0.91}
co2_eq_emissions: {emissions: 12, source: code carbon}
---
# Tiny letters

A language model of eight letters.

- **Developed by:** Acme Research
- **Repository:** [code](https://github.com/acme/tiny-letters)
- **Paper [optional]:** [More Information Needed]

## Intended use

- Demonstrations of supply chain tools

## Limitations
<!-- what it cannot do -->
It knows eight letters,
and no number.

It never sleeps.

## Bias, risks

[More Information Needed]
)";

Files documented() {
  return {
      {"README.md", kCard},
      {"LICENSE", "Apache License\n Version 2.0, January 2004\n"},
      {"config.json",
       R"({"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":4,"vocab_size":8,)"
       R"("quantization_config":{"quant_method":"gptq","bits":4}})"},
      {"tokenizer.json", R"({"version":"1.0","model":{"type":"BPE","vocab":{},"merges":[]}})"},
      {"model.safetensors", safetensors()},
      {"requirements.txt", "numpy==1.26.4 --hash=sha256:" + std::string(64, 'a') + "\nTorch_Vision>=2.0\n"},
      {"model.sig",
       R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payload":")" +
           encode_base64(bytes_of(
               R"({"predicateType":"https://model_signing/signature/v1.0","subject":[{"digest":{"sha256":"00"}}]})")) +
           R"("}})"}};
}

std::string_view text_at(const Document& from, std::initializer_list<std::string_view> keys) {
  const Document* value = at_path(from, keys);
  return value == nullptr ? std::string_view() : std::string_view(value->string);
}

// The values of a property of a component.
std::vector<std::string> property(const Document& component, std::string_view name) {
  std::vector<std::string> values;
  if (const Document* list = component.find("properties"))
    for (const Document& each : list->list)
      if (each.text("name") == "bulwark:" + std::string(name)) values.emplace_back(each.text("value"));
  return values;
}

const Document* component(const Document& bom, std::string_view ref) {
  const Document* found = nullptr;
  for_each_component(bom, [&](const Document& each) {
    if (each.text("bom-ref") == ref) found = &each;
  });
  return found;
}

TEST(Bom, SaysWhatTheFilesOfAModelTellAndWhereItStands) {
  const BomSubject subject = subject_of(documented());
  ASSERT_EQ(subject.models.size(), 1U);
  const Document bom = written(subject);
  const Document& model = *at_path(bom, {"metadata", "component"});
  EXPECT_EQ(model.text("type"), "machine-learning-model");
  EXPECT_EQ(model.text("name"), "tiny-letters");
  EXPECT_EQ(model.text("description"), "A language model of eight letters.");
  EXPECT_EQ(text_at(model, {"supplier", "name"}), "Acme Research");
  EXPECT_EQ(text_at(model, {"modelCard", "modelParameters", "task"}), "text-generation");
  EXPECT_EQ(text_at(model, {"modelCard", "modelParameters", "architectureFamily"}), "llama");
  EXPECT_EQ(text_at(model, {"modelCard", "modelParameters", "modelArchitecture"}), "LlamaForCausalLM");
  const Document& limits = *at_path(model, {"modelCard", "considerations", "technicalLimitations"});
  ASSERT_EQ(limits.list.size(), 2U);
  EXPECT_EQ(limits.list[0].string, "It knows eight letters, and no number.");
  // A template that nobody filled in tells nothing.
  EXPECT_EQ(at_path(model, {"modelCard", "considerations", "ethicalConsiderations"}), nullptr);
  EXPECT_EQ(model.find("licenses")->list.size(), 1U) << "the licence and its text are one statement";
  EXPECT_EQ(text_at(model.find("licenses")->list[0], {"license", "id"}), "Apache-2.0");
  EXPECT_EQ(text_at(model.find("licenses")->list[0], {"license", "url"}), "LICENSE");
  EXPECT_EQ(at_path(model, {"pedigree", "ancestors"})->list[0].text("name"), "acme/tiny-base");
  EXPECT_EQ(property(model, "parameters"), std::vector<std::string>{"64"});
  EXPECT_EQ(property(model, "tensor-types"), std::vector<std::string>{"float16 1, float32 1"});
  EXPECT_EQ(property(model, "quantization:bits"), std::vector<std::string>{"4"});
  EXPECT_EQ(property(model, "co2-emissions-g"), std::vector<std::string>{"12"});
  EXPECT_EQ(property(model, "source:modelCard.modelParameters.architectureFamily"),
            std::vector<std::string>{"config.json, 'model_type'"});
  EXPECT_EQ(property(model, "source:name"),
            std::vector<std::string>{"README.md, front matter 'model-index.name'"});
  const std::vector<Document>& outside = model.find("externalReferences")->list;
  EXPECT_EQ(outside.back().text("comment"),
            "OpenSSF model signature, https://model_signing/signature/v1.0; its subject is OTHER content");
  std::vector<std::string> references;
  for (const Document& each : model.find("externalReferences")->list)
    references.push_back(std::string(each.text("type")) + " " + std::string(each.text("url")));
  EXPECT_EQ(references, (std::vector<std::string>{"vcs https://github.com/acme/tiny-letters",
                                                  "model-card README.md", "digital-signature model.sig"}));
  const Document& data = *component(bom, "data:acme/letters");
  EXPECT_EQ(text_at(data.find("data")->list[0], {"contents", "url"}),
            "https://huggingface.co/datasets/acme/letters");
  EXPECT_EQ(property(*component(bom, "file:model.safetensors"), "role"), std::vector<std::string>{"weights"});
  EXPECT_EQ(property(*component(bom, "file:tokenizer.json"), "role"), std::vector<std::string>{"tokenizer"});
  expect_valid(subject);
}

TEST(Bom, LibrariesHavePackageUrlsAndTheDigestsOfTheirLock) {
  const BomSubject subject = subject_of(
      {{"poetry.lock",
        "[[package]]\nname = \"Foo.Bar\"\nversion = \"1.0\"\nfiles = [\n  {file = \"a.whl\", hash = "
        "\"sha256:" +
            std::string(64, 'b') + "\"},\n  {file = \"a b.tar.gz\", hash = \"sha256:" + std::string(64, 'c') +
            "\"},\n]\n"},
       {"sub/package-lock.json",
        R"({"lockfileVersion":3,"packages":{"node_modules/@a/b":{"version":"2.0.0","integrity":"sha512-)" +
            encode_base64(bytes_of(std::string(64, 'd'))) + R"("}}})"},
       {"pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"foo-bar>=1\"]\n"}});
  const Document bom = written(subject);
  const Document* foo = component(bom, "pkg:pypi/foo-bar@1.0");
  ASSERT_NE(foo, nullptr);
  EXPECT_EQ(foo->find("hashes"), nullptr) << "several archives: which one is installed is not known";
  ASSERT_EQ(foo->find("externalReferences")->list.size(), 2U);
  EXPECT_EQ(foo->find("externalReferences")->list[1].text("url"), "a%20b.tar.gz");
  const Document* npm = component(bom, "pkg:npm/%40a/b@2.0.0");
  ASSERT_NE(npm, nullptr);
  EXPECT_EQ(npm->find("hashes")->list[0].text("alg"), "SHA-512");
  EXPECT_EQ(component(bom, "pkg:pypi/foo-bar"), nullptr) << "the lock file beside it decides";
  expect_valid(subject);
}

TEST(Bom, WhatIsNotKnownIsAbsent) {
  const BomSubject subject = subject_of({{"model.safetensors", safetensors("{}")}});
  const Document bom = written(subject);
  const Document& model = *at_path(bom, {"metadata", "component"});
  EXPECT_EQ(model.text("name"), "folder");
  for (const std::string_view key : {"version", "supplier", "licenses", "description", "pedigree",
                                     "externalReferences", "modelCard", "tags"})
    EXPECT_EQ(model.find(key), nullptr) << key;
  EXPECT_EQ(at_path(bom, {"metadata", "timestamp"}), nullptr);
  EXPECT_EQ(bom.find("vulnerabilities"), nullptr);
  expect_valid(subject);
}

TEST(Bom, IsTheSameForTheSameContentAndNamedByIt) {
  const BomSubject subject = subject_of(documented());
  const Document now = written(subject, {.timestamp = "2026-11-20T15:00:00Z"});
  const Document later = written(subject, {.timestamp = "2027-01-01T00:00:00Z"});
  EXPECT_EQ(pretty_json(now), pretty_json(written(subject, {.timestamp = "2026-11-20T15:00:00Z"})));
  EXPECT_EQ(now.text("serialNumber"), later.text("serialNumber"));
  Files changed = documented();
  changed["model.safetensors"].back() = 'y';
  EXPECT_NE(now.text("serialNumber"), written(subject_of(changed)).text("serialNumber"));
}

TEST(Bom, RootDigestIsThatOfModelSigning) {
  // SHA-256 over the raw digests in order of names; "b.sig" and .gitignore are left out.
  const std::string a = *crypto::sha256(bytes_of("a"));
  const std::string b = *crypto::sha256(bytes_of("b"));
  const auto file = [](std::string path, std::string digest) {
    BomFile made;
    made.path = std::move(path);
    made.sha256 = std::move(digest);
    return made;
  };
  const std::vector<BomFile> files = {file("m/z/.gitignore", b), file("m/b.sig", a), file("m/.gitignore", a),
                                      file("m/a.bin", a), file("other", a)};
  std::vector<std::uint8_t> both = *unhex(a);
  const auto second = *unhex(b);
  both.insert(both.end(), second.begin(), second.end());
  EXPECT_EQ(root_digest(files, "m/"), *crypto::sha256(both));
  EXPECT_EQ(root_digest({file("a", "")}, ""), "");
}

TEST(Bom, ShardsAreOneModelAndFoldersWithinAModelAreItsParts) {
  const BomSubject shards = subject_of(
      {{"m-00001-of-00002.safetensors", safetensors()}, {"m-00002-of-00002.safetensors", safetensors()}});
  ASSERT_EQ(shards.models.size(), 1U);
  EXPECT_EQ(shards.models[0].inventory.parameters, 128U);
  const std::string config = R"({"_class_name":"UNet","_diffusers_version":"0.30","architectures":["X"]})";
  const BomSubject pipeline = subject_of(
      {{"model_index.json", config}, {"unet/config.json", config}, {"unet/w.safetensors", safetensors()}});
  ASSERT_EQ(pipeline.models.size(), 1U);
  EXPECT_EQ(pipeline.models[0].path, "");
  const BomSubject two = subject_of({{"a/config.json", config},
                                     {"a/w.safetensors", safetensors()},
                                     {"b.safetensors", safetensors()},
                                     {"notes.md", "# Notes"}});
  ASSERT_EQ(two.models.size(), 2U);
  const Document bom = written(two);
  EXPECT_EQ(text_at(bom, {"metadata", "component", "type"}), "application");
  EXPECT_NE(component(bom, "model:a/"), nullptr);
  EXPECT_NE(component(bom, "model:b.safetensors"), nullptr);
  expect_valid(two);
}

TEST(Bom, FindingsAreVulnerabilitiesWithAnAnalysis) {
  const BomSubject subject =
      subject_of({{"evil.pkl", "cos\nsystem\n(S'id'\ntR."}, {"requirements.txt", "torch\n"}});
  const Document bom = written(subject);
  const Document* list = bom.find("vulnerabilities");
  ASSERT_NE(list, nullptr);
  std::set<std::string> states;
  for (const Document& each : list->list) {
    EXPECT_FALSE(each.find("affects")->list.empty());
    states.insert(std::string(each.find("affects")->list[0].text("ref")) + " " +
                  std::string(text_at(each, {"analysis", "state"})));
  }
  EXPECT_TRUE(states.contains("file:evil.pkl exploitable"));
  EXPECT_TRUE(states.contains("file:requirements.txt in_triage"));
  expect_valid(subject);
}

TEST(Bom, FacesHostileNamesAndTexts) {
  Files files = {
      {"README.md",
       "---\nlicense: \"x\\u202E\\u0007\"\nbase_model: [1, {a: b}, \"\"]\ndatasets: {a: b}\n"
       "model-index: [{name: [1]}, 3]\ntags: [1, \"\\u0000\"]\nco2_eq_emissions: [1]\n---\n# \x01\n"
       "- **Repository:** http://exa mple/<script>\n- **Paper:** https://a/%zz\n"},
      {"config.json", R"({"architectures":[7],"model_type":{"a":1},"quantization_config":3})"},
      {"MLmodel", "flavors: {python_function: 3, sklearn: {model_class: [1]}}\nsignature: 5\n"},
      {"\xff\xfe.safetensors", safetensors(R"({"modelspec.title":"\u202e","modelspec.author":"a\u0000b"})")},
      {"a b#?.gguf", "GGUF"},
      {"x:y.onnx", std::string("\x08\x07", 2)},
      {"LICENSE", std::string(300'000, '\xff')},
      {"bad.sig", "{\"payloadType\":1,\"signatures\":[],\"payload\":\"!!\"}"},
      {"requirements.txt", "evil @ http://x/\x01 y\nname==1.0 --hash=md5:zz --hash=sha256:12\n"}};
  expect_valid(subject_of(files));
}

TEST(BomFacts, PeopleFillWhatFilesCannotTellAndWinOverThem) {
  const std::string yaml = R"(version: 1.0
supplier: {name: Acme, url: https://acme.example}
authors: [{name: Ada, email: ada@acme.example}]
name: letters
licenses: {weights: apache-2.0, code: MIT}
approach: self-supervised
inputs: [text]
outputs: [text]
users: [teachers]
tradeoffs: [small and wrong]
ethical_considerations: [{name: none known, mitigation: people check}]
fairness: [{group: other alphabets, harms: not known}]
energy: [{activity: training, kwh: 1.5, co2_tonnes: 0.001, provider: Sun, source: solar}]
metrics: [{type: f1, value: 0.8, lower: 0.7, upper: 0.9}]
datasets:
- {name: acme/letters, license: cc0-1.0, classification: public, owners: [{name: Acme, email: d@acme.example}]}
references: [{type: website, url: https://acme.example/letters}]
)";
  ModelFacts declared;
  const auto read = read_declared(yaml, "facts.yaml", declared);
  ASSERT_TRUE(read) << read.error().message;
  const BomSubject subject = subject_of(documented(), declared);
  const Document bom = written(subject, {.timestamp = "2026-11-20T15:00:00Z", .tool_version = "1"});
  const Document& model = *at_path(bom, {"metadata", "component"});
  EXPECT_EQ(model.text("name"), "letters");
  EXPECT_EQ(model.text("version"), "1.0");
  EXPECT_EQ(model.find("licenses")->list.size(), 2U);
  EXPECT_EQ(text_at(component(bom, "data:acme/letters")->find("licenses")->list[0], {"license", "id"}),
            "CC0-1.0");
  expect_valid(subject);
  const BomScore score = score_bom(bom);
  EXPECT_GE(score.points, 85.0);
  EXPECT_EQ(profile_of(score.points), "advanced");
  EXPECT_TRUE(score.missing.empty()) << score.missing.front()->name;
}

TEST(BomFacts, AKeyThatIsNotKnownIsAnErrorThatSaysWhatWasMeant) {
  ModelFacts facts;
  const auto wrong = read_declared("versoin: 1\n", "f", facts);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "line 1: the file has no 'versoin'; did you mean 'version'?");
  for (const std::string_view yaml : {"approach: magic", "energy: [{activity: training, kwh: much}]",
                                      "energy: [{activity: dancing, kwh: 1}]", "datasets: [{description: x}]",
                                      "datasets: [{name: a, owner: b}]", "- a", "supplier: {nam: x}"})
    EXPECT_FALSE(read_declared(yaml, "f", facts)) << yaml;
}

TEST(BomLicense, NamesOfTheHubAreThoseOfSpdx) {
  EXPECT_EQ(spdx_id("apache-2.0"), "Apache-2.0");
  EXPECT_EQ(spdx_id(" bsd-3-clause "), "BSD-3-Clause");
  EXPECT_EQ(spdx_id("llama3"), "");
}

TEST(BomScore, EmptyWordsDoNotCount) {
  const auto bom = parse_json(
      R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"machine-learning-model",)"
      R"("name":"x","version":"unknown","purl":"NOASSERTION","licenses":[{"license":{"id":"MIT"}}]}]})",
      Limits{});
  ASSERT_TRUE(bom);
  const BomScore score = score_bom(bom->root);
  std::set<std::string_view> missing;
  for (const BomField* field : score.missing) missing.insert(field->name);
  EXPECT_TRUE(missing.contains("version"));
  EXPECT_TRUE(missing.contains("package URL"));
  EXPECT_FALSE(missing.contains("licence"));
  EXPECT_FALSE(missing.contains("model"));
  EXPECT_EQ(profile_of(39.9), "none");
  EXPECT_EQ(profile_of(70), "standard");
  double weights = 0;
  for (const CategoryScore& category : score.categories) {
    weights += category.weight;
    EXPECT_GT(category.fields, 0U) << category.category;
  }
  EXPECT_EQ(weights, 100.0);
}

}  // namespace
}  // namespace bulwark::trust
