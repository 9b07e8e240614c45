// Kubernetes manifests, KServe and Kubeflow/Argo objects included: how exposed is what serves and trains
// models?
//
// Recognised by apiVersion and kind. A Helm template cannot be read before it is rendered and becomes a gap.
// Some questions (is the pod isolated by a NetworkPolicy?) are asked of all manifests of the directory.

#include <algorithm>
#include <array>
#include <deque>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/image_reference.h"
#include "scan/inspectors/kubernetes_judge.h"
#include "scan/inspectors/kubernetes_rules.h"
#include "scan/inspectors/launch_config.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"
#include "scan/inspectors/service_settings.h"
#include "scan/inspectors/shared_rules.h"
#include "scan/inspectors/siblings.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kManifestRules = {kPrivileged,
                                       kEscalation,
                                       kRoot,
                                       kHostNamespace,
                                       kRuntimeSocket,
                                       kHostPath,
                                       kWritableRoot,
                                       kCapabilities,
                                       kImage,
                                       kLiteralSecret,
                                       kSecretInEnvironment,
                                       kServiceAccount,
                                       kClusterAdmin,
                                       kWildcardRole,
                                       kPowerfulRole,
                                       kNoLimits,
                                       kNotIsolated,
                                       kExposed,
                                       kSeccomp,
                                       kGitSync,
                                       kEscalatingRole,
                                       kProcMount,
                                       kPlainStorage,
                                       kPlainBucket,
                                       kAnonymousBucket,
                                       kTrustsRemoteCode,
                                       kPickleFormat,
                                       kNoMesh,
                                       kWorkflowAccount,
                                       kWorkflowRoot,
                                       kWorkflowInjection,
                                       kStepImage,
                                       kNoAuthentication};
constexpr auto kRules = both(both(kManifestRules, kLaunchRules), kSettingRules);

constexpr std::size_t kFirstLook = 64U << 10;

// The word is a key: at the start of a line, after blanks, a dash or a quote.
bool has_key(std::string_view text, std::string_view key) {
  for (std::size_t at = find_text(text, key); at != std::string_view::npos;
       at = find_text(text, key, at + 1)) {
    std::string_view rest = text.substr(at + key.size(), 4);
    if (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
    const char before = at == 0 ? '\n' : text[at - 1];
    const bool starts = before == '\n' || before == ' ' || before == '"' || before == '\'' || before == '{' ||
                        before == '\xBF';
    if (starts && trim(rest).starts_with(':')) return true;
  }
  return false;
}

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min(content.size(), kFirstLook)));
  if (text.substr(0, 512).find('\0') != std::string_view::npos) return Match::No;
  return has_key(text, "apiVersion") && has_key(text, "kind") ? Match::Weak : Match::No;
}

// Kustomize finds its file by name; apiVersion and kind may be left out.
Match recognises_file(std::string_view path, Bytes) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization" ? Match::Weak
                                                                                                : Match::No;
}

// A manifest that a parser refuses is worth a gap; prose that quotes one is not.
bool is_manifest_text(std::string_view text) {
  if (text.find("```") != std::string_view::npos) return false;
  std::size_t keys = 0;
  std::string without_markup;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("apiVersion:") || line.starts_with("kind:")) ++keys;
    if (line.find("{{") == std::string_view::npos) without_markup.append(line).append("\n");
  }
  return keys >= 2 && is_mostly_yaml(without_markup);
}

// Files of the directory that are deployed together with the artifact, as far as policies and services go.
class Deployed {
 public:
  explicit Deployed(Inspection& in) : in_(in) {}

  void add_to(Bundle& bundle) {
    const Package* package = in_.package();
    if (package == nullptr) return;
    bundle.complete = true;
    const std::string prefix = folder();
    std::size_t read = 0;
    for (std::size_t i = 0; i < package->members().size(); ++i) {
      const Member& member = package->members()[i];
      if (member.kind != MemberKind::File || !is_near(member.name, prefix)) continue;
      // Each file of the directory asks this: a directory of thousands must not be read a million times.
      if (read++ == kMostFiles) {
        bundle.complete = false;
        return;
      }
      add_file(*package, i, bundle);
    }
  }

 private:
  static constexpr std::size_t kMostFiles = 64;
  static constexpr std::size_t kMostBytes = 1U << 20;

  [[nodiscard]] std::string folder() const {
    if (in_.artifact().origin.empty()) return {};
    const std::string& name = in_.artifact().origin.back();
    const std::size_t slash = name.rfind('/');
    return slash == std::string::npos ? std::string() : name.substr(0, slash + 1);
  }
  // In the folder itself or one below it, with the name of a manifest.
  static bool is_near(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return false;
    const std::string_view rest = name.substr(prefix.size());
    return std::ranges::count(rest, '/') <= 1 &&
           (rest.ends_with(".yaml") || rest.ends_with(".yml") || rest.ends_with(".json"));
  }
  void add_file(const Package& package, std::size_t index, Bundle& bundle) {
    const auto content = package.read(index, in_);
    if (!content || content->bytes.size() > kMostBytes) {
      bundle.complete = false;
      return;
    }
    const std::string_view text = text_of(content->bytes);
    constexpr std::array<std::string_view, 3> kWords = {"NetworkPolicy", "AuthorizationPolicy", "Service"};
    if (std::ranges::none_of(
            kWords, [&](std::string_view word) { return text.find(word) != std::string_view::npos; }))
      return;
    if (recognises(content->bytes) == Match::No) return;
    auto parsed = parse_yaml_stream(text, in_.limits());
    if (!parsed) {
      bundle.complete = false;
      return;
    }
    documents_.push_back(std::move(*parsed));
    std::ranges::copy(manifests_of(documents_.back()), std::back_inserter(bundle.manifests));
  }

  Inspection& in_;
  std::deque<std::vector<Document>> documents_;  // what the bundle points into
};

bool asks_the_directory(const Manifest& manifest, const std::vector<Pod>& pods) {
  return manifest.kind == "Ingress" || std::ranges::any_of(pods, [](const Pod& pod) { return !pod.partial; });
}

void judge(const ConfigReport& report, const std::vector<Manifest>& manifests) {
  std::vector<std::vector<Pod>> pods;
  bool asks = false;
  for (const Manifest& manifest : manifests) {
    pods.push_back(pods_of(manifest));
    asks = asks || asks_the_directory(manifest, pods.back());
  }
  Bundle bundle{.manifests = manifests};
  Deployed deployed(report.inspection());
  if (asks) deployed.add_to(bundle);
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    for (const Pod& pod : pods[i]) {
      judge_pod(report, manifests[i], pod);
      judge_containers(report, pod, kTrustsRemoteCode);
    }
    judge_access(report, manifests[i]);
    judge_exposure(report, manifests[i], pods[i], bundle);
    judge_kserve(report, manifests[i], pods[i]);
    judge_workflow(report, manifests[i], pods[i], bundle);
  }
}

// images: [{name, newName, newTag, digest}] replaces what the manifests below say.
void judge_kustomization(const ConfigReport& report, const Document& root) {
  const Document* kind = root.find("kind");
  const bool named = recognises_file(name_of(report.inspection().artifact()), {}) != Match::No;
  if (kind != nullptr ? kind->string != "Kustomization" : !named) return;
  const Document* images = root.find("images");
  if (images == nullptr) return;
  for (const Document& image : images->list) {
    const Document* tag = image.find("newTag");
    const Document* name = image.find("newName");
    const Document* at = tag != nullptr ? tag : name;
    if (at == nullptr || image.find("digest") != nullptr) continue;
    std::string text(name != nullptr ? name->string : std::string(image.text("name")));
    if (tag != nullptr) text += ":" + tag->string;
    const auto reference = parse_image_reference(text);
    if (!reference || reference->pinned() || !reference->mutable_tag()) continue;
    report.at(kImage, *at,
              text + " is put in place of " + std::string(image.text("name")) +
                  ", and its tag moves; write `digest: sha256:<digest>`");
  }
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  if (!looks_like_json(in.bytes())) {
    if (const auto markup = find_template_markup(text)) {
      if (!is_manifest_text(text)) return fail(Code::Unsupported, "no manifest");
      const LineColumn at = line_column(text, *markup);
      in.gap(GapReason::Unsupported,
             "template that has to be rendered first, for example with `helm template`: " +
                 std::string(line_around(text, *markup)),
             {.offset = *markup, .line = at.line, .column = at.column});
      return {};
    }
  }
  auto documents = parse_yaml_stream(text, in.limits());
  if (!documents) {
    if (!is_manifest_text(text)) return fail(Code::Unsupported, "no manifest");
    in.gap(documents.error(), "manifest");
    return {};
  }
  for (const Document& document : *documents)
    if (document.is_map()) judge_kustomization(ConfigReport(in, text), document);
  const std::vector<Manifest> manifests = manifests_of(*documents);
  if (manifests.empty() && recognises_file(name_of(in.artifact()), {}) != Match::No) return {};
  if (manifests.empty()) return fail(Code::Unsupported, "no object with apiVersion and kind");
  for (std::size_t i = 0; i < std::min<std::size_t>(manifests.size(), 20); ++i)
    in.fact("object", std::string(manifests[i].kind) + " " + std::string(manifests[i].name));
  judge(ConfigReport(in, text), manifests);
  return {};
}

}  // namespace

const Inspector kubernetes{
    .name = "kubernetes",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
