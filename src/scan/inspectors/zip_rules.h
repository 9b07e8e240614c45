#pragma once
// The rules about zip files, shared by the inspector (structure) and the package (content of members).

#include "core/rule.h"

namespace bulwark::scan::zip_rules {

inline constexpr Rule kDuplicate{
    .id = "BW-ZIP-001",
    .title = "zip holds one name twice",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "Loaders disagree on which copy they read (PyTorch the first or second, Python's zipfile the last), "
        "so a "
        "scanner can be shown a harmless one.",
    .fix = "Refuse the file; ask its producer for an archive in which every name is there once.",
};
inline constexpr Rule kTwoViews{
    .id = "BW-ZIP-002",
    .title = "zip directory and local header contradict each other",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "Loaders that trust the directory and loaders that trust the local header see different members; "
        "PyTorch "
        "loads files that other readers cannot even open (CVE-2025-1944).",
    .fix = "Refuse the file. No library writes headers that disagree.",
};
inline constexpr Rule kFalseFlag{
    .id = "BW-ZIP-003",
    .title = "zip member is marked as encrypted or patched but is plain",
    .severity = Severity::High,
    .atlas = "AML.T0107",
    .why =
        "A reader that honours the flag gives up, a loader that ignores it reads the content "
        "(CVE-2025-1945).",
    .fix = "Refuse the file. Honest writers set the flag only if the content is encrypted.",
};
inline constexpr Rule kBadCrc{
    .id = "BW-ZIP-004",
    .title = "checksum of a zip member is wrong",
    .severity = Severity::Medium,
    .atlas = "AML.T0107 AML.T0076",
    .why =
        "Strict readers stop at a wrong CRC, PyTorch does not check it: the member is loaded but not scanned "
        "(CVE-2025-10156). It may also be damage.",
    .fix = "Fetch the file again and compare its digest with the producer's.",
};
inline constexpr Rule kOverlap{
    .id = "BW-ZIP-005",
    .title = "zip members overlap",
    .severity = Severity::High,
    .atlas = "AML.T0029 AML.T0107",
    .why = "Two entries that share bytes either multiply a decompression bomb or give one content two names.",
    .fix = "Refuse the file.",
};
inline constexpr Rule kHidden{
    .id = "BW-ZIP-006",
    .title = "zip holds a member that its directory does not list",
    .severity = Severity::High,
    .atlas = "AML.T0107 AML.T0018.002",
    .why =
        "Readers that walk the local headers (streaming unpackers) extract it, everybody else does not see "
        "it.",
    .fix = "Refuse the file.",
};
inline constexpr Rule kForeignBytes{
    .id = "BW-ZIP-007",
    .title = "zip has bytes before, between or behind its members",
    .severity = Severity::Medium,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "The file may be something else for another reader; payloads are carried in bytes that no entry "
        "covers.",
    .fix = "Ask the producer why they are there; repack the archive.",
};
inline constexpr Rule kEncryptedMember{
    .id = "BW-ZIP-008",
    .title = "zip member is encrypted",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "Nobody without the password can say what is in it.",
    .fix = "Unpack it where the password is known and scan the content.",
};
inline constexpr Rule kBomb{
    .id = "BW-ZIP-009",
    .title = "zip member is a decompression bomb",
    .severity = Severity::High,
    .atlas = "AML.T0029",
    .why = "A few bytes unpack to gigabytes and exhaust memory or disk of whoever opens the file.",
    .fix = "Refuse the file.",
};
inline constexpr Rule kPathEscape{
    .id = "BW-ZIP-010",
    .title = "name of a zip member leaves the directory it is unpacked to",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why = "A careless unpacker writes the member over any file that the user may write (zip slip).",
    .fix = "Refuse the file.",
};
inline constexpr Rule kLinkEscape{
    .id = "BW-ZIP-011",
    .title = "zip member is a symbolic link that leads out of the archive",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "Unpackers that create the link let later members, or the loader, write to or read from its target.",
    .fix = "Refuse the file; models need no links.",
};
inline constexpr Rule kContradiction{
    .id = "BW-ZIP-012",
    .title = "sizes of a zip member contradict each other",
    .severity = Severity::Medium,
    .atlas = "AML.T0107 AML.T0029",
    .why =
        "Readers that believe the zip64 field, the data descriptor or the compressed stream see different "
        "content.",
    .fix = "Refuse the file unless its producer can explain it; repack the archive.",
};
inline constexpr Rule kTwoDirectories{
    .id = "BW-ZIP-013",
    .title = "zip has several central directories",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why = "One reader finds the first end record, another the last: the file is two archives at once.",
    .fix = "Refuse the file.",
};
inline constexpr Rule kSimilarNames{
    .id = "BW-ZIP-014",
    .title = "names in a zip fall together when they are unpacked",
    .severity = Severity::Low,
    .atlas = "AML.T0074",
    .why =
        "On file systems that ignore case, or after a path is normalised, one member overwrites the other.",
    .fix = "Compare the members; rename one of them.",
};

}  // namespace bulwark::scan::zip_rules
