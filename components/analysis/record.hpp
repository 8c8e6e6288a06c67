#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "seam/analysis.hpp"

namespace perch {
class Registry;
}

/// Passes signals of a record on as values. Needs no model.
///
/// Without a list every signal is passed on as it came; nothing is then declared, for what there is is known only once
/// records come. With a list those signals are outputs, in its order; a record that lacks some is `uncertain` and says
/// which, one that has none of them is unknown.
namespace perch::analysis::record {

/// One signal that is passed on.
struct Signal {
  std::string name;    ///< as the record has it
  std::string output;  ///< as the value is called; empty: as the signal
  std::string unit;
  OutputKind kind = OutputKind::gauge;
  int decimals = 2;
};

struct Config {
  std::vector<Signal> signals{};
};

/// Errors: invalid (two signals with the same output).
Result<std::unique_ptr<Analysis>> create(const Config& config, const AnalysisContext& context);

void describe(Registry& registry);

}  // namespace perch::analysis::record
