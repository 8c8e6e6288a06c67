# cmake -DOUTPUT=… -DCARDS=… -DLABELS=… -P embed.cmake: a .cpp with the texts of models/cards and models/labels in it.
cmake_minimum_required(VERSION 3.25)
function(embed array folder extension)
  file(GLOB files "${folder}/*.${extension}")
  list(SORT files)
  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" text)
    string(APPEND entries "    {\"${name}\", R\"~embedded~(${text})~embedded~\"},\n")
  endforeach()
  set(${array} "const std::vector<EmbeddedText>& ${array}() {\n  static const std::vector<EmbeddedText> kTexts{\n${entries}  };\n  return kTexts;\n}\n" PARENT_SCOPE)
endfunction()

embed(embedded_cards "${CARDS}" toml)
embed(embedded_labels "${LABELS}" txt)
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"// Made by src/model/embed.cmake from models/cards and models/labels.
#include \"model/embedded.hpp\"

namespace perch::model {

@embedded_cards@
@embedded_labels@
}  // namespace perch::model
")
