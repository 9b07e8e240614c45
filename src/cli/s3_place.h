#pragma once
// s3://… as the place of a store: where its credentials come from.

#include <memory>
#include <string_view>

#include "base/result.h"
#include "cli/verb.h"
#include "store/storage.h"

namespace bulwark::cli {

// `url`: docs/formats/store-s3.md. Credentials are read from the references in it, or else from
// $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY and, if it is set, $AWS_SESSION_TOKEN. `world` outlives the
// storage. Errors: InvalidInput (url), NotFound and Denied (credentials), Unavailable (libcurl).
[[nodiscard]] Result<std::unique_ptr<store::Storage>> open_bucket(std::string_view url, const World& world);

}  // namespace bulwark::cli
