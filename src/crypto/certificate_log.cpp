#include "crypto/certificate_log.h"

#include <algorithm>
#include <string>

namespace bulwark::crypto {
namespace {

constexpr std::string_view kExtension = "1.3.6.1.4.1.11129.2.4.2";
constexpr std::size_t kMost = 16;
constexpr std::uint8_t kRsa = 1;
constexpr std::uint8_t kEcdsa = 3;

std::unexpected<Error> wrong(std::string what) {
  return fail(Code::InvalidInput, "certificate timestamps: " + std::move(what));
}

// The content of a DER OCTET STRING with nothing behind it.
Result<Bytes> octets(Bytes der) {
  ByteReader in(der);
  const auto tag = TRY(in.big_endian<std::uint8_t>("tag"));
  std::uint64_t size = TRY(in.big_endian<std::uint8_t>("length"));
  if (tag != 0x04) return wrong("no OCTET STRING");
  if (size == 0x81) {
    size = TRY(in.big_endian<std::uint8_t>("length"));
  } else if (size == 0x82) {
    size = TRY(in.big_endian<std::uint16_t>("length"));
  } else if (size > 0x7f) {
    return wrong("a length of another form");
  }
  if (size != in.remaining())
    return wrong(std::to_string(size) + " bytes announced, " + std::to_string(in.remaining()) + " there");
  return in.rest();
}

// A vector of TLS with a length of two bytes.
Result<Bytes> sized(ByteReader& in, std::string_view what) {
  const auto size = TRY(in.big_endian<std::uint16_t>(what));
  return in.take(size, what);
}

Result<HashAlgorithm> hash_of(std::uint8_t id) {
  switch (id) {
    case 4: return HashAlgorithm::Sha256;
    case 5: return HashAlgorithm::Sha384;
    case 6: return HashAlgorithm::Sha512;
    default: return fail(Code::Unsupported, "certificate timestamps: hash algorithm " + std::to_string(id));
  }
}

Result<CertificateTimestamp> read_one(Bytes bytes) {
  ByteReader in(bytes);
  CertificateTimestamp read;
  const auto version = TRY(in.big_endian<std::uint8_t>("version"));
  if (version != 0) return wrong("version " + std::to_string(version) + ", expected 0");
  const Bytes id = TRY(in.take(read.log_id.size(), "log id"));
  std::ranges::copy(id, read.log_id.begin());
  const auto milliseconds = TRY(in.big_endian<std::uint64_t>("timestamp"));
  if (milliseconds > std::uint64_t{1} << 52) return wrong("a time beyond all calendars");
  read.time = Instant(std::chrono::milliseconds(milliseconds));
  const Bytes extensions = TRY(sized(in, "extensions"));
  read.extensions.assign(extensions.begin(), extensions.end());
  const auto hash = TRY(in.big_endian<std::uint8_t>("hash algorithm"));
  read.hash = TRY(hash_of(hash));
  read.signature_algorithm = TRY(in.big_endian<std::uint8_t>("signature algorithm"));
  const Bytes signature = TRY(sized(in, "signature"));
  read.signature.assign(signature.begin(), signature.end());
  if (!in.at_end()) return wrong("bytes behind a timestamp");
  return read;
}

void put(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * bytes) & 0xff));
}

}  // namespace

Result<std::vector<CertificateTimestamp>> embedded_timestamps(const Certificate& certificate) {
  std::vector<CertificateTimestamp> found;
  const auto extension = TRY(certificate.extension(kExtension));
  if (!extension) return found;
  const Bytes inner = TRY(octets(extension->value));
  ByteReader outer(inner);
  const Bytes list = TRY(sized(outer, "list of timestamps"));
  if (!outer.at_end()) return wrong("bytes behind the list");
  for (ByteReader in(list); !in.at_end();) {
    if (found.size() == kMost)
      return fail(Code::LimitReached, "certificate timestamps: more than " + std::to_string(kMost));
    const Bytes one = TRY(sized(in, "timestamp"));
    CertificateTimestamp read = TRY(read_one(one));
    found.push_back(std::move(read));
  }
  if (found.empty()) return wrong("an empty list");
  return found;
}

Result<void> verify(const CertificateTimestamp& timestamp, const Certificate& certificate,
                    const Certificate& issuer, const PublicKey& log_key) {
  const bool rsa = log_key.type() == KeyType::Rsa;
  if (timestamp.signature_algorithm != (rsa ? kRsa : kEcdsa))
    return fail(Code::Denied, "certificate timestamp: signature algorithm " +
                                  std::to_string(timestamp.signature_algorithm) + " with a key of type " +
                                  std::string(name_of(log_key.type())));
  const auto signed_part = TRY(certificate.signed_part_without(kExtension));
  const Hash256 issuer_key = issuer.key_hash();
  // digitally-signed struct of section 3.2, entry type precert_entry.
  std::vector<std::uint8_t> message;
  put(message, 0, 1);  // version 1
  put(message, 0, 1);  // certificate_timestamp
  put(message, static_cast<std::uint64_t>(timestamp.time.time_since_epoch().count()), 8);
  put(message, 1, 2);  // precert_entry
  message.insert(message.end(), issuer_key.begin(), issuer_key.end());
  put(message, signed_part.size(), 3);
  message.insert(message.end(), signed_part.begin(), signed_part.end());
  put(message, timestamp.extensions.size(), 2);
  message.insert(message.end(), timestamp.extensions.begin(), timestamp.extensions.end());
  return log_key.verify(timestamp.hash, message, timestamp.signature,
                        rsa ? Padding::RsaPkcs1 : Padding::None);
}

}  // namespace bulwark::crypto
