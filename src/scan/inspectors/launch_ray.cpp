// `ray start`, `ray job submit`.

#include <algorithm>

#include "base/text.h"
#include "scan/inspectors/launch_options.h"
#include "scan/inspectors/ray_environment.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

bool asks_for_token(const LaunchOptions& options) {
  const Setting* mode = options.setting("RAY_AUTH_MODE");
  return mode != nullptr && lower(mode->value) == "token";
}

void judge_start(const LaunchOptions& options) {
  if (asks_for_token(options) || !options.line().reachable) return;
  const auto host = options.find({"--dashboard-host"});
  if (host && is_every_interface(default_of(host->value)))
    options.report(kRayDashboard, *host->word,
                   "dashboard and Jobs API listen on " + host->value +
                       "; write `--dashboard-host=127.0.0.1` instead, or set "
                       "RAY_AUTH_MODE=token");
  const auto node = options.find({"--node-ip-address"});
  const auto client = options.find({"--ray-client-server-port"});
  const bool local = node && is_loopback(node->value);
  if (client && client->has_value && client->value != "0" && !local)
    options.report(kRayClient, *client->word,
                   "client port " + client->value + " is opened; drop `" + client->word->text + "`");
}

void judge_submit(const LaunchOptions& options) {
  const auto directory = options.find({"--working-dir"});
  if (directory && is_changing_archive(directory->value))
    options.report(
        kRayRemoteCode, *directory->word,
        "code comes from " + directory->value + ", which can change; name an archive of one commit");
  const auto environment = options.find({"--runtime-env-json"});
  if (!environment) return;
  for (const std::string& problem : changing_sources(environment->value))
    options.report(kRayRemoteCode, *environment->word, problem);
}

}  // namespace

void judge_ray(const LaunchOptions& options) {
  if (options.words().empty()) return;
  if (options.words()[0].text == "start") judge_start(options);
  if (options.words()[0].text == "job" || options.words()[0].text == "submit") judge_submit(options);
}

}  // namespace bulwark::scan
