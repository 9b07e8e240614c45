#pragma once
// Where secrets and keys come from. Never from the command line itself, which every user of the machine can
// read: it holds references, and what they refer to is read here.
//
//   a secret   env:NAME | file:PATH | fd:N | nothing: asked for on the terminal
//   a key      release            of the keyring below --home; release@2: its second version
//              ./release.pem      a file: anything with a slash in it, or that ends in .pem
//              env:NAME file:PATH the content of the variable or the file: PEM, or 32 bytes for the store
//              pkcs11:token=…     on a token (RFC 7512); $BULWARK_PKCS11_MODULE names its library where
//                                 the URI does not

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/verb.h"
#include "crypto/key_encryption.h"
#include "crypto/secret.h"
#include "crypto/signing.h"

namespace bulwark::cli {

// Verbs that open keys take these.
inline constexpr Flag kHomeFlag{.name = "home",
                                .value = "DIR",
                                .help =
                                    "where keys, store and ledger are kept (default: $BULWARK_HOME, else "
                                    "bulwark in the user's data folder)"};
inline constexpr Flag kPassphraseFlag{.name = "passphrase-from",
                                      .value = "SOURCE",
                                      .help =
                                          "env:NAME, file:PATH or fd:N holds the passphrase or PIN of the "
                                          "key (default: ask on the terminal)"};

// --home, $BULWARK_HOME, the user's data folder. Errors: InvalidInput, NotFound (none is known).
[[nodiscard]] Result<std::string> home_folder(const Arguments& arguments);

// `what`: of what, for the prompt and for errors ("passphrase of key release"). One line end at the end is
// not part of a secret. From here on the process leaves no core dump. Errors: InvalidInput (no such kind of
// reference, empty), NotFound, Denied (others may read the file; cancelled), LimitReached (above 64 KiB),
// Unavailable (no terminal).
[[nodiscard]] Result<crypto::Secret> read_secret(std::string_view reference, std::string_view what);
// The same for a passphrase that is chosen now: asked twice, and at least eight bytes long.
[[nodiscard]] Result<crypto::Secret> read_new_passphrase(std::string_view reference, std::string_view what);

// What a reference refers to, byte by byte. Errors as above.
[[nodiscard]] Result<crypto::Secret> read_content(std::string_view reference);
// The same of a file that is named by its path: if others may read it that is said, and it is used.
[[nodiscard]] Result<crypto::Secret> read_content_of_file(std::string_view path);

// `key`: as above (cli/key_source.cpp). Errors say which key, what is wrong with it and what to do.
[[nodiscard]] Result<std::unique_ptr<crypto::Signer>> open_signer(const Arguments& arguments,
                                                                  const World& world, std::string_view key);
[[nodiscard]] Result<std::unique_ptr<crypto::KeyEncryption>> open_key_encryption(const Arguments& arguments,
                                                                                 const World& world,
                                                                                 std::string_view key);
// To verify with: the public half of a key in the keyring (the active version, or NAME@VERSION), on a token,
// or a PEM file; asks for no secret. Errors: Denied (revoked, and the version was not named).
[[nodiscard]] Result<crypto::PublicKey> open_public_key(const Arguments& arguments, const World& world,
                                                        std::string_view key);

// The same with every version of a key in the keyring that is not revoked, the active one first: what an
// older version signed still holds.
[[nodiscard]] Result<std::vector<crypto::PublicKey>> open_public_keys(const Arguments& arguments,
                                                                      const World& world,
                                                                      std::string_view key);

}  // namespace bulwark::cli
