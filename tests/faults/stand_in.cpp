// The smallest program that keeps a promise about the disk, and one that does not: what shows that the fault
// runner sees the difference.
//
// stand_in put|put-carelessly FOLDER NAME TEXT      put: FOLDER/NAME holds TEXT when it ends with 0

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "os/file_system.h"
#include "os/files.h"

namespace bulwark {
namespace {

Result<void> put(FileSystem& files, const std::string& folder, const std::string& path, Bytes content) {
  const auto lock = TRY(files.lock(folder + "/lock"));
  // Of a run that was killed.
  auto removed = files.remove(path + ".new");
  if (!removed && removed.error().code != Code::NotFound) return removed;
  return replace_file(files, folder, path, path + ".new", content);
}

Result<void> put_carelessly(FileSystem& files, const std::string& path, Bytes content) {
  TRY(files.remove(path));
  const auto file = TRY(files.create(path));
  return file->append(content);
}

int run(int argc, char** argv) {
  if (argc != 5) return 3;
  const std::string_view verb = argv[1];
  const std::string folder = argv[2];
  const std::string path = folder + "/" + argv[3];
  os::RealFileSystem files;
  auto done = verb == "put" ? put(files, folder, path, bytes_of(argv[4]))
                            : put_carelessly(files, path, bytes_of(argv[4]));
  if (done) done = os::write_stream(STDOUT_FILENO, "done\n");
  if (done) return 0;
  std::fprintf(stderr, "stand_in: %s\n", done.error().message.c_str());
  return 3;
}

}  // namespace
}  // namespace bulwark

int main(int argc, char** argv) {
  return bulwark::run(argc, argv);
}
