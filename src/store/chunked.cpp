#include "store/chunked.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bulwark::store {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::uint64_t kRunChunks = 64;  // read at once: about 1 MiB

std::size_t key_bytes(Suite suite) {
  return suite == Suite::Cobblestone128 ? 16 : 32;
}

std::string_view aead_name(Suite suite) {
  return suite == Suite::Cobblestone128 ? "AEAD_AES_128_GCM" : "AEAD_AES_256_GCM";
}

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

std::uint64_t offset_of(std::uint64_t chunk) {
  return kSealHeaderBytes + chunk * kSealedChunkBytes;
}

std::unexpected<Error> cut(std::uint64_t size) {
  return fail(Code::Corrupt, "sealed message of " + std::to_string(size) +
                                 " bytes was cut or extended: no message has that size");
}

std::unexpected<Error> changed(std::uint64_t chunk) {
  return fail(Code::Corrupt,
              "chunk " + std::to_string(chunk) + " at offset " + std::to_string(offset_of(chunk)) +
                  " does not authenticate: it was changed, moved or damaged",
              offset_of(chunk));
}

std::unexpected<Error> too_long() {
  return fail(Code::LimitReached, "a sealed message has at most 2^38 chunks of 16 KiB");
}

}  // namespace

std::uint64_t sealed_size(std::uint64_t plain_size) {
  return kSealHeaderBytes + plain_size + (plain_size / kChunkBytes + 1) * crypto::kTagBytes;
}

Result<std::uint64_t> plain_size(std::uint64_t sealed_size) {
  if (sealed_size < kSealHeaderBytes + crypto::kTagBytes) return cut(sealed_size);
  const std::uint64_t body = sealed_size - kSealHeaderBytes;
  const std::uint64_t last = body % kSealedChunkBytes;
  if (last < crypto::kTagBytes) return cut(sealed_size);
  const std::uint64_t full = body / kSealedChunkBytes;
  if (full >= kMaxChunks) return too_long();
  return full * kChunkBytes + last - crypto::kTagBytes;
}

Result<ChunkCipher> ChunkCipher::derive(Suite suite, Bytes key, Bytes context, const Salt& salt) {
  const std::size_t size = key_bytes(suite);
  if (key.size() != size)
    return fail(Code::InvalidInput,
                "key has " + std::to_string(key.size()) + " bytes, the suite takes " + std::to_string(size));
  std::vector<std::uint8_t> info;
  append(info, bytes_of("c2sp.org/chunked-encryption@v1+"));
  append(info, bytes_of(aead_name(suite)));
  info.push_back(0);
  append(info, salt);
  append(info, context);
  const crypto::Secret derived = TRY(
      crypto::hkdf_expand(crypto::HashAlgorithm::Sha512, key, info, size + kNonceBytes + kCommitmentBytes));
  ChunkCipher cipher = raw(derived.bytes().first(size), derived.bytes().subspan(size, kNonceBytes));
  std::ranges::copy(salt, cipher.header_.begin());
  std::ranges::copy(derived.bytes().last(kCommitmentBytes), cipher.header_.begin() + kSaltBytes);
  return cipher;
}

Result<ChunkCipher> ChunkCipher::open(Suite suite, Bytes key, Bytes context, Bytes header) {
  if (header.size() < kSealHeaderBytes) return cut(header.size());
  Salt salt{};
  std::ranges::copy(header.first(kSaltBytes), salt.begin());
  ChunkCipher cipher = TRY(derive(suite, key, context, salt));
  if (!crypto::equal_in_constant_time(cipher.header_, header.first(kSealHeaderBytes)))
    return fail(
        Code::Corrupt,
        "the commitment does not hold: sealed with another key or as something else, or its header was "
        "changed",
        0);
  return cipher;
}

ChunkCipher ChunkCipher::raw(Bytes aead_key, Bytes base_nonce) {
  Nonce base{};
  std::copy_n(base_nonce.begin(), std::min(base_nonce.size(), base.size()), base.begin());
  return {crypto::AesGcm(aead_key), base};
}

// The base nonce XOR the chunk's number, big-endian.
ChunkCipher::Nonce ChunkCipher::nonce(std::uint64_t index) const {
  Nonce nonce = base_;
  for (std::size_t i = 0; i < sizeof index; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(index >> (8 * i));
  return nonce;
}

void ChunkCipher::seal(std::uint64_t index, Bytes plain, std::span<std::uint8_t> out) {
  cipher_.seal(nonce(index), {}, plain, out);
}

Result<void> ChunkCipher::open(std::uint64_t index, Bytes sealed, std::span<std::uint8_t> out) {
  if (index >= kMaxChunks) return too_long();
  if (!cipher_.open(nonce(index), {}, sealed, out)) return changed(index);
  return {};
}

Result<void> ChunkSealer::seal_chunk(Bytes plain, std::vector<std::uint8_t>& out) {
  if (next_ >= kMaxChunks) return too_long();
  const std::size_t start = out.size();
  out.resize(start + plain.size() + crypto::kTagBytes);
  cipher_.seal(next_++, plain, std::span(out).subspan(start));
  return {};
}

Result<void> ChunkSealer::update(Bytes plain, std::vector<std::uint8_t>& out) {
  if (!std::exchange(headed_, true)) append(out, cipher_.header());
  if (!pending_.empty()) {
    const std::size_t missing = std::min(kChunkBytes - pending_.size(), plain.size());
    append(pending_, plain.first(missing));
    plain = plain.subspan(missing);
    if (pending_.size() < kChunkBytes) return {};
    TRY(seal_chunk(pending_, out));
    pending_.clear();
  }
  for (; plain.size() >= kChunkBytes; plain = plain.subspan(kChunkBytes))
    TRY(seal_chunk(plain.first(kChunkBytes), out));
  append(pending_, plain);
  return {};
}

Result<void> ChunkSealer::finish(std::vector<std::uint8_t>& out) {
  TRY(update({}, out));
  return seal_chunk(pending_, out);
}

ChunkOpener::ChunkOpener(Suite suite, Bytes key, Bytes context)
    : suite_(suite), key_(key), context_(context.begin(), context.end()) {}

Result<ChunkOpener> ChunkOpener::create(Suite suite, Bytes key, Bytes context) {
  if (key.size() != key_bytes(suite))
    return fail(Code::InvalidInput, "key has " + std::to_string(key.size()) + " bytes, the suite takes " +
                                        std::to_string(key_bytes(suite)));
  return ChunkOpener(suite, key, context);
}

Result<void> ChunkOpener::open_chunk(Bytes sealed, std::vector<std::uint8_t>& out) {
  const std::size_t start = out.size();
  out.resize(start + sealed.size() - crypto::kTagBytes);
  auto opened = cipher_->open(next_, sealed, std::span(out).subspan(start));
  if (!opened) out.resize(start);
  ++next_;
  return opened;
}

// Whatever has a chunk's full size is not the last one.
Result<void> ChunkOpener::open_pieces(Bytes sealed, std::vector<std::uint8_t>& out) {
  while (!sealed.empty()) {
    const std::size_t wanted = cipher_ == nullptr ? kSealHeaderBytes : kSealedChunkBytes;
    Bytes piece = sealed.first(std::min(wanted - pending_.size(), sealed.size()));
    sealed = sealed.subspan(piece.size());
    if (!pending_.empty() || piece.size() < wanted) {
      append(pending_, piece);
      if (pending_.size() < wanted) return {};
      piece = pending_;
    }
    if (cipher_ == nullptr) {
      ChunkCipher cipher = TRY(ChunkCipher::open(suite_, key_.bytes(), context_, piece));
      cipher_ = std::make_unique<ChunkCipher>(std::move(cipher));
    } else {
      TRY(open_chunk(piece, out));
    }
    pending_.clear();
  }
  return {};
}

Result<void> ChunkOpener::update(Bytes sealed, std::vector<std::uint8_t>& out) {
  if (failed_ != nullptr) return std::unexpected(*failed_);
  auto opened = open_pieces(sealed, out);
  if (!opened) failed_ = std::make_unique<Error>(opened.error());
  return opened;
}

Result<void> ChunkOpener::finish(std::vector<std::uint8_t>& out) {
  if (failed_ != nullptr) return std::unexpected(*failed_);
  const std::uint64_t seen =
      (cipher_ == nullptr ? 0 : kSealHeaderBytes) + next_ * kSealedChunkBytes + pending_.size();
  Result<void> opened = {};
  if (cipher_ == nullptr || pending_.size() < crypto::kTagBytes) {
    opened = cut(seen);
  } else {
    opened = open_chunk(pending_, out);
  }
  if (!opened) failed_ = std::make_unique<Error>(opened.error());
  return opened;
}

ChunkReader::ChunkReader(ChunkCipher cipher, std::unique_ptr<ReadableFile> file, std::uint64_t size)
    : cipher_(std::move(cipher)), file_(std::move(file)), size_(size) {}

Result<ChunkReader> ChunkReader::open(Suite suite, Bytes key, Bytes context,
                                      std::unique_ptr<ReadableFile> file) {
  std::array<std::uint8_t, kSealHeaderBytes> header{};
  const std::size_t got = TRY(file->read_at(0, header));
  ChunkCipher cipher = TRY(ChunkCipher::open(suite, key, context, Bytes(header).first(got)));
  const std::uint64_t sealed = TRY(file->size());
  const std::uint64_t size = TRY(plain_size(sealed));
  return ChunkReader(std::move(cipher), std::move(file), size);
}

// The sealed bytes of `count` chunks; the last of them may be the message's last.
Result<Bytes> ChunkReader::read_run(std::uint64_t first, std::uint64_t count) {
  const std::uint64_t last = size_ / kChunkBytes;
  const std::uint64_t tail = size_ % kChunkBytes + crypto::kTagBytes;
  const std::uint64_t bytes =
      first + count > last ? (last - first) * kSealedChunkBytes + tail : count * kSealedChunkBytes;
  if (run_.size() < bytes) run_.resize(bytes);
  const std::size_t got = TRY(file_->read_at(offset_of(first), std::span(run_).first(bytes)));
  if (got < bytes) return cut(offset_of(first) + got);
  return Bytes(run_).first(bytes);
}

Result<void> ChunkReader::authenticate_size() {
  const std::uint64_t last = size_ / kChunkBytes;
  const Bytes sealed = TRY(read_run(last, 1));
  partial_.resize(kChunkBytes);
  return cipher_.open(last, sealed, std::span(partial_).first(sealed.size() - crypto::kTagBytes));
}

Result<std::size_t> ChunkReader::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset >= size_ || out.empty()) return 0;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - offset));
  partial_.resize(kChunkBytes);
  std::size_t done = 0;
  while (done < wanted) {
    const std::uint64_t first = (offset + done) / kChunkBytes;
    const std::uint64_t behind = (offset + wanted - 1) / kChunkBytes + 1;
    Bytes run = TRY(read_run(first, std::min(behind - first, kRunChunks)));
    for (std::uint64_t chunk = first; !run.empty(); ++chunk) {
      const Bytes sealed = run.first(std::min(run.size(), kSealedChunkBytes));
      run = run.subspan(sealed.size());
      const std::size_t plain = sealed.size() - crypto::kTagBytes;
      const std::size_t skip = static_cast<std::size_t>(offset + done - chunk * kChunkBytes);
      const std::size_t part = std::min(plain - skip, wanted - done);
      const bool whole = part == plain;
      const std::span<std::uint8_t> into =
          whole ? out.subspan(done, plain) : std::span(partial_).first(plain);
      TRY(cipher_.open(chunk, sealed, into));
      if (!whole)
        std::copy_n(partial_.begin() + static_cast<std::ptrdiff_t>(skip), part,
                    out.begin() + static_cast<std::ptrdiff_t>(done));
      done += part;
    }
  }
  return wanted;
}

void seal_message(ChunkCipher& cipher, Bytes plain, std::span<std::uint8_t> out) {
  std::ranges::copy(cipher.header(), out.begin());
  out = out.subspan(kSealHeaderBytes);
  std::uint64_t index = 0;
  for (; plain.size() >= kChunkBytes; plain = plain.subspan(kChunkBytes), ++index) {
    cipher.seal(index, plain.first(kChunkBytes), out.first(kSealedChunkBytes));
    out = out.subspan(kSealedChunkBytes);
  }
  cipher.seal(index, plain, out);
}

Result<void> open_message(ChunkCipher& cipher, Bytes sealed, std::span<std::uint8_t> out) {
  const std::uint64_t size = TRY(plain_size(sealed.size()));
  if (out.size() != size) return cut(sealed.size());
  sealed = sealed.subspan(kSealHeaderBytes);
  for (std::uint64_t index = 0; !sealed.empty(); ++index) {
    const Bytes chunk = sealed.first(std::min(sealed.size(), kSealedChunkBytes));
    const std::size_t plain = chunk.size() - crypto::kTagBytes;
    TRY(cipher.open(index, chunk, out.first(plain)));
    out = out.subspan(plain);
    sealed = sealed.subspan(chunk.size());
  }
  return {};
}

}  // namespace bulwark::store
