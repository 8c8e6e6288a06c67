# cmake -DOUTPUT=… -DFOLDER=… -P embed_page.cmake: a .cpp with the files of web/first in it.
cmake_minimum_required(VERSION 3.25)
set(type_of_html "text/html; charset=utf-8")
set(type_of_css "text/css; charset=utf-8")
set(type_of_js "text/javascript; charset=utf-8")
set(type_of_svg "image/svg+xml")
file(GLOB files "${FOLDER}/*")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  string(REGEX REPLACE "^.*\\." "" extension "${name}")
  if(NOT DEFINED type_of_${extension})
    message(FATAL_ERROR "${name}: the page has no files of this kind; add its type to embed_page.cmake")
  endif()
  file(READ "${file}" text)
  string(APPEND entries "      {\"${name}\", \"${type_of_${extension}}\", R\"~embedded~(${text})~embedded~\"},\n")
endforeach()
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"// Made by src/edge/embed_page.cmake from web/first.
#include \"edge/page_files.hpp\"

namespace perch::edge {

const std::vector<PageFile>& page_files() {
  static const std::vector<PageFile> kFiles{
@entries@  };
  return kFiles;
}

}  // namespace perch::edge
")
