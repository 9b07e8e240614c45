#pragma once
// A lock in a bucket: a lease that its holder renews.

#include <memory>
#include <string>

#include "base/clock.h"
#include "store/s3_client.h"
#include "store/storage.h"

namespace bulwark::store {

// Objects "KEY.0000000000000001", "….0000000000000002" …: the highest one counts, and creating it by a
// conditional PUT is what one of several gets. It holds "held" or "free"; a held one is renewed by writing it
// again, and lapses when it was not for S3Limits::lease. Ages are told by the server's clock alone.
// Errors: Unavailable: somebody holds it.
[[nodiscard]] Result<std::unique_ptr<StorageLock>> lock_object(const std::shared_ptr<S3Client>& client,
                                                               const Clock& clock, const std::string& key,
                                                               const std::string& name);

}  // namespace bulwark::store
