#include "base/folder.hpp"

#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

using namespace perch;
namespace fs = std::filesystem;

namespace {

/// A folder with files in three depths, and links that lead nowhere, to a file, and to the folder itself.
struct Fixture {
  Fixture() {
    std::string form = (fs::temp_directory_path() / "perch-folder-XXXXXX").string();
    root = ::mkdtemp(form.data());
    fs::create_directories(root / "below/deeper");
    for (const char* name : {"b.txt", "a.txt", "c.jpg", "below/d.txt", "below/deeper/e.txt"})
      std::ofstream(root / name) << name;
    fs::create_directory(root / "folder.txt");
    fs::create_symlink("nowhere", root / "broken.txt");
    fs::create_symlink("loop.txt", root / "loop.txt");
    fs::create_symlink("a.txt", root / "link.txt");
    fs::create_directory_symlink(root, root / "below/again");
  }

  ~Fixture() { fs::remove_all(root); }

  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  fs::path root;
};

bool is_text(const fs::path& path) {
  return path.extension() == ".txt";
}

}  // namespace

TEST_CASE("the wanted files of a folder come in the order of their names, and nothing that is no file") {
  const Fixture f;
  CHECK(list_files(f.root, is_text) == std::vector{f.root / "a.txt", f.root / "b.txt", f.root / "link.txt"});
}

TEST_CASE("a deep look takes the folders below, and follows no link to a folder") {
  const Fixture f;
  const auto files = list_files(f.root, is_text, Depth::deep);
  REQUIRE(files);
  CHECK(files->size() == 5);
  CHECK(files->at(2) == f.root / "below/d.txt");
  CHECK(files->at(3) == f.root / "below/deeper/e.txt");
}

TEST_CASE("a folder that cannot be read is an error that names it, and hides nothing of the others") {
  const Fixture f;
  CHECK(list_files(f.root / "none", is_text).error().code == Errc::not_found);
  CHECK(list_files(f.root / "none", is_text).error().where == (f.root / "none").string());
  CHECK(list_files(f.root / "a.txt", is_text).error().what == "cannot read the folder: Not a directory");
  if (::geteuid() == 0) return;  // who may read everything
  fs::permissions(f.root / "below", fs::perms::none);
  const FolderFiles found = find_files(f.root, is_text, Depth::deep);
  fs::permissions(f.root / "below", fs::perms::owner_all);
  CHECK(found.files.size() == 3);
  REQUIRE(found.unread.size() == 1);
  CHECK(found.unread[0].code == Errc::denied);
  CHECK(found.unread[0].where == (f.root / "below").string());
}
