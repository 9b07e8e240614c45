#include "store/s3_listing.h"

#include <vector>

#include "base/text.h"

namespace bulwark::store {
namespace {

// Pages without a name, in a row, until we no longer believe in an end.
constexpr int kEmptyPages = 100;
// An upload that cannot be ended would come back for ever; a store has some few of them.
constexpr int kAbortRounds = 100;

}  // namespace

Result<XmlElement> s3_document(const S3Answer& answer, std::string_view root) {
  auto document = parse_xml(text_of(answer.http.body));
  if (!document)
    return fail(Code::Unavailable, "the answer is not what S3 would say: " + document.error().message);
  if (document->name != root)
    return fail(Code::Unavailable, "the answer is <" + printable(document->name, 60) + "> instead of <" +
                                       std::string(root) + ">; is this an S3 endpoint?");
  return std::move(*document);
}

Result<void> list_keys(S3Client& client, const std::string& prefix,
                       const std::function<Result<void>(const std::string& key)>& each) {
  std::string token;
  std::string last;
  for (int empty_pages = 0; empty_pages < kEmptyPages;) {
    S3Request request{.method = "GET", .key = "", .query = {{"list-type", "2"}, {"prefix", prefix}}};
    request.answer_bytes = client.limits().listing_bytes;
    if (!token.empty()) request.query.emplace_back("continuation-token", token);
    const S3Answer answer = TRY(client.send(request));
    if (!answer.succeeded()) return s3_error(answer, "cannot list " + client.address().name());
    const XmlElement page = TRY(s3_document(answer, "ListBucketResult"));
    bool empty = true;
    for (const XmlElement& entry : page.children) {
      if (entry.name != "Contents") continue;
      const std::string key(entry.text_in("Key"));
      // Also what ends this loop, whatever the server does.
      if (!key.starts_with(prefix) || key <= last)
        return fail(Code::Unavailable, "cannot list " + client.address().name() + ": the server lists \"" +
                                           printable(key, 80) + "\" out of order");
      empty = false;
      last = key;
      TRY(each(key));
    }
    if (page.text_in("IsTruncated") != "true") return {};
    token = page.text_in("NextContinuationToken");
    if (token.empty()) break;
    empty_pages = empty ? empty_pages + 1 : 0;
  }
  return fail(Code::Unavailable, "cannot list " + client.address().name() + ": the listing has no end");
}

Result<std::uint64_t> abort_uploads(S3Client& client, const std::string& prefix) {
  std::uint64_t ended = 0;
  for (int round = 0; round < kAbortRounds; ++round) {
    S3Request request{.method = "GET", .key = "", .query = {{"uploads", ""}, {"prefix", prefix}}};
    request.answer_bytes = client.limits().listing_bytes;
    const S3Answer answer = TRY(client.send(request));
    if (!answer.succeeded()) return s3_error(answer, "cannot list uploads in " + client.address().name());
    const XmlElement page = TRY(s3_document(answer, "ListMultipartUploadsResult"));
    bool any = false;
    for (const XmlElement& entry : page.children) {
      const std::string key(entry.text_in("Key"));
      const std::string id(entry.text_in("UploadId"));
      if (entry.name != "Upload" || !key.starts_with(prefix) || id.empty()) continue;
      const S3Answer aborted =
          TRY(client.send({.method = "DELETE", .key = key, .query = {{"uploadId", id}}}));
      if (!aborted.succeeded() && aborted.http.status != 404)
        return s3_error(aborted, "cannot end an upload of " + printable(key, 100));
      any = true;
      ++ended;
    }
    if (!any) return ended;
  }
  return fail(Code::Unavailable,
              "uploads in " + client.address().name() + " cannot be ended: they come back");
}

}  // namespace bulwark::store
