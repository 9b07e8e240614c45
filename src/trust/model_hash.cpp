#include "trust/model_hash.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "base/parallel.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

// Shards of one file that a thread takes at once: a small shard size must not open the file for every shard.
constexpr std::uint64_t kJobBytes = std::uint64_t{64} << 20;

struct Job {
  std::size_t file = 0;
  std::uint64_t first = 0;  // shards first … last - 1; for Files 0 and 1
  std::uint64_t last = 0;
  std::uint64_t bytes = 0;
};

std::uint64_t shards_of(std::uint64_t size, std::uint64_t shard_size) {
  return size / shard_size + (size % shard_size != 0 ? 1 : 0);
}

std::vector<Job> jobs_for(std::span<const ModelEntry* const> files, const Serialization& how) {
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::uint64_t size = files[i]->size;
    if (how.method == Method::Files) {
      jobs.push_back({.file = i, .first = 0, .last = 1, .bytes = size});
      continue;
    }
    const std::uint64_t count = shards_of(size, how.shard_size);
    const std::uint64_t step = std::max<std::uint64_t>(1, kJobBytes / how.shard_size);
    for (std::uint64_t first = 0; first < count; first += step) {
      const std::uint64_t last = std::min(count, first + step);
      jobs.push_back({.file = i,
                      .first = first,
                      .last = last,
                      .bytes = shard_bounds(last - 1, how.shard_size, size).end - first * how.shard_size});
    }
  }
  // Long ones first, so that no thread starts the largest file when the others are done.
  std::ranges::sort(jobs, std::ranges::greater{}, &Job::bytes);
  return jobs;
}

class Work {
 public:
  Work(const ModelSource& source, std::span<const ModelEntry* const> files, const Serialization& how,
       const HashOptions& options)
      : source_(source), files_(files), how_(how), options_(options), results_(files.size()) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      FileDigests& result = results_[i].emplace();
      result.size = files[i]->size;
      result.digests.resize(how.method == Method::Files ? 1 : shards_of(files[i]->size, how.shard_size));
    }
  }

  void run(const Job& job) {
    if (auto done = hash(job); !done) {
      const std::lock_guard guard(failing_);
      results_[job.file] = std::unexpected(std::move(done).error());
    }
  }

  std::vector<Result<FileDigests>> take() {
    std::vector<Result<FileDigests>> out;
    for (auto& result : results_) out.push_back(std::move(result));
    return out;
  }

 private:
  Result<void> hash(const Job& job) {
    const ModelEntry& file = *files_[job.file];
    const auto content = TRY(source_.open(file.path, options_.links));
    if (content->size() != file.size)
      return fail(Code::Corrupt, "the file changed while the model was read: " + std::to_string(file.size) +
                                     " bytes became " + std::to_string(content->size()));
    crypto::Hasher hasher(how_.hash);
    std::vector<std::vector<std::uint8_t>> digests;
    for (std::uint64_t i = job.first; i < job.last; ++i) {
      const ShardBounds bounds = how_.method == Method::Files ? ShardBounds{0, file.size}
                                                              : shard_bounds(i, how_.shard_size, file.size);
      TRY(content->read(bounds.start, bounds.end, [&](Bytes piece) {
        hasher.update(piece);
        if (options_.hashed) options_.hashed(piece.size());
      }));
      digests.push_back(hasher.finish());
    }
    const std::lock_guard guard(failing_);
    if (!results_[job.file]) return {};  // another part of the file failed
    std::ranges::move(digests, results_[job.file]->digests.begin() + static_cast<std::ptrdiff_t>(job.first));
    return {};
  }

  const ModelSource& source_;
  std::span<const ModelEntry* const> files_;
  const Serialization& how_;
  const HashOptions& options_;
  std::vector<Result<FileDigests>> results_;
  std::mutex failing_;  // guards results_
};

}  // namespace

std::vector<Result<FileDigests>> hash_files(const ModelSource& source,
                                            std::span<const ModelEntry* const> files,
                                            const Serialization& how, const HashOptions& options) {
  Work work(source, files, how, options);
  const std::vector<Job> jobs = jobs_for(files, how);
  parallel_for(jobs.size(), options.jobs, [&](std::size_t i) { work.run(jobs[i]); });
  return work.take();
}

}  // namespace bulwark::trust
