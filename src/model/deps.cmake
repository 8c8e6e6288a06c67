target_include_directories(perch_model SYSTEM PRIVATE "${PERCH_ONNXRUNTIME_INCLUDE}")
target_link_libraries(perch_model PUBLIC perch_seam perch_config perch_image PRIVATE ${CMAKE_DL_LIBS})

# The known cards and label sets become part of the program.
file(GLOB embedded CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/models/cards/*.toml" "${CMAKE_SOURCE_DIR}/models/labels/*.txt")
set(embedded_source "${CMAKE_BINARY_DIR}/perch_embedded_models.cpp")
add_custom_command(
  OUTPUT "${embedded_source}"
  COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${embedded_source}" "-DCARDS=${CMAKE_SOURCE_DIR}/models/cards"
          "-DLABELS=${CMAKE_SOURCE_DIR}/models/labels" -P "${CMAKE_SOURCE_DIR}/src/model/embed.cmake"
  DEPENDS ${embedded} "${CMAKE_SOURCE_DIR}/src/model/embed.cmake"
  COMMENT "Embedding cards and labels")
target_sources(perch_model PRIVATE "${embedded_source}")

# Where scripts/setup puts ONNX Runtime, so that a build tree finds it; an installed program looks beside itself first.
set_source_files_properties("${CMAKE_SOURCE_DIR}/src/model/runtime.cpp" PROPERTIES COMPILE_DEFINITIONS
                            "PERCH_ONNXRUNTIME_FOLDER=\"${PERCH_THIRD_PARTY}/onnxruntime/lib\"")
