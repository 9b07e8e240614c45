// `mlflow server`, `mlflow ui`: who may reach it, and what it hands out.

#include "base/text.h"
#include "scan/inspectors/launch_options.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

bool has_wildcard(std::string_view list) {
  for (const std::string_view item : split(list, ',')) {
    const std::string_view host = trim(item);
    if (host == "*" || host == "http://*" || host == "https://*") return true;
  }
  return false;
}

// A root that whoever is let in by the server shares with it.
bool is_shared_root(std::string_view root) {
  if (root.starts_with("file:") || root.starts_with('/') || root.starts_with("./")) return true;
  const bool bucket = root.starts_with("s3://") || root.starts_with("gs://");
  return bucket && lower(root).find("public") != std::string::npos;
}

void judge_address(const LaunchOptions& options) {
  const auto host = options.find({"--host", "-h"});
  const Setting* set = options.setting("MLFLOW_HOST");
  if (!host && set == nullptr) return;  // the default is 127.0.0.1
  const std::string_view address = default_of(host ? host->value : set->value);
  if (!is_every_interface(address)) return;
  const ShellWord& at = host ? *host->word : options.line().words.front();
  options.report(
      kMlflowOpen, at,
      "server listens on " + std::string(address) +
          " and asks nobody who they are; write `--host 127.0.0.1` instead, or add `--app-name basic-auth`");
}

void judge_artifacts(const LaunchOptions& options) {
  if (options.find({"--no-serve-artifacts"})) return;
  const auto destination = options.find({"--artifacts-destination"});
  const auto serves = options.find({"--serve-artifacts"});
  if (!destination && !serves) return;
  const auto root = destination ? destination : options.find({"--default-artifact-root"});
  if (!root || !is_shared_root(root->value)) return;
  const auto host = options.find({"--host", "-h"});
  if (!host || !is_every_interface(default_of(host->value))) return;
  options.report(kMlflowArtifacts, *root->word,
                 "artifacts of " + root->value + " are served to everyone who reaches the server");
}

}  // namespace

void judge_mlflow(const LaunchOptions& options) {
  if (options.words().empty()) return;
  const bool serves = options.has_word("server") || options.has_word("ui");
  if (!serves) return;
  const bool authenticated = options.find({"--app-name"}).has_value();
  if (!authenticated && options.line().reachable) {
    judge_address(options);
    judge_artifacts(options);
  }
  if (const auto off = options.enabled({"--disable-security-middleware"}))
    options.report(kMlflowMiddleware, *off->word, "drop `--disable-security-middleware`");
  for (const std::string_view name : {"--allowed-hosts", "--cors-allowed-origins"}) {
    const auto list = options.find({name});
    if (list && has_wildcard(list->value))
      options.report(kMlflowWildcard, *list->word,
                     std::string(name) + " is " + list->value + "; write `" + std::string(name) +
                         " mlflow.example.com` with your own name instead");
  }
}

}  // namespace bulwark::scan
