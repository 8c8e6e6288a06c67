#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace perch {

/// What kind of failure an `Error` is, for code that must choose what to do. People read `Error::message()`.
enum class Errc : std::uint8_t {
  invalid,      ///< input that can never be right: bad bytes, a mistyped value
  not_found,    ///< a file, name or host that is not there
  exists,       ///< something is already there
  mismatch,     ///< two things that must fit do not: a card and its model, a hash and its file
  unsupported,  ///< valid, but not something this build can do
  too_large,    ///< over a stated limit
  io,           ///< the operating system or the far end failed; a retry may help
  timeout,      ///< no answer in time
  denied,       ///< no permission
  full,         ///< no space, no memory or no place in a queue
  canceled,     ///< stopped on request
  eof,          ///< the regular end of a stream
  no_reading,   ///< the picture shows no value that can be trusted
  internal      ///< a library failed in a way it should not
};

/// The name of a kind of failure, as logs and JSON show it.
std::string_view name(Errc code);

/// A failure as a value: what went wrong, where, and what to do about it. Logged or passed on, never both.
struct Error {
  Errc code = Errc::internal;
  std::string what;    ///< the failure in a few words: "not a JPEG: starts with 3c 68"
  std::string where;   ///< the file, URL, camera or key it happened to; may be empty
  std::string remedy;  ///< what the reader can do; may be empty

  /// One line for people: `WHERE: WHAT; REMEDY`, with the parts that are there.
  std::string message() const;

  /// The same failure, named with the place it happened in, unless it names one already.
  Error at(std::string_view place) const;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Makes a failed `Result`: `return fail(Errc::io, "cannot read", path, "check its permissions");`
inline tl::unexpected<Error> fail(Errc code, std::string what, std::string where = {}, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(what), std::move(where), std::move(remedy)});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace perch

#define PERCH_CONCAT_(a, b) a##b
#define PERCH_CONCAT(a, b) PERCH_CONCAT_(a, b)

/// `PERCH_TRY(auto value, expression)`: the value of a `Result`, or returns its error from this function.
#define PERCH_TRY(declaration, ...) PERCH_TRY_(PERCH_CONCAT(perch_try_, __LINE__), declaration, __VA_ARGS__)
#define PERCH_TRY_(name, declaration, ...)                                     \
  auto name = (__VA_ARGS__);                                                   \
  if (!name) return ::tl::unexpected<::perch::Error>(std::move(name).error()); \
  declaration = std::move(*name)

/// `PERCH_CHECK(expression)`: returns the error of a `Result<void>` from this function, if it has one.
#define PERCH_CHECK(...)                                                       \
  do {                                                                         \
    if (auto perch_check = (__VA_ARGS__); !perch_check)                        \
      return ::tl::unexpected<::perch::Error>(std::move(perch_check).error()); \
  } while (false)
