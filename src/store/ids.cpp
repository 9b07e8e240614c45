#include "store/ids.h"

namespace bulwark::store {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string fanned(std::string_view folder, const std::string& id) {
  return std::string(folder) + "/" + id.substr(0, 2) + "/" + id;
}

template <class T>
std::optional<T> id_in(std::string_view path) {
  T id;
  if (!read_hex(path.substr(path.rfind('/') + 1), id.bytes)) return std::nullopt;
  return id;
}

}  // namespace

bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::string key_path(const ObjectId& id) {
  return fanned(kKeysFolder, id.text());
}
std::string blob_path(const BlobId& id) {
  return fanned(kBlobsFolder, id.text());
}
std::string name_path(const NameId& id) {
  return std::string(kNamesFolder) + "/" + id.text();
}

std::string quarantine_path(const ObjectId& id) {
  return std::string(kQuarantineFolder) + "/" + id.text();
}

std::optional<ObjectId> object_at(std::string_view path) {
  const auto id = id_in<ObjectId>(path);
  return id && key_path(*id) == path ? id : std::nullopt;
}

std::optional<BlobId> blob_at(std::string_view path) {
  const auto id = id_in<BlobId>(path);
  return id && blob_path(*id) == path ? id : std::nullopt;
}

std::optional<NameId> name_at(std::string_view path) {
  const auto id = id_in<NameId>(path);
  return id && name_path(*id) == path ? id : std::nullopt;
}

std::optional<ObjectId> quarantined_at(std::string_view path) {
  const auto id = id_in<ObjectId>(path);
  return id && quarantine_path(*id) == path ? id : std::nullopt;
}

}  // namespace bulwark::store
