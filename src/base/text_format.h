#pragma once
// The formats that JSON Schema names for texts, as their RFCs define them.

#include <optional>
#include <string_view>

namespace bulwark {

// Whether `text` is in the format `name`: "date-time", "date", "time" (RFC 3339), "email", "idn-email",
// "hostname", "ipv4", "ipv6", "uri", "uri-reference" (RFC 3986), "iri", "iri-reference" (RFC 3987), "uuid",
// "json-pointer". Nothing for any other name.
[[nodiscard]] std::optional<bool> fits_format(std::string_view name, std::string_view text);

}  // namespace bulwark
