#pragma once
// Secrets that no single pattern describes: PEM blocks, URLs, command lines, manifests, named values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/rule.h"
#include "scan/secrets/pattern.h"

namespace bulwark::scan::secrets {

// What a path says about a text.
struct Context {
  explicit Context(std::string_view path);

  bool lock_file = false;  // full of digests
  bool test = false;       // tests, examples, documentation
  bool program = false;    // source code: a value without quotes is a name
  bool terraform = false;
  bool agent = false;  // configuration of an agent or of its tools
};

struct Candidate {
  Span secret;
  std::optional<Severity> severity = {};  // nothing: the detector's
  std::string note = {};
};

// Bytes that candidates may look at, in all: keeps the search linear whatever the text repeats.
class Work {
 public:
  explicit Work(std::uint64_t bytes) : left_(bytes) {}
  // At most `wanted` of the bytes that are left.
  [[nodiscard]] std::size_t take(std::uint64_t wanted);
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  std::uint64_t left_;
  bool exhausted_ = false;
};

struct Scene {
  std::string_view text;
  Span keyword;
  const Context& context;
  Work& work;
};

[[nodiscard]] std::optional<Candidate> private_key(const Scene& scene);
[[nodiscard]] std::optional<Candidate> gcp_service_account(const Scene& scene);
[[nodiscard]] std::optional<Candidate> url_password(const Scene& scene);
[[nodiscard]] std::optional<Candidate> curl_credential(const Scene& scene, const Pattern& pattern, bool user);
[[nodiscard]] std::optional<Candidate> kubernetes_secret(const Scene& scene);
[[nodiscard]] std::optional<Candidate> generic_key(const Scene& scene, double least_entropy);
[[nodiscard]] std::optional<Candidate> password_literal(const Scene& scene);

}  // namespace bulwark::scan::secrets
