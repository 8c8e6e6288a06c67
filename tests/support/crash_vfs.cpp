#include "support/crash_vfs.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/assert.hpp"

namespace perch::test {

namespace {

constexpr std::size_t kSector = 512;

sqlite3_vfs* real_vfs() {
  return sqlite3_vfs_find(nullptr);
}

struct OpenFile {
  sqlite3_file base;
  CrashDisk* disk;
  CrashDisk::File* file;
};

OpenFile& opened(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

}  // namespace

/// SQLite's calls, on the disk that its VFS stands for.
struct CrashCalls {
  using Change = CrashDisk::File::Change;

  static CrashDisk& disk(sqlite3_vfs* vfs) { return *static_cast<CrashDisk*>(vfs->pAppData); }

  static void change(CrashDisk::File& file, Change change) {
    CrashDisk::apply(file.now, change);
    file.changes.push_back(std::move(change));
  }

  static int close(sqlite3_file*) { return SQLITE_OK; }

  static int read(sqlite3_file* f, void* to, int amount, sqlite3_int64 offset) {
    const Bytes& bytes = *opened(f).file->now;
    const auto wanted = static_cast<std::size_t>(amount);
    const std::size_t from = std::min(static_cast<std::size_t>(offset), bytes.size());
    const std::size_t got = std::min(wanted, bytes.size() - from);
    if (got > 0) std::memcpy(to, bytes.data() + from, got);
    std::memset(static_cast<char*>(to) + got, 0, wanted - got);
    return got == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* f, const void* from, int amount, sqlite3_int64 offset) {
    OpenFile& o = opened(f);
    if (o.disk->fails()) return SQLITE_IOERR_WRITE;
    const auto at = static_cast<std::size_t>(offset);
    const auto size = static_cast<std::size_t>(amount);
    const std::size_t now = o.file->now->size();
    if (at + size > now && o.disk->used() + (at + size - now) > o.disk->room_) return SQLITE_FULL;
    const auto* const bytes = static_cast<const std::uint8_t*>(from);
    change(*o.file, {Change::Kind::write, at, Bytes(bytes, bytes + size)});
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (opened(f).disk->fails()) return SQLITE_IOERR_TRUNCATE;
    change(*opened(f).file, {Change::Kind::truncate, static_cast<std::size_t>(size), {}});
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* f, int) {
    if (opened(f).disk->fails()) return SQLITE_IOERR_FSYNC;
    if (!opened(f).disk->lies_) CrashDisk::settle(*opened(f).file);
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* f, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(opened(f).file->now->size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file*, int) { return SQLITE_OK; }

  static int is_reserved(sqlite3_file*, int* reserved) {
    *reserved = 0;
    return SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

  static int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }

  /// As SQLite assumes of real disks: a write that is torn leaves the bytes around it alone.
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* to, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = [] {
      sqlite3_io_methods m{};
      m.iVersion = 1;
      m.xClose = close;
      m.xRead = read;
      m.xWrite = write;
      m.xTruncate = truncate;
      m.xSync = sync;
      m.xFileSize = file_size;
      m.xLock = lock;
      m.xUnlock = lock;
      m.xCheckReservedLock = is_reserved;
      m.xFileControl = control;
      m.xSectorSize = sector_size;
      m.xDeviceCharacteristics = characteristics;
      return m;
    }();
    to->pMethods = nullptr;
    if (name == nullptr) return SQLITE_CANTOPEN;  // a temporary file: the journal must need none
    CrashDisk& d = disk(vfs);
    const auto found = d.files_.find(name);
    if (found == d.files_.end() || !found->second.now) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      if (d.failing_from_ != 0 && d.operations_ >= d.failing_from_) return SQLITE_CANTOPEN;
      change(d.files_[name], {Change::Kind::create, 0, {}});
    }
    OpenFile& o = opened(to);
    o.disk = &d;
    o.file = &d.files_.find(name)->second;
    o.base.pMethods = &methods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    CrashDisk& d = disk(vfs);
    const auto found = d.files_.find(name);
    if (found == d.files_.end() || !found->second.now) return SQLITE_IOERR_DELETE_NOENT;
    if (d.fails()) return SQLITE_IOERR_DELETE;
    change(found->second, {Change::Kind::remove, 0, {}});
    if (sync_folder != 0) CrashDisk::settle(found->second);
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    const auto& files = disk(vfs).files_;
    const auto found = files.find(name);
    *result = found != files.end() && found->second.now ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs*, int size, char* out) { return real_vfs()->xRandomness(real_vfs(), size, out); }

  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

  static int current_time(sqlite3_vfs*, double* now) { return real_vfs()->xCurrentTime(real_vfs(), now); }

  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

struct CrashDisk::Vfs {
  sqlite3_vfs calls{};
};

CrashDisk::CrashDisk() : vfs_(std::make_unique<Vfs>()) {
  static unsigned count = 0;
  name_ = fmt::format("crash-{}", ++count);
  sqlite3_vfs& v = vfs_->calls;
  v.iVersion = 1;
  v.szOsFile = sizeof(OpenFile);
  v.mxPathname = 256;
  v.zName = name_.c_str();
  v.pAppData = this;
  v.xOpen = CrashCalls::open;
  v.xDelete = CrashCalls::remove;
  v.xAccess = CrashCalls::access;
  v.xFullPathname = CrashCalls::full_path;
  v.xRandomness = CrashCalls::randomness;
  v.xSleep = CrashCalls::sleep;
  v.xCurrentTime = CrashCalls::current_time;
  v.xGetLastError = CrashCalls::last_error;
  const int registered = sqlite3_vfs_register(&v, 0);
  PERCH_ASSERT(registered == SQLITE_OK);
}

CrashDisk::~CrashDisk() {
  sqlite3_vfs_unregister(&vfs_->calls);
}

std::uint64_t CrashDisk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : files_)
    if (file.now) bytes += file.now->size();
  return bytes;
}

bool CrashDisk::fails() {
  ++operations_;
  return failing_from_ != 0 && operations_ >= failing_from_;
}

void CrashDisk::apply(std::optional<Bytes>& content, const File::Change& change) {
  switch (change.kind) {
    case File::Change::Kind::create:
      if (!content) content.emplace();
      return;
    case File::Change::Kind::remove:
      content.reset();
      return;
    case File::Change::Kind::truncate:
      if (content) content->resize(change.offset);
      return;
    case File::Change::Kind::write:
      if (!content) content.emplace();  // its name came to the disk with its bytes
      if (content->size() < change.offset + change.bytes.size()) content->resize(change.offset + change.bytes.size());
      std::copy(change.bytes.begin(), change.bytes.end(),
                content->begin() + static_cast<std::ptrdiff_t>(change.offset));
      return;
  }
}

void CrashDisk::settle(File& file) {
  for (const File::Change& change : file.changes) apply(file.synced, change);
  file.changes.clear();
}

void CrashDisk::boot(const Image& image, Unsynced unsynced, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  files_.clear();
  for (const auto& [name, old] : image) {
    std::optional<Bytes> content = old.synced;
    for (const File::Change& change : old.changes) {
      if (unsynced == Unsynced::lost) break;
      const auto fate = unsynced == Unsynced::kept ? 0 : random() % 3;  // 0: there, 1: not there, 2: torn
      if (fate == 0) apply(content, change);
      if (fate != 2 || change.kind != File::Change::Kind::write) continue;
      for (std::size_t at = 0; at < change.bytes.size();) {  // by sectors of the disk
        const std::size_t size = std::min(kSector - (change.offset + at) % kSector, change.bytes.size() - at);
        const auto* const from = change.bytes.data() + at;
        if (random() % 2 == 0)
          apply(content, {File::Change::Kind::write, change.offset + at, Bytes(from, from + size)});
        at += size;
      }
    }
    if (content) files_[name] = {content, content, {}};
  }
  failing_from_ = 0;
}

}  // namespace perch::test
