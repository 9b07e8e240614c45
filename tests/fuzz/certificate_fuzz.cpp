// X.509 certificates, one in DER or several in PEM, and the chain that they might be.

#include "crypto/certificate.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  (void)crypto::text_from_der(input);
  if (const auto read = crypto::Certificate::from_pem(text_of(input)); read) {
    const std::span<const crypto::Certificate> all(*read);
    (void)all.front().verified_chain(
        {.intermediates = all, .roots = all.last(1), .time = all.front().not_before()});
  }
  const auto certificate = crypto::Certificate::from_der(input);
  if (!certificate) return 0;
  (void)certificate->subject();
  (void)certificate->public_key();
  (void)certificate->alternative_names();
  (void)certificate->extension("1.3.6.1.4.1.57264.1.8");
  (void)certificate->signed_part_without("1.3.6.1.4.1.11129.2.4.2");
  (void)certificate->self_signed();
  return 0;
}
