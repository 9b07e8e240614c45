// Tar archives: every entry that any reader may see, and the places where two readers would disagree.
//
// Unpacking a tar runs no code, but it writes where names and links lead (SageMaker, NeMo, OCI layers and
// legacy torch unpack tars before they load). Python's tarfile stops silently at a damaged header, GNU tar
// goes on.

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "scan/formats/tar.h"
#include "scan/inspectors/list.h"
#include "scan/unpack.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kPathEscape{
    .id = "BW-TAR-001",
    .title = "name of a tar member leaves the directory it is unpacked to",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "tarfile.extractall before Python 3.14 and many others write the member over any file the user may "
        "write.",
    .fix = "Refuse the file.",
};
constexpr Rule kLinkEscape{
    .id = "BW-TAR-002",
    .title = "link in a tar leads out of the directory it is unpacked to",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why = "Later members, or the loader, write to or read from the target of the link.",
    .fix = "Refuse the file; models need no links.",
};
constexpr Rule kDevice{
    .id = "BW-TAR-003",
    .title = "tar holds a device node or named pipe",
    .severity = Severity::High,
    .atlas = "AML.T0029 AML.T0107",
    .why = "Unpacked with privileges it opens hardware to the model; a pipe blocks whoever reads it.",
    .fix = "Refuse the file; models need no devices.",
};
constexpr Rule kTwoReadings{
    .id = "BW-TAR-004",
    .title = "sizes in a tar contradict each other",
    .severity = Severity::High,
    .atlas = "AML.T0107 AML.T0029",
    .why =
        "Readers disagree where the next header is (CVE-2025-62518), so a scanner and a loader see other "
        "members.",
    .fix = "Refuse the file.",
};
constexpr Rule kDuplicate{
    .id = "BW-TAR-005",
    .title = "tar holds one name twice",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why = "Some readers take the first copy, others the last; a scanner can be shown a harmless one.",
    .fix = "Refuse the file; ask its producer for an archive in which every name is there once.",
};
constexpr Rule kBehindEnd{
    .id = "BW-TAR-006",
    .title = "data follows the end marker of a tar",
    .severity = Severity::Medium,
    .atlas = "AML.T0107",
    .why =
        "Most readers stop at the marker, some can be told to go on (tar -i): members behind it are hidden.",
    .fix = "Repack the archive or refuse it.",
};
constexpr Rule kBadHeader{
    .id = "BW-TAR-007",
    .title = "tar header is damaged and members follow it",
    .severity = Severity::High,
    .atlas = "AML.T0107 AML.T0076",
    .why =
        "Python's tarfile stops there without a word, GNU tar skips to the next member: what follows is "
        "hidden.",
    .fix = "Refuse the file or fetch it again.",
};
constexpr std::array kRules = {kPathEscape, kLinkEscape, kDevice,   kTwoReadings,
                               kDuplicate,  kBehindEnd,  kBadHeader};
// Members compared byte by byte to tell a harmless repetition.
constexpr std::uint64_t kCompared = std::uint64_t{1} << 20;

std::string quoted(std::string_view name) {
  return "\"" + printable(name, 120) + "\"";
}

class TarPackage : public Package {
 public:
  TarPackage(Bytes file, std::vector<tar::Entry> entries) : file_(file), entries_(std::move(entries)) {
    for (const tar::Entry& entry : entries_) {
      Member member{
          .name = entry.name, .size = entry.sparse ? entry.real_size : entry.size, .offset = entry.data};
      if (entry.sparse) member.offset = kNoOffset;
      if (entry.is_directory()) member.kind = MemberKind::Directory;
      if (entry.is_link()) member.kind = MemberKind::Link;
      if (entry.is_special()) member.kind = MemberKind::Special;
      // Whatever it calls itself: content that some reader hands out is looked at.
      if (member.kind != MemberKind::File && entry.size > 0) member.kind = MemberKind::File;
      members_.push_back(std::move(member));
    }
  }

  [[nodiscard]] std::string_view kind() const override { return "tar"; }
  [[nodiscard]] Result<Content> read(std::size_t index, Inspection& in) const override {
    const tar::Entry& entry = entries_[index];
    const Bytes content = slice(entry);
    if (!entry.sparse) return Content{content, nullptr};
    if (entry.real_size > in.budget().holdable()) {
      in.gap(GapReason::Limit,
             quoted(entry.name) + ": sparse file of " + human_size(entry.real_size) +
                 " is inspected without its holes",
             {.offset = entry.header});
      return Content{content, nullptr};
    }
    TRY(in.budget().charge_inflated(entry.real_size, "tar"));
    std::vector<std::uint8_t> expanded(entry.real_size);
    Bytes rest = content;
    for (const tar::Segment& segment : entry.segments) {
      const std::size_t size = std::min<std::size_t>(segment.size, rest.size());
      std::ranges::copy(rest.first(size), expanded.begin() + static_cast<std::ptrdiff_t>(segment.offset));
      rest = rest.subspan(size);
    }
    return owned_content(std::move(expanded));
  }
  // What is there of the content; cut content has its gap already.
  [[nodiscard]] Bytes slice(const tar::Entry& entry) const {
    const std::uint64_t start = std::min<std::uint64_t>(entry.data + entry.map_size, file_.size());
    return file_.subspan(start, std::min<std::uint64_t>(entry.size - entry.map_size, file_.size() - start));
  }
  [[nodiscard]] const std::vector<tar::Entry>& entries() const { return entries_; }

 private:
  Bytes file_;
  std::vector<tar::Entry> entries_;
};

void judge_note(const tar::Note& note, Inspection& in) {
  const Place place{.offset = note.offset};
  const auto raise = [&](const Rule& rule, Severity severity) {
    in.report(rule, {.place = place, .message = note.text, .severity = severity});
  };
  switch (note.trouble) {
    case tar::Trouble::Checksum:
      if (note.text.ends_with("follow")) raise(kBadHeader, Severity::High);
      return in.gap(GapReason::Malformed, "tar: " + note.text, place);
    case tar::Trouble::BadNumber:
    case tar::Trouble::PaxSize:
    case tar::Trouble::Sparse: return raise(kTwoReadings, Severity::High);
    // POSIX lets pax write hard links with their content.
    case tar::Trouble::SizedLink: return raise(kTwoReadings, Severity::Medium);
    case tar::Trouble::BehindEnd: return raise(kBehindEnd, Severity::High);
    case tar::Trouble::TrailingBytes:
      in.child("trailing@" + std::to_string(note.offset), in.bytes().subspan(note.offset));
      return raise(kBehindEnd, Severity::Medium);
    case tar::Trouble::PaxRecord: return in.gap(GapReason::Malformed, "tar: " + note.text, place);
    case tar::Trouble::Cut: return in.gap(GapReason::Truncated, "tar: " + note.text, place);
    case tar::Trouble::Limit: return in.gap(GapReason::Limit, "tar: " + note.text, place);
  }
}

// True if `target`, seen from the folder of `name`, climbs above the root of the archive or is absolute.
bool link_escapes(std::string_view name, std::string_view target, std::string_view* why) {
  std::string_view path_why;
  if (!path_escapes(target, &path_why)) return false;
  *why = path_why;
  if (path_why != "climbs out with ..") return true;
  // ".." may stay inside if the link lies deep enough.
  std::int64_t depth = -1;  // the link's own name is no folder
  for (const std::string_view part : split(name, '/')) depth += part.empty() || part == "." ? 0 : 1;
  for (const std::string_view part : split(target, '/')) {
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

// Root file systems (container layers) are full of absolute links that stay inside their own root.
bool is_root_filesystem(const std::vector<tar::Entry>& entries) {
  constexpr std::array<std::string_view, 5> kFolders = {"etc/", "usr/", "var/", "lib/", "bin/"};
  return std::ranges::count_if(kFolders, [&](std::string_view folder) {
           return std::ranges::any_of(entries, [&](const tar::Entry& entry) {
             std::string_view name = entry.name;
             if (name.starts_with("./")) name.remove_prefix(2);
             return name.starts_with(folder);
           });
         }) >= 3;
}

void judge_link(const tar::Entry& entry, const std::vector<std::string_view>& names, bool root,
                Inspection& in) {
  std::string_view why;
  // Hard links name another member from the root of the archive.
  const bool escapes =
      entry.type == '1' ? path_escapes(entry.link, &why) : link_escapes(entry.name, entry.link, &why);
  const std::string through = entry.name + "/";
  const auto next = std::ranges::lower_bound(names, through);
  const bool written_through = next != names.end() && next->starts_with(through);
  if (!escapes && !written_through) return;
  const bool harmless = root && why == "is absolute" && !written_through;
  in.report(kLinkEscape, {.place = {.offset = entry.header},
                          .message = quoted(entry.name) + " is a link to " + quoted(entry.link) +
                                     (escapes ? ", which " + std::string(why) : "") +
                                     (written_through ? "; a later member is written through it" : ""),
                          .evidence = entry.link,
                          .severity = harmless ? Severity::Low : Severity::High});
}

void judge_duplicates(const TarPackage& package, Inspection& in) {
  std::unordered_map<std::string_view, const tar::Entry*> seen;
  for (const tar::Entry& entry : package.entries()) {
    if (entry.is_directory() || entry.other_reading) continue;
    const auto [place, fresh] = seen.try_emplace(entry.name, &entry);
    if (fresh) continue;
    const Bytes a = package.slice(*place->second);
    const Bytes b = package.slice(entry);
    const bool same = entry.type == place->second->type && entry.link == place->second->link &&
                      a.size() == b.size() && a.size() <= kCompared && std::ranges::equal(a, b);
    in.report(kDuplicate, {.place = {.offset = entry.header},
                           .message = quoted(entry.name) + " is there again; the other copy is at offset " +
                                      std::to_string(place->second->header),
                           .evidence = entry.name,
                           .severity = same ? Severity::Low : Severity::High});
  }
}

void judge_entries(const TarPackage& package, Inspection& in) {
  std::vector<std::string_view> names;
  for (const tar::Entry& entry : package.entries()) names.push_back(entry.name);
  std::ranges::sort(names);
  const bool root = is_root_filesystem(package.entries());
  for (const tar::Entry& entry : package.entries()) {
    std::string_view why;
    const bool escapes = path_escapes(entry.name, &why);
    if (escapes || path_escapes(entry.plain_name, &why)) {
      const std::string& name = escapes ? entry.name : entry.plain_name;
      in.report(kPathEscape, {.place = {.offset = entry.header},
                              .message = "name " + quoted(name) + " " + std::string(why),
                              .evidence = name});
    }
    if (entry.is_link()) judge_link(entry, names, root, in);
    if (entry.is_special()) {
      in.report(kDevice,
                {.place = {.offset = entry.header},
                 .message = quoted(entry.name) + (entry.type == '6' ? " is a named pipe" : " is a device"),
                 .severity = entry.type == '6' ? Severity::Medium : Severity::High});
    }
  }
}

Match recognises(Bytes content) {
  // A name must be there, or any block with "0" in its checksum field would do.
  if (tar::is_header(content, 0) && content[0] != 0) return Match::Strong;
  return has_magic(content, "ustar", 257) && content[0] != 0 ? Match::Strong : Match::No;
}

Result<void> inspect(Inspection& in) {
  tar::Archive archive = tar::read(in.bytes(), in.limits());
  for (const tar::Note& note : archive.notes) judge_note(note, in);
  auto package = std::make_unique<TarPackage>(in.bytes(), std::move(archive.entries));
  for (std::size_t i = 0; i < package->members().size(); ++i) TRY(in.budget().charge_member("tar"));
  judge_entries(*package, in);
  judge_duplicates(*package, in);
  in.fact("members", std::to_string(package->members().size()));
  in.open(std::move(package));
  return {};
}

}  // namespace

const Inspector tar{
    .name = "tar",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
