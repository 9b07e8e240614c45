#include "support/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

namespace bulwark::test {

void SeededRandom::fill(std::span<std::uint8_t> out) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) bits = next();
    out[i] = static_cast<std::uint8_t>(bits >> (8 * (i % 8)));
  }
}

std::uint64_t SeededRandom::next() {
  const std::lock_guard guard(mutex_);
  std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31U);
}

namespace {

struct Node {
  bool directory = false;
  std::vector<std::uint8_t> content;
};

using NodePointer = std::shared_ptr<Node>;

std::string normalised(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out.empty() ? "." : out;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

struct MemoryFileSystem::State {
  mutable std::mutex mutex;
  std::map<std::string, NodePointer> nodes;
  std::set<std::string> locked;

  [[nodiscard]] NodePointer find(const std::string& path) const {
    const auto found = nodes.find(normalised(path));
    return found == nodes.end() ? nullptr : found->second;
  }
  [[nodiscard]] Result<NodePointer> file(const std::string& path) const {
    const NodePointer node = find(path);
    if (node == nullptr) return fail(Code::NotFound, path + ": no such file");
    if (node->directory) return fail(Code::Unsupported, path + ": is a directory");
    return node;
  }
  [[nodiscard]] Result<void> needs_folder(const std::string& path) const {
    const NodePointer folder = find(folder_of(normalised(path)));
    if (folder == nullptr || !folder->directory) return fail(Code::NotFound, path + ": no such directory");
    return {};
  }
  [[nodiscard]] bool empty(const std::string& folder) const {
    return std::ranges::none_of(
        nodes, [&](const auto& node) { return node.first != folder && folder_of(node.first) == folder; });
  }
};

namespace {

class MemoryReadable : public ReadableFile {
 public:
  MemoryReadable(std::shared_ptr<MemoryFileSystem::State> state, NodePointer node)
      : state_(std::move(state)), node_(std::move(node)) {}

  Result<std::uint64_t> size() const override {
    const std::lock_guard guard(state_->mutex);
    return node_->content.size();
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::lock_guard guard(state_->mutex);
    const std::vector<std::uint8_t>& content = node_->content;
    if (offset >= content.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(out.size(), content.size() - offset);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }

 private:
  std::shared_ptr<MemoryFileSystem::State> state_;
  NodePointer node_;
};

class MemoryWritable : public WritableFile {
 public:
  MemoryWritable(std::shared_ptr<MemoryFileSystem::State> state, NodePointer node)
      : state_(std::move(state)), node_(std::move(node)) {}

  Result<void> append(Bytes bytes) override {
    const std::lock_guard guard(state_->mutex);
    node_->content.insert(node_->content.end(), bytes.begin(), bytes.end());
    return {};
  }
  Result<void> sync() override { return {}; }

 private:
  std::shared_ptr<MemoryFileSystem::State> state_;
  NodePointer node_;
};

class MemoryLock : public FileLock {
 public:
  MemoryLock(std::shared_ptr<MemoryFileSystem::State> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)) {}
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;
  ~MemoryLock() override {
    const std::lock_guard guard(state_->mutex);
    state_->locked.erase(path_);
  }

 private:
  std::shared_ptr<MemoryFileSystem::State> state_;
  std::string path_;
};

}  // namespace

MemoryFileSystem::MemoryFileSystem() : state_(std::make_shared<State>()) {
  for (const char* start : {"/", "."}) {
    state_->nodes[start] = std::make_shared<Node>();
    state_->nodes[start]->directory = true;
  }
}

MemoryFileSystem::~MemoryFileSystem() = default;

Result<std::unique_ptr<ReadableFile>> MemoryFileSystem::open(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  NodePointer node = TRY(state_->file(path));
  return std::make_unique<MemoryReadable>(state_, std::move(node));
}

Result<std::unique_ptr<WritableFile>> MemoryFileSystem::create(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->needs_folder(path));
  if (state_->find(path) != nullptr) return fail(Code::InvalidInput, path + ": exists already");
  auto node = std::make_shared<Node>();
  state_->nodes[normalised(path)] = node;
  return std::make_unique<MemoryWritable>(state_, std::move(node));
}

Result<std::unique_ptr<WritableFile>> MemoryFileSystem::append_to(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  NodePointer node = TRY(state_->file(path));
  return std::make_unique<MemoryWritable>(state_, std::move(node));
}

Result<void> MemoryFileSystem::truncate(const std::string& path, std::uint64_t size) {
  const std::lock_guard guard(state_->mutex);
  const NodePointer node = TRY(state_->file(path));
  node->content.resize(size);
  return {};
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(state_->mutex);
  const NodePointer node = state_->find(from);
  if (node == nullptr) return fail(Code::NotFound, from + ": no such file");
  TRY(state_->needs_folder(to));
  const std::string source = normalised(from);
  const std::string target = normalised(to);
  const NodePointer there = state_->find(to);
  if (there != nullptr &&
      (there->directory != node->directory || (there->directory && !state_->empty(target))))
    return fail(Code::Unsupported, to + ": cannot be replaced");
  if (source == target) return {};
  std::map<std::string, NodePointer> moved;
  for (auto it = state_->nodes.begin(); it != state_->nodes.end();) {
    const bool inside = it->first == source || it->first.starts_with(source + "/");
    if (inside) moved[target + it->first.substr(source.size())] = it->second;
    it = inside ? state_->nodes.erase(it) : std::next(it);
  }
  for (auto& [name, moving] : moved) state_->nodes[name] = std::move(moving);
  return {};
}

Result<void> MemoryFileSystem::remove(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  const NodePointer node = state_->find(path);
  if (node == nullptr) return fail(Code::NotFound, path + ": no such file");
  if (node->directory && !state_->empty(normalised(path)))
    return fail(Code::Unavailable, path + ": directory not empty");
  state_->nodes.erase(normalised(path));
  return {};
}

Result<void> MemoryFileSystem::make_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->needs_folder(path));
  NodePointer& node = state_->nodes[normalised(path)];
  if (node != nullptr && !node->directory) return fail(Code::InvalidInput, path + ": is a file");
  if (node == nullptr) node = std::make_shared<Node>();
  node->directory = true;
  return {};
}

Result<void> MemoryFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  const NodePointer node = state_->find(path);
  if (node == nullptr || !node->directory) return fail(Code::NotFound, path + ": no such directory");
  return {};
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  const std::string folder = normalised(path);
  const NodePointer node = state_->find(path);
  if (node == nullptr || !node->directory) return fail(Code::NotFound, path + ": no such directory");
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, child] : state_->nodes) {
    if (name == "/" || name == "." || folder_of(name) != folder) continue;
    entries.push_back({.name = name.substr(name.rfind('/') + 1),
                       .kind = child->directory ? EntryKind::Directory : EntryKind::File});
  }
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->needs_folder(path));
  const std::string name = normalised(path);
  if (state_->locked.contains(name)) return fail(Code::Unavailable, path + ": somebody else holds the lock");
  if (state_->find(name) == nullptr) state_->nodes[name] = std::make_shared<Node>();
  state_->locked.insert(name);
  return std::make_unique<MemoryLock>(state_, name);
}

std::vector<std::uint8_t> MemoryFileSystem::content(const std::string& path) const {
  const std::lock_guard guard(state_->mutex);
  const auto node = state_->file(path);
  if (!node) ADD_FAILURE() << node.error().message;
  return node ? (*node)->content : std::vector<std::uint8_t>{};
}

void MemoryFileSystem::set_content(const std::string& path, Bytes content) {
  const std::lock_guard guard(state_->mutex);
  const auto node = state_->file(path);
  if (!node) {
    ADD_FAILURE() << node.error().message;
    return;
  }
  (*node)->content.assign(content.begin(), content.end());
}

std::vector<std::string> MemoryFileSystem::all_files() const {
  const std::lock_guard guard(state_->mutex);
  std::vector<std::string> names;
  for (const auto& [name, node] : state_->nodes) {
    if (!node->directory) names.push_back(name);
  }
  return names;
}

}  // namespace bulwark::test
