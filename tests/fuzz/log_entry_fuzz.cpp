// Entries of Sigstore's transparency log, as they stand in a bundle: their canonical body against the
// bundle's signature, their proof and checkpoint. No log is trusted, so nothing may be accepted.

#include <cstdlib>

#include "trust/sigstore.h"
#include "trust/sigstore_log.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bundle = trust::read_bundle(text_of(Bytes(data, size)));
  if (!bundle) return 0;
  const trust::TrustedRoot root;
  if (trust::verify_keyless(*bundle, nullptr, {.name = "who", .issuer = "whence"}, root)) std::abort();
  if (bundle->material.certificates.empty()) return 0;
  const auto leaf = crypto::Certificate::from_der(bundle->material.certificates.front());
  for (const trust::LogEntry& entry : bundle->material.log_entries) {
    (void)trust::check_proof(entry);
    if (leaf)
      (void)trust::check_body(entry, {.bundle = *bundle,
                                      .signed_hash = [](crypto::HashAlgorithm) { return std::nullopt; },
                                      .certificate = &*leaf});
  }
  return 0;
}
