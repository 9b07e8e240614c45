#pragma once
// A bucket as the place of a store: AWS S3 and what speaks its language.
//
// A name exists or not by one conditional PUT (If-None-Match: *), which is what exactly one of several
// writers gets. A server that ignores the condition would lose data, so this is tried before the first write.
// docs/formats/store-s3.md says which requests are made.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/s3_client.h"
#include "store/storage.h"

namespace bulwark::store {

class S3Storage : public Storage {
 public:
  // `clock` tells how long a lock is held; it and what `client` refers to outlive the storage.
  S3Storage(std::unique_ptr<S3Client> client, const Clock& clock);

  [[nodiscard]] Result<bool> put(const std::string& name, Bytes content) override;
  [[nodiscard]] Result<void> replace(const std::string& name, Bytes content) override;
  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& name) override;
  [[nodiscard]] Result<void> remove(const std::string& name) override;
  [[nodiscard]] Result<void> list(const std::string& folder,
                                  const std::function<Result<void>(const std::string& name)>& each) override;
  // A lease: it ends when its holder has not renewed it for S3Limits::lease, by the server's clock.
  [[nodiscard]] Result<std::unique_ptr<StorageLock>> lock(const std::string& name) override;
  // Ends uploads in parts that nobody finished.
  [[nodiscard]] Result<std::uint64_t> sweep() override;
  [[nodiscard]] std::string place() const override { return client_->address().name(); }

 private:
  enum class IfExists : std::uint8_t { Keep, Replace };
  struct Upload;

  [[nodiscard]] std::string key(const std::string& name) const { return client_->address().prefix + name; }
  [[nodiscard]] Result<bool> write(const std::string& name, Bytes content, IfExists if_exists);
  [[nodiscard]] Result<S3Answer> write_in_parts(const Upload& upload, Bytes content);
  [[nodiscard]] Result<S3Answer> finish_parts(const Upload& upload, const std::string& id, Bytes content);
  [[nodiscard]] Result<void> try_conditions();

  std::shared_ptr<S3Client> client_;  // shared with open files and locks
  const Clock& clock_;
  std::mutex trying_;  // guards tried_
  bool conditions_tried_ = false;
};

}  // namespace bulwark::store
