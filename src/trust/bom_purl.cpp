// Package URLs: purl-spec, types pypi, npm, conda and generic.

#include <algorithm>

#include "base/text.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

// PEP 503.
std::string pypi_name(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (separator && out.ends_with('-')) continue;
    out += separator ? '-' : c;
  }
  return out;
}

// Names of files may hold any bytes; JSON holds UTF-8.
std::string ref_of(std::string_view kind, std::string_view name) {
  return std::string(kind) + ":" + (is_utf8(name) ? std::string(name) : purl_encoded(name));
}

}  // namespace

std::string purl_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c);
    if (plain) {
      out += c;
      continue;
    }
    const auto code = static_cast<unsigned char>(c);
    out.append("%").append(1, kHex[code >> 4U]).append(1, kHex[code & 0xFU]);
  }
  return out;
}

std::string purl_of(const LibraryFacts& library) {
  const scan::Dependency& package = library.package;
  std::string purl = "pkg:";
  if (package.ecosystem == "PyPI") {
    purl += "pypi/" + purl_encoded(pypi_name(package.name));
  } else if (package.ecosystem == "npm") {
    const std::size_t slash = package.name.find('/');
    const std::string scope = package.name.substr(0, slash == std::string::npos ? 0 : slash);
    purl += "npm/" + (scope.empty() ? "" : purl_encoded(scope) + "/") +
            purl_encoded(package.name.substr(scope.empty() ? 0 : slash + 1));
  } else if (package.ecosystem == "conda") {
    purl += "conda/" + purl_encoded(lower(package.name));
  } else {
    purl += "generic/" + purl_encoded(package.name);
  }
  if (!package.version.empty()) purl += "@" + purl_encoded(package.version);
  if (package.source.starts_with("git+")) {
    const std::string address = package.source.substr(0, package.source.find('#'));
    const bool pinned = package.commit.empty() || address.contains(package.commit);
    purl += "?vcs_url=" + purl_encoded(address + (pinned ? "" : "@" + package.commit));
  } else if (package.source.contains("://")) {
    purl += "?download_url=" + purl_encoded(package.source);
  }
  return purl;
}

std::string file_ref(std::string_view path) {
  return ref_of("file", path);
}

std::string library_ref(const LibraryFacts& library) {
  return purl_of(library) + (library.package.version.empty() && !library.package.commit.empty()
                                 ? "#" + library.package.commit
                                 : std::string());
}

std::string model_ref(const ModelFacts& model) {
  return ref_of("model", model.path.empty() ? model.name.text : model.path);
}

std::string dataset_ref(const DatasetFacts& dataset) {
  return ref_of("data", dataset.path.empty() ? dataset.name : dataset.path);
}

}  // namespace bulwark::trust
