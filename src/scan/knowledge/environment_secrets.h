#pragma once
// Environment variables that carry credentials: told by their name, and whether the value beside it is one.

#include <cstdint>
#include <string>
#include <string_view>

namespace bulwark::scan {

// The name means a credential: HF_TOKEN, POSTGRES_PASSWORD, AWS_SECRET_ACCESS_KEY, apiKey. Names of files,
// ids, public keys and settings about credentials do not: TOKEN_FILE, SECRET_NAME, GPG_KEY, MAX_TOKENS,
// PASSWORD_MIN_LENGTH.
[[nodiscard]] bool names_credential(std::string_view name);
// The name means a file of credentials: GOOGLE_APPLICATION_CREDENTIALS, AWS_CONFIG_FILE, NETRC,
// DB_PASSWORD_FILE.
[[nodiscard]] bool names_credential_file(std::string_view name);

enum class SecretValue : std::uint8_t {
  None,         // empty, a switch or a small number
  Reference,    // filled in elsewhere: $X, ${X}, {{ x }}, ${{ secrets.X }}, <x>, %(x)s, op://…, a vault path
  File,         // a path or a URL without credentials
  Placeholder,  // "changeme", "your-token-here", "xxxx": no secret of anybody, but in effect if nobody
                // replaces it
  Literal,
};
[[nodiscard]] SecretValue secret_value(std::string_view value);

// names_credential(name) and the value is a Literal.
[[nodiscard]] bool is_literal_credential(std::string_view name, std::string_view value);

// "scheme://user:password@host": the password; empty if there is none. `user` (or null) becomes the user.
[[nodiscard]] std::string_view password_in_url(std::string_view url, std::string_view* user = nullptr);

// How a secret is shown: its first characters, four at most and never more than a quarter, then "…".
[[nodiscard]] std::string masked_secret(std::string_view value);

// The name of a file that holds credentials: ".env", ".netrc", "id_rsa", "kaggle.json", ".aws/credentials" …
// `path`: '/'-separated. Examples and templates (".env.example") and public keys are none.
[[nodiscard]] bool is_credential_file(std::string_view path);

}  // namespace bulwark::scan
