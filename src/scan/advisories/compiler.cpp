#include "scan/advisories/compiler.h"

#include <algorithm>
#include <limits>

#include "scan/advisories/layout.h"

namespace bulwark::scan {
namespace {

using Buffer = std::vector<std::uint8_t>;

template <class T>
void put(Buffer& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

void put_varint(Buffer& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_text(Buffer& out, std::string_view text) {
  put_varint(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

void put_texts(Buffer& out, const std::vector<std::string>& texts) {
  put_varint(out, texts.size());
  for (const std::string& each : texts) put_text(out, each);
}

void put_advisory(Buffer& out, const Advisory& advisory) {
  put_text(out, advisory.id);
  out.push_back(advisory.severity ? static_cast<std::uint8_t>(std::to_underlying(*advisory.severity) + 1)
                                  : 0);
  put<std::uint64_t>(out, static_cast<std::uint64_t>(advisory.modified));
  put_texts(out, advisory.aliases);
  put_text(out, advisory.summary);
}

void put_package(Buffer& out, const AffectedPackage& package) {
  std::vector<std::string> versions;
  for (const std::string& each : package.versions)
    versions.push_back(comparable_version(package.ecosystem, each));
  put_texts(out, versions);
  put_varint(out, package.ranges.size());
  for (const AdvisoryRange& range : package.ranges) {
    out.push_back(std::to_underlying(range.type));
    put_varint(out, range.events.size());
    for (const AdvisoryEvent& event : range.events) {
      out.push_back(std::to_underlying(event.kind));
      put_text(out, event.version);
    }
  }
}

struct Row {
  std::uint64_t hash = 0;
  std::string key;
  std::uint32_t advisory = 0, offset = 0, length = 0;
};

}  // namespace

void AdvisoryCompiler::add(Advisory advisory) {
  if (advisory.withdrawn) {
    ++withdrawn_;
    return;
  }
  const auto known = advisories_.find(advisory.id);
  if (known == advisories_.end()) {
    std::string id = advisory.id;
    advisories_.emplace(std::move(id), std::move(advisory));
  } else if (known->second.modified <= advisory.modified) {
    known->second = std::move(advisory);
  }
}

Result<std::vector<std::uint8_t>> AdvisoryCompiler::finish(std::int64_t imported) const {
  Buffer texts;
  std::vector<Row> rows;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  // of the advisories in `texts`
  std::int64_t newest = 0;
  for (const auto& [id, advisory] : advisories_) {
    newest = std::max(newest, advisory.modified);
    const auto start = static_cast<std::uint32_t>(texts.size());
    put_advisory(texts, advisory);
    const auto number = static_cast<std::uint32_t>(places.size());
    places.emplace_back(start, static_cast<std::uint32_t>(texts.size() - start));
    for (const AffectedPackage& package : advisory.affected) {
      const auto offset = static_cast<std::uint32_t>(texts.size());
      put_package(texts, package);
      std::string key = package.ecosystem + '\0' + package.name;
      const std::uint64_t hash = advisory_file::hash_of(key);
      rows.push_back(
          {hash, std::move(key), number, offset, static_cast<std::uint32_t>(texts.size() - offset)});
    }
    if (texts.size() > std::numeric_limits<std::uint32_t>::max() / 2)
      return fail(Code::LimitReached, "the advisories fill more than 2 GiB");
  }
  std::ranges::stable_sort(
      rows, [](const Row& a, const Row& b) { return a.hash != b.hash ? a.hash < b.hash : a.key < b.key; });

  Buffer packages;
  Buffer affected;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i;
    while (end < rows.size() && rows[end].key == rows[i].key) ++end;
    put(packages, rows[i].hash);
    put(packages, static_cast<std::uint32_t>(texts.size()));
    put(packages, static_cast<std::uint32_t>(rows[i].key.size()));
    put(packages, static_cast<std::uint32_t>(i));
    put(packages, static_cast<std::uint32_t>(end - i));
    texts.insert(texts.end(), rows[i].key.begin(), rows[i].key.end());
    ++count;
    i = end;
  }
  for (const Row& row : rows) {
    put(affected, row.advisory);
    put(affected, row.offset);
    put(affected, row.length);
  }

  Buffer body;
  put<std::uint64_t>(body, static_cast<std::uint64_t>(newest));
  put<std::uint64_t>(body, static_cast<std::uint64_t>(imported));
  put(body, count);
  put(body, static_cast<std::uint32_t>(rows.size()));
  put(body, static_cast<std::uint32_t>(places.size()));
  put(body, static_cast<std::uint32_t>(withdrawn_));
  put<std::uint64_t>(body, 0);
  for (const Buffer* part : {&packages, &affected}) body.insert(body.end(), part->begin(), part->end());
  for (const auto& [offset, length] : places) {
    put(body, offset);
    put(body, length);
  }
  body.insert(body.end(), texts.begin(), texts.end());

  Buffer file(advisory_file::kMagic.begin(), advisory_file::kMagic.end());
  put<std::uint64_t>(file, advisory_file::kChecked + body.size());
  put(file, advisory_file::checksum(body));
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

}  // namespace bulwark::scan
