#pragma once
// Names in a bucket, page by page, and what an XML answer says.

#include <chrono>
#include <functional>
#include <string>

#include "store/s3_client.h"
#include "store/xml.h"

namespace bulwark::store {

// The XML of an answer whose root is `root`. Errors: Unavailable (another server than we think).
[[nodiscard]] Result<XmlElement> s3_document(const S3Answer& answer, std::string_view root);

// Calls `each` with every key that starts with `prefix`, in order. Errors: those of the server and of `each`;
// Unavailable if the server repeats itself.
[[nodiscard]] Result<void> list_keys(S3Client& client, const std::string& prefix,
                                     const std::function<Result<void>(const std::string& key)>& each);

// Ends every unfinished upload in parts below `prefix`; returns how many there were.
[[nodiscard]] Result<std::uint64_t> abort_uploads(S3Client& client, const std::string& prefix);

}  // namespace bulwark::store
