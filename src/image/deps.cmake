target_link_libraries(perch_image PUBLIC perch_base PRIVATE PkgConfig::libjpeg PkgConfig::spng opencv_core opencv_imgproc)
