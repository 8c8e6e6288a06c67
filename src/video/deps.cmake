# Only FFmpeg's headers: its libraries are opened with the first clip or stream (ffmpeg_impl.hpp).
target_include_directories(perch_video SYSTEM PRIVATE ${ffmpeg_INCLUDE_DIRS})
target_link_libraries(perch_video PUBLIC perch_image PRIVATE perch_net ${CMAKE_DL_LIBS})
