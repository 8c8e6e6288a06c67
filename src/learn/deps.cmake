target_link_libraries(perch_learn PUBLIC perch_base perch_config perch_seam perch_image PRIVATE perch_journal Boost::headers)
