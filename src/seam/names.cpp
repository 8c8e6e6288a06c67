#include "seam/observation.hpp"

namespace perch {

std::string_view name(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::still:
      return "still";
    case Status::uncertain:
      return "uncertain";
    case Status::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view name(OutputKind kind) {
  switch (kind) {
    case OutputKind::gauge:
      return "gauge";
    case OutputKind::counter:
      return "counter";
    case OutputKind::state:
      return "state";
    case OutputKind::flag:
      return "flag";
  }
  return "gauge";
}

}  // namespace perch
