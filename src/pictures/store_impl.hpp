#pragma once
#include <filesystem>
#include <memory>

#include "journal/sqlite.hpp"
#include "pictures/store.hpp"

/// What the files of the store share; store_open.cpp opens it and puts it right, store.cpp is its daily work.
namespace perch::pictures {

inline constexpr std::size_t kHexDigits = 64;

struct Store::Index {
  std::unique_ptr<journal::Database> db;
  journal::Statement find, insert, renew, pin, oldest_free, remove;
};

/// Whether these are digits of a SHA-256.
bool is_hex(std::string_view text);

/// Makes a folder so that it is there after a power cut. Errors: full, denied, io.
Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace perch::pictures
