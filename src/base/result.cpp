#include "base/result.hpp"

namespace perch {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::exists:
      return "exists";
    case Errc::mismatch:
      return "mismatch";
    case Errc::unsupported:
      return "unsupported";
    case Errc::too_large:
      return "too_large";
    case Errc::io:
      return "io";
    case Errc::timeout:
      return "timeout";
    case Errc::denied:
      return "denied";
    case Errc::full:
      return "full";
    case Errc::canceled:
      return "canceled";
    case Errc::eof:
      return "eof";
    case Errc::no_reading:
      return "no_reading";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

std::string Error::message() const {
  std::string text;
  if (!where.empty()) text += where + ": ";
  text += what;
  if (!remedy.empty()) text += "; " + remedy;
  return text;
}

Error Error::at(std::string_view place) const {
  Error placed = *this;
  if (placed.where.empty()) placed.where = place;
  return placed;
}

}  // namespace perch
