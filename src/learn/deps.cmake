target_link_libraries(perch_learn PUBLIC perch_config perch_seam perch_image perch_model
                                  PRIVATE perch_journal perch_net perch_boost)

# The catalogue becomes part of the program.
set(catalogue_source "${CMAKE_BINARY_DIR}/perch_embedded_catalogue.cpp")
add_custom_command(
  OUTPUT "${catalogue_source}"
  COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${catalogue_source}" "-DCATALOGUE=${CMAKE_SOURCE_DIR}/models/catalogue.toml"
          -P "${CMAKE_SOURCE_DIR}/src/learn/embed.cmake"
  DEPENDS "${CMAKE_SOURCE_DIR}/models/catalogue.toml" "${CMAKE_SOURCE_DIR}/src/learn/embed.cmake"
  COMMENT "Embedding the catalogue")
target_sources(perch_learn PRIVATE "${catalogue_source}")
