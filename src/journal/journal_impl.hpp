#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "journal/journal.hpp"
#include "journal/sqlite.hpp"

namespace perch::journal {

/// The database behind a journal, with the statements that it uses again and again.
struct Journal::Impl {
  Impl(const Clock& c, Options o, std::filesystem::path p) : clock(c), options(std::move(o)), path(std::move(p)) {}

  const Clock& clock;
  const Options options;
  const std::filesystem::path path;
  std::unique_ptr<Database> db;

  using Stream = std::pair<std::string, std::string>;  ///< camera and task
  std::map<Stream, std::int64_t> streams;

  Statement insert_stream, insert_reading, move_cursor;
  Statement read_after, read_line;
  Statement find_newest, find_oldest;

  /// The number of a camera's task; entered when it is new.
  Result<std::int64_t> stream(const Stream& key);
  Result<void> load_streams();
  Result<void> prepare();

  /// Takes the room that a full disk is emptied with, unless it is there or not wanted. A disk that has no such room
  /// goes without.
  void take_reserve() const;
  /// Whether there was a reserve to give up.
  bool give_up_reserve() const;
};

}  // namespace perch::journal
