#pragma once
// C2SP chunked-encryption (https://c2sp.org/chunked-encryption): a message as a sequence of AES-GCM chunks
// that commits to its key and context, can be written and read as a stream, and read at any place.
//
//   sealed message  := salt[24] commitment[32] chunk* last
//   chunk           := AES-GCM of 16,384 bytes, then its tag[16]
//   last            := AES-GCM of 0 to 16,383 bytes, then its tag[16]
//
// There is always a last chunk, and it is always shorter: a message that ends anywhere else was cut.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/file_system.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

namespace bulwark::store {

inline constexpr std::size_t kSaltBytes = 24;
inline constexpr std::size_t kCommitmentBytes = 32;
inline constexpr std::size_t kSealHeaderBytes = kSaltBytes + kCommitmentBytes;
inline constexpr std::size_t kChunkBytes = 16'384;
inline constexpr std::size_t kSealedChunkBytes = kChunkBytes + crypto::kTagBytes;
inline constexpr std::uint64_t kMaxChunks = std::uint64_t{1} << 38;  // of the nonce's counter

using Salt = std::array<std::uint8_t, kSaltBytes>;  // random, never twice for one key

// The two instantiations that have a name. A store uses the second.
enum class Suite : std::uint8_t { Cobblestone128, Cobblestone256 };

// Bytes of a sealed message; `plain_size` below 2^52.
[[nodiscard]] std::uint64_t sealed_size(std::uint64_t plain_size);
// The other way round. Errors: Corrupt: no sealed message has that size (it was cut, or is none).
[[nodiscard]] Result<std::uint64_t> plain_size(std::uint64_t sealed_size);

// What key, context and salt give: the cipher, the nonces and the commitment. Used by one thread at a time.
class ChunkCipher {
 public:
  // `key`: uniformly random, 16 or 32 bytes by suite. `context`: what the message is, any bytes.
  // Errors: InvalidInput for a key of another size.
  [[nodiscard]] static Result<ChunkCipher> derive(Suite suite, Bytes key, Bytes context, const Salt& salt);
  // Derives and checks the header of a sealed message. Errors: InvalidInput for a key of another size;
  // Corrupt: cut, or the commitment fails: another key or context, or the header was changed.
  [[nodiscard]] static Result<ChunkCipher> open(Suite suite, Bytes key, Bytes context, Bytes header);
  // The raw mode: key and nonce are agreed by other means, there is no header.
  [[nodiscard]] static ChunkCipher raw(Bytes aead_key, Bytes base_nonce);

  [[nodiscard]] const std::array<std::uint8_t, kSealHeaderBytes>& header() const { return header_; }
  // `index` below kMaxChunks; `out`: plain.size() + 16 bytes, may start where plain does.
  void seal(std::uint64_t index, Bytes plain, std::span<std::uint8_t> out);
  // `out`: sealed.size() - 16 bytes, may start where sealed does. Errors: Corrupt.
  [[nodiscard]] Result<void> open(std::uint64_t index, Bytes sealed, std::span<std::uint8_t> out);

 private:
  using Nonce = std::array<std::uint8_t, 12>;
  ChunkCipher(crypto::AesGcm cipher, const Nonce& base) : cipher_(std::move(cipher)), base_(base) {}
  [[nodiscard]] Nonce nonce(std::uint64_t index) const;

  crypto::AesGcm cipher_;
  Nonce base_;
  std::array<std::uint8_t, kSealHeaderBytes> header_{};
};

// Seals a stream. Used by one thread at a time.
class ChunkSealer {
 public:
  explicit ChunkSealer(ChunkCipher cipher) : cipher_(std::move(cipher)) {}

  // Appends what can be sealed so far to `out`, the header first. Errors: LimitReached at 2^38 chunks.
  [[nodiscard]] Result<void> update(Bytes plain, std::vector<std::uint8_t>& out);
  // Appends the last chunk. Once.
  [[nodiscard]] Result<void> finish(std::vector<std::uint8_t>& out);

 private:
  [[nodiscard]] Result<void> seal_chunk(Bytes plain, std::vector<std::uint8_t>& out);
  ChunkCipher cipher_;
  std::vector<std::uint8_t> pending_;  // less than a chunk
  std::uint64_t next_ = 0;
  bool headed_ = false;
};

// Opens a stream. Gives out nothing that was not authenticated; after an error, only that error.
// Used by one thread at a time.
class ChunkOpener {
 public:
  // Errors: InvalidInput for a key of the wrong size.
  [[nodiscard]] static Result<ChunkOpener> create(Suite suite, Bytes key, Bytes context);

  // Appends to `out` what `sealed` completes. Errors: Corrupt.
  [[nodiscard]] Result<void> update(Bytes sealed, std::vector<std::uint8_t>& out);
  // Appends the last chunk: only now is the message known to be whole. Errors: Corrupt.
  [[nodiscard]] Result<void> finish(std::vector<std::uint8_t>& out);

 private:
  ChunkOpener(Suite suite, Bytes key, Bytes context);
  [[nodiscard]] Result<void> open_pieces(Bytes sealed, std::vector<std::uint8_t>& out);
  [[nodiscard]] Result<void> open_chunk(Bytes sealed, std::vector<std::uint8_t>& out);

  Suite suite_;
  crypto::Secret key_;
  std::vector<std::uint8_t> context_;
  std::unique_ptr<ChunkCipher> cipher_;  // once the header is there
  std::vector<std::uint8_t> pending_;    // less than a header or a chunk
  std::uint64_t next_ = 0;
  std::unique_ptr<Error> failed_;
};

// Reads a sealed message at any place. Used by one thread at a time.
class ChunkReader {
 public:
  // Reads and checks the header and the size. Errors: Corrupt, those of reading.
  [[nodiscard]] static Result<ChunkReader> open(Suite suite, Bytes key, Bytes context,
                                                std::unique_ptr<ReadableFile> file);

  // As the length of the file says; a cut at the end of a chunk is found by its size, an extended message
  // only by authenticate_size() or by reading the end.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Opens the last chunk, which proves that the message ends here. Errors: Corrupt.
  [[nodiscard]] Result<void> authenticate_size();
  // Fills `out` from `offset`, fewer bytes only at the end. Errors: Corrupt (with the offset of the chunk in
  // the sealed message), those of reading.
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out);

 private:
  ChunkReader(ChunkCipher cipher, std::unique_ptr<ReadableFile> file, std::uint64_t size);
  [[nodiscard]] Result<Bytes> read_run(std::uint64_t first, std::uint64_t count);

  ChunkCipher cipher_;
  std::unique_ptr<ReadableFile> file_;
  std::uint64_t size_;                 // of the plain message
  std::vector<std::uint8_t> run_;      // sealed chunks as they were read
  std::vector<std::uint8_t> partial_;  // a chunk of which only a part is wanted
};

// A whole message in memory. `out`: sealed_size(plain.size()) bytes.
void seal_message(ChunkCipher& cipher, Bytes plain, std::span<std::uint8_t> out);
// `sealed`: with its header, which made the cipher. `out`: plain_size(sealed.size()) bytes.
// Errors: Corrupt with the offset of the chunk.
[[nodiscard]] Result<void> open_message(ChunkCipher& cipher, Bytes sealed, std::span<std::uint8_t> out);

}  // namespace bulwark::store
