# What goes into a wheel: the Python files, and from EMBEDLOOM_OUTPUT the extension, its stub, the program and the plugins.
file(GLOB files "${CMAKE_CURRENT_LIST_DIR}/embedloom/*.py" "${CMAKE_CURRENT_LIST_DIR}/embedloom/py.typed")
install(FILES ${files} DESTINATION embedloom)
install(DIRECTORY "${EMBEDLOOM_OUTPUT}/python/embedloom/" DESTINATION embedloom FILES_MATCHING
        PATTERN "_core*.so" PATTERN "_core.pyi" PATTERN "bin" EXCLUDE)
install(PROGRAMS "${EMBEDLOOM_OUTPUT}/embedloom" DESTINATION embedloom/bin)
install(DIRECTORY "${EMBEDLOOM_OUTPUT}/plugins/" DESTINATION embedloom/bin/plugins FILES_MATCHING PATTERN "*.so")
