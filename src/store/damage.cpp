#include "store/damage.h"

#include <array>
#include <utility>

namespace bulwark::store {
namespace {

using enum DamageKind;

constexpr std::string_view kQuarantine = "moves the object's key record into quarantine; nothing is deleted";

constexpr auto kTexts = std::to_array<DamageText>({
    {RootDamaged, "root-damaged", Harm::Mended, "the root record is missing, cut or changed",
     "writes it anew from its copy"},
    {RootCopyDamaged, "root-copy-damaged", Harm::Mended,
     "the copy of the root record is missing, changed or of another store", "writes it anew from the root"},
    {KeyDamaged, "key-damaged", Harm::Loss, "a key record is cut, or its checksum fails", kQuarantine},
    {KeyMisplaced, "key-misplaced", Harm::Mended, "a key record lies under the id of another object",
     "moves it to where it belongs if that place is free"},
    {KeyWrong, "key-wrong", Harm::Loss,
     "a data key does not unwrap: the key-encryption key is not the one it was wrapped with, or the record "
     "was changed",
     "nothing: bring the right key"},
    {KeyVersionGone, "key-version-gone", Harm::Loss,
     "a data key is wrapped with a version of the key-encryption key that was destroyed",
     "nothing: bring the version back"},
    {TombstoneForged, "tombstone-forged", Harm::Loss, "a tombstone was not made by this store", kQuarantine},
    {ShredUnfinished, "shred-unfinished", Harm::None,
     "an object was shredded, its unreadable remains are still there", "removes them"},
    {ManifestMissing, "manifest-missing", Harm::Loss, "the manifest of an object is not there", kQuarantine},
    {ManifestCut, "manifest-cut", Harm::Loss, "the manifest of an object was cut or extended", kQuarantine},
    {ManifestForeign, "manifest-foreign", Harm::Loss,
     "the manifest was sealed for something else: swapped, of another store, or its header was changed",
     kQuarantine},
    {ManifestDamaged, "manifest-damaged", Harm::Loss, "the manifest does not authenticate", kQuarantine},
    {ManifestInvalid, "manifest-invalid", Harm::Loss,
     "the manifest authenticates but contradicts itself or the id of its object", kQuarantine},
    {SegmentMissing, "segment-missing", Harm::Loss, "a segment of an object is not there", kQuarantine},
    {SegmentCut, "segment-cut", Harm::Loss, "a segment was cut or extended", kQuarantine},
    {SegmentForeign, "segment-foreign", Harm::Loss,
     "a segment was sealed for something else: swapped, of another store, or its header was changed",
     kQuarantine},
    {SegmentMoved, "segment-moved", Harm::Mended, "a segment lies under the name of another blob",
     "copies it to where it belongs"},
    {SegmentDamaged, "segment-damaged", Harm::Loss, "chunks of a segment do not authenticate", kQuarantine},
    {SegmentPadding, "segment-padding", Harm::Loss, "a segment authenticates but its padding is not zero",
     kQuarantine},
    {ContentChanged, "content-changed", Harm::Loss,
     "all parts authenticate but the content has another SHA-256 than its manifest says", kQuarantine},
    {NameDamaged, "name-damaged", Harm::Loss, "a reference cannot be read; its object is not affected",
     "removes it: the name is lost, the object stays"},
    {NameDangling, "name-dangling", Harm::Loss, "a name leads to an object that is not there",
     "removes the name"},
    {NameOfShredded, "name-of-shredded", Harm::None, "a name leads to an object that was shredded",
     "removes the name"},
    {Quarantined, "quarantined", Harm::Loss, "the object is in quarantine since an earlier repair",
     "takes it out once all of it can be read again"},
    {QuarantineStale, "quarantine-stale", Harm::None,
     "the object in quarantine is in the store again, whole, or shredded", "removes the old record"},
    {BlobUnused, "blob-unused", Harm::None, "a blob that no object consists of",
     "nothing: 'bulwark store gc' removes it"},
    {TemporaryLeft, "temporary-left", Harm::None, "a file of a write that is running or was interrupted",
     "removes it"},
    {ForeignFile, "foreign-file", Harm::None, "a file that no store writes",
     "nothing: whoever put it there should remove it"},
});

static_assert([] {
  for (std::size_t i = 0; i < kTexts.size(); ++i)
    if (std::to_underlying(kTexts[i].kind) != i) return false;
  return true;
}());

}  // namespace

std::span<const DamageText> damage_texts() {
  return kTexts;
}
const DamageText& about(DamageKind kind) {
  return kTexts[std::to_underlying(kind)];
}

}  // namespace bulwark::store
