#pragma once
// What a script of a build pipeline does that an attacker would do, too.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan::inspectors {

enum class ShellAct : std::uint8_t {
  RunsDownload,       // curl … | sh, bash <(curl …)
  ReverseShell,       // /dev/tcp/…, nc -e, socat EXEC
  TlsOff,             // curl -k, GIT_SSL_NO_VERIFY, pip --trusted-host
  WritesEnvironment,  // >> $GITHUB_ENV or $GITHUB_PATH with more than literal text
  PublishesModel,     // huggingface-cli upload, mlflow register …
  Publishes,          // any upload to a registry: twine, npm, docker push …
  Signs,              // cosign, model_signing, gh attestation …
  EvaluatesVariable,  // eval, sh -c, ssh … with an expansion in the code
};

struct ShellSight {
  ShellAct act;
  std::uint64_t offset = 0;  // in the script
  std::string piece;         // as written, at most 80 bytes of one line
};

// In the order of the script; at most 1,000.
[[nodiscard]] std::vector<ShellSight> look_at_shell(std::string_view script);

}  // namespace bulwark::scan::inspectors
