#include "trust/dataset.h"

#include <algorithm>
#include <set>

#include "base/json_text.h"
#include "base/parallel.h"
#include "base/text.h"
#include "trust/dsse.h"
#include "trust/fields.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

// Records that are named one by one; ranges and the rest are counted.
constexpr std::size_t kNamed = 20;
constexpr std::uint64_t kHistoryBytes = std::uint64_t{64} << 20;

struct ReadTable {
  std::vector<RecordHash> hashes;
  std::vector<std::uint64_t> lines;  // on which they begin; only if asked for
};

Result<ReadTable> read_table(const ModelSource& source, const std::string& path, RecordFormat format,
                             const Salt& salt, Links links, bool with_lines) {
  ReadTable table;
  const auto content = TRY(source.open(path, links));
  RecordSplitter splitter(format, [&](Bytes record, std::uint64_t line) {
    table.hashes.push_back(record_hash(salt, record));
    if (with_lines) table.lines.push_back(line);
  });
  Result<void> fed;
  TRY(content->read(0, content->size(), [&](Bytes piece) {
    if (fed) fed = splitter.feed(piece);
  }));
  if (!fed) return std::unexpected(std::move(fed).error().within(printable(path)));
  splitter.finish();
  return table;
}

// Every path once, in order: several shards belong to one file.
std::vector<std::string> tables_in(const ModelManifest& files) {
  std::vector<std::string> paths;
  for (const Resource& resource : files.resources)
    if (record_format_of(resource.path)) paths.push_back(resource.path);
  std::ranges::sort(paths);
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

Links links_of(const ModelManifest& files) {
  return files.serialization.allow_symlinks ? Links::Follow : Links::Keep;
}

}  // namespace

Result<BuiltDataset> build_dataset(const ModelSource& source, const ModelManifest& files,
                                   const DatasetSource& origin, bool with_records, Random& random,
                                   std::size_t jobs) {
  BuiltDataset built;
  built.manifest.name = files.model_name;
  built.manifest.files_root = root_digest(files.resources);
  built.manifest.source = origin;
  if (!with_records) return built;
  RecordBook book;
  random.fill(book.salt);
  const std::vector<std::string> paths = tables_in(files);
  if (paths.empty())
    return fail(Code::InvalidInput,
                "no table among the files: records are those of .csv, .tsv, .jsonl and .ndjson");
  std::vector<Result<ReadTable>> read(paths.size());
  parallel_for(paths.size(), jobs, [&](std::size_t i) {
    read[i] = read_table(source, paths[i], *record_format_of(paths[i]), book.salt, links_of(files), false);
  });
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!read[i]) return std::unexpected(std::move(read[i]).error());
    built.manifest.tables.push_back({.path = paths[i],
                                     .format = *record_format_of(paths[i]),
                                     .records = read[i]->hashes.size(),
                                     .root = table_root(read[i]->hashes)});
    book.tables.push_back({.path = paths[i], .hashes = std::move(read[i]->hashes)});
  }
  built.book = write_record_book(book);
  built.manifest.book = crypto::sha256_bytes(built.book);
  return built;
}

Result<Bundle> sign_dataset(const DatasetManifest& manifest, const crypto::Signer& signer,
                            VerificationMaterial material) {
  const std::string payload = TRY(write_statement(dataset_statement(manifest)));
  Bundle bundle;
  bundle.material = std::move(material);
  bundle.envelope = TRY(sign_envelope(signer, kInTotoType, bytes_of(payload)));
  return bundle;
}

namespace {

// "5 (line 7), 17, 18 and 3 more".
std::string numbered(const std::vector<RecordDifference::Change>& changes,
                     const std::vector<std::uint64_t>& lines) {
  std::string text;
  for (std::size_t i = 0; i < changes.size() && i < kNamed; ++i) {
    const RecordDifference::Change& change = changes[i];
    if (!text.empty()) text += ", ";
    if (change.before != 0 && change.after != 0 && change.before != change.after)
      text += std::to_string(change.before) + " -> ";
    text += std::to_string(change.after != 0 ? change.after : change.before);
    const bool known = change.after != 0 && change.after <= lines.size();
    if (known && lines[change.after - 1] != change.after)
      text += " (line " + std::to_string(lines[change.after - 1]) + ")";
  }
  if (changes.size() > kNamed) text += " and " + std::to_string(changes.size() - kNamed) + " more";
  return text;
}

struct Counts {
  std::size_t changed = 0;
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t moved = 0;

  [[nodiscard]] bool none() const { return changed + added + removed + moved == 0; }
};

void report(Verification& out, const std::string& path, const RecordDifference& difference,
            const ReadTable& now, std::size_t before, Counts& counts) {
  const auto tell = [&](const Rule& rule, const std::vector<RecordDifference::Change>& list,
                        std::string_view what) {
    if (list.empty()) return;
    out.find(rule, path,
             std::to_string(list.size()) + (list.size() == 1 ? " record was " : " records were ") +
                 std::string(what) + ": " + numbered(list, now.lines) + " (signed: " +
                 std::to_string(before) + " records, now: " + std::to_string(now.hashes.size()) + ")");
  };
  tell(kRecordsChanged, difference.changed, "changed");
  tell(kRecordsAdded, difference.added, "added");
  tell(kRecordsRemoved, difference.removed, "removed");
  tell(kRecordsMoved, difference.moved, "moved");
  counts.changed += difference.changed.size();
  counts.added += difference.added.size();
  counts.removed += difference.removed.size();
  counts.moved += difference.moved.size();
}

// The book is the signed one and says what the statement says. Empty text: it does.
std::string contradiction(const DatasetManifest& manifest, Bytes bytes, RecordBook& book) {
  if (bytes.empty()) return "the record book is not there";
  if (crypto::sha256_bytes(bytes) != manifest.book) return "the record book is not the one that was signed";
  auto read = read_record_book(bytes);
  if (!read) return read.error().message;
  book = std::move(*read);
  if (book.tables.size() != manifest.tables.size())
    return "the record book holds other tables than the statement";
  for (std::size_t i = 0; i < book.tables.size(); ++i) {
    const TableSummary& table = manifest.tables[i];
    if (book.tables[i].path != table.path || book.tables[i].hashes.size() != table.records)
      return "the record book holds another table than the statement: '" + printable(table.path) + "'";
    if (table_root(book.tables[i].hashes) != table.root)
      return "the records of '" + printable(table.path) +
             "' in the record book do not lead to the signed root";
  }
  return {};
}

std::optional<DatasetManifest> signed_manifest(ModelVerification& result, const DatasetEvidence& evidence,
                                               const SignerTrust& trust) {
  Verification& out = result.verification;
  const auto bundle = read_bundle(evidence.bundle_json);
  if (!bundle || !bundle->envelope) {
    out.fail("dataset", kBundleMalformed,
             "dataset manifest: " + (bundle ? std::string("no envelope") : bundle.error().message));
    return std::nullopt;
  }
  // Its lines would repeat those of the model's signature; only what goes wrong is worth telling.
  Verification aside(out.path());
  if (!verify_signature(*bundle, trust, model_signature_keys(), false, aside)) {
    const auto& findings = aside.report().findings;
    out.fail(
        "dataset", findings.empty() ? kSignatureWrong : *findings.front().rule,
        "dataset manifest: " + (findings.empty() ? std::string("not believed") : findings.front().message));
    return std::nullopt;
  }
  const auto statement = read_statement(bundle->envelope->payload);
  auto manifest = statement ? read_dataset_manifest(*statement) : std::unexpected(statement.error());
  if (!manifest) {
    out.fail("dataset",
             manifest.error().code == Code::Unsupported ? kStatementForeign : kManifestContradictory,
             "dataset manifest: " + manifest.error().message);
    return std::nullopt;
  }
  if (manifest->files_root != root_digest(result.manifest->resources)) {
    out.fail("dataset", kRecordsUnbound,
             "the dataset manifest is about other files: root digest " + hex(manifest->files_root));
    return std::nullopt;
  }
  std::string text = "signed, about these files";
  if (!manifest->source.url.empty()) text += ", from " + printable(manifest->source.url, 200);
  if (!manifest->source.publisher.empty())
    text += ", published by " + printable(manifest->source.publisher, 100);
  if (!manifest->source.licence.empty()) text += ", licence " + printable(manifest->source.licence, 100);
  out.pass("dataset", text);
  return std::move(*manifest);
}

}  // namespace

std::optional<DatasetManifest> verify_dataset(ModelVerification& result, const DatasetEvidence& evidence,
                                              const SignerTrust& trust, const ModelSource& source) {
  Verification& out = result.verification;
  if (!result.manifest) {
    out.note("dataset", Outcome::NotDone, "an earlier check failed");
    return std::nullopt;
  }
  auto manifest = signed_manifest(result, evidence, trust);
  if (!manifest || manifest->tables.empty()) {
    out.close();
    return manifest;
  }
  RecordBook book;
  if (const std::string wrong = contradiction(*manifest, evidence.book, book); !wrong.empty()) {
    out.fail("records", kRecordsUnbound, wrong);
    out.close();
    return manifest;
  }
  std::vector<std::size_t> again;  // tables in files that are not as signed, but there
  const std::set<std::string> changed(result.changed_files.begin(), result.changed_files.end());
  std::uint64_t records = 0;
  for (std::size_t i = 0; i < book.tables.size(); ++i) {
    records += book.tables[i].hashes.size();
    if (changed.contains(book.tables[i].path)) again.push_back(i);
  }
  std::vector<Result<ReadTable>> read(again.size());
  parallel_for(again.size(), evidence.jobs, [&](std::size_t k) {
    const TableSummary& table = manifest->tables[again[k]];
    read[k] = read_table(source, table.path, table.format, book.salt, links_of(*result.manifest), true);
  });
  Counts counts;
  std::size_t unread = 0;
  for (std::size_t k = 0; k < again.size(); ++k) {
    const RecordTable& before = book.tables[again[k]];
    if (!read[k]) {
      ++unread;
      out.gap(gap_reason_from(read[k].error().code), before.path, read[k].error().message);
      continue;
    }
    report(out, before.path, compare_records(before.hashes, read[k]->hashes), *read[k], before.hashes.size(),
           counts);
  }
  const std::string of = std::to_string(records) + " signed records in " +
                         std::to_string(book.tables.size()) +
                         (book.tables.size() == 1 ? " table" : " tables");
  if (!counts.none()) {
    out.note("records", Outcome::Failed,
             of + ": " + std::to_string(counts.changed) + " changed, " + std::to_string(counts.added) +
                 " added, " + std::to_string(counts.removed) + " removed, " + std::to_string(counts.moved) +
                 " moved");
  } else if (unread != 0 || result.files.missing != 0) {
    out.note("records", Outcome::NotDone, of + ", not all of them are there to be looked at");
  } else {
    out.pass("records", of + ", unchanged");
  }
  out.close();
  return manifest;
}

Result<std::optional<SourceHistory::Seen>> SourceHistory::last(const std::string& url) const {
  const auto content = read_file(files_, path_, kHistoryBytes);
  if (!content && content.error().code == Code::NotFound) return std::optional<Seen>();
  if (!content) return std::unexpected(content.error());
  std::optional<Seen> found;
  std::size_t number = 0;
  for (const std::string_view line : split(text_of(*content), '\n')) {
    ++number;
    if (line.empty()) continue;
    const auto bad = [&](const Error& error) {
      return fail(Code::Corrupt, path_ + ": line " + std::to_string(number) + ": " + error.message);
    };
    const auto document = read_object(line, "source");
    if (!document) return bad(document.error());
    const auto fields = Fields::of(*document, "source");
    const auto text = fields ? fields->text("url") : std::unexpected(fields.error());
    if (!text) return bad(text.error());
    if (*text != url) continue;
    const auto digest = fields->text("sha256");
    const auto time = fields->text("seen");
    if (!digest || !time) return bad(digest ? time.error() : digest.error());
    found = Seen{.sha256 = *digest, .time = *time};
  }
  return found;
}

Result<void> SourceHistory::remember(const std::string& url, const crypto::Hash256& root, Instant now) {
  std::string line = TRY(canonical_json(json_map({{"url", json_string(url)},
                                                  {"sha256", json_string(hex(root))},
                                                  {"seen", json_string(instant_text(now))}})));
  line += '\n';
  const auto lock = TRY(files_.lock(path_ + ".lock"));
  auto opened = files_.append_to(path_);
  if (!opened && opened.error().code == Code::NotFound) opened = files_.create(path_);
  if (!opened) return std::unexpected(std::move(opened).error());
  TRY((*opened)->append(bytes_of(line)));
  return (*opened)->sync();
}

Result<void> check_source(Verification& out, const DatasetManifest& manifest, SourceHistory& history,
                          bool accept, Instant now) {
  const std::string& url = manifest.source.url;
  if (url.empty()) return {};
  const auto seen = TRY(history.last(url));
  const std::string root = hex(manifest.files_root);
  if (seen && seen->sha256 == root) {
    out.pass("source", "delivered the same bytes on " + printable(seen->time, 40));
    return {};
  }
  if (seen && !accept) {
    out.fail("source", kSourceSplit,
             printable(url, 200) + " delivered other bytes on " + printable(seen->time, 40) +
                 ": root digest " + printable(seen->sha256, 64) + ", now " + root);
    return {};
  }
  TRY(history.remember(url, manifest.files_root, now));
  out.pass("source",
           seen ? "other bytes than on " + printable(seen->time, 40) + ", accepted by --accept-source"
                : std::string("seen here for the first time; remembered"));
  return {};
}

}  // namespace bulwark::trust
