#include "drill/instance.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "base/text.h"
#include "os/files.h"
#include "os/process.h"
#include "recipe/assembler.h"
#include "recipe/line.h"

extern "C" const char bw_drill_loader[], bw_drill_loader_end[], bw_drill_builder[], bw_drill_builder_end[];
extern "C" const char bw_drill_surroundings[], bw_drill_surroundings_end[];

namespace bulwark::drill {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// An attack in an ablation run is a marker or some bytes; a loader starts in 50 ms.
constexpr auto kLoadTime = 15s;
// Bytes on their way to the sink when the child has ended.
constexpr auto kArrival = 500ms;
// Samples written in Python find builder.py in their working folder.
constexpr std::string_view kWithBuilder = "from builder import *\n";
// A minimal installation lacks some of what the loaders and the payloads import.
constexpr const char* kTrial =
    "import ast, base64, bz2, codecs, ctypes, gzip, hashlib, http.server, json, lzma, marshal, pickle, "
    "random, "
    "runpy, socket, sys, threading, timeit, urllib.request, zipfile, zlib\n"
    "print(sys.version_info >= (3, 8))";
constexpr std::uint64_t kMarkerBytes = 4096;

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

Result<void> write_file(const fs::path& path, std::string_view content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (file) return {};
  return fail(Code::Unavailable, "cannot write " + path.string());
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// The last line "answer: …" of a loader.
std::string answer_in(std::string_view output) {
  std::string answer;
  constexpr std::string_view kAnswer = "answer: ";
  for (const std::string_view line : split(output, '\n'))
    if (line.starts_with(kAnswer)) answer = trim(line.substr(kAnswer.size()));
  return answer;
}

std::string last_line(std::string_view text) {
  const auto lines = split(trim(text), '\n');
  return printable(lines.back());
}

// Files below `folder` except the marker.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().lexically_relative(folder).string();
    if (name != "marker") found.push_back(name);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::string find_python() {
  std::vector<std::string> candidates = {"/usr/bin/python3", "/usr/local/bin/python3"};
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':'))
    if (folder.starts_with('/')) candidates.push_back(std::string(folder) + "/python3");
  for (const std::string& candidate : candidates) {
    if (access(candidate.c_str(), X_OK) != 0) continue;
    const auto tried =
        os::run_child({.arguments = {candidate, "-I", "-S", "-c", kTrial}, .environment = {}, .folder = "/"});
    if (tried && tried->succeeded() && trim(tried->output) == "True") return candidate;
  }
  return {};
}

Result<std::unique_ptr<Instance>> Instance::make(const Drill& drill, const std::string& parent,
                                                 std::string python, std::uint64_t seed) {
  os::TemporaryFolder folder = TRY(os::TemporaryFolder::make(parent));
  std::unique_ptr<Instance> made(new Instance(drill, std::move(folder), std::move(python), seed));
  TRY(write_file(made->folder_.path() + "/loader.py", between(bw_drill_loader, bw_drill_loader_end)));
  TRY(write_file(made->folder_.path() + "/surroundings.py",
                 between(bw_drill_surroundings, bw_drill_surroundings_end)));
  TRY(write_file(made->folder_.path() + "/builder.py", between(bw_drill_builder, bw_drill_builder_end)));
  if (made->uses_sink()) made->sink_ = TRY(os::Sink::open());
  return made;
}

bool Instance::uses_sink() const {
  return std::ranges::any_of(drill_.attacks,
                             [](const Trial& attack) { return attack.effect.kind == Effect::Kind::Sink; });
}

std::vector<std::string> Instance::environment(const std::string& home) const {
  return {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + home, "TMPDIR=" + home, "LC_ALL=C.UTF-8",
          "PYTHONHASHSEED=" + std::to_string(seed_)};
}

Result<std::vector<Crosser>> Instance::build(const std::vector<Sample>& samples) const {
  std::vector<Crosser> built;
  for (const Sample& sample : samples) {
    const std::string source =
        sink_ == nullptr ? sample.source : replaced(sample.source, "${PORT}", std::to_string(sink_->port()));
    Crosser file{.name = sample.name, .bytes = {}};
    if (sample.made == Sample::Made::Text) {
      file.bytes.assign(source.begin(), source.end());
    } else if (sample.made == Sample::Made::Recipe) {
      auto bytes = recipe::assemble(recipe::lines_of(source, sample.line + 1));
      if (!bytes) return std::unexpected(std::move(bytes).error().within(sample.name));
      file.bytes = std::move(*bytes);
    } else {
      const auto made = TRY(
          os::run_child({.arguments = {python_, "-s", "-S", "-B", "-c", std::string(kWithBuilder) + source},
                         .environment = environment(folder_.path()),
                         .folder = folder_.path()}));
      if (!made.succeeded()) return fail(Code::InvalidInput, sample.name + ": " + last_line(made.errors));
      file.bytes.assign(made.output.begin(), made.output.end());
    }
    built.push_back(std::move(file));
  }
  return built;
}

Result<std::string> Instance::new_folder() {
  std::string path = folder_.path() + "/kept-" + std::to_string(++folders_);
  std::error_code error;
  if (!fs::create_directory(path, error)) return fail(Code::Unavailable, "cannot make " + path);
  return path;
}

Result<void> Instance::tamper(const std::string& folder, const std::string& program) const {
  // builder.py lies one folder higher.
  const auto ended = TRY(os::run_child(
      {.arguments = {python_, "-s", "-S", "-B", "-c", "import sys; sys.path.insert(0, '..')\n" + program},
       .environment = environment(folder_.path()),
       .folder = folder}));
  if (!ended.succeeded()) return fail(Code::InvalidInput, "tamper: " + last_line(ended.errors));
  return {};
}

Result<Loaded> Instance::load(const Load& load, std::span<const Crosser> files,
                              std::span<const Crosser> elsewhere) {
  const fs::path place = fs::path(folder_.path()) / ("load-" + std::to_string(++loads_));
  const fs::path model = place / "model";
  const fs::path work = place / "work";
  for (const Crosser& file : files) TRY(write_file(model / file.name, text_of(file.bytes)));
  for (const Crosser& file : elsewhere) TRY(write_file(place / "elsewhere" / file.name, text_of(file.bytes)));
  std::error_code error;
  fs::create_directories(work, error);
  const std::uint64_t before = sink_ == nullptr ? 0 : sink_->arrived();

  std::vector<std::string> arguments = {python_,
                                        "-s",
                                        "-S",
                                        "-B",
                                        folder_.path() + "/loader.py",
                                        load.with,
                                        (model / load.file).lexically_normal().string()};
  arguments.insert(arguments.end(), load.arguments.begin(), load.arguments.end());
  const auto ended = TRY(os::run_child({.arguments = std::move(arguments),
                                        .environment = environment(work.string()),
                                        .folder = work.string(),
                                        .network = sink_ == nullptr ? os::Network::None : os::Network::Host,
                                        .wall = kLoadTime}));
  Loaded loaded{.finished = ended.succeeded(), .answer = answer_in(ended.output), .isolated = ended.isolated};
  if (!loaded.finished) loaded.complaint = ended.timed_out ? "took too long" : last_line(ended.errors);
  if (const auto marker = os::read_text((work / "marker").string(), kMarkerBytes); marker)
    loaded.marker = printable(trim(*marker), 60);
  loaded.leftovers = files_in(work);
  if (sink_ != nullptr) {
    for (auto waited = 0ms; sink_->arrived() == before && waited < kArrival; waited += 10ms)
      std::this_thread::sleep_for(10ms);
    loaded.stolen = sink_->arrived() - before;
  }
  return loaded;
}

Result<void> Instance::clear() {
  sink_.reset();
  return folder_.remove();
}

}  // namespace bulwark::drill
