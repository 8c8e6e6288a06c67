target_link_libraries(perch_edge PUBLIC perch_seam perch_pipeline perch_journal perch_pictures perch_net PRIVATE perch_model)

# The page for browsers becomes part of the program.
file(GLOB page CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/first/*")
set(page_source "${CMAKE_BINARY_DIR}/perch_page_files.cpp")
add_custom_command(
  OUTPUT "${page_source}"
  COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${page_source}" "-DFOLDER=${CMAKE_SOURCE_DIR}/web/first"
          -P "${CMAKE_SOURCE_DIR}/src/edge/embed_page.cmake"
  DEPENDS ${page} "${CMAKE_SOURCE_DIR}/src/edge/embed_page.cmake"
  COMMENT "Embedding the page")
target_sources(perch_edge PRIVATE "${page_source}")
