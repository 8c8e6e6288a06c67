target_link_libraries(perch_learn PUBLIC perch_seam perch_image PRIVATE perch_config perch_journal Boost::headers)
