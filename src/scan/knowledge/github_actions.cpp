#include "scan/knowledge/github_actions.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"

extern "C" {
extern const char bw_popular_actions[], bw_popular_actions_end[];
}

namespace bulwark::scan {
namespace {

// Real names are shorter; a hostile one may be as long as the file.
constexpr std::size_t kLongestName = 128;

const std::vector<std::string_view>& popular() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> rows;
    const std::string_view text(bw_popular_actions,
                                static_cast<std::size_t>(bw_popular_actions_end - bw_popular_actions));
    for (const std::string_view line : split(text, '\n'))
      if (!line.empty() && line.front() != '#') rows.push_back(line);
    return rows;
  }();
  return names;
}

// At most one letter put in, left out, replaced or swapped with its neighbour.
bool is_one_edit(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto [left, right] = std::ranges::mismatch(a, b);
  const auto i = static_cast<std::size_t>(left - a.begin());
  if (a.size() < b.size()) return a.substr(i) == b.substr(i + 1);
  if (i == a.size()) return false;  // equal
  if (a.substr(i + 1) == b.substr(i + 1)) return true;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
}

std::string_view owner_of(std::string_view name) {
  return name.substr(0, name.find('/'));
}

constexpr CachingAction kCaching[] = {
    {"actions/cache", "", CacheUse::Always},
    {"actions/cache/restore", "", CacheUse::Always},
    {"actions/setup-dotnet", "cache", CacheUse::OptIn},
    {"actions/setup-go", "cache", CacheUse::Default},
    {"actions/setup-java", "cache", CacheUse::OptIn},
    {"actions/setup-node", "cache", CacheUse::OptIn},
    {"actions/setup-node", "package-manager-cache", CacheUse::Default},
    {"actions/setup-python", "cache", CacheUse::OptIn},
    {"astral-sh/setup-uv", "enable-cache", CacheUse::Default},
    {"awalsh128/cache-apt-pkgs-action", "", CacheUse::Always},
    {"coursier/cache-action", "", CacheUse::Always},
    {"denoland/setup-deno", "cache", CacheUse::OptIn},
    {"determinatesystems/magic-nix-cache-action", "", CacheUse::Always},
    {"docker/setup-buildx-action", "cache-binary", CacheUse::Default, "version"},
    {"golangci/golangci-lint-action", "skip-cache", CacheUse::OptOut},
    {"gradle/actions/setup-gradle", "cache-disabled", CacheUse::OptOut},
    {"gradle/gradle-build-action", "cache-disabled", CacheUse::OptOut},
    {"hendrikmuhs/ccache-action", "", CacheUse::Always},
    {"mamba-org/setup-micromamba", "cache-environment", CacheUse::OptIn},
    {"mamba-org/setup-micromamba", "cache-downloads", CacheUse::OptIn},
    {"mozilla-actions/sccache-action", "", CacheUse::Always},
    {"nix-community/cache-nix-action", "", CacheUse::Always},
    {"oven-sh/setup-bun", "no-cache", CacheUse::OptOut},
    {"pdm-project/setup-pdm", "cache", CacheUse::OptIn},
    {"pnpm/action-setup", "cache", CacheUse::OptIn},
    {"prefix-dev/setup-pixi", "cache", CacheUse::OptIn},
    {"pyo3/maturin-action", "sccache", CacheUse::OptIn},
    {"ramsey/composer-install", "ignore-cache", CacheUse::OptOut},
    {"ruby/setup-ruby", "bundler-cache", CacheUse::OptIn},
    {"swatinem/rust-cache", "", CacheUse::Always},
    {"actions-rust-lang/setup-rust-toolchain", "cache", CacheUse::Default},
    {"moonrepo/setup-rust", "cache", CacheUse::Default},
};

constexpr std::array<std::string_view, 25> kPublishing = {"actions/create-release",
                                                          "actions/deploy-pages",
                                                          "actions/upload-release-asset",
                                                          "aws-actions/amazon-ecs-deploy-task-definition",
                                                          "azure/webapps-deploy",
                                                          "cloudflare/wrangler-action",
                                                          "crates-io/publish",
                                                          "docker/build-push-action",
                                                          "docker/bake-action",
                                                          "google-github-actions/deploy-cloudrun",
                                                          "goreleaser/goreleaser-action",
                                                          "helm/chart-releaser-action",
                                                          "huggingface/huggingface-sync",
                                                          "jamesives/github-pages-deploy-action",
                                                          "js-devtools/npm-publish",
                                                          "ncipollo/release-action",
                                                          "peaceiris/actions-gh-pages",
                                                          "pypa/gh-action-pypi-publish",
                                                          "rubygems/release-gem",
                                                          "softprops/action-gh-release",
                                                          "svenstaro/upload-release-action",
                                                          "marvinpinto/action-automatic-releases",
                                                          "cycjimmy/semantic-release-action",
                                                          "changesets/action",
                                                          "release-drafter/release-drafter"};

constexpr std::array<std::string_view, 8> kSigning = {"actions/attest",
                                                      "actions/attest-build-provenance",
                                                      "actions/attest-sbom",
                                                      "sigstore/cosign-installer",
                                                      "sigstore/gh-action-sigstore-python",
                                                      "sigstore/model-transparency",
                                                      "slsa-framework/slsa-github-generator",
                                                      "sigstore/model-signing-action"};

constexpr std::pair<std::string_view, std::string_view> kCodeInputs[] = {
    {"actions/github-script", "script"},
    {"addnab/docker-run-action", "run"},
    {"amadevus/pwsh-script", "script"},
    {"appleboy/ssh-action", "script"},
    {"azure/cli", "inlinescript"},
    {"azure/powershell", "inlinescript"},
    {"cross-platform-actions/action", "run"},
    {"jannekem/run-python-script-action", "script"},
    {"mikefarah/yq", "cmd"},
    {"nick-fields/retry", "command"},
    {"nick-invision/retry", "command"},
    {"reactivecircus/android-emulator-runner", "script"},
    {"tibdex/backport", "body_template"},
    {"tibdex/backport", "head_template"},
    {"tibdex/backport", "labels_template"},
    {"tibdex/backport", "title_template"},
    {"uraimo/run-on-arch-action", "run"},
};

template <class List>
bool holds(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != std::ranges::end(list);
}

}  // namespace

std::string_view imitated_action(std::string_view name) {
  if (name.size() > kLongestName) return {};
  const std::string written = lower(name);
  const std::string_view owner = owner_of(written);
  const std::vector<std::string_view>& names = popular();
  if (holds(names, written)) return {};
  if (std::ranges::any_of(names, [&](std::string_view known) { return owner_of(known) == owner; })) return {};
  const std::size_t slash = written.find('/');
  const std::string swapped =
      slash == std::string::npos ? std::string() : written.substr(slash + 1) + "/" + written.substr(0, slash);
  const auto found = std::ranges::find_if(
      names, [&](std::string_view known) { return known == swapped || is_one_edit(known, written); });
  return found == names.end() ? std::string_view() : *found;
}

std::span<const CachingAction> caching_actions() {
  return kCaching;
}
bool is_publishing_action(std::string_view name) {
  return holds(kPublishing, name);
}
bool is_signing_action(std::string_view name) {
  return holds(kSigning, name);
}
bool runs_input(std::string_view name, std::string_view input) {
  return std::ranges::find(kCodeInputs, std::pair(name, input)) != std::end(kCodeInputs);
}
bool is_harmless_action(std::string_view name) {
  constexpr std::array<std::string_view, 4> kHarmless = {"actions/labeler", "actions/first-interaction",
                                                         "actions/stale", "step-security/harden-runner"};
  return holds(kHarmless, name);
}

}  // namespace bulwark::scan
