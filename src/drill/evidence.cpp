#include "drill/evidence.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/text.h"
#include "crypto/signing.h"
#include "ledger/audit.h"
#include "ledger/log.h"
#include "ledger/rules.h"
#include "ledger/statement.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"
#include "trust/bundle.h"
#include "trust/dataset.h"
#include "trust/model_signature.h"

namespace bulwark::drill {
namespace {

// The files of a trial as the signer and the verifier see them.
class Files : public trust::ModelSource {
 public:
  explicit Files(std::span<const Crosser> files) : files_(files) {}

  [[nodiscard]] Result<trust::ModelTree> list(trust::Links) const override {
    trust::ModelTree tree{.name = "model"};
    for (const Crosser& file : files_)
      tree.entries.push_back(
          {.path = file.name, .type = trust::EntryType::File, .size = file.bytes.size(), .why = {}});
    std::ranges::sort(tree.entries, {}, &trust::ModelEntry::path);
    return tree;
  }

  [[nodiscard]] Result<std::shared_ptr<const trust::Content>> open(const std::string& path,
                                                                   trust::Links) const override {
    const auto file = std::ranges::find(files_, path, &Crosser::name);
    if (file == files_.end()) return fail(Code::NotFound, path);
    return std::make_shared<const InMemory>(file->bytes);
  }

 private:
  class InMemory : public trust::Content {
   public:
    explicit InMemory(Bytes bytes) : bytes_(bytes) {}
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    [[nodiscard]] Result<void> read(std::uint64_t start, std::uint64_t end,
                                    const std::function<void(Bytes)>& each) const override {
      each(bytes_.subspan(start, end - start));
      return {};
    }

   private:
    Bytes bytes_;
  };

  std::span<const Crosser> files_;
};

Result<Evidence> sign(const Trial& trial, std::span<const Crosser> approved, std::span<const Crosser> files) {
  const crypto::PrivateKey owner = TRY(crypto::PrivateKey::generate(crypto::KeyType::P256));
  const crypto::PrivateKey stranger = TRY(crypto::PrivateKey::generate(crypto::KeyType::P256));
  Evidence evidence{.kept = trial.kept, .key = owner.public_key().pem()};
  if (trial.signed_by == SignedBy::Nobody) return evidence;
  const bool by_owner = trial.signed_by == SignedBy::Owner;
  const crypto::PrivateKey& signer = by_owner ? owner : stranger;
  const Files content(by_owner ? approved : files);
  const trust::BuiltManifest built = TRY(trust::build_manifest(content, {}));
  const trust::Bundle bundle =
      TRY(trust::sign_model(built.manifest, signer, trust::key_material(signer.public_key())));
  evidence.document = trust::write_bundle(bundle);
  if (trial.kept != Kept::Recorded) return evidence;
  os::SystemRandom random;
  trust::BuiltDataset dataset = TRY(trust::build_dataset(content, built.manifest, {}, true, random, 1));
  const trust::Bundle records =
      TRY(trust::sign_dataset(dataset.manifest, signer, trust::key_material(signer.public_key())));
  evidence.records = trust::write_bundle(records);
  evidence.book = std::move(dataset.book);
  return evidence;
}

constexpr std::string_view kLogName = "drill.example/decisions";

// One statement a line. The log is closed when this returns: the folder is all there is.
Result<Evidence> log(std::span<const Crosser> files, const std::string& folder) {
  const crypto::PrivateKey signer = TRY(crypto::PrivateKey::generate(crypto::KeyType::Ed25519));
  os::RealFileSystem disk;
  TRY(ledger::Log::create(disk, folder, kLogName, signer));
  const auto log = TRY(ledger::Log::open(disk, folder, signer));
  for (const Crosser& file : files) {
    for (const std::string_view line : split(text_of(file.bytes), '\n')) {
      if (trim(line).empty()) continue;
      ledger::Statement statement = TRY(ledger::parse_draft(line));
      statement.time = os::SystemWallClock().now();
      statement.tool = "bulwark drill";
      const std::string entry = TRY(ledger::to_entry(std::move(statement)));
      TRY(log->append(bytes_of(entry)));
    }
  }
  TRY(log->settle());
  return Evidence{.kept = Kept::Logged,
                  .document = ledger::to_text(log->checkpoint()->note),
                  .key = log->key().vkey(),
                  .folder = folder};
}

void note_gap(std::string path, const Error& error, Report& report) {
  report.gaps.push_back({gap_reason_from(error.code), std::move(path), {}, {}, error.message});
}

void verify_signature(const Evidence& evidence, std::span<const Crosser> files, Report& report) {
  auto key = crypto::PublicKey::from_pem(evidence.key);
  if (!key) return note_gap("model", key.error(), report);
  const trust::KeyTrust trust(std::move(*key));
  const Files source(files);
  trust::VerifyOptions options;
  options.path = "model";
  trust::ModelVerification verified = trust::verify_model(evidence.document, trust, source, options);
  if (evidence.kept == Kept::Recorded)
    (void)trust::verify_dataset(verified, {.bundle_json = evidence.records, .book = evidence.book}, trust,
                                source);
  Report found = verified.verification.report();
  report.append(std::move(found));
}

Result<ledger::Audit> audit(const Evidence& evidence) {
  const ledger::NoteKey key = TRY(ledger::NoteKey::parse(evidence.key));
  const ledger::SignedCheckpoint seen = TRY(ledger::parse_signed_checkpoint(evidence.document));
  os::RealFileSystem disk;
  return ledger::audit(disk, evidence.folder,
                       {.origin = std::string(kLogName),
                        .log_keys = {&key, 1},
                        .remembered = {{.checkpoint = seen.checkpoint, .source = "a witness"}},
                        .progress = {}});
}

void verify_ledger(const Evidence& evidence, Report& report) {
  const auto audited = audit(evidence);
  if (!audited) return note_gap("ledger", audited.error(), report);
  for (const ledger::Discrepancy& wrong : audited->discrepancies) {
    Finding finding;
    finding.rule = ledger::rule_of(wrong.fault);
    finding.severity = finding.rule->severity;
    finding.path = "ledger";
    finding.message = wrong.what;
    report.findings.push_back(std::move(finding));
  }
}

}  // namespace

std::string_view control_of(Kept kept) {
  constexpr std::array<std::string_view, 5> kControls = {"", "RG-SIGN", "DA-PROV", "LG-LEDGER", "RG-ENC"};
  return kControls[std::to_underlying(kept)];
}

namespace {

Result<Evidence> kept_by(const Trial& trial, std::span<const Crosser> approved,
                         std::span<const Crosser> files, const std::string& folder) {
  switch (trial.kept) {
    case Kept::Plain: return Evidence{};
    case Kept::Signed:
    case Kept::Recorded: return sign(trial, approved, files);
    case Kept::Logged: return log(files, folder);
    case Kept::Encrypted: break;
  }
  Evidence evidence{.kept = trial.kept};
  evidence.vault = TRY(Vault::fill(folder, files));
  return evidence;
}

}  // namespace

Result<Evidence> make_evidence(const Trial& trial, std::span<const Crosser> approved,
                               std::span<const Crosser> files, const std::string& folder) {
  Evidence evidence = TRY(kept_by(trial, approved, files, folder));
  if (!trial.assay) return evidence;
  evidence.assay = trial.assay;
  evidence.folder = folder;
  if (trial.assay->against) evidence.approved.assign(approved.begin(), approved.end());
  return evidence;
}

void check_evidence(const Evidence& evidence, std::span<const Crosser> files, Report& report) {
  if (evidence.kept == Kept::Signed || evidence.kept == Kept::Recorded)
    verify_signature(evidence, files, report);
  if (evidence.kept == Kept::Logged) verify_ledger(evidence, report);
}

}  // namespace bulwark::drill
