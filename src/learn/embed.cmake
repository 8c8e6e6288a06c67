# cmake -DOUTPUT=… -DCATALOGUE=… -P embed.cmake: a .cpp with the text of models/catalogue.toml in it.
cmake_minimum_required(VERSION 3.25)
file(READ "${CATALOGUE}" text)
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"// Made by src/learn/embed.cmake from models/catalogue.toml.
#include \"learn/built_in.hpp\"

namespace perch::learn {

std::string_view built_in_catalogue_text() {
  return R\"~embedded~(@text@)~embedded~\";
}

}  // namespace perch::learn
")
