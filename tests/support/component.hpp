#pragma once
#include <string_view>

#include "config/field_value.hpp"
#include "seam/registry.hpp"

namespace perch::test {

/// The table of a component as a configuration would have it: `kind = "http", url = "…"`, in TOML, a line a key.
inline config::Component component(std::string_view toml) {
  config::Diagnostics ignored;  // what is mistyped lacks its kind and cannot be made
  return {config::parse_toml(toml, "test.toml", ignored)};
}

/// A registry with every component of this program.
inline const Registry& all_components() {
  static const Registry registry = [] {
    Registry made;
    describe_all(made);
    return made;
  }();
  return registry;
}

}  // namespace perch::test
