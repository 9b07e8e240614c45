#include "sim/file_system.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "base/text.h"
#include "sim/inode.h"

namespace bulwark::sim {
namespace {

enum class Fate : std::uint8_t { Done, CrashBefore, CrashAfter, NoSpace, SyncError };
enum class Can : std::uint8_t { OnlyCrash, RunOutOfSpace, FailToSync };

std::unexpected<Error> crash_error() {
  return fail(Code::Unavailable, std::string(kCrash));
}

}  // namespace

struct SimulatedFileSystem::State {
  explicit State(std::uint64_t seed) : random(seed) {}

  mutable std::mutex mutex;
  test::SeededRandom random;
  InodePointer root = std::make_shared<Inode>();
  Faults faults;
  std::uint64_t steps = 0;
  std::uint64_t injected = 0;
  std::uint64_t epoch = 0;  // restarts so far
  bool stopped = false;
  bool tracing = false;
  std::string trace;
  std::set<const Inode*> locked;

  void note(const std::string& line) {
    if (tracing) trace += std::to_string(steps) + ": " + line + "\n";
  }

  // What happens to the next step. Call once per step, under the mutex, after the arguments were checked.
  Fate next_step(Can can, const std::string& what) {
    const std::uint64_t step = steps++;
    Fate fate = Fate::Done;
    if (step == faults.crash_at || random.below(1'000) < faults.crash) {
      fate = random.below(2) == 0 ? Fate::CrashBefore : Fate::CrashAfter;
      stopped = true;
    } else if (can == Can::RunOutOfSpace && random.below(1'000) < faults.no_space) {
      fate = Fate::NoSpace;
    } else if (can == Can::FailToSync && random.below(1'000) < faults.sync_error) {
      fate = Fate::SyncError;
    }
    if (fate != Fate::Done) ++injected;
    static constexpr const char* kFates[] = {"", " (crash before)", " (crash in it)", " (no space)",
                                             " (EIO)"};
    note(what + kFates[static_cast<std::size_t>(fate)]);
    return fate;
  }

  [[nodiscard]] Result<void> outcome(Fate fate, const std::string& path) const {
    switch (fate) {
      case Fate::Done: return {};
      case Fate::NoSpace: return fail(Code::LimitReached, path + ": no space left on device");
      case Fate::SyncError: return fail(Code::Unavailable, path + ": input/output error");
      default: return crash_error();
    }
  }

  [[nodiscard]] Result<void> alive(std::uint64_t of_epoch) const {
    if (stopped || of_epoch != epoch) return crash_error();
    return {};
  }
  // Of a call that reads.
  [[nodiscard]] Result<void> readable(const std::string& path) {
    if (faults.read_error == 0 || random.below(1'000) >= faults.read_error) return {};
    ++injected;
    note("read " + path + " (EIO)");
    return fail(Code::Unavailable, path + ": input/output error");
  }

  [[nodiscard]] InodePointer find(std::string_view path) const {
    InodePointer node = root;
    for (const std::string_view part : split(path, '/')) {
      if (part.empty() || part == ".") continue;
      if (!node->directory) return nullptr;
      const auto next = node->entries.find(std::string(part));
      if (next == node->entries.end()) return nullptr;
      node = next->second;
    }
    return node;
  }
  [[nodiscard]] Result<InodePointer> file(const std::string& path) const {
    InodePointer node = find(path);
    if (node == nullptr) return fail(Code::NotFound, path + ": no such file or directory");
    if (node->directory) return fail(Code::Unsupported, path + ": is a directory");
    return node;
  }
  [[nodiscard]] Result<InodePointer> folder(const std::string& path) const {
    InodePointer node = find(path);
    if (node == nullptr || !node->directory) return fail(Code::NotFound, path + ": no such directory");
    return node;
  }

  struct Place {
    InodePointer folder;
    std::string name;
  };
  // Where `path` is or would be.
  [[nodiscard]] Result<Place> place(const std::string& path) const {
    std::string_view trimmed = path;
    while (trimmed.ends_with('/')) trimmed.remove_suffix(1);
    const std::size_t slash = trimmed.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? trimmed : trimmed.substr(slash + 1);
    const std::string_view above = slash == std::string_view::npos ? "" : trimmed.substr(0, slash);
    if (name.empty() || name == ".") return fail(Code::InvalidInput, path + ": no name");
    InodePointer node = find(above);
    if (node == nullptr || !node->directory) return fail(Code::NotFound, path + ": no such directory");
    Place found{.folder = std::move(node), .name = std::string(name)};
    return found;
  }
};

namespace {

using State = SimulatedFileSystem::State;

class SimulatedReadable : public ReadableFile {
 public:
  SimulatedReadable(std::shared_ptr<State> state, InodePointer node, std::string path)
      : state_(std::move(state)), node_(std::move(node)), path_(std::move(path)), epoch_(state_->epoch) {}

  Result<std::uint64_t> size() const override {
    const std::lock_guard guard(state_->mutex);
    TRY(state_->alive(epoch_));
    TRY(state_->readable(path_));
    return node_->content.size();
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::lock_guard guard(state_->mutex);
    TRY(state_->alive(epoch_));
    TRY(state_->readable(path_));
    const std::vector<std::uint8_t>& content = node_->content;
    if (offset >= content.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(out.size(), content.size() - offset);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }

 private:
  std::shared_ptr<State> state_;
  InodePointer node_;
  std::string path_;
  std::uint64_t epoch_;
};

class SimulatedWritable : public WritableFile {
 public:
  SimulatedWritable(std::shared_ptr<State> state, InodePointer node, std::string path)
      : state_(std::move(state)), node_(std::move(node)), path_(std::move(path)), epoch_(state_->epoch) {}

  Result<void> append(Bytes bytes) override {
    const std::lock_guard guard(state_->mutex);
    TRY(state_->alive(epoch_));
    const Fate fate =
        state_->next_step(Can::RunOutOfSpace, "append " + std::to_string(bytes.size()) + " to " + path_);
    if (fate == Fate::CrashBefore) bytes = {};
    if (fate == Fate::CrashAfter || fate == Fate::NoSpace)
      bytes = bytes.first(state_->random.below(bytes.size() + 1));
    node_->content.insert(node_->content.end(), bytes.begin(), bytes.end());
    return state_->outcome(fate, path_);
  }

  Result<void> sync() override {
    const std::lock_guard guard(state_->mutex);
    TRY(state_->alive(epoch_));
    const Fate fate = state_->next_step(Can::FailToSync, "sync " + path_);
    if (fate == Fate::Done || fate == Fate::CrashAfter) node_->sync_content();
    if (fate == Fate::SyncError) node_->lose_sync(state_->random);
    return state_->outcome(fate, path_);
  }

 private:
  std::shared_ptr<State> state_;
  InodePointer node_;
  std::string path_;
  std::uint64_t epoch_;
};

class SimulatedLock : public FileLock {
 public:
  SimulatedLock(std::shared_ptr<State> state, InodePointer node)
      : state_(std::move(state)), node_(std::move(node)), epoch_(state_->epoch) {}
  SimulatedLock(const SimulatedLock&) = delete;
  SimulatedLock& operator=(const SimulatedLock&) = delete;
  ~SimulatedLock() override {
    const std::lock_guard guard(state_->mutex);
    if (epoch_ == state_->epoch) state_->locked.erase(node_.get());
  }

 private:
  std::shared_ptr<State> state_;
  InodePointer node_;
  std::uint64_t epoch_;
};

// Every inode below `node` and itself, once, under one of its paths: renames that happened by halves can
// leave two, or a folder inside of itself.
void walk(const InodePointer& node, const std::string& path, std::set<const Inode*>& seen,
          const std::function<void(const InodePointer&, const std::string&)>& each) {
  if (!seen.insert(node.get()).second) return;
  each(node, path);
  for (const auto& [name, below] : node->entries) walk(below, path + "/" + name, seen, each);
}

// The tree as a crash leaves it; an inode that has two names is settled once.
void settle(const InodePointer& node, Survival survival, std::uint64_t last_step, State& state) {
  if (node->survived == state.epoch) return;
  node->survived = state.epoch;
  if (!node->directory) {
    node->content = surviving_content(*node, survival, state.random);
    node->durable = node->content;
    node->clean = node->content.size();
    return;
  }
  node->settle_entries(surviving_entries(*node, survival, last_step, state.random));
  for (const auto& [name, below] : node->entries) settle(below, survival, last_step, state);
}

InodePointer copy_of(const InodePointer& node, std::map<const Inode*, InodePointer>& copies) {
  InodePointer& copy = copies[node.get()];
  if (copy != nullptr) return copy;
  copy = std::make_shared<Inode>();
  const InodePointer result = copy;
  result->directory = node->directory;
  result->content = node->content;
  result->durable = node->content;
  result->clean = node->content.size();
  std::map<std::string, InodePointer> names;
  for (const auto& [name, below] : node->entries) names[name] = copy_of(below, copies);
  result->settle_entries(std::move(names));
  return result;
}

}  // namespace

SimulatedFileSystem::SimulatedFileSystem(std::uint64_t seed) : state_(std::make_shared<State>(seed)) {
  state_->root->directory = true;
}

SimulatedFileSystem::~SimulatedFileSystem() = default;

Result<std::unique_ptr<ReadableFile>> SimulatedFileSystem::open(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  InodePointer node = TRY(state_->file(path));
  TRY(state_->readable(path));
  return std::make_unique<SimulatedReadable>(state_, std::move(node), path);
}

Result<std::unique_ptr<WritableFile>> SimulatedFileSystem::create(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const State::Place at = TRY(state_->place(path));
  if (at.folder->entries.contains(at.name)) return fail(Code::InvalidInput, path + ": file exists");
  const Fate fate = state_->next_step(Can::RunOutOfSpace, "create " + path);
  auto node = std::make_shared<Inode>();
  if (fate == Fate::Done || fate == Fate::CrashAfter) at.folder->set_entry(state_->steps, at.name, node);
  TRY(state_->outcome(fate, path));
  return std::make_unique<SimulatedWritable>(state_, std::move(node), path);
}

Result<std::unique_ptr<WritableFile>> SimulatedFileSystem::append_to(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  InodePointer node = TRY(state_->file(path));
  TRY(state_->readable(path));
  return std::make_unique<SimulatedWritable>(state_, std::move(node), path);
}

Result<void> SimulatedFileSystem::truncate(const std::string& path, std::uint64_t size) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const InodePointer node = TRY(state_->file(path));
  const Fate fate = state_->next_step(Can::FailToSync, "truncate " + path + " to " + std::to_string(size));
  if (fate == Fate::CrashBefore) return crash_error();
  node->content.resize(size);
  node->clean = std::min<std::size_t>(node->clean, size);
  if (fate == Fate::Done) node->sync_content();
  if (fate == Fate::SyncError) node->lose_sync(state_->random);
  return state_->outcome(fate, path);
}

Result<void> SimulatedFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const State::Place source = TRY(state_->place(from));
  const State::Place target = TRY(state_->place(to));
  const InodePointer node = state_->find(from);
  if (node == nullptr) return fail(Code::NotFound, from + ": no such file or directory");
  const InodePointer there = state_->find(to);
  if (there == node) return {};
  if (there != nullptr && (there->directory != node->directory || !there->entries.empty()))
    return fail(Code::Unsupported, to + ": cannot be replaced");
  if (node->directory && (to + "/").starts_with(from + "/"))
    return fail(Code::InvalidInput, to + ": is inside of " + from);
  const Fate fate = state_->next_step(Can::RunOutOfSpace, "rename " + from + " to " + to);
  if (fate == Fate::Done || fate == Fate::CrashAfter) {
    target.folder->set_entry(state_->steps, target.name, node);
    source.folder->set_entry(state_->steps, source.name, nullptr);
  }
  return state_->outcome(fate, to);
}

Result<void> SimulatedFileSystem::remove(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const State::Place at = TRY(state_->place(path));
  const auto found = at.folder->entries.find(at.name);
  if (found == at.folder->entries.end()) return fail(Code::NotFound, path + ": no such file or directory");
  if (!found->second->entries.empty()) return fail(Code::Unavailable, path + ": directory not empty");
  const Fate fate = state_->next_step(Can::OnlyCrash, "remove " + path);
  if (fate != Fate::CrashBefore) at.folder->set_entry(state_->steps, at.name, nullptr);
  return state_->outcome(fate, path);
}

Result<void> SimulatedFileSystem::make_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  if (const InodePointer there = state_->find(path); there != nullptr)
    return there->directory ? Result<void>{} : fail(Code::InvalidInput, path + ": file exists");
  const State::Place at = TRY(state_->place(path));
  const Fate fate = state_->next_step(Can::RunOutOfSpace, "make_directory " + path);
  if (fate == Fate::Done || fate == Fate::CrashAfter) {
    auto node = std::make_shared<Inode>();
    node->directory = true;
    at.folder->set_entry(state_->steps, at.name, node);
  }
  return state_->outcome(fate, path);
}

Result<void> SimulatedFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const InodePointer node = TRY(state_->folder(path));
  const Fate fate = state_->next_step(Can::FailToSync, "sync_directory " + path);
  if (fate == Fate::Done || fate == Fate::CrashAfter) node->sync_entries();
  if (fate == Fate::SyncError) node->lose_sync(state_->random);
  return state_->outcome(fate, path);
}

Result<std::vector<DirectoryEntry>> SimulatedFileSystem::list(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const InodePointer node = TRY(state_->folder(path));
  TRY(state_->readable(path));
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, below] : node->entries)
    entries.push_back({.name = name, .kind = below->directory ? EntryKind::Directory : EntryKind::File});
  return entries;
}

Result<std::unique_ptr<FileLock>> SimulatedFileSystem::lock(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TRY(state_->alive(state_->epoch));
  const State::Place at = TRY(state_->place(path));
  InodePointer node = state_->find(path);
  if (node == nullptr) {
    const Fate fate = state_->next_step(Can::RunOutOfSpace, "lock " + path);
    node = std::make_shared<Inode>();
    if (fate == Fate::Done || fate == Fate::CrashAfter) at.folder->set_entry(state_->steps, at.name, node);
    TRY(state_->outcome(fate, path));
  }
  if (node->directory) return fail(Code::Unsupported, path + ": is a directory");
  if (!state_->locked.insert(node.get()).second)
    return fail(Code::Unavailable, path + ": somebody else holds the lock");
  return std::make_unique<SimulatedLock>(state_, std::move(node));
}

void SimulatedFileSystem::set_faults(const Faults& faults) {
  const std::lock_guard guard(state_->mutex);
  state_->faults = faults;
}

std::uint64_t SimulatedFileSystem::steps() const {
  const std::lock_guard guard(state_->mutex);
  return state_->steps;
}

std::uint64_t SimulatedFileSystem::injected() const {
  const std::lock_guard guard(state_->mutex);
  return state_->injected;
}

bool SimulatedFileSystem::crashed() const {
  const std::lock_guard guard(state_->mutex);
  return state_->stopped;
}

void SimulatedFileSystem::restart(Survival survival) {
  const std::lock_guard guard(state_->mutex);
  std::uint64_t last_step = kNever;
  if (survival == Survival::Ordered) {
    std::vector<std::uint64_t> steps;
    std::set<const Inode*> seen;
    walk(state_->root, "", seen, [&](const InodePointer& node, const std::string&) {
      for (const Change& change : node->changes) steps.push_back(change.step);
    });
    last_step = steps.empty() ? 0 : steps[state_->random.below(steps.size())] - state_->random.below(2);
  }
  ++state_->epoch;
  settle(state_->root, survival, last_step, *state_);
  state_->locked.clear();
  state_->stopped = false;
  state_->faults = {};
  static constexpr const char* kSurvivals[] = {"nothing", "everything", "names in order",
                                               "names and sectors at will"};
  state_->note("-- restart; of what was not synced survived: " +
               std::string(kSurvivals[static_cast<std::size_t>(survival)]));
}

std::unique_ptr<SimulatedFileSystem> SimulatedFileSystem::copy(std::uint64_t seed) const {
  const std::lock_guard guard(state_->mutex);
  auto other = std::make_unique<SimulatedFileSystem>(seed);
  std::map<const Inode*, InodePointer> copies;
  other->state_->root = copy_of(state_->root, copies);
  return other;
}

Damage SimulatedFileSystem::rot() {
  const std::lock_guard guard(state_->mutex);
  std::vector<std::pair<std::string, InodePointer>> files;
  std::set<const Inode*> seen;
  walk(state_->root, "", seen, [&](const InodePointer& node, const std::string& path) {
    if (!node->content.empty()) files.emplace_back(path, node);
  });
  if (files.empty()) return {};
  const auto& [path, node] = files[state_->random.below(files.size())];
  const std::uint64_t offset = state_->random.below(node->content.size());
  node->content[offset] ^= static_cast<std::uint8_t>(1U << state_->random.below(8));
  if (offset < node->durable.size()) node->durable[offset] = node->content[offset];
  state_->note("-- bit rot in " + path + " at " + std::to_string(offset));
  return {.path = path, .offset = offset};
}

void SimulatedFileSystem::keep_trace() {
  const std::lock_guard guard(state_->mutex);
  state_->tracing = true;
}

std::string SimulatedFileSystem::trace() const {
  const std::lock_guard guard(state_->mutex);
  return state_->trace;
}

}  // namespace bulwark::sim
