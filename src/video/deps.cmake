target_link_libraries(perch_video PUBLIC perch_image PRIVATE perch_net PkgConfig::ffmpeg)
