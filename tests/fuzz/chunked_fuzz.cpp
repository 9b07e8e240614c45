// Sealed messages: whatever the bytes are, the three ways of opening them agree, and only what was sealed
// opens.

#include <cstdlib>
#include <memory>

#include "store/chunked.h"

namespace {

using namespace bulwark;

class InMemory : public ReadableFile {
 public:
  explicit InMemory(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] Result<std::uint64_t> size() const override { return bytes_.size(); }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset,
                                            std::span<std::uint8_t> out) const override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const Bytes part = bytes_.subspan(offset, std::min<std::size_t>(out.size(), bytes_.size() - offset));
    std::copy(part.begin(), part.end(), out.begin());
    return part.size();
  }

 private:
  Bytes bytes_;
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// The first byte says what is done with the rest: it is sealed and changed, or taken as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::vector<std::uint8_t> key(32, 1);
  const store::Salt salt{};
  std::vector<std::uint8_t> sealed(data + 4, data + size);
  if (data[0] % 2 == 0) {
    auto cipher = store::ChunkCipher::derive(store::Suite::Cobblestone256, key, {}, salt);
    require(cipher.has_value());
    std::vector<std::uint8_t> plain(sealed);
    plain.resize(plain.size() + std::size_t{data[1]} * 256);
    sealed.resize(store::sealed_size(plain.size()));
    store::seal_message(*cipher, plain, sealed);
    sealed[(data[2] * 256U + data[3]) % sealed.size()] ^= static_cast<std::uint8_t>(data[0] >> 1);
  }
  const bool changed = data[0] % 2 != 0 || data[0] >> 1 != 0;
  auto opener = store::ChunkOpener::create(store::Suite::Cobblestone256, key, {});
  require(opener.has_value());
  std::vector<std::uint8_t> streamed;
  const std::size_t step = 1 + std::size_t{data[1]} * 64;
  bool opens = true;
  for (std::size_t at = 0; at < sealed.size() && opens; at += step)
    opens =
        opener->update(Bytes(sealed).subspan(at, std::min(step, sealed.size() - at)), streamed).has_value();
  opens = opens && opener->finish(streamed).has_value();
  require(!(opens && changed));
  auto reader =
      store::ChunkReader::open(store::Suite::Cobblestone256, key, {}, std::make_unique<InMemory>(sealed));
  bool reads = reader.has_value() && reader->authenticate_size().has_value();
  if (reads) {
    std::vector<std::uint8_t> whole(reader->size());
    reads = reader->read_at(0, whole).has_value();
    require(!reads || whole == streamed);
  }
  require(reads == opens);
  return 0;
}
