#pragma once
// Docker Compose files: services with their short and long forms made one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

struct ComposePort {
  std::string host_ip;    // empty: every interface
  std::string published;  // on the host; empty: any free port
  std::string target;     // in the container, without the protocol
  const Document* at = nullptr;
};

struct ComposeVolume {
  std::string source, target;
  bool read_only = false;
  const Document* at = nullptr;
};

struct ComposeVariable {
  std::string name, value;  // the value as written
  bool has_value = false;   // `- NAME` takes it from the caller's environment
  const Document* at = nullptr;
};

struct ComposeService {
  std::string name;
  const Document* root = nullptr;
  std::vector<const Document*> parents;  // services of this file that it extends, nearest first
  bool extends_elsewhere = false;        // a service of another file
  std::vector<ComposePort> ports;        // of its own
  std::vector<ComposeVolume> volumes;
  std::vector<ComposeVariable> environment;

  // Its own value or that of a service it extends; null if neither has one.
  [[nodiscard]] const Document* find(std::string_view key) const;
};

struct ComposeFile {
  std::vector<Document> documents;  // own the nodes that the rest points to
  std::vector<ComposeService> services;
};

// Merge keys are resolved. Errors: as parse_yaml; Unsupported if there is no service with an image, a build
// or a command.
[[nodiscard]] Result<ComposeFile> parse_compose(std::string_view text, const Limits& limits);

[[nodiscard]] ComposePort parse_compose_port(std::string_view text);
[[nodiscard]] ComposeVolume parse_compose_volume(std::string_view text);

// `${NAME:-default}` and `${NAME-default}`: the default; without one null. Text without a variable is itself.
[[nodiscard]] std::optional<std::string> compose_value(std::string_view text);

}  // namespace bulwark::scan
