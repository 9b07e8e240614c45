#pragma once
// A container image as Dockerfiles, compose files and Kubernetes manifests name it:
// "registry:5000/a/b:tag@sha256:…".

#include <optional>
#include <string>
#include <string_view>

namespace bulwark::scan {

struct ImageReference {
  std::string registry = "docker.io";  // host, with its port; the default where none is written
  std::string repository;              // "library/python" for "python"; without the registry
  std::string tag;                     // as written; empty if none is, and then "latest" is pulled
  std::string digest;                  // "sha256:<64 hex digits>", empty if none
  bool registry_written = false;

  // Names bytes that nobody can exchange.
  [[nodiscard]] bool pinned() const { return !digest.empty(); }
  // The tag in effect is one that is moved with every release: none, "latest", or a channel such as
  // "nightly", "main".
  [[nodiscard]] bool mutable_tag() const;
  // "latest" where neither tag nor digest is written.
  [[nodiscard]] std::string_view effective_tag() const {
    return tag.empty() ? "latest" : std::string_view(tag);
  }
};

// By the grammar of the distribution specification. Null for what is no reference: empty, upper case in the
// repository, blanks, unexpanded variables, longer than 4,352 bytes.
[[nodiscard]] std::optional<ImageReference> parse_image_reference(std::string_view text);

}  // namespace bulwark::scan
