#pragma once
#include <array>
#include <string_view>

namespace perch::learn {

/// A kind of model that can be trained.
struct TrainKind {
  std::string_view name;  ///< as a job has it
  std::string_view help;
};

/// All of them, by name. They stand here, and not with the trainers, so that `perch` knows them without loading
/// libtorch.
inline constexpr std::array kTrainKinds{
    TrainKind{"anomaly", "learns what is normal, and says how unusual a frame is and where"},
    TrainKind{"classify", "tells what the whole of a picture shows"},
    TrainKind{"detect", "finds things and their boxes"},
    TrainKind{"digits", "reads a roller's position in tenths"},
};

}  // namespace perch::learn
