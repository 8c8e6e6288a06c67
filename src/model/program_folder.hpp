#pragma once
#include <filesystem>

namespace perch::model {

/// The folder of the running program, links resolved: what is installed with it is found relative to it.
std::filesystem::path program_folder();

}  // namespace perch::model
