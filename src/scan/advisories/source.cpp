#include "scan/advisories/source.h"

#include <algorithm>

#include "scan/formats/decompress.h"
#include "scan/formats/zip.h"

namespace bulwark::scan {
namespace {

// The largest advisory in use, with thousands of versions, has some 2 MB.
constexpr std::uint64_t kAdvisoryBytes = std::uint64_t{64} << 20;

void add_document(std::string_view name, std::string_view text, const Limits& limits,
                  AdvisoryCompiler& compiler, std::vector<ImportProblem>& problems) {
  auto advisory = read_advisory(text, limits);
  if (advisory) {
    compiler.add(std::move(*advisory));
  } else {
    problems.push_back({std::string(name), advisory.error().message});
  }
}

Result<std::vector<std::uint8_t>> unpack(Bytes file, const zip::CentralEntry& entry) {
  if ((entry.flags & zip::kEncrypted) != 0) return fail(Code::Unsupported, "is encrypted");
  if (entry.size > kAdvisoryBytes) return fail(Code::LimitReached, "is larger than any advisory");
  const zip::Header local = TRY(zip::read_local(file, entry.local_offset));
  if (local.end > file.size() || entry.compressed > file.size() - local.end)
    return fail(Code::Corrupt, "reaches beyond the end of the file");
  const Bytes packed = file.subspan(local.end, entry.compressed);
  std::vector<std::uint8_t> content(packed.begin(), packed.end());
  if (entry.method == zip::kDeflate) {
    Decompressed out = TRY(decompress(Codec::RawDeflate, packed, kAdvisoryBytes));
    if (out.stopped) return std::unexpected(std::move(*out.stopped));
    content = std::move(out.bytes);
  } else if (entry.method != zip::kStored) {
    return fail(Code::Unsupported, "is packed by a method that is not read here");
  }
  if (crc32_of(content) != entry.crc) return fail(Code::Corrupt, "does not fit its checksum");
  return content;
}

void add_zip(std::string_view name, Bytes file, const Limits& limits, AdvisoryCompiler& compiler,
             std::vector<ImportProblem>& problems) {
  const auto ends = zip::find_end_records(file);
  auto directories =
      ends.empty() ? std::vector<zip::Directory>() : zip::locate_directories(file, ends.back());
  if (directories.empty()) {
    problems.push_back({std::string(name), "is no zip file"});
    return;
  }
  zip::Directory& directory = directories.front();
  zip::read_directory(file, ends.back(), limits.members, directory);
  if (directory.broken) problems.push_back({std::string(name), directory.broken->message});
  for (const zip::CentralEntry& entry : directory.entries) {
    if (!holds_advisories(entry.name) || entry.name.ends_with(".zip")) continue;
    const std::string where = std::string(name) + "/" + std::string(entry.name);
    const auto content = unpack(file, entry);
    if (content) {
      add_document(where, text_of(*content), limits, compiler, problems);
    } else {
      problems.push_back({where, content.error().message});
    }
  }
}

}  // namespace

bool holds_advisories(std::string_view path) {
  constexpr std::string_view kEndings[] = {".json", ".yaml", ".yml", ".zip"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return path.ends_with(ending); });
}

void add_advisories(std::string_view name, Bytes content, const Limits& limits, AdvisoryCompiler& compiler,
                    std::vector<ImportProblem>& problems) {
  if (has_magic(content, "PK")) return add_zip(name, content, limits, compiler, problems);
  add_document(name, text_of(content), limits, compiler, problems);
}

}  // namespace bulwark::scan
