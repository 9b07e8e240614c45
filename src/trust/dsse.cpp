#include "trust/dsse.h"

namespace bulwark::trust {
namespace {

std::string header_of(std::string_view magic, std::string_view payload_type, std::size_t size) {
  std::string header(magic);
  header += ' ' + std::to_string(payload_type.size()) + ' ';
  header += payload_type;
  header += ' ' + std::to_string(size) + ' ';
  return header;
}

}  // namespace

std::string pre_authentication_encoding(std::string_view payload_type, Bytes payload) {
  std::string encoding = header_of("DSSEv1", payload_type, payload.size());
  encoding += text_of(payload);
  return encoding;
}

std::string legacy_encoding(std::string_view payload_type, Bytes payload) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::string_view text = text_of(payload);
  const char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string encoding = header_of("DSSEV1", payload_type, payload.size()) + "b" + quote;
  for (const std::uint8_t byte : payload) {
    const char letter = static_cast<char>(byte);
    if (letter == quote || letter == '\\') {
      encoding += '\\';
      encoding += letter;
    } else if (letter == '\t' || letter == '\n' || letter == '\r') {
      encoding += letter == '\t' ? "\\t" : letter == '\n' ? "\\n" : "\\r";
    } else if (byte < 0x20 || byte >= 0x7F) {
      encoding += "\\x";
      encoding += kHex[byte >> 4U];
      encoding += kHex[byte & 0xFU];
    } else {
      encoding += letter;
    }
  }
  return encoding + quote;
}

Result<Envelope> sign_envelope(const crypto::Signer& signer, std::string_view payload_type, Bytes payload) {
  const std::string encoding = pre_authentication_encoding(payload_type, payload);
  Blob signature = TRY(signer.sign(bytes_of(encoding)));
  Envelope envelope;
  envelope.payload_type = payload_type;
  envelope.payload.assign(payload.begin(), payload.end());
  envelope.signatures.push_back({std::move(signature), ""});
  return envelope;
}

Result<void> verify_envelope(const Envelope& envelope, const crypto::PublicKey& key) {
  if (envelope.signatures.size() != 1)
    return fail(Code::InvalidInput, "the envelope has " + std::to_string(envelope.signatures.size()) +
                                        " signatures, expected exactly one");
  const std::string encoding = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  return key.verify(crypto::hash_for(key.type()), bytes_of(encoding), envelope.signatures[0].signature);
}

}  // namespace bulwark::trust
