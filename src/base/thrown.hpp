#pragma once
#include <exception>
#include <type_traits>
#include <utility>

#include "base/result.hpp"

namespace perch {

/// What a library has thrown, as the error it is for people: internal, or that there is no memory left. @thread any
Error thrown_error(const std::exception& thrown);

/// Runs `work`, which returns a `Result`; what it throws is its error. For threads on which nobody could catch it.
template <class F>
std::invoke_result_t<F> without_throwing(F&& work) {
  try {
    return std::forward<F>(work)();
  } catch (const std::exception& thrown) {
    return fail(thrown_error(thrown));
  }
}

}  // namespace perch
