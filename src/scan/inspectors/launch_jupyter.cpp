// `jupyter lab`, `jupyter notebook`, `start-notebook.py`: settings of jupyter_server given on the command
// line.

#include "base/text.h"
#include "scan/inspectors/launch_options.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

bool is_true(std::string_view value) {
  const std::string low = lower(value);
  return low == "true" || low == "1" || low == "yes";
}

// Subcommands of `jupyter` that only work on files.
bool serves(const LaunchOptions& options) {
  if (options.words().empty()) return true;
  const std::string_view first = options.words()[0].text;
  for (const std::string_view other :
       {"nbconvert", "kernelspec", "labextension", "nbextension", "serverextension", "trust", "execute",
        "troubleshoot", "migrate", "console", "run", "contrib", "--version", "--paths", "kernel",
        "bundlerextension", "book", "--generate-config"})
    if (first == other) return false;
  for (const ShellWord& word : options.words())
    for (const std::string_view task : {"build", "clean", "list", "stop", "password", "--generate-config"})
      if (word.text == task) return false;
  return true;
}

void judge_token(const LaunchOptions& options) {
  const auto token = options.find(
      {"--NotebookApp.token", "--ServerApp.token", "--IdentityProvider.token", "--LabApp.token"});
  if (!token || !token->has_value || !trim(token->value).empty()) return;
  // `--ServerApp.token ''` and `--ServerApp.token=''`, but not a bare `--ServerApp.token` at the end of a
  // line.
  const auto password = options.find({"--NotebookApp.password", "--ServerApp.password", "--LabApp.password",
                                      "--PasswordIdentityProvider.hashed_password"});
  if (password && !trim(password->value).empty()) return;
  const bool own_identity = options.find({"--ServerApp.identity_provider_class"}).has_value();
  if (own_identity) return;
  options.report(kJupyterNoToken, *token->word,
                 "token is empty and no password is set; drop `" + token->word->text + "`");
}

bool judge_address(const LaunchOptions& options) {
  const auto ip = options.find({"--ip", "--NotebookApp.ip", "--ServerApp.ip", "--LabApp.ip"});
  if (!ip || !is_every_interface(default_of(ip->value))) return false;
  const bool encrypted =
      options.find({"--certfile", "--NotebookApp.certfile", "--ServerApp.certfile", "--LabApp.certfile"})
          .has_value();
  if (!encrypted && options.line().reachable)
    options.report(kJupyterOpen, *ip->word,
                   "server listens on " + ip->value +
                       " without TLS; write `--ip=127.0.0.1` instead, or add `--certfile`");
  return true;
}

void judge_cross_site(const LaunchOptions& options) {
  const auto unchecked = options.find({"--NotebookApp.disable_check_xsrf", "--ServerApp.disable_check_xsrf"});
  if (unchecked && (!unchecked->has_value || is_true(unchecked->value)))
    options.report(kJupyterCrossSite, *unchecked->word, "drop `" + unchecked->word->text + "`");
  const auto origin = options.find({"--NotebookApp.allow_origin", "--ServerApp.allow_origin"});
  if (origin && origin->value == "*")
    options.report(kJupyterCrossSite, *origin->word,
                   "every origin is allowed; write `--ServerApp.allow_origin=https://hub.example.com` with "
                   "your own instead");
  const auto pattern = options.find({"--NotebookApp.allow_origin_pat", "--ServerApp.allow_origin_pat"});
  if (pattern && (pattern->value == ".*" || pattern->value == "(.*)" || pattern->value == "^.*$"))
    options.report(kJupyterCrossSite, *pattern->word,
                   "the pattern " + pattern->value + " allows every origin");
}

}  // namespace

void judge_jupyter(const LaunchOptions& options) {
  if (!serves(options)) return;
  judge_token(options);
  const bool remote = judge_address(options);
  judge_cross_site(options);
  const auto root = options.enabled({"--allow-root", "--NotebookApp.allow_root", "--ServerApp.allow_root"});
  if (root)
    options.report(kJupyterRoot, *root->word,
                   "drop `" + root->word->text + "` and start as an ordinary user");
  const auto open = options.find({"--ServerApp.allow_unauthenticated_access"});
  if (open && (!open->has_value || is_true(open->value)) && remote)
    options.report(kJupyterUnauthenticated, *open->word,
                   "write `--ServerApp.allow_unauthenticated_access=False` instead");
}

}  // namespace bulwark::scan
