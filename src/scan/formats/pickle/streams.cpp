// Every pickle of a file: stacked ones, the five of a legacy torch file with their raw storages, those behind
// junk.

#include <algorithm>
#include <array>

#include "scan/formats/pickle/interpreter.h"
#include "scan/formats/pickle/probe.h"

namespace bulwark::pickle {
namespace {

// torch.serialization.MAGIC_NUMBER, 0x1950a86a20f9469cfc6c, as LONG1 stores it.
constexpr std::array<std::uint8_t, 10> kTorchMagic = {0x6C, 0xFC, 0x9C, 0x46, 0xF9,
                                                      0x20, 0x6A, 0xA8, 0x50, 0x19};
// Streams that are described one by one; "N." repeated makes half as many streams as bytes.
constexpr std::size_t kMostStreams = 4096;
// What is searched at either edge of data too large to search whole.
constexpr std::uint64_t kEdge = std::uint64_t{1} << 20;

class Reader {
 public:
  Reader(Bytes content, const Settings& settings)
      : content_(content), settings_(settings), interpreter_(content, settings, out_) {}

  Analysis run() && {
    std::uint64_t at = skip_disguise(content_);
    if (at != 0 && !probe(content_, at).likely()) at = 0;
    bool after_junk = at != 0;
    for (std::uint32_t number = 0;; ++number) {
      Stream stream = one(at, after_junk);
      at = stream.end;
      const bool stopped = stream.ending == Ending::Stopped;
      if (stopped) at = after_raw_content(number, stream);
      remember(std::move(stream));
      if (!settings_.resynchronise || at >= content_.size()) break;
      after_junk = false;
      if (stopped && follows_directly(at)) continue;
      const auto next = search(at);
      if (!next) break;
      after_junk = true;
      at = *next;
    }
    return std::move(out_);
  }

 private:
  Stream one(std::uint64_t begin, bool after_junk) {
    Stream stream = interpreter_.run(begin, false);
    if (interpreter_.crossed_frame()) {
      const Stream other = interpreter_.run(begin, true);
      if (stream.ending != Ending::Stopped && other.ending == Ending::Stopped) stream.end = other.end;
    }
    stream.after_junk = after_junk;
    return stream;
  }

  void remember(Stream stream) {
    if (out_.streams.size() < kMostStreams) {
      out_.streams.push_back(std::move(stream));
      return;
    }
    Stream& last = out_.streams.back();
    last.end = stream.end;
    last.opcodes += stream.opcodes;
    last.after_junk |= stream.after_junk;
  }

  bool follows_directly(std::uint64_t at) const {
    const Probe look = probe(content_, at);
    return look.certain() || look.header || (look.stopped && look.end == content_.size()) ||
           (look.stopped && look.structured && look.opcodes >= 3);
  }

  std::optional<std::uint64_t> search(std::uint64_t from) {
    const std::uint64_t size = content_.size();
    std::optional<std::uint64_t> found;
    if (size - from <= settings_.limits.searched_bytes || settings_.deep) {
      found = find_pickle(content_, from, size);
    } else {
      found = find_pickle(content_, from, from + kEdge);
      if (!found) {
        found = find_pickle(content_, size - kEdge, size);
        out_.skipped = size - from - 2 * kEdge;
      }
    }
    if (!found) {
      out_.trailing_offset = from;
      out_.trailing = size - from;
    }
    return found;
  }

  // Where the next pickle may start: behind raw bytes that belong to the format.
  std::uint64_t after_raw_content(std::uint32_t number, const Stream& stream) {
    const Cell& value = interpreter_.value();
    if (number == 0) magic_ = value.is(Tag::BigInt) && std::ranges::equal(value.view(), kTorchMagic);
    if (number == 4 && magic_ && value.is(Tag::List)) {
      out_.torch_legacy = true;
      return after_storages(stream.end, value);
    }
    if (value.is(Tag::Tuple) && value.length() == 3) return after_tar_entry(stream.end, value);
    return stream.end;
  }

  std::uint64_t after_storages(std::uint64_t at, const Cell& keys) const {
    const auto names = interpreter_.contents(keys);
    if (!names) return at;
    for (const Cell& name : *names) {
      if (!name.is_text()) break;
      const auto found = interpreter_.storages().find(std::string(name.text()));
      if (found == interpreter_.storages().end()) break;
      const auto next = after_storage(at, found->second);
      if (!next) break;
      at = *next;
    }
    return at;
  }

  // Eight bytes of number, then the elements.
  std::optional<std::uint64_t> after_storage(std::uint64_t at, std::uint64_t element) const {
    if (content_.size() - at < 8 || element == 0) return {};
    const auto count = load_little_endian<std::uint64_t>(content_.data() + at);
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(count, element, &size) || size > content_.size() - at - 8) return {};
    return at + 8 + size;
  }

  // torch's oldest format: members "storages" and "tensors" of a tar, a pickle and raw bytes by turns.
  std::uint64_t after_tar_entry(std::uint64_t at, const Cell& value) const {
    const auto items = interpreter_.contents(value);
    if (!items || items->size() != 3 || !(*items)[2].is(Tag::Global)) return at;
    const std::string& type = out_.references[(*items)[2].bits].reached_name;
    if (type.ends_with("Storage")) return after_storage(at, storage_element_size(type)).value_or(at);
    if (!type.ends_with("Tensor") || content_.size() - at < 8) return at;
    const std::uint64_t dimensions = load_little_endian<std::uint32_t>(content_.data() + at);
    const std::uint64_t size = 16 + dimensions * 16;
    return size <= content_.size() - at ? at + size : at;
  }

  Bytes content_;
  const Settings& settings_;
  Analysis out_;
  Interpreter interpreter_;
  bool magic_ = false;
};

}  // namespace

Analysis analyse(Bytes content, const Settings& settings) {
  return Reader(content, settings).run();
}

}  // namespace bulwark::pickle
