#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace perch::config {

struct Origin;

/// One thing that is wrong in a configuration: where, what, and what was likely meant.
struct Diagnostic {
  std::string file;
  int line = 0;        ///< from 1; 0 when the place is not known
  int column = 0;      ///< from 1
  std::string key;     ///< dotted: `camera.driveway.task.cars.min_score`
  std::string reason;  ///< "unknown key", "must be at least 100ms"
  std::string remedy;  ///< "did you mean 'every'?", or empty

  /// `perch.toml:12:3: camera.driveway.evry: unknown key; did you mean 'every'?`
  std::string message() const;
};

/// Everything that is wrong in a configuration, found in one go.
class Diagnostics {
 public:
  void add(const Origin& origin, std::string key, std::string reason, std::string remedy = {});

  void add(Diagnostic diagnostic) { list_.push_back(std::move(diagnostic)); }

  bool ok() const { return list_.empty(); }

  const std::vector<Diagnostic>& list() const { return list_; }

  /// Each as its message.
  std::vector<std::string> messages() const;
  /// In the order of the file; duplicates removed.
  void sort();
  /// All of it as one error, a line each; as `where` the place of one, of many the file that they share. @pre not ok()
  Error to_error() const;

 private:
  std::vector<Diagnostic> list_;
};

}  // namespace perch::config
