target_include_directories(perch_config PRIVATE "${PERCH_TOMLPP_INCLUDE}")
target_link_libraries(perch_config PUBLIC perch_base)
