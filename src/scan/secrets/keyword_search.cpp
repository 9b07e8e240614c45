#include "scan/secrets/keyword_search.h"

#include <hs/hs_runtime.h>

#include <algorithm>
#include <memory>

extern "C" const char bw_secret_database[], bw_secret_database_end[];

namespace bulwark::scan::secrets {
namespace {

// The library takes 32-bit lengths. Blocks overlap by more than the longest keyword.
constexpr std::size_t kBlock = std::size_t{1} << 30;
constexpr std::size_t kOverlap = 256;

struct Freed {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};

// Unpacked when the first text is looked at: 100 KB, some ten microseconds. Never written afterwards.
const hs_database_t* database() {
  static const std::unique_ptr<hs_database_t, Freed> kDatabase = [] {
    hs_database_t* unpacked = nullptr;
    const auto size = static_cast<std::size_t>(bw_secret_database_end - bw_secret_database);
    if (hs_deserialize_database(bw_secret_database, size, &unpacked) != HS_SUCCESS) unpacked = nullptr;
    return std::unique_ptr<hs_database_t, Freed>(unpacked);
  }();
  return kDatabase.get();
}

// The library's working memory must not be shared between threads.
hs_scratch_t* scratch() {
  thread_local const std::unique_ptr<hs_scratch_t, Freed> kScratch = [] {
    hs_scratch_t* memory = nullptr;
    if (database() == nullptr || hs_alloc_scratch(database(), &memory) != HS_SUCCESS) memory = nullptr;
    return std::unique_ptr<hs_scratch_t, Freed>(memory);
  }();
  return kScratch.get();
}

struct Block {
  KeywordSink& sink;
  std::uint64_t start;
  std::uint64_t seen;  // what ends here or before was reported with the block before
};

int on_match(unsigned keyword, unsigned long long, unsigned long long end, unsigned, void* context) {
  auto& block = *static_cast<Block*>(context);
  const std::uint64_t at = block.start + end;
  if (at <= block.seen) return 0;
  return block.sink.found(keyword, at) ? 0 : 1;
}

}  // namespace

Result<void> search_keywords(std::string_view text, KeywordSink& sink) {
  hs_scratch_t* memory = scratch();
  if (memory == nullptr)
    return fail(Code::Unavailable, "the search for secrets does not work on this processor");
  std::uint64_t seen = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t size = std::min(kBlock, text.size() - start);
    Block block{.sink = sink, .start = start, .seen = seen};
    const hs_error_t result =
        hs_scan(database(), text.data() + start, static_cast<unsigned>(size), 0, memory, on_match, &block);
    if (result == HS_SCAN_TERMINATED) return {};
    if (result != HS_SUCCESS)
      return fail(Code::Unavailable, "the search for secrets failed with code " + std::to_string(result),
                  start);
    seen = start + size;
    if (seen == text.size()) break;
    start = seen - kOverlap;
  }
  return {};
}

}  // namespace bulwark::scan::secrets
