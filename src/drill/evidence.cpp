#include "drill/evidence.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "crypto/signing.h"
#include "trust/bundle.h"
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
  Evidence evidence{.kept = trial.kept, .document = {}, .key = owner.public_key().pem(), .vault = nullptr};
  if (trial.signed_by == SignedBy::Nobody) return evidence;
  const bool by_owner = trial.signed_by == SignedBy::Owner;
  const crypto::PrivateKey& signer = by_owner ? owner : stranger;
  const Files content(by_owner ? approved : files);
  const trust::BuiltManifest built = TRY(trust::build_manifest(content, {}));
  const trust::Bundle bundle =
      TRY(trust::sign_model(built.manifest, signer, trust::key_material(signer.public_key())));
  evidence.document = trust::write_bundle(bundle);
  return evidence;
}

void verify_signature(const Evidence& evidence, std::span<const Crosser> files, Report& report) {
  auto key = crypto::PublicKey::from_pem(evidence.key);
  if (!key) {
    report.gaps.push_back({GapReason::Unreadable, "model", {}, {}, key.error().message});
    return;
  }
  trust::VerifyOptions options;
  options.path = "model";
  const auto verified =
      trust::verify_model(evidence.document, trust::KeyTrust(std::move(*key)), Files(files), options);
  Report found = verified.verification.report();
  report.append(std::move(found));
}

}  // namespace

std::string_view control_of(Kept kept) {
  constexpr std::array<std::string_view, 5> kControls = {"", "RG-SIGN", "DA-PROV", "LG-LEDGER", "RG-ENC"};
  return kControls[std::to_underlying(kept)];
}

Result<Evidence> make_evidence(const Trial& trial, std::span<const Crosser> approved,
                               std::span<const Crosser> files, const std::string& folder) {
  if (trial.kept == Kept::Plain) return Evidence{};
  if (trial.kept == Kept::Signed) return sign(trial, approved, files);
  if (trial.kept == Kept::Encrypted) {
    Evidence evidence{.kept = trial.kept, .document = {}, .key = {}, .vault = nullptr};
    evidence.vault = TRY(Vault::fill(folder, files));
    return evidence;
  }
  return fail(Code::Unsupported, "is kept in a way that the harness does not know yet");
}

void check_evidence(const Evidence& evidence, std::span<const Crosser> files, Report& report) {
  if (evidence.kept == Kept::Signed) verify_signature(evidence, files, report);
}

}  // namespace bulwark::drill
