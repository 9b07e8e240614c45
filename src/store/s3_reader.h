#pragma once
// An object in a bucket, read in ranges.

#include <memory>
#include <string>

#include "base/file_system.h"
#include "store/s3_client.h"

namespace bulwark::store {

// One request fetches the size and the beginning, which is all of most records. What is read later is the
// same version of the object, or an error. Errors: NotFound, those of the server.
[[nodiscard]] Result<std::unique_ptr<ReadableFile>> open_object(std::shared_ptr<S3Client> client,
                                                                const std::string& key,
                                                                const std::string& name);

}  // namespace bulwark::store
