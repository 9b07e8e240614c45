#pragma once
// The files of `bulwark assay` about columns: contracts, profiles, signed profiles.

#include <array>
#include <optional>
#include <string>

#include "assay/profile/profile.h"
#include "base/result.h"
#include "cli/verb.h"

namespace bulwark::cli {

// For the verb's own list, together with --against, --output, kHomeFlag and kPassphraseFlag.
inline constexpr auto kProfileFlags = std::to_array<Flag>({
    {.name = "contract",
     .value = "FILE",
     .help = "hold the data against this contract: docs/howto/contract.md",
     .group = "Profile and contract"},
    {.name = "write-contract",
     .value = "FILE",
     .help = "write the contract that the data keep, to be mended"},
    {.name = "write-profile",
     .value = "FILE",
     .help = "write the profile: for --against, for --merge-profiles, to be kept"},
    {.name = "sign-profile",
     .value = "KEY",
     .help = "sign what --write-profile writes, as a statement about the data set"},
    {.name = "profile-key",
     .value = "KEY",
     .help = "whose signature of a profile is believed; a signed profile is read with it only"},
    {.name = "merge-profiles",
     .help = "the operands are profiles: write the profile of all their rows to --output"},
});

// Whether the file is a profile, bare or signed, rather than data: --against takes both.
[[nodiscard]] bool is_profile_file(const std::string& path);

// Bare json, or a signed statement: that one only if --profile-key names who signed it, and nothing but a
// signed one if it does. Errors: those of the disk, InvalidInput, Denied (the signature).
[[nodiscard]] Result<assay::profile::Profile> read_profile_file(const Arguments& arguments,
                                                                const World& world, const std::string& path);
[[nodiscard]] Result<assay::profile::Contract> read_contract_file(const std::string& path);

// What --write-contract, --write-profile and --sign-profile ask for, about the data set at `dataset`.
[[nodiscard]] Result<void> write_profile_files(const Arguments& arguments, const World& world,
                                               const assay::profile::Profile& profile,
                                               const std::string& dataset);
// --merge-profiles: the exit code.
[[nodiscard]] Result<int> merge_profile_files(const Arguments& arguments, const World& world);

}  // namespace bulwark::cli
