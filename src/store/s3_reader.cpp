#include "store/s3_reader.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>

#include "base/text.h"

namespace bulwark::store {
namespace {

struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;  // of the object
};

// "bytes 0-9/443", or "bytes */0" of an empty object.
std::optional<ContentRange> content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return {};
  text.remove_prefix(kUnit.size());
  const std::size_t slash = text.find('/');
  const std::size_t dash = text.find('-');
  if (slash == std::string_view::npos) return {};
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
  };
  ContentRange range;
  if (!number(text.substr(slash + 1), range.size)) return {};
  if (text.substr(0, slash) == "*") return range;
  if (dash > slash || !number(text.substr(0, dash), range.first)) return {};
  return range;
}

std::string range_text(std::uint64_t first, std::uint64_t count) {
  return "bytes=" + std::to_string(first) + "-" + std::to_string(first + count - 1);
}

class S3Readable : public ReadableFile {
 public:
  S3Readable(std::shared_ptr<S3Client> client, std::string key, std::string name, HttpAnswer first,
             std::uint64_t size)
      : client_(std::move(client)),
        key_(std::move(key)),
        name_(std::move(name)),
        etag_(first.header("etag")),
        size_(size),
        held_(std::move(first.body)) {}

  Result<std::uint64_t> size() const override { return size_; }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::lock_guard guard(mutex_);
    if (offset >= size_) return std::size_t{0};
    out = out.first(std::min<std::uint64_t>(out.size(), size_ - offset));
    std::size_t have = take_held(offset, out);
    while (have < out.size()) {
      TRY(fetch(offset + have, out.size() - have));
      have += take_held(offset + have, out.subspan(have));
    }
    return have;
  }

 private:
  std::size_t take_held(std::uint64_t offset, std::span<std::uint8_t> out) const {
    if (offset < held_at_ || offset - held_at_ >= held_.size()) return 0;
    const Bytes rest = Bytes(held_).subspan(offset - held_at_);
    const std::size_t count = std::min(out.size(), rest.size());
    std::ranges::copy(rest.first(count), out.begin());
    return count;
  }

  // Holds at least the byte at `offset`, afterwards; more when the reader goes on where it was.
  Result<void> fetch(std::uint64_t offset, std::uint64_t wanted) const {
    const bool goes_on = offset == held_at_ + held_.size();
    ahead_ =
        goes_on ? std::min(std::max(ahead_, client_->limits().first_bytes) * 2, client_->limits().ahead_bytes)
                : 0;
    const std::uint64_t count =
        std::min({std::max(wanted, ahead_), client_->limits().ahead_bytes, size_ - offset});
    const S3Answer answer =
        TRY(client_->send({.method = "GET",
                           .key = key_,
                           .query = {},
                           .headers = {{"range", range_text(offset, count)}, {"if-match", etag_}},
                           .body = {},
                           .answer_bytes = count}));
    if (answer.http.status == 412)
      return fail(Code::Unavailable, name_ + ": was replaced while it was read; read it again");
    if (!answer.succeeded()) return s3_error(answer, "cannot read " + name_);
    const auto range = content_range(answer.http.header("content-range"));
    if (!range || range->first != offset || range->size != size_ || answer.http.body.size() != count)
      return fail(Code::Unavailable, "cannot read " + name_ + ": the server gives another range than " +
                                         range_text(offset, count));
    held_ = answer.http.body;
    held_at_ = offset;
    return {};
  }

  std::shared_ptr<S3Client> client_;
  std::string key_;
  std::string name_;
  std::string etag_;
  std::uint64_t size_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::vector<std::uint8_t> held_;
  mutable std::uint64_t held_at_ = 0;
  mutable std::uint64_t ahead_ = 0;
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> open_object(std::shared_ptr<S3Client> client, const std::string& key,
                                                  const std::string& name) {
  const std::uint64_t first = client->limits().first_bytes;
  S3Answer answer = TRY(client->send({.method = "GET",
                                      .key = key,
                                      .query = {},
                                      .headers = {{"range", range_text(0, first)}},
                                      .body = {},
                                      .answer_bytes = first}));
  const auto range = content_range(answer.http.header("content-range"));
  // No range of an empty object can be given.
  const bool empty = answer.http.status == 416 && range && range->size == 0;
  if (!empty && !answer.succeeded()) return s3_error(answer, "cannot open " + name);
  if (empty) answer.http.body.clear();
  std::uint64_t size = answer.http.body.size();
  if (answer.http.status == 206) {
    if (!range || range->first != 0 || size != std::min(range->size, first))
      return fail(Code::Unavailable,
                  "cannot open " + name + ": the server gives another range than was asked");
    size = range->size;
  }
  if (answer.http.header("etag").empty())
    return fail(Code::Unsupported, "cannot open " + name + ": the server gives no ETag");
  return std::make_unique<S3Readable>(std::move(client), key, name, std::move(answer.http), size);
}

}  // namespace bulwark::store
