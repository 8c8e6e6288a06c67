target_link_libraries(perch_seam PUBLIC perch_base perch_config perch_image Boost::headers)
