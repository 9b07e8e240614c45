#include "store/s3_storage.h"

#include <algorithm>

#include "base/text.h"
#include "store/s3_listing.h"
#include "store/s3_lock.h"
#include "store/s3_reader.h"

namespace bulwark::store {
namespace {

constexpr std::string_view kProbe = "probe";
constexpr std::string_view kLocks = "lock/";

Result<void> check_name(const std::string& name) {
  if (is_storage_name(name)) return {};
  return fail(Code::InvalidInput, "'" + printable(name, 80) + "' is no name of a stored blob");
}

// Into XML: an ETag is quoted text of the server's choice.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

// One write of one name, and who writes: what tells our own write from another's after a lost answer.
struct S3Storage::Upload {
  std::string name;
  std::string key;
  std::string writer;
  IfExists if_exists;

  [[nodiscard]] NameValues condition() const {
    return if_exists == IfExists::Keep ? NameValues{{"if-none-match", "*"}} : NameValues{};
  }
};

S3Storage::S3Storage(std::unique_ptr<S3Client> client, const Clock& clock)
    : client_(std::move(client)), clock_(clock) {}

Result<bool> S3Storage::put(const std::string& name, Bytes content) {
  TRY(check_name(name));
  TRY(try_conditions());
  return write(name, content, IfExists::Keep);
}

Result<void> S3Storage::replace(const std::string& name, Bytes content) {
  TRY(check_name(name));
  TRY(write(name, content, IfExists::Replace));
  return {};
}

Result<bool> S3Storage::write(const std::string& name, Bytes content, IfExists if_exists) {
  const Upload upload{
      .name = name, .key = key(name), .writer = new_writer(client_->random()), .if_exists = if_exists};
  S3Answer answer;
  if (content.size() > client_->limits().single_bytes) {
    answer = TRY(write_in_parts(upload, content));
  } else {
    NameValues headers = upload.condition();
    headers.emplace_back(kWriterHeader, upload.writer);
    answer = TRY(client_->send(
        {.method = "PUT", .key = upload.key, .query = {}, .headers = std::move(headers), .body = content}));
  }
  if (answer.succeeded()) return true;
  const bool exists = answer.http.status == 412 && if_exists == IfExists::Keep;
  // An attempt whose answer was lost may have been the one that got through.
  if (exists || answer.code == "NoSuchUpload") {
    const bool ours = TRY(is_from(*client_, upload.key, upload.writer));
    if (ours) return true;
  }
  if (exists) return false;
  return s3_error(answer, "cannot write " + name);
}

Result<S3Answer> S3Storage::write_in_parts(const Upload& upload, Bytes content) {
  const S3Answer begun = TRY(client_->send({.method = "POST",
                                            .key = upload.key,
                                            .query = {{"uploads", ""}},
                                            .headers = {{std::string(kWriterHeader), upload.writer}}}));
  if (!begun.succeeded() || !begun.code.empty()) return s3_error(begun, "cannot write " + upload.name);
  const XmlElement document = TRY(s3_document(begun, "InitiateMultipartUploadResult"));
  const std::string id(document.text_in("UploadId"));
  if (id.empty())
    return fail(Code::Unavailable, "cannot write " + upload.name + ": the server names no upload");
  auto finished = finish_parts(upload, id, content);
  if (!finished || !finished->succeeded()) {
    // Parts that stay would be paid for ever; if this fails too, sweep() ends the upload.
    (void)client_->send({.method = "DELETE", .key = upload.key, .query = {{"uploadId", id}}});
  }
  return finished;
}

Result<S3Answer> S3Storage::finish_parts(const Upload& upload, const std::string& id, Bytes content) {
  std::string list = "<CompleteMultipartUpload>";
  const std::size_t part_bytes = client_->limits().part_bytes;
  for (std::size_t part = 1, at = 0; at < content.size(); ++part, at += part_bytes) {
    S3Answer sent =
        TRY(client_->send({.method = "PUT",
                           .key = upload.key,
                           .query = {{"partNumber", std::to_string(part)}, {"uploadId", id}},
                           .headers = {},
                           .body = content.subspan(at, std::min(part_bytes, content.size() - at))}));
    const std::string etag(sent.http.header("etag"));
    if (!sent.succeeded())
      return s3_error(sent, "cannot write part " + std::to_string(part) + " of " + upload.name);
    if (etag.empty() || etag.size() > 200 || printable(etag) != etag)
      return fail(Code::Unavailable, "cannot write " + upload.name + ": a part without a usable ETag");
    list += "<Part><PartNumber>" + std::to_string(part) + "</PartNumber><ETag>" + escaped(etag) +
            "</ETag></Part>";
  }
  list += "</CompleteMultipartUpload>";
  S3Answer done = TRY(client_->send({.method = "POST",
                                     .key = upload.key,
                                     .query = {{"uploadId", id}},
                                     .headers = upload.condition(),
                                     .body = bytes_of(list)}));
  // The status may be 200 and the answer an error all the same.
  if (done.succeeded()) {
    if (!done.code.empty()) return s3_error(done, "cannot write " + upload.name);
    TRY(s3_document(done, "CompleteMultipartUploadResult"));
  }
  return done;
}

// Writes one name twice with If-None-Match. The second time must be refused.
Result<void> S3Storage::try_conditions() {
  const std::lock_guard guard(trying_);
  for (int attempt = 0; attempt < 2 && !conditions_tried_; ++attempt) {
    const S3Answer answer = TRY(client_->send({.method = "PUT",
                                               .key = key(std::string(kProbe)),
                                               .query = {},
                                               .headers = {{"if-none-match", "*"}},
                                               .body = bytes_of(kProbe)}));
    conditions_tried_ = answer.http.status == 412;
    if (!conditions_tried_ && !answer.succeeded() && answer.http.status != 501)
      return s3_error(answer, "cannot write to " + place());
    if (answer.http.status == 501) break;
  }
  if (conditions_tried_) return {};
  return fail(Code::Unsupported, place() + ": " + client_->address().host +
                                     " does not refuse to overwrite (If-None-Match); several writers would "
                                     "destroy each other's data, so nothing is stored there");
}

Result<std::unique_ptr<ReadableFile>> S3Storage::open(const std::string& name) {
  TRY(check_name(name));
  return open_object(client_, key(name), name);
}

Result<void> S3Storage::remove(const std::string& name) {
  TRY(check_name(name));
  const S3Answer answer = TRY(client_->send({.method = "DELETE", .key = key(name)}));
  if (answer.succeeded() || answer.code == "NoSuchKey") return {};
  return s3_error(answer, "cannot remove " + name);
}

Result<void> S3Storage::list(const std::string& folder,
                             const std::function<Result<void>(const std::string& name)>& each) {
  TRY(check_name(folder));
  const std::size_t prefix = client_->address().prefix.size();
  return list_keys(*client_, key(folder) + "/",
                   [&](const std::string& listed) { return each(listed.substr(prefix)); });
}

Result<std::unique_ptr<StorageLock>> S3Storage::lock(const std::string& name) {
  const std::string object = std::string(kLocks) + name;
  TRY(check_name(object));
  TRY(try_conditions());
  return lock_object(client_, clock_, key(object), name);
}

Result<std::uint64_t> S3Storage::sweep() {
  return abort_uploads(*client_, client_->address().prefix);
}

}  // namespace bulwark::store
