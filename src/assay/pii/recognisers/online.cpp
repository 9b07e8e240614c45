// Contact and online identifiers. Most are found by parsers of their own (free.h): their layouts are empty.
#include <string_view>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

Verdict check_hexadecimal(const Code& code) {
  for (std::size_t i = 0; i < code.size; ++i)
    if (code.v[i] > 15) return Verdict::No;
  return one_symbol(code) ? Verdict::No : Verdict::Match;
}

constexpr Recogniser kKinds[] = {
    {.id = "email",
     .title = "e-mail address",
     .family = Family::Contact,
     .bare = 0.95F,
     .named = 0.99F,
     .null_rate = 1e-4},
    {.id = "phone",
     .title = "telephone number",
     .family = Family::Contact,
     .bare = 0.2F,
     .written = 0.55F,
     .named = 0.9F,
     .null_rate = 0.3,
     .tags = "phone"},
    {.id = "fax",
     .title = "fax number",
     .family = Family::Contact,
     .bare = 0.0F,
     .written = 0.0F,
     .named = 0.9F,
     .null_rate = 0.3},
    {.id = "url", .title = "web address", .family = Family::Online, .bare = 0.8F, .null_rate = 1e-4},
    {.id = "ipv4",
     .title = "IPv4 address",
     .family = Family::Online,
     .bare = 0.8F,
     .written = 0.8F,
     .null_rate = 1e-3},
    {.id = "ipv6", .title = "IPv6 address", .family = Family::Online, .bare = 0.9F, .null_rate = 1e-4},
    {.id = "mac",
     .title = "MAC address",
     .family = Family::Device,
     .layouts = "xx-xx-xx-xx-xx-xx|xxxx.xxxx.xxxx",
     .check = check_hexadecimal,
     .bare = 0.85F,
     .written = 0.8F,
     .null_rate = 1e-4},
    {.id = "uuid",
     .title = "device or advertising id (UUID)",
     .family = Family::Device,
     .layouts = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
     .check = check_hexadecimal,
     .bare = 0.3F,
     .written = 0.3F,
     .named = 0.85F,
     .null_rate = 1e-4,
     .tags = "device"},
    {.id = "bitcoin",
     .title = "Bitcoin address",
     .family = Family::Online,
     .bare = 0.95F,
     .null_rate = 1e-6,
     .check_rate = 1e-6},
    {.id = "ethereum",
     .title = "Ethereum address",
     .family = Family::Online,
     .bare = 0.7F,
     .written = 0.95F,
     .null_rate = 1e-4},
    {.id = "coordinates",
     .title = "geographic coordinates",
     .family = Family::Place,
     .bare = 0.3F,
     .written = 0.65F,
     .named = 0.9F,
     .null_rate = 0.05},
};

}  // namespace

std::span<const Recogniser> online() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
