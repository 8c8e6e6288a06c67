#include "pictures/store.hpp"

#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include <doctest/doctest.h>

#include "journal/sqlite.hpp"
#include "support/program.hpp"

using namespace perch;
using pictures::Pin;
using pictures::Sha;
using pictures::Store;
using pictures::StoreOptions;

namespace fs = std::filesystem;

namespace {

template <class T>
std::string words(const Result<T>& result) {
  return result ? std::string() : result.error().message();
}

/// The `n`th of many pictures, of 1000 bytes.
Bytes picture(int n, std::size_t size = 1000) {
  Bytes bytes(size, static_cast<std::uint8_t>(n));
  bytes[0] = static_cast<std::uint8_t>(n >> 8);
  return bytes;
}

struct Fixture {
  test::TempFolder folder;
  ManualClock clock;
  std::unique_ptr<Store> store;

  explicit Fixture(std::uint64_t budget = 10'000) { open(budget); }

  fs::path root() const { return folder / "pictures"; }

  void open(std::uint64_t budget = 10'000) {
    store.reset();
    StoreOptions options;
    options.budget_bytes = budget;
    open(options);
  }

  void open(const StoreOptions& options) {
    store.reset();
    auto opened = Store::open(root(), options, clock);
    REQUIRE(words(opened) == "");
    store = std::move(*opened);
  }

  Sha put(int n, const std::vector<Pin>& pins = {}) {
    auto sha = store->put(picture(n), pins);
    REQUIRE(words(sha) == "");
    return *sha;
  }

  fs::path file(const Sha& sha) const { return root() / sha.hex().substr(0, 2) / sha.hex(); }

  /// Copies the store as a crash leaves it: while it is open.
  void crash() {
    const fs::path copy = folder / "copy";
    fs::copy(root(), copy, fs::copy_options::recursive);
    store.reset();
    fs::remove_all(root());
    fs::rename(copy, root());
  }
};

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a picture is found under its hash") {
  Fixture f;
  const Sha sha = f.put(1);
  CHECK(sha == Sha::of(picture(1)));
  CHECK(sha.reference() == "sha256:" + sha.hex());
  CHECK(f.store->contains(sha));
  CHECK(f.store->read(sha) == picture(1));
  CHECK(f.store->path(sha) == f.file(sha));
  CHECK(fs::file_size(f.file(sha)) == 1000);
  CHECK(f.store->read(Sha::of(picture(2))).error().code == Errc::not_found);
  CHECK(f.store->path(Sha::of(picture(2))).error().code == Errc::not_found);
}

TEST_CASE("only a hash names a picture, never a path") {
  const std::string good = Sha::of(picture(1)).hex();
  CHECK(Sha::parse(good));
  CHECK(Sha::parse("sha256:" + good));
  for (const std::string& bad :
       {std::string(), std::string("../../etc/passwd"), good.substr(1), good + "0", "../" + good.substr(3),
        good.substr(0, 63) + "/", good.substr(0, 63) + "G", good.substr(0, 63) + "A", std::string(64, '.'),
        good.substr(0, 63) + std::string(1, '\0')}) {
    CAPTURE(bad);
    CHECK(Sha::parse(bad).error().code == Errc::invalid);
  }
}

TEST_CASE("the same picture is kept once, and putting it again makes it the newest") {
  Fixture f(3000);
  const Sha first = f.put(1);
  const Sha second = f.put(2);
  f.put(1);
  CHECK(f.store->size() == 2);
  CHECK(f.store->bytes() == 2000);
  f.put(3);
  f.put(4);
  CHECK(f.store->contains(first));
  CHECK_FALSE(f.store->contains(second));
}

TEST_CASE("the budget is kept by letting the oldest go") {
  Fixture f(5000);
  std::vector<Sha> all;
  for (int i = 0; i < 12; ++i) {
    all.push_back(f.put(i));
    CHECK(f.store->bytes() <= 5000);
  }
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(f.store->contains(all[i]) == (i >= 7));
    CHECK(fs::exists(f.file(all[i])) == (i >= 7));
  }
  REQUIRE(f.store->set_budget(2000));
  CHECK(f.store->size() == 2);
  CHECK(f.store->put(picture(1, 2001)).error().code == Errc::too_large);
}

TEST_CASE("what somebody has pinned stays until the last pin is gone") {
  Fixture f(3000);
  const Sha kept = f.put(1, {{"alert/17", 0}, {"sink/hub", 5}});
  for (int i = 2; i < 8; ++i) f.put(i);
  CHECK(f.store->contains(kept));
  REQUIRE(f.store->unpin("alert/17"));
  for (int i = 8; i < 12; ++i) f.put(i);
  CHECK(f.store->pinned(kept));
  REQUIRE(f.store->unpin_up_to("sink/hub", 4));
  CHECK(f.store->pinned(kept));
  REQUIRE(f.store->unpin_up_to("sink/hub", 5));
  CHECK_FALSE(f.store->pinned(kept));
  f.put(12);
  CHECK_FALSE(f.store->contains(kept));
}

TEST_CASE("of two marks of one owner the greater holds, and one pin is set once") {
  Fixture f;
  const Sha sha = f.put(1, {{"sink/hub", 5}});
  f.put(1, {{"sink/hub", 9}});
  REQUIRE(f.store->pin("sink/hub", sha, 7));
  REQUIRE(f.store->unpin_up_to("sink/hub", 8));
  CHECK(f.store->pinned(sha));
  REQUIRE(f.store->unpin("sink/hub", sha));
  CHECK_FALSE(f.store->pinned(sha));
  REQUIRE(f.store->unpin("nobody"));
  CHECK(f.store->pin("alert/1", Sha::of(picture(9))).error().code == Errc::not_found);
  CHECK(f.store->evict(1) == 1000);
}

TEST_CASE("a budget full of pinned pictures refuses new ones and deletes nothing") {
  Fixture f(3000);
  for (int i = 0; i < 3; ++i) f.put(i, {{"dataset/lot", 0}});
  const auto refused = f.store->put(picture(4));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::full);
  CHECK(f.store->size() == 3);
  CHECK(f.store->evict(1000) == 0);
  REQUIRE(f.store->unpin("dataset/lot"));
  f.put(4);
}

TEST_CASE("pictures, order and pins survive closing and opening, without looking through the folder") {
  Fixture f(3000);
  const Sha pinned = f.put(1, {{"alert/1", 0}});
  const Sha oldest = f.put(2);
  const Sha newest = f.put(3);
  f.open(3000);
  CHECK_FALSE(f.store->recovery().scanned);
  CHECK(f.store->bytes() == 3000);
  f.put(4);
  CHECK(f.store->contains(pinned));
  CHECK_FALSE(f.store->contains(oldest));
  CHECK(f.store->contains(newest));
}

TEST_CASE("after a crash the folder is looked through: leftovers go, strangers are taken in, the missing forgotten") {
  Fixture f;
  const Sha here = f.put(1, {{"alert/1", 0}});
  const Sha gone = f.put(2, {{"alert/1", 0}});
  f.crash();
  const Bytes bytes = picture(3);
  const Sha stranger = Sha::of(bytes);
  fs::create_directories(f.file(stranger).parent_path());
  write(f.file(stranger), as_text(bytes));
  write(f.file(here).string() + ".123-4.part", "half a pict");
  write(f.file(here).parent_path() / "README", "not ours");
  fs::remove(f.file(gone));
  f.open();
  const pictures::Recovery& r = f.store->recovery();
  CHECK(r.scanned);
  CHECK(r.leftovers == 1);
  CHECK(r.adopted == 1);
  CHECK(r.missing == 1);
  CHECK(f.store->read(stranger) == bytes);
  CHECK(f.store->pinned(here));
  CHECK_FALSE(f.store->contains(gone));
  CHECK_FALSE(f.store->pinned(gone));
  CHECK(f.store->bytes() == 2000);
  CHECK_FALSE(fs::exists(f.file(here).string() + ".123-4.part"));
  CHECK(fs::exists(f.file(here).parent_path() / "README"));
}

TEST_CASE("a lost or damaged index is made again from the files, oldest first") {
  Fixture f;
  std::vector<Sha> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(f.put(i));
    fs::last_write_time(f.file(all.back()), fs::file_time_type{} + std::chrono::hours(100 + i));
  }
  f.store.reset();
  SUBCASE("lost") {
    fs::remove(f.root() / "index.db");
  }
  bool damaged = false;
  SUBCASE("damaged") {
    damaged = true;
    write(f.root() / "index.db", "this is no database, and long enough to be one");
  }
  f.open();
  const std::vector<Error> troubles = f.store->take_troubles();
  REQUIRE(troubles.size() == (damaged ? 1 : 0));
  if (damaged) {
    CHECK(troubles[0].where == f.root().string());
    CHECK(troubles[0].what.find(f.store->recovery().set_aside.filename().string()) != std::string::npos);
    CHECK(troubles[0].what.find("5 pictures") != std::string::npos);
    CHECK(fs::exists(f.store->recovery().set_aside));
  }
  CHECK(f.store->take_troubles().empty());
  CHECK(f.store->recovery().adopted == 5);
  CHECK(f.store->size() == 5);
  CHECK(f.store->evict(2000) == 2000);
  CHECK_FALSE(f.store->contains(all[1]));
  CHECK(f.store->contains(all[2]));
}

TEST_CASE("an index that breaks while it is used is made again, and the picture is kept all the same") {
  Fixture f;
  for (int i = 0; i < 5; ++i) f.put(i);
  f.store.reset();
  const fs::path index = f.root() / "index.db";
  auto db = journal::Database::open(index, {}).value();
  const std::int64_t page = db->integer("SELECT rootpage FROM sqlite_schema WHERE name = 'pin'").value();
  db.reset();  // that page nobody looks at before something is pinned
  std::fstream(index, std::ios::in | std::ios::out | std::ios::binary).seekp((page - 1) * 4096)
      << std::string(4096, '\x7B');
  f.open();
  CHECK(f.store->take_troubles().empty());
  const Sha kept = f.put(5, {{"alert/1", 0}});
  const auto troubles = f.store->take_troubles();
  REQUIRE(troubles.size() == 1);
  CHECK(troubles[0].what.find("the index was damaged; it is kept as index.db.damaged-") == 0);
  CHECK(f.store->pinned(kept));
  CHECK(f.store->size() == 6);
  CHECK(f.store->read(Sha::of(picture(0))) == picture(0));
}

TEST_CASE("what lies in a folder that cannot be read is not forgotten, and is there again when the folder is") {
  Fixture f;
  const Sha away = f.put(1), gone = f.put(2);
  REQUIRE(f.file(away).parent_path() != f.file(gone).parent_path());
  f.crash();
  const fs::path shelf = f.file(away).parent_path();
  fs::rename(shelf, f.folder / "shelf");
  fs::create_directory_symlink(shelf.filename(), shelf);  // no program can read what leads to itself
  fs::remove(f.file(gone));
  f.open();
  CHECK(f.store->recovery().unread == 1);
  CHECK(f.store->take_troubles().at(0).what.find("1 of its folders cannot be read") == 0);
  CHECK(f.store->recovery().missing == 1);
  CHECK(f.store->contains(away));
  CHECK(f.store->bytes() == 1000);
  CHECK_FALSE(f.store->read(away));
  fs::remove(shelf);
  fs::rename(f.folder / "shelf", shelf);
  f.open();  // closed, and looked through again all the same
  CHECK(f.store->recovery().scanned);
  CHECK(f.store->recovery().unread == 0);
  CHECK(f.store->read(away) == picture(1));
}

TEST_CASE("a damaged picture is not given out, and is forgotten") {
  Fixture f;
  const Sha sha = f.put(1);
  write(f.file(sha), "something else");
  CHECK(f.store->read(sha).error().code == Errc::mismatch);
  CHECK(f.store->read(sha).error().code == Errc::not_found);
  f.put(1);
  CHECK(f.store->read(sha) == picture(1));
}

TEST_CASE("a file that vanished or shrank behind the store's back is written anew") {
  Fixture f;
  const Sha sha = f.put(1);
  fs::resize_file(f.file(sha), 10);
  f.put(1);
  CHECK(f.store->read(sha) == picture(1));
  fs::remove(f.file(sha));
  f.put(1);
  CHECK(f.store->read(sha) == picture(1));
  CHECK(f.store->bytes() == 1000);
}

TEST_CASE("a full disk lets go of what may go, and says so when that is not enough") {
  Fixture f;
  StoreOptions options;
  std::size_t room = 5;  // files
  options.write = [&](const fs::path& path, ByteView bytes) -> Result<void> {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(f.root()))
      files += entry.path().filename().string().size() == 64 ? 1U : 0U;
    if (files >= room) return fail(Errc::full, "no space left on device", path.string());
    return write_file(path, bytes);
  };
  f.open(options);
  const Sha pinned = f.put(0, {{"alert/1", 0}});
  for (int i = 1; i < 20; ++i) f.put(i);
  CHECK(f.store->size() <= 5);
  CHECK(f.store->contains(pinned));
  room = 1;
  const auto refused = f.store->put(picture(30));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::full);
  CHECK(f.store->contains(pinned));
  CHECK(f.store->size() == 1);
  room = 5;
  f.put(30);
}

TEST_CASE("how much there is can be asked while a picture is on its way to the disk") {
  Fixture f;
  std::uint64_t bytes = 0;
  std::size_t pictures = 0;
  StoreOptions options;
  options.write = [&](const fs::path& path, ByteView content) -> Result<void> {
    auto asked = std::async(std::launch::async, [&] {
      bytes = f.store->bytes();
      pictures = f.store->size();
    });
    if (asked.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
      return fail(Errc::timeout, "who asks has to wait for the disk");
    return write_file(path, content);
  };
  f.open(options);
  f.put(1);
  f.put(2);
  CHECK(bytes == 1000);
  CHECK(pictures == 1);
  CHECK(f.store->size() == 2);
}

TEST_CASE("two programs cannot share a store") {
  Fixture f;
  const auto second = Store::open(f.root(), {}, f.clock);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::exists);
  f.put(1);
}

TEST_CASE("threads that put, read, pin and evict at once leave a store that adds up") {
  Fixture f(50'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&f, t] {
      for (int i = 0; i < 30; ++i) {
        const int n = (t * 7 + i) % 70;
        const auto sha = f.store->put(picture(n));
        if (!sha) continue;
        const auto read = f.store->read(*sha);
        if (read && *read != picture(n)) std::abort();
        if (i % 3 == 0) static_cast<void>(f.store->pin("t", *sha));
        if (i % 5 == 0) static_cast<void>(f.store->unpin("t", *sha));
        if (i % 10 == 0) static_cast<void>(f.store->evict(1000));
      }
    });
  }
  for (std::thread& t : threads) t.join();
  std::uint64_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(f.root()))
    if (entry.path().filename().string().size() == 64) ++files;
  CHECK(files == f.store->size());
  CHECK(f.store->bytes() == files * 1000);
}
