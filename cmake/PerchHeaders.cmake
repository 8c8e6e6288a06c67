# perch_check_headers(TARGET BASE FOLDER): each header under BASE/FOLDER must compile alone, with what users of TARGET
# get. BASE is what includes are relative to. The test house.compile_headers compiles the units that this makes; the target
# all_verify_interface_header_sets would do the same, more slowly. NAME_impl.hpp is private to its folder and left out.
function(perch_check_headers target base folder)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${base}/${folder}/*.hpp")
  list(FILTER headers EXCLUDE REGEX "_impl\\.hpp$")
  if(headers)
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${base}" FILES ${headers})
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
endfunction()
